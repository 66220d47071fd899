"""One item of the worklist as the fold of what happened to it."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import Field

from disclosure_consumers.core.days.deadlines import california_day
from disclosure_ledger.worklist.owed import Told
from disclosure_ledger.worklist.vocabulary import Cause, ItemState, WorkChange
from disclosure_schemas.events.base import Code, Moment, Value
from disclosure_schemas.moments import microseconds

Note = Annotated[str, Field(min_length=1, max_length=1000)]


class Evidence(Value):
    """What is kept of one attempt.

    `message_id`: the idempotency key. `payload_sha256`: of the bytes that were sent, hexadecimal. `status`:
    HTTP status. `place`: URL without its query, topic with partition and offset, or file. `key_id`: key of
    the signature. `answer`: the first of what came back.
    """

    message_id: Code
    payload_sha256: Code | None = None
    status: int | None = None
    place: Code | None = None
    key_id: Code | None = None
    answer: Note | None = None


class WorkEvent(Value):
    """One thing that happened to an item; fields that do not belong to its `change` keep their defaults.

    `next_attempt_at`: not sent again before it: of an attempt the end of the sender's lease, after a failure
    the end of its back-off.
    """

    item_id: uuid.UUID
    event_id: uuid.UUID
    at: Moment
    change: WorkChange
    by: Code
    subject_key: uuid.UUID
    recipient_id: Code
    cause: Cause
    cause_event_id: uuid.UUID
    cause_at: Moment
    due_on: date
    forward: bool = False
    disclosures: tuple[Told, ...] = ()
    channel: Code | None = None
    next_attempt_at: Moment | None = None
    evidence: Evidence | None = None
    note: Note | None = None


class Item(Value):
    """An item and how it stands.

    `disclosures`: all it is about; `told`: ids of those the recipient was told of. `revision` counts how
    often there was something new to tell: it is part of the idempotency key. `attempts`: since it was opened
    or reopened. `was_attempted`: this revision may have reached the recipient.
    """

    id: uuid.UUID
    subject_key: uuid.UUID
    recipient_id: str
    cause: Cause
    cause_event_id: uuid.UUID
    cause_at: Moment
    due_on: date
    forward: bool
    state: ItemState
    disclosures: tuple[Told, ...]
    told: tuple[uuid.UUID, ...] = ()
    revision: int = 1
    attempts: int = 0
    was_attempted: bool = False
    opened_at: Moment
    next_attempt_at: Moment | None = None
    sent_at: Moment | None = None
    acknowledged_at: Moment | None = None
    note: Note | None = None

    @property
    def message_id(self) -> str:
        """Idempotency key: the same until there is something new to tell."""
        return f"{self.id}.{self.revision}"

    @property
    def to_tell(self) -> tuple[Told, ...]:
        """Disclosures the recipient was not told of yet."""
        return tuple(told for told in self.disclosures if told.event_id not in self.told)

    def is_due(self, now: Moment) -> bool:
        """Whether it is to be sent now."""
        waits = self.next_attempt_at is not None and self.next_attempt_at > now
        return self.state is ItemState.OPEN and not waits

    def is_overdue(self, now: Moment) -> bool:
        """Whether the recipient has not been told and the last day is over, in California."""
        untold = self.state in {ItemState.OPEN, ItemState.FAILED}
        return untold and california_day(microseconds(now)) > self.due_on


def folded(events: Iterable[WorkEvent]) -> Item | None:
    """The item that these events make, in the order in which they were recorded; None without any."""
    item: Item | None = None
    for event in events:
        item = _begun(event) if item is None else _changed(item, event)
    return item


def _begun(event: WorkEvent) -> Item:
    return Item(
        id=event.item_id,
        subject_key=event.subject_key,
        recipient_id=event.recipient_id,
        cause=event.cause,
        cause_event_id=event.cause_event_id,
        cause_at=event.cause_at,
        due_on=event.due_on,
        forward=event.forward,
        state=ItemState.OPEN if event.disclosures else ItemState.LAPSED,
        disclosures=event.disclosures,
        opened_at=event.at,
        note=event.note,
    )


def _changed(item: Item, event: WorkEvent) -> Item:
    match event.change:
        case WorkChange.LISTED:
            return _listed(item, event)
        case WorkChange.ATTEMPTED:
            changes: dict[str, object] = {
                "attempts": item.attempts + 1,
                "was_attempted": True,
                "next_attempt_at": event.next_attempt_at,
            }
        case WorkChange.NOT_DELIVERED:
            changes = {"next_attempt_at": event.next_attempt_at}
        case WorkChange.SENT | WorkChange.ACKNOWLEDGED:
            item, changes = _delivered(item, event), {}
        case WorkChange.FAILED:
            changes = {"state": ItemState.FAILED, "next_attempt_at": None}
        case WorkChange.REOPENED:
            changes = {"state": ItemState.OPEN, "attempts": 0, "next_attempt_at": None, **_anew(item)}
    if event.note is not None:
        changes["note"] = event.note
    return item.model_copy(update=changes)


def _listed(item: Item, event: WorkEvent) -> Item:
    """New disclosures open it again; where none is left it lapses, unless the recipient was told.

    Another content under a key that was sent could be taken for a repeat, so it gets another key.
    """
    listed = item.model_copy(
        update={"disclosures": event.disclosures, "forward": event.forward, "due_on": event.due_on}
    )
    if not listed.to_tell:
        is_told = item.state in {ItemState.SENT, ItemState.ACKNOWLEDGED}
        return listed if is_told else listed.model_copy(update={"state": ItemState.LAPSED})
    if _content(listed) == _content(item) and item.state is not ItemState.LAPSED:
        return listed
    renewed = {"revision": item.revision + 1, "was_attempted": False} if item.was_attempted else {}
    opened = {"state": ItemState.OPEN, "attempts": 0, "next_attempt_at": None}
    return listed.model_copy(update={**opened, **renewed})


def _anew(item: Item) -> dict[str, object]:
    """A recipient that was told is told everything again, under a key it does not take for a repeat."""
    if not item.told:
        return {}
    return {"told": (), "revision": item.revision + 1, "was_attempted": False}


def _content(item: Item) -> tuple[object, ...]:
    """What a message about the item says."""
    return item.to_tell, item.forward, item.due_on


def _delivered(item: Item, event: WorkEvent) -> Item:
    """Told; what came to light while the message was under way keeps the item open."""
    told = {*item.told, *(told.event_id for told in event.disclosures)}
    done = item.model_copy(update={"told": tuple(sorted(told)), "next_attempt_at": None, "sent_at": event.at})
    if event.change is WorkChange.ACKNOWLEDGED:
        done = done.model_copy(update={"sent_at": item.sent_at or event.at, "acknowledged_at": event.at})
    if done.to_tell:
        return done.model_copy(update={"state": ItemState.OPEN})
    if event.change is WorkChange.SENT and item.state is not ItemState.ACKNOWLEDGED:
        return done.model_copy(update={"state": ItemState.SENT})
    return done.model_copy(update={"state": ItemState.ACKNOWLEDGED})
