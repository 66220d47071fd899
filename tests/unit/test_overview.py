"""Overviews: one person's time line, counts by recipient and reason, contracts at a moment."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from answer_rows import NOW, PERSON, YEAR, batch_of, event_id, report, row
from disclosure_consumers.core.registry import FOREVER_US, Contract, Period, Recipient
from disclosure_ledger.answers.parts import Fate
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.overview.contracts import (
    ENDING_DAYS,
    ContractState,
    contract_standing,
    needs_contract,
)
from disclosure_ledger.overview.counting import reason_rows, recipient_rows
from disclosure_ledger.overview.operations import (
    COUNTS,
    IS_RECORDED,
    ITEMS,
    RECORDED,
    STOPPED_EVENTS,
    TIMELINE,
    CountsQuestion,
    RecipientQuestion,
    RecordedQuestion,
    RecordedStepsQuestion,
    StoppedQuestion,
    TimelineQuestion,
)
from disclosure_ledger.overview.timeline import What, timeline
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome, PreferenceKind
from disclosure_schemas.moments import microseconds

ROWS = (
    row(1),
    report(2, outcome="violation", reason="opt_out", recipient_id="chirrup", recipient_name="Chirrup"),
    row(3, outcome="suppress", reason="opt_out"),
    row(4, kind="business_purpose", items=("identifiers.email", "commercial.purchase_history")),
    row(
        5,
        items=("identifiers.email", "sensitive.health"),
        outcome="partial",
        reason="limit",
        listed={0: (Outcome.PERMIT, Kind.SALE, "not_opted_out")},
    ),
    report(6, retracts_event_id=event_id(2), outcome="retracted", recipient_id="chirrup"),
)
PREFERENCE: dict[str, Any] = {
    "event_id": event_id(9),
    "occurred_at": (NOW - timedelta(days=3)).replace(tzinfo=None),
    "kind": "signal",
    "of": [],
    "channel": "browser",
    "signals": {"gpc": ["1"]},
}
LINK: dict[str, Any] = {
    "event_id": event_id(10),
    "occurred_at": (NOW - timedelta(days=2)).replace(tzinfo=None),
    "action": "link",
    "subject_type": "device",
    "other_subject_type": "account",
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalReader]:
    """A reader of a ledger with ROWS."""
    folder: Path = tmp_path_factory.mktemp("overview")
    with Ledger.open(folder, create=True) as ledger:
        ledger.record_batch(batch_of(ROWS))
        yield LocalReader(ledger, clock=lambda: NOW)


def test_a_time_line_tells_everything_in_order_the_latest_first() -> None:
    """Decisions, preferences and links stand in one order; what was retracted is not there."""
    found = timeline(ROWS, [PREFERENCE], [LINK], YEAR, NOW)
    assert [entry.what for entry in found.entries] == [
        What.LINK,
        What.CHOICE,
        What.PARTLY,
        What.DISCLOSED,
        What.STOPPED,
        What.DISCLOSED,
    ]
    assert [entry.at for entry in found.entries] == sorted((e.at for e in found.entries), reverse=True)


def test_a_time_line_keeps_the_reasons_of_each_part() -> None:
    """An answer in part has an entry with what went and what was held back, each with its reason in words."""
    partly = timeline(ROWS, [], [], YEAR, NOW).entries[0]
    fates = {part.fate: (part.items, part.reason.code) for part in partly.parts}
    assert fates == {
        Fate.DISCLOSED: (("identifiers.email",), "not_opted_out"),
        Fate.BLOCKED: (("sensitive.health",), "limit"),
    }
    assert all(part.reason.sentence for part in partly.parts)


def test_a_signal_of_a_browser_is_told_as_one() -> None:
    """A preference with Sec-GPC: 1 is a Global Privacy Control signal."""
    (entry,) = timeline([], [PREFERENCE], [], YEAR, NOW).entries
    assert entry.said is not None
    assert (entry.said.kind, entry.said.gpc) == (PreferenceKind.SIGNAL, True)


def test_habits_are_asked_for_again_as_requests() -> None:
    """What was disclosed counts as a habit, reports too, the same content once; what was stopped does not."""
    again = timeline([row(1), row(2), report(3), row(4, outcome="reject")], [], [], YEAR, NOW)
    assert [(habit.times, habit.disclosure.mode) for habit in again.habits] == [(3, Mode.REQUEST)]


def test_what_lies_outside_the_period_is_not_told() -> None:
    """Entries of other days are left out, preferences too."""
    old = {**PREFERENCE, "occurred_at": (NOW - timedelta(days=900)).replace(tzinfo=None)}
    assert timeline([], [old], [], YEAR, NOW).entries == ()


def test_the_ledger_counts_by_recipient_reason_and_day(reader: LocalReader) -> None:
    """Each decision counts once under its recipient and its day in California; retractions do not count."""
    found = reader.ask(COUNTS, CountsQuestion(period=YEAR))
    by_recipient = {entry.recipient_id: entry for entry in recipient_rows(found.counts)}
    harborlight = by_recipient["harborlight"]
    assert (harborlight.disclosed, harborlight.sold, harborlight.stopped, harborlight.wrong) == (3, 2, 1, 0)
    assert harborlight.days == {date(2026, 10, 1): 3}
    assert by_recipient["chirrup"].wrong == 1
    assert {(entry.reason.code, entry.outcome, entry.events) for entry in reason_rows(found.counts)} == {
        ("opt_out", Outcome.SUPPRESS, 1),
        ("opt_out", Outcome.VIOLATION, 1),
    }
    assert (found.total("disclosed"), found.total("stopped"), found.total("wrong")) == (3, 1, 1)


def test_the_ledger_counts_one_recipient_alone(reader: LocalReader) -> None:
    """Asked for one recipient, only that one is counted, and its items one by one."""
    only = reader.ask(COUNTS, CountsQuestion(period=YEAR, recipient_id="chirrup"))
    assert {count.recipient_id for count in only.counts} == {"chirrup"}
    items = reader.ask(ITEMS, RecipientQuestion(period=YEAR, recipient_id="harborlight")).items
    assert (items[0].item, items[0].is_stopped, items[0].events) == ("identifiers.email", False, 3)
    assert ("identifiers.email", True, 1) in [(e.item, e.is_stopped, e.events) for e in items]


def test_what_was_stopped_is_listed_with_filters(reader: LocalReader) -> None:
    """The latest first; outcomes, reason and recipient each narrow the list, and a limit says that it cut."""

    def numbers(**filters: Any) -> list[int]:
        found = reader.ask(STOPPED_EVENTS, StoppedQuestion(period=YEAR, **filters))
        return [[event_id(n) for n in range(9)].index(event.event_id) for event in found.events]

    assert numbers() == [5, 3, 2]
    assert numbers(outcomes=(Outcome.SUPPRESS,)) == [3]
    assert numbers(recipient_id="chirrup") == [2]
    assert numbers(reason="opt_out") == [3, 2]
    cut = reader.ask(STOPPED_EVENTS, StoppedQuestion(period=YEAR, limit=1))
    assert (len(cut.events), cut.is_whole) == (1, False)


def test_the_ledger_gives_one_persons_time_line(reader: LocalReader) -> None:
    """The operation reads what the pure function puts in order."""
    found = reader.ask(TIMELINE, TimelineQuestion(subject_keys=(PERSON,), period=YEAR))
    assert [entry.event_id for entry in found.entries] == [event_id(n) for n in (5, 4, 3, 1)]


def test_a_preference_that_never_came_is_not_recorded(reader: LocalReader) -> None:
    """An unknown event id is no recorded preference."""
    assert not reader.ask(IS_RECORDED, RecordedQuestion(event_id=event_id(77))).is_recorded


def test_recorded_decisions_are_counted_by_step(reader: LocalReader) -> None:
    """Decisions stand in the step in which they were recorded; the end of the last step is now."""
    found = LocalReader(reader._ledger, clock=lambda: NOW + timedelta(seconds=30)).ask(
        RECORDED, RecordedStepsQuestion(steps=3, step_s=20)
    )
    assert found.decisions == (0, 6, 0)


def contract(until_us: int, from_us: int = 0) -> Recipient:
    """A recipient with one contract."""
    made = Contract(id="c", type="third_party", period=Period(from_us, until_us))
    return Recipient(id="r", name="R", category="c", contracts=(made,))


@pytest.mark.parametrize(
    ("recipient", "state"),
    [
        (None, ContractState.UNREGISTERED),
        (Recipient(id="r", name="R", category="c"), ContractState.NONE),
        (contract(FOREVER_US), ContractState.IN_FORCE),
        (contract(microseconds(NOW + timedelta(days=ENDING_DAYS))), ContractState.ENDING),
        (contract(microseconds(NOW + timedelta(days=ENDING_DAYS + 1))), ContractState.IN_FORCE),
        (contract(microseconds(NOW)), ContractState.ENDED),
        (contract(FOREVER_US, microseconds(NOW + timedelta(days=1))), ContractState.NOT_BEGUN),
    ],
)
def test_contracts_stand_as_of_a_moment(recipient: Recipient | None, state: ContractState) -> None:
    """In force, ending within 60 days, ended at its end, not begun, none, not registered."""
    assert contract_standing(recipient, NOW).state is state


def test_what_needs_no_contract_is_not_in_trouble_without_one() -> None:
    """The same business and disclosures to authorities rest on no contract."""
    assert not needs_contract("same_business", [Kind.BUSINESS_PURPOSE])
    assert not needs_contract("third_party", [Kind.LEGAL_PROCESS])
    assert needs_contract("third_party", [Kind.LEGAL_PROCESS, Kind.SALE])
    bare = Recipient(id="r", name="R", category="c")
    assert contract_standing(bare, NOW, is_needed=False).state is ContractState.NOT_NEEDED
