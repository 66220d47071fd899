"""The worklist: what opens, what changes an item, by hand and by what is recorded later."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from answer_rows import PERSON, event_id, report, row
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.worklist import operations as ops
from disclosure_ledger.worklist.errors import UnknownItemError, WorkChangeError, WorklistQuestionError
from disclosure_ledger.worklist.views import CountsQuestion, WorklistFilter
from disclosure_ledger.worklist.vocabulary import Cause, ItemState, WorkChange
from disclosure_schemas.events.vocabulary import PreferenceKind
from gate_events import link
from worklist_world import OPT_OUT, World, notify, said

ASKED = said(PreferenceKind.DELETE, datetime(2026, 10, 3, 16, tzinfo=UTC))
DONE = said(PreferenceKind.DELETION_COMPLETED, datetime(2026, 10, 5, 16, tzinfo=UTC))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty ledger."""
    with Ledger.open(tmp_path / "ledger", create=True) as ledger:
        yield World(ledger)


def test_a_report_in_the_window_opens_an_item(world: World) -> None:
    """It names recipient, cause, disclosure and the last day, which the notice promises earlier here."""
    world.record(OPT_OUT, notify(3))
    done = world.update()

    assert (done.opened, done.subjects, done.is_caught_up) == (1, 1, True)
    item = world.item()
    assert (item.recipient_id, item.cause, item.cause_event_id) == (
        *("harborlight", Cause.OPT_OUT, OPT_OUT.event_id),
    )
    assert item.due_on == date(2026, 10, 16)
    assert [(told.event_id, told.transaction_id) for told in item.disclosures] == [(event_id(3), "order-3")]


def test_looking_again_changes_nothing(world: World) -> None:
    """Nothing new was recorded, so nothing is looked at; and what is worked out again is the same."""
    world.record(OPT_OUT, notify(3))
    world.update()
    assert world.update().records == 0
    world.record(notify(3))  # a repeat
    assert world.update().changed == 0
    world.record(notify(4, recipient_id="copperkite"), report(5, retracts_event_id=event_id(9)))
    done = world.update()
    assert (done.opened, done.changed) == (1, 0)


def test_only_subjects_that_were_touched_are_looked_at(world: World) -> None:
    """Ordinary disclosures touch nobody."""
    world.record(*(row(number) for number in range(5)), *(report(number) for number in range(5, 9)))
    done = world.update()
    assert (done.records, done.subjects) == (9, 0)


def test_sealing_loses_nothing(world: World) -> None:
    """Rows that were sealed before they were looked at are found in their segment."""
    world.record(OPT_OUT, notify(3))
    world.ledger.seal()
    world.record(notify(4, recipient_id="copperkite"))
    assert world.update().opened == 2


def test_a_retracted_report_is_owed_to_nobody(world: World) -> None:
    """The item lapses; a correction moves it to the right recipient."""
    world.record(OPT_OUT, notify(3), notify(4))
    world.update()
    world.record(report(5, retracts_event_id=event_id(3), outcome="retracted", reason="retracted"))
    world.update()
    assert [told.event_id for told in world.item().disclosures] == [event_id(4)]

    world.record(notify(6, corrects_event_id=event_id(4), recipient_id="copperkite"))
    world.update()
    assert {item.recipient_id: item.state for item in world.items()} == {
        "harborlight": ItemState.LAPSED,
        "copperkite": ItemState.OPEN,
    }


def test_a_deletion_is_told_to_all_who_ever_got_the_data(world: World) -> None:
    """Sale and business purpose, also reported late; not legal process, and nothing after the deletion."""
    world.record(
        report(3),
        report(4, recipient_id="parcelmoor", kind="business_purpose", reason="business_purpose"),
        report(5, recipient_id="quillstone", kind="legal_process", reason="legal_process"),
        row(6, recipient_id="copperkite", outcome="suppress", reason="opted_out_of_sale"),
    )
    assert world.update().opened == 0
    world.record(ASKED, DONE)
    world.update()
    assert {item.recipient_id for item in world.items()} == {"harborlight", "parcelmoor"}
    assert {item.due_on for item in world.items()} == {date(2026, 11, 17)}

    late, after = report(90, recipient_id="bluefinch"), report(200, recipient_id="copperkite")
    world.record(late, after)
    world.update()
    assert {item.recipient_id for item in world.items()} == {"harborlight", "parcelmoor", "bluefinch"}


def test_a_deletion_travels_over_a_link_that_comes_later(world: World) -> None:
    """The account's earlier recipients are told once the device that was deleted is linked to it."""
    device = event_id(77)
    world.record(report(3), replace_subject(DONE, device))
    assert world.update().opened == 0
    at = datetime(2026, 10, 6, tzinfo=UTC)
    world.record(link(device, PERSON, occurred_at=at))
    world.update()
    assert [item.recipient_id for item in world.items()] == ["harborlight"]


def replace_subject(event: object, key: object) -> object:
    """The same event about another subject."""
    return event.model_copy(update={"subject_key": key})  # type: ignore[attr-defined]


def test_more_to_tell_opens_a_sent_item_again(world: World) -> None:
    """With another key, since it says something else; only what is new is told."""
    world.record(OPT_OUT, notify(3))
    world.update()
    done = world.change(world.item(), "acknowledge", "told by phone")
    assert (done.state, done.told) == (ItemState.ACKNOWLEDGED, (event_id(3),))

    world.record(notify(4))
    world.update()
    item = world.item()
    assert item.state is ItemState.OPEN
    assert [told.event_id for told in item.to_tell] == [event_id(4)]


def test_what_a_person_says_is_kept_with_its_note(world: World) -> None:
    """Given up, reopened, acknowledged: each in the history, with who and how it is known."""
    world.record(OPT_OUT, notify(3))
    world.update()
    item = world.item()
    world.change(item, "fail", "went out of business")
    world.change(item, "reopen")
    world.change(item, "acknowledge", "letter of 8 October")
    history = world.story(item.id).history

    assert [event.change for event in history] == [
        WorkChange.LISTED,
        WorkChange.FAILED,
        WorkChange.REOPENED,
        WorkChange.ACKNOWLEDGED,
    ]
    assert [event.note for event in history] == [None, "went out of business", None, "letter of 8 October"]


def test_changes_that_make_no_sense_are_refused(world: World) -> None:
    """Without a note there is no evidence; what is acknowledged is done; an unknown id is named."""
    world.record(OPT_OUT, notify(3))
    world.update()
    item = world.item()
    with pytest.raises(WorkChangeError, match="needs a note"):
        world.change(item, "acknowledge")
    with pytest.raises(WorkChangeError, match="is open; reopen is for"):
        world.change(item, "reopen")
    world.change(item, "acknowledge", "yes")
    with pytest.raises(WorkChangeError, match="is acknowledged"):
        world.change(item, "fail", "no")
    with pytest.raises(UnknownItemError, match="no item"):
        world.story(event_id(1))


def test_a_list_is_filtered_and_paged(world: World) -> None:
    """Pages of any size hold every item once, the nearest last day first."""
    names = ("harborlight", "copperkite", "bluefinch", "pixelmarsh")
    world.record(OPT_OUT, *(notify(3 + n, recipient_id=name) for n, name in enumerate(names)))
    world.record(report(1, recipient_id="summerfade"), ASKED, DONE)
    world.update()
    everything = [item.id for item in world.items()]
    assert len(everything) == 9
    for limit in (1, 4, 9):
        seen, cursor = [], None
        while True:
            page = world.reader.ask(ops.WORKLIST_LIST, WorklistFilter(limit=limit, cursor=cursor))
            seen += [view.item.id for view in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == everything

    assert len(world.items(causes=(Cause.OPT_OUT,))) == 4
    assert {item.recipient_id for item in world.items(recipients=("bluefinch",))} == {"bluefinch"}
    world.change(world.items(recipients=("bluefinch",))[0], "acknowledge", "yes")
    assert len(world.items(states=(ItemState.ACKNOWLEDGED,))) == 1
    with pytest.raises(WorklistQuestionError, match="no cursor"):
        world.items(cursor="next")


def test_what_was_not_told_in_time_is_counted(world: World) -> None:
    """From the end of the last day in California; once told it is not counted any more."""
    world.record(OPT_OUT, notify(3))
    world.update()
    world.now = datetime.fromisoformat("2026-10-16T23:59:00-07:00")
    assert ops.overdue_count(world.ledger, world.now) == 0
    world.later(minutes=2)
    assert ops.overdue_count(world.ledger, world.now) == 1
    counts = world.reader.ask(ops.WORKLIST_COUNTS, CountsQuestion())
    assert (counts.overdue, counts.without_channel, counts.by_state[ItemState.OPEN]) == (1, 1, 1)
    assert [item.recipient_id for item in world.items(overdue=True)] == ["harborlight"]
    world.change(world.item(), "acknowledge", "yes")
    assert ops.overdue_count(world.ledger, world.now) == 0


def test_financial_opt_outs_and_minors_tell_nobody(world: World) -> None:
    """Only steps 9 and 10 oblige to tell; a report stopped elsewhere is a violation, and no more."""
    glba = said(PreferenceKind.OPT_OUT, OPT_OUT.occurred_at, of=("glba",))
    world.record(
        glba,
        notify(3, outcome="violation", reason="glba_opt_out", preference_event_ids=(glba.event_id,)),
        notify(4, outcome="violation", reason="minor_under_13_without_parent", preference_event_ids=()),
    )
    assert world.update().opened == 0


def test_a_signal_that_came_with_the_disclosure_is_a_cause_too(world: World) -> None:
    """It has no event of its own, so the disclosure's id stands for it."""
    world.record(notify(3, outcome="violation", reason="gpc_device", preference_event_ids=()))
    world.update()
    assert world.item().cause_event_id == event_id(3)


def test_the_contract_may_oblige_to_pass_it_on(world: World) -> None:
    """The flag of the decision becomes a direction of the message."""
    world.record(OPT_OUT, notify(3, flags=("forward",)))
    world.update()
    item = world.item()
    assert item.forward
    assert any(text.startswith("Pass this on") for text in world.story(item.id).message.directions)


def test_a_crash_between_reading_and_writing_repeats_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Position and rows are one transaction: after a failure the next look does all of it, once."""
    world.record(OPT_OUT, notify(3))

    class CrashError(Exception):
        pass

    def crash(*_: object) -> None:
        raise CrashError

    with monkeypatch.context() as patched:
        patched.setattr("disclosure_ledger.worklist.updating.append", crash)
        with pytest.raises(CrashError):
            world.update()
    assert world.items() == []
    assert world.update().opened == 1


def test_rows_that_come_in_any_order_give_the_same_items(world: World, tmp_path: Path) -> None:
    """Deletion first or last, one look or several: the same items with the same ids."""
    events = [OPT_OUT, ASKED, DONE, notify(3), report(1, recipient_id="summerfade"), notify(4)]
    for event in events:
        world.record(event)
        world.update()
    with Ledger.open(tmp_path / "other", create=True) as ledger:
        other = World(ledger)
        other.record(*reversed(events))
        other.update()
        expected = [(item.id, item.disclosures, item.state) for item in other.items()]
    assert [(item.id, item.disclosures, item.state) for item in world.items()] == expected


def test_a_change_of_hands_does_not_move_the_last_day(world: World) -> None:
    """The clock runs from the request, however late the report came."""
    world.record(OPT_OUT, replace(notify(3), occurred_at=datetime(2026, 10, 2, 1, tzinfo=UTC)))
    world.later(days=40)
    world.update()
    item = world.item()
    assert item.is_overdue(world.now)
    assert item.due_on - OPT_OUT.occurred_at.date() == timedelta(days=15)
