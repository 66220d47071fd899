"""Properties of worklist and requests: order does not matter, a key says one thing, nothing is lost."""

import random
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from answer_rows import NOW, PERSON, event_id, report
from disclosure_consumers.core.days.calendars import Regime
from disclosure_ledger.requests.clocks import clocks_of, due, status_of
from disclosure_ledger.requests.preferences import requests_in
from disclosure_ledger.requests.request import Request
from disclosure_ledger.requests.request import folded as folded_request
from disclosure_ledger.requests.vocabulary import Manner, Nature, Status
from disclosure_ledger.worklist.item import Item, WorkEvent, folded
from disclosure_ledger.worklist.owed import Deleted, Told, owed_for
from disclosure_ledger.worklist.vocabulary import Cause, ItemState, WorkChange
from disclosure_schemas.events.vocabulary import Kind, PreferenceKind, SubjectType
from gate_events import preference, registry

REGISTRY = registry()
BEGIN = datetime(2026, 10, 1, 15, tzinfo=UTC)
OPT_OUTS = [
    preference(PERSON, PreferenceKind.OPT_OUT, event_id=event_id(900 + n), occurred_at=BEGIN)
    for n in range(2)
]
RECIPIENTS = ("harborlight", "copperkite", "parcelmoor")

ROWS = st.builds(
    lambda number, recipient, outcome, causes, kind: report(
        number,
        recipient_id=recipient,
        outcome=outcome,
        kind=kind,
        reason="opted_out_of_sale" if outcome in {"notify", "violation"} else "not_opted_out",
        preference_event_ids=causes if outcome in {"notify", "violation"} else (),
    ),
    st.integers(1, 60),
    st.sampled_from(RECIPIENTS),
    st.sampled_from(["notify", "violation", "permit", "suppress"]),
    st.sampled_from([(OPT_OUTS[0].event_id,), tuple(entry.event_id for entry in OPT_OUTS)]),
    st.sampled_from(["sale", "share", "business_purpose", "other"]),
)
DELETIONS = st.lists(
    st.builds(
        lambda number, hours: Deleted(event_id(700 + number), BEGIN + timedelta(hours=hours), BEGIN),
        st.integers(0, 3),
        st.integers(1, 60),
    ),
    max_size=2,
)


@given(
    rows=st.lists(ROWS, max_size=8, unique_by=lambda row: row.event_id),
    deletions=DELETIONS,
    seed=st.integers(),
)
@settings(deadline=None)
def test_what_is_owed_does_not_depend_on_the_order_of_rows(
    rows: list[Any], deletions: list[Deleted], seed: int
) -> None:
    """The same items with the same ids and disclosures; every id once; each disclosure told once a cause."""
    known = {entry.event_id: entry for entry in OPT_OUTS}
    shuffled = random.Random(seed).sample(rows, len(rows))
    one = {owed.item_id: owed for owed in owed_for(rows, known, deletions, REGISTRY)}
    other = {owed.item_id: owed for owed in owed_for(shuffled, known, deletions[::-1], REGISTRY)}

    assert one == other
    by_deletion = [
        (owed.recipient_id, told.event_id)
        for owed in one.values()
        if owed.cause is Cause.DELETION
        for told in owed.disclosures
    ]
    assert len(set(by_deletion)) == len(by_deletion)
    notified = {row.recipient_id for row in rows if row.outcome in {"notify", "violation"}}
    assert {owed.recipient_id for owed in one.values() if owed.cause is Cause.OPT_OUT} == notified


def told(number: int) -> Told:
    """One disclosure."""
    return Told(event_id=event_id(number), occurred_at=BEGIN, kind=Kind.SALE, items=("identifiers",))


def happened(change: WorkChange, **fields: Any) -> WorkEvent:
    """Something that happened to the item."""
    values: dict[str, Any] = {
        "item_id": uuid.UUID(int=1),
        "event_id": event_id(1),
        "at": NOW,
        "change": change,
        "by": "test",
        "subject_key": PERSON,
        "recipient_id": "harborlight",
        "cause": Cause.OPT_OUT,
        "cause_event_id": event_id(900),
        "cause_at": BEGIN,
        "due_on": date(2026, 10, 16),
    }
    return WorkEvent(**(values | fields))


STEPS = st.lists(
    st.one_of(
        st.sets(st.integers(1, 4), max_size=4).map(lambda numbers: ("list", numbers)),
        st.sampled_from([("take", None), ("sent", None), ("retry", None), ("refused", None), ("lost", None),
                         ("reopen", None), ("by_hand", None)]),
    ),
    max_size=25,
)  # fmt: skip


@given(first=st.sets(st.integers(1, 4), min_size=1), steps=STEPS)
def test_a_key_says_one_thing_and_nothing_stays_untold(first: set[int], steps: list[tuple[str, Any]]) -> None:
    """Whatever happens: equal keys have equal content, and an item that is told has nothing left to tell."""
    events = [happened(WorkChange.LISTED, disclosures=tuple(told(number) for number in sorted(first)))]
    contents: dict[str, tuple[Told, ...]] = {}
    in_hand: Item | None = None
    for step, numbers in steps:
        item = folded(events)
        assert item is not None
        if step == "list":
            listed = tuple(told(number) for number in sorted(numbers))
            events.append(happened(WorkChange.LISTED, disclosures=listed))
        elif step == "take" and item.is_due(NOW):
            assert contents.setdefault(item.message_id, item.to_tell) == item.to_tell
            events.append(happened(WorkChange.ATTEMPTED))
            in_hand = item
        elif step == "reopen" and item.state in {ItemState.FAILED, ItemState.SENT}:
            events.append(happened(WorkChange.REOPENED))
        elif step == "by_hand" and item.state in {ItemState.OPEN, ItemState.SENT}:
            events.append(happened(WorkChange.ACKNOWLEDGED, disclosures=item.to_tell))
        elif step in _ENDS and in_hand is not None:
            sent = in_hand.to_tell if step == "sent" else ()
            if _ENDS[step] is not WorkChange.FAILED or item.state is ItemState.OPEN:
                events.append(happened(_ENDS[step], disclosures=sent))
            in_hand = None
    item = folded(events)
    assert item is not None
    assert bool(item.to_tell) == (item.state in {ItemState.OPEN, ItemState.FAILED})


_ENDS = {
    "sent": WorkChange.SENT,
    "retry": WorkChange.NOT_DELIVERED,
    "refused": WorkChange.FAILED,
}


@given(
    received=st.integers(0, 15 * 365 * 24).map(lambda hours: BEGIN + timedelta(hours=hours)),
    nature=st.sampled_from(Nature),
    regime=st.sampled_from(Regime),
    days=st.integers(0, 400),
)
def test_the_day_that_binds_is_never_later_than_any_reading(
    received: datetime, nature: Nature, regime: Regime, days: int
) -> None:
    """And a request is overdue exactly from the day after it."""
    request = Request(
        id=event_id(1),
        source="register",
        nature=nature,
        regime=regime,
        received_at=received,
        manner=Manner.PHONE,
        subject_key=PERSON,
        subject_type=SubjectType.ACCOUNT,
    )
    clocks = clocks_of(request, REGISTRY, frozenset())
    for clock in clocks:
        others = [day for day in (clock.strict, clock.target, clock.outer, clock.promised) if day is not None]
        assert all(clock.last_day <= day for day in others)
    next_day = due(clocks)
    assert next_day is not None
    today = next_day - timedelta(days=30) + timedelta(days=days)
    assert (status_of(request, clocks, today) is Status.OVERDUE) == (today > next_day)


KINDS = (
    PreferenceKind.OPT_OUT,
    PreferenceKind.OPT_OUT_DENIED,
    PreferenceKind.LIMIT_SENSITIVE,
    PreferenceKind.COMPLIED,
    PreferenceKind.DELETE,
    PreferenceKind.DELETION_COMPLETED,
)


@given(said=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 50)), max_size=10), seed=st.integers())
def test_requests_in_preferences_do_not_depend_on_their_order(
    said: list[tuple[PreferenceKind, int]], seed: int
) -> None:
    """Each opt-out, limit and deletion is one request; its response lies never before its receipt."""
    events = [
        preference(PERSON, kind, event_id=event_id(number), occurred_at=BEGIN + timedelta(hours=hours))
        for number, (kind, hours) in enumerate(said)
    ]
    one = requests_in(events)
    other = requests_in(random.Random(seed).sample(events, len(events)))
    assert one == other
    asking = {PreferenceKind.OPT_OUT, PreferenceKind.LIMIT_SENSITIVE, PreferenceKind.DELETE}
    assert set(one) == {event.event_id for event in events if event.kind in asking}
    for history in one.values():
        request = folded_request(history, "preference")
        assert request is not None
        assert request.responded_at is None or request.responded_at >= request.received_at
