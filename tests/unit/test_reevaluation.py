"""Reports decided again by what became known later, and what was known at an earlier moment."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core_events import Control
from disclosure_ledger.answers.standing import standing_rows
from disclosure_ledger.store.redecisions import Redecision
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.vocabulary import LinkAction, Mode, Outcome, PreferenceKind, SubjectType
from disclosure_schemas.topics import DECIDED, PREFERENCES
from gate_events import NOW, disclosure, event_id, link, preference, registry, request
from late_news import World

PERSON, DEVICE, OTHER = uuid.UUID(int=0xA1), uuid.UUID(int=0xD2), uuid.UUID(int=0xB3)
PAST = "SELECT outcome FROM decision_known(?::TIMESTAMP)"
BEFORE, AFTER = NOW - timedelta(hours=2), NOW + timedelta(hours=2)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A gate and a recorder by the example registry."""
    with World(tmp_path / "ledger", registry()) as made:
        yield made


def report(subject: uuid.UUID = PERSON, at: datetime = NOW, **changes: Any) -> DisclosureRequested:
    """A report of a sale to Harborlight at a moment."""
    fields: dict[str, Any] = {"occurred_at": at, "emitted_at": at} | changes
    return request(subject, fields.pop("what", disclosure(mode=Mode.REPORT)), **fields)


def opt_out(subject: uuid.UUID = PERSON, at: datetime = BEFORE, **changes: Any) -> Control:
    """An opt-out of sale and sharing."""
    return preference(subject, PreferenceKind.OPT_OUT, occurred_at=at, emitted_at=at, **changes)


def linked(action: LinkAction = LinkAction.LINK, at: datetime = BEFORE) -> Control:
    """Something said of the link of the person and the device."""
    return link(DEVICE, PERSON, action=action, occurred_at=at, emitted_at=at)


def device_opt_out(at: datetime = BEFORE) -> Control:
    """The device's opt-out."""
    return opt_out(DEVICE, at, subject_type=SubjectType.DEVICE)


CASES: dict[str, tuple[list[Control], list[Control], DisclosureRequested, tuple[str, str, str]]] = {
    "late opt-out": ([], [opt_out()], report(), ("permit", "notify", "opted_out_of_sale")),
    "late opt-out, long ago": (
        [],
        [opt_out(at=NOW - timedelta(days=60))],
        report(),
        ("permit", "violation", "opted_out_of_sale"),
    ),
    "opt-out after the report": ([], [opt_out(at=AFTER)], report(), ("permit", "permit", "not_opted_out")),
    "opt-out at the same instant": (
        [],
        [opt_out(at=NOW)],
        report(),
        ("permit", "notify", "opted_out_of_sale"),
    ),
    "late link": ([device_opt_out()], [linked()], report(), ("permit", "notify", "linked_profile")),
    "link after the report": (
        [device_opt_out()],
        [linked(at=AFTER)],
        report(),
        ("permit", "permit", "not_opted_out"),
    ),
    "link found to be mistaken": (
        [device_opt_out(), linked()],
        [linked(LinkAction.MISTAKEN, at=AFTER)],
        report(),
        ("notify", "permit", "not_opted_out"),
    ),
    "late end of a link, before the opt-out": (
        [linked(at=BEFORE - timedelta(hours=2)), device_opt_out()],
        [linked(LinkAction.UNLINK, at=BEFORE - timedelta(hours=1))],
        report(),
        ("notify", "permit", "not_opted_out"),
    ),
    "late age": (
        [],
        [preference(PERSON, PreferenceKind.AGE, age_band="13_to_15", occurred_at=BEFORE)],
        report(),
        ("permit", "violation", "minor_13_to_15_without_opt_in"),
    ),
    "compliance marked later than it was taken in": (
        [opt_out(processed_at=BEFORE)],
        [preference(PERSON, PreferenceKind.COMPLIED, occurred_at=AFTER)],
        report(),
        ("violation", "notify", "opted_out_of_sale"),
    ),
    "late opt-out of whom the emitter links": (
        [],
        [opt_out(OTHER)],
        report(linked_subject_keys=(OTHER,)),
        ("permit", "notify", "linked_profile"),
    ),
    "late opt-out and a late correction": (
        [],
        [opt_out()],
        report(corrects_event_id=event_id()),
        ("permit", "notify", "opted_out_of_sale"),
    ),
}


SEALED = ("late opt-out", "link found to be mistaken", "late opt-out of whom the emitter links")
"""Enough to show that a sealed file is looked into."""


@pytest.mark.parametrize(
    ("case", "sealed"), [*((case, False) for case in CASES), *((case, True) for case in SEALED)]
)
def test_what_comes_late_is_what_counts(world: World, case: str, sealed: bool) -> None:
    """First decided without it, a report is decided again once it is recorded, and the first stays."""
    known, late, reported, (first, then, reason) = CASES[case]
    world.say(*known)
    world.disclose(reported)
    world.record()
    subject, number = reported.subject_key, reported.event_id
    if sealed:
        world.reevaluator.before_sealing()
        world.ledger.seal()
    before = world.row(number, subject)
    assert before.outcome == first
    known_at = world.now
    world.say(*late)
    redecided = world.record()

    after = world.row(number, subject)
    assert (after.outcome, after.reason) == (then, reason)
    assert world.row(number, subject, known_at) == before
    with world.ledger.cursor() as cursor:
        (stored,) = cursor.execute("SELECT outcome FROM decision").fetchall()
        (now,) = cursor.execute("SELECT outcome, reason FROM decision_now").fetchall()
        (past,) = cursor.execute(PAST, [_naive(known_at)]).fetchall()
    assert (stored, now, past) == ((first,), (then, reason), (first,))
    again = world.redecisions(number)
    assert len(again) == redecided == (first != then)
    for each in again:
        assert each.cause_event_ids == tuple(event.event_id for event in late)
        assert world.registry is not None
        assert each.registry_hash == world.registry.content_hash
        assert each.decided_at > known_at


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def test_what_the_recorder_read_first_counts_as_well(world: World) -> None:
    """A preference the ledger has before the report, and the report's gate had not, is late all the same."""
    wish, reported = opt_out(), report()
    world.disclose(reported)
    ahead = world.log.topics[DECIDED.name, PERSON.bytes[-1] % 2]
    ahead.stable = 0  # the recorder does not see the decision yet
    world.say(wish)
    world.record()
    ahead.stable = len(ahead.entries)
    assert world.record() == 1
    assert world.row(reported.event_id, PERSON).outcome == Outcome.NOTIFY


def test_a_report_may_come_before_the_request_it_ignored(world: World) -> None:
    """The request's row comes after the report's, even after a restart: then it shows."""
    asked = request(OTHER, disclosure(recipient_id="nobody_known"))
    reported = report(decision_event_id=asked.event_id)
    world.disclose(reported)
    assert world.record() == 0
    world.close()
    world.open()
    world.disclose(request(OTHER), asked)
    assert world.record() == 1
    assert world.row(reported.event_id, PERSON).reason == "decision_ignored"
    with world.ledger.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM awaited_request").fetchall() == [(0,)]


def test_a_report_that_ignored_its_answer_is_found_out(world: World) -> None:
    """A request was suppressed and the disclosure made: with both rows there it is a critical violation."""
    world.say(opt_out())
    asked = request(PERSON)
    reported = report(at=NOW + timedelta(minutes=1), decision_event_id=asked.event_id)
    world.disclose(asked, reported)
    world.record()
    row = world.row(reported.event_id, PERSON)
    assert (row.outcome, row.reason) == ("violation", "decision_ignored")
    assert "critical" in row.flags
    (again,) = world.redecisions(reported.event_id)
    assert again.cause_event_ids == (asked.event_id,)
    assert world.redecisions(asked.event_id) == []


def test_an_answer_that_was_obeyed_changes_nothing(world: World) -> None:
    """A report of what was permitted stands as it was decided."""
    asked = request(PERSON)
    reported = report(at=NOW + timedelta(minutes=1), decision_event_id=asked.event_id)
    world.disclose(asked, reported)
    assert world.record() == 0
    assert world.row(reported.event_id, PERSON).outcome == Outcome.PERMIT


def test_a_request_is_answered_once(world: World) -> None:
    """A late opt-out changes no answer that was given."""
    asked = request(PERSON)
    world.disclose(asked)
    world.record()
    world.say(opt_out())
    assert world.record() == 0
    assert world.row(asked.event_id, PERSON).outcome == Outcome.PERMIT


def test_a_subject_of_an_unreadable_record_keeps_its_decisions(world: World) -> None:
    """What only the gate can weigh, a record nobody can read, must not make a later look more lenient."""
    world.say(device_opt_out(), linked())
    reported = report()
    world.disclose(reported)
    world.record()
    world.log.append(PREFERENCES.name, PERSON.bytes[-1] % 2, [(PERSON.bytes, b"garbage")])
    world.say(linked(LinkAction.MISTAKEN, at=AFTER))
    assert world.record() == 0
    assert world.row(reported.event_id, PERSON).outcome == Outcome.NOTIFY


def test_without_a_registry_recording_goes_on_and_looks_are_made_up(world: World) -> None:
    """While no registry loads nothing is decided again; once one does, what came meanwhile is."""
    kept, world.registry = world.registry, None
    reported = report()
    world.disclose(reported)
    world.record()
    world.say(opt_out())
    assert world.record() == 0
    world.ledger.seal()
    world.registry = kept
    world.say(opt_out(OTHER))
    assert world.record() == 1
    assert world.row(reported.event_id, PERSON).outcome == Outcome.NOTIFY


def test_a_ledger_of_an_earlier_version_is_looked_at_whole(world: World) -> None:
    """What was recorded before anything was decided again is looked at when a recorder starts."""
    reported = report()
    world.disclose(reported)
    world.say(opt_out())
    world.record()
    (first,) = world.redecisions(reported.event_id)
    with world.ledger.cursor() as cursor:
        cursor.execute("DELETE FROM redecision")
        cursor.execute("DELETE FROM reevaluated")
    world.close()
    world.open()
    assert world.reevaluator.after() == 1
    (again,) = world.redecisions(reported.event_id)
    assert _what(again) == _what(first)
    world.close()
    world.open()
    assert world.reevaluator.after() == 0


def test_a_crash_between_recording_and_looking_loses_and_doubles_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are there and the look is not: the next recorder makes it, once."""
    reported = report()
    world.disclose(reported)
    world.record()
    world.say(opt_out())

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("disclosure_ledger.reevaluation.reevaluator.store_positions", crash)
        with pytest.raises(KeyboardInterrupt):
            world.record()
    assert world.redecisions(reported.event_id) == []
    world.close()
    world.open()
    assert world.reevaluator.after() == 1
    assert world.record() == 0
    assert len(world.redecisions(reported.event_id)) == 1


def test_another_registry_says_so(world: World) -> None:
    """Decided again by the registry in force now, the row is stamped with its hash."""
    reported = report()
    world.disclose(reported)
    world.record()
    first = world.row(reported.event_id, PERSON)
    world.registry = registry("neutral", "massmutual_ccpa_2020")
    world.say(opt_out())
    world.record()
    (again,) = world.redecisions(reported.event_id)
    assert again.registry_hash == world.registry.content_hash != first.registry_hash


def test_a_correction_stands_as_it_was_decided_again(world: World) -> None:
    """The row that takes a corrected report's place is decided again too."""
    wrong = report(what=disclosure(mode=Mode.REPORT, items=("commercial",)))
    right = report(corrects_event_id=wrong.event_id)
    world.disclose(wrong)
    world.record()
    world.say(opt_out())
    world.record()
    world.disclose(right)
    world.record()
    (standing,) = standing_rows(world.ledger.rows_of_subject([PERSON]))
    assert (standing.event_id, standing.outcome) == (right.event_id, "notify")
    assert "corrected" in standing.flags


def _what(again: Redecision) -> tuple[object, ...]:
    return again.event_id, again.outcome, again.reason, again.flags, again.cause_event_ids
