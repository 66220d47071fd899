"""What the overviews ask of the ledger, as operations."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from disclosure_ledger.answers.periods import Period
from disclosure_ledger.answers.wording import Reason, explain
from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.overview.counting import Count, Counts
from disclosure_ledger.overview.timeline import Timeline, timeline
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.rows import naive_utc
from disclosure_ledger.store.uuid_lists import uuid_list
from disclosure_schemas.events.base import Code, Moment, Value
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome

MAX_SUBJECT_KEYS = 64


class TimelineQuestion(Value):
    """The keys of one person, and whole days in California."""

    subject_keys: Annotated[tuple[uuid.UUID, ...], Field(min_length=1, max_length=MAX_SUBJECT_KEYS)]
    period: Period


class RecordedQuestion(Value):
    """Is the preference with this event id in the ledger?"""

    event_id: uuid.UUID


class IsRecorded(Value):
    """Whether the ledger has it."""

    is_recorded: bool


def read_timeline(ledger: Ledger, question: TimelineQuestion, occasion: Occasion) -> Timeline:
    """One person's time line; identity links are told and not followed."""
    keys = {"subject_keys": uuid_list(question.subject_keys)}
    with ledger.snapshot() as snapshot:
        preferences = snapshot.fetch("overview_preferences_of", keys)
        links = snapshot.fetch("overview_links_of", keys)
    rows = ledger.rows_of_subject(question.subject_keys)
    return timeline(rows, preferences, links, question.period, occasion.now)


def read_is_recorded(ledger: Ledger, question: RecordedQuestion, _: Occasion) -> IsRecorded:
    """Whether a preference has arrived in the ledger."""
    found = ledger.fetch("overview_preference_is_recorded", {"event_id": str(question.event_id)})
    return IsRecorded(is_recorded=bool(found[0]["is_recorded"]))


class CountsQuestion(Value):
    """Whole days in California; `recipient_id`: only what concerns one recipient."""

    period: Period
    recipient_id: Code | None = None


class RecipientQuestion(Value):
    """One recipient in a period."""

    period: Period
    recipient_id: Code


class ItemCount(Value):
    """How often one item went to a recipient, or was stopped on its way."""

    item: str
    is_stopped: bool
    events: int


class ItemCounts(Value):
    """Items of one recipient, the most frequent first."""

    items: tuple[ItemCount, ...]


class StoppedQuestion(Value):
    """Which of what was stopped, or should have been; the latest first. Empty filters let all through."""

    period: Period
    outcomes: tuple[Outcome, ...] = ()
    reason: Code | None = None
    recipient_id: Code | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class StoppedEvent(Value):
    """One event that was stopped, or should have been. It names no person."""

    event_id: uuid.UUID
    at: Moment
    mode: Mode
    recipient_id: str
    recipient_name: str | None
    kind: Kind
    outcome: Outcome
    reason: Reason
    purpose: str
    emitter: str
    items: tuple[str, ...]


class StoppedEvents(Value):
    """The latest events; `is_whole`: there are no more."""

    events: tuple[StoppedEvent, ...]
    is_whole: bool


class RecordedStepsQuestion(Value):
    """Decisions recorded in the last `steps` steps of `step_s` seconds."""

    steps: Annotated[int, Field(ge=1, le=1000)] = 60
    step_s: Annotated[int, Field(ge=1, le=86_400)] = 60


class CauseCount(Value):
    """Dead letters of one cause."""

    cause: str
    letters: int
    last_at: Moment


class Recorded(Value):
    """Decisions recorded by step, the earliest first, and dead letters by cause."""

    as_of: Moment
    from_at: Moment
    step_s: int
    decisions: tuple[int, ...]
    dead_letters: tuple[CauseCount, ...]


class LookUpCount(Value):
    """Look-ups of one day in California that came to the same."""

    day: date
    result: str
    look_ups: int


class LookUpCounts(Value):
    """Look-ups of a period."""

    counts: tuple[LookUpCount, ...]


def read_counts(ledger: Ledger, question: CountsQuestion, occasion: Occasion) -> Counts:
    """Count decisions by recipient, reason and day."""
    rows = ledger.fetch(
        "overview_counts", {**_bounds(question.period), "recipient_id": question.recipient_id}
    )
    return Counts(
        as_of=occasion.now,
        period=question.period,
        counts=tuple(Count(**{**row, "last_at": row["last_at"].replace(tzinfo=UTC)}) for row in rows),
    )


def read_items(ledger: Ledger, question: RecipientQuestion, _: Occasion) -> ItemCounts:
    """Count the items of one recipient."""
    params = {**_bounds(question.period), "recipient_id": question.recipient_id}
    rows = ledger.fetch("overview_items_of_recipient", params)
    return ItemCounts(items=tuple(ItemCount(**row) for row in rows))


def read_stopped(ledger: Ledger, question: StoppedQuestion, _: Occasion) -> StoppedEvents:
    """List the latest of what was stopped, or should have been."""
    rows = ledger.fetch(
        "overview_stopped",
        {
            **_bounds(question.period),
            "outcomes": [outcome.value for outcome in question.outcomes],
            "reason": question.reason,
            "recipient_id": question.recipient_id,
            "most": question.limit + 1,
        },
    )
    events = tuple(
        StoppedEvent(
            **{name: value for name, value in row.items() if name not in {"happened_at", "reason"}},
            at=row["happened_at"].replace(tzinfo=UTC),
            reason=explain(row["reason"]),
        )
        for row in rows[: question.limit]
    )
    return StoppedEvents(events=events, is_whole=len(rows) <= question.limit)


def read_recorded(ledger: Ledger, question: RecordedStepsQuestion, occasion: Occasion) -> Recorded:
    """Count what was recorded lately."""
    from_at = occasion.now - timedelta(seconds=question.steps * question.step_s)
    params = {
        "from_at": naive_utc(from_at),
        "until_at": naive_utc(occasion.now),
        "step_s": question.step_s,
    }
    with ledger.snapshot() as snapshot:
        by_step = {row["step"]: row["decisions"] for row in snapshot.fetch("overview_recorded", params)}
        letters = snapshot.fetch("overview_dead_letters")
    return Recorded(
        as_of=occasion.now,
        from_at=from_at,
        step_s=question.step_s,
        decisions=tuple(by_step.get(step, 0) for step in range(question.steps)),
        dead_letters=tuple(
            CauseCount(**{**row, "last_at": row["last_at"].replace(tzinfo=UTC)}) for row in letters
        ),
    )


def read_look_ups(ledger: Ledger, question: CountsQuestion, _: Occasion) -> LookUpCounts:
    """Count look-ups by day and result."""
    rows = ledger.fetch("overview_look_ups", _bounds(question.period))
    return LookUpCounts(counts=tuple(LookUpCount(**row) for row in rows))


def _bounds(period: Period) -> dict[str, datetime]:
    return {"start": naive_utc(period.start), "end": naive_utc(period.end)}


COUNTS = Operation("/v1/overview/counts", CountsQuestion, Counts, read_counts)
ITEMS = Operation("/v1/overview/items", RecipientQuestion, ItemCounts, read_items)
STOPPED_EVENTS = Operation("/v1/overview/stopped", StoppedQuestion, StoppedEvents, read_stopped)
RECORDED = Operation("/v1/overview/recorded-steps", RecordedStepsQuestion, Recorded, read_recorded)
LOOK_UPS = Operation("/v1/overview/look-ups", CountsQuestion, LookUpCounts, read_look_ups)
TIMELINE = Operation("/v1/overview/timeline", TimelineQuestion, Timeline, read_timeline)
IS_RECORDED = Operation("/v1/overview/recorded", RecordedQuestion, IsRecorded, read_is_recorded)
