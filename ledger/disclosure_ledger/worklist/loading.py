"""Reads and writes what happened to items of the worklist."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from disclosure_ledger.store.reading import Snapshot, Transaction
from disclosure_ledger.store.uuid_lists import uuid_list
from disclosure_ledger.worklist.errors import UnknownItemError, WorklistQuestionError
from disclosure_ledger.worklist.item import Item, WorkEvent, folded

Events = dict[uuid.UUID, list[WorkEvent]]


def events_of_subjects(snapshot: Snapshot, subject_keys: Iterable[uuid.UUID]) -> Events:
    """What happened to every item of these subjects, by item, in order."""
    params = {"subject_keys": uuid_list(subject_keys)}
    return _events(snapshot.fetch("worklist_events_of_subjects", params))


def events_of_items(snapshot: Snapshot, item_ids: Iterable[uuid.UUID]) -> Events:
    """What happened to these items, by item, in order."""
    params = {"item_ids": uuid_list(item_ids)}
    return _events(snapshot.fetch("worklist_events_of_items", params))


def read_item(snapshot: Snapshot, item_id: uuid.UUID) -> tuple[Item, list[WorkEvent]]:
    """One item and its history; raises UnknownItemError."""
    events = events_of_items(snapshot, [item_id]).get(item_id, [])
    item = folded(events)
    if item is None:
        raise UnknownItemError(
            f"the worklist has no item {item_id}. List items with `disclosures worklist list`."
        )
    return item, events


def append(transaction: Transaction, events: Iterable[WorkEvent], now: datetime) -> None:
    """Write down things that happened, in their order."""
    rows = [_row(event, now) for event in events]
    if rows:
        transaction.execute("worklist_insert_events", {"rows": json.dumps(rows)})


def _row(event: WorkEvent, now: datetime) -> dict[str, Any]:
    row = event.model_dump(mode="json")
    del row["at"]
    return row | {
        "happened_at": _text(event.at),
        "cause_at": _text(event.cause_at),
        "next_attempt_at": None if event.next_attempt_at is None else _text(event.next_attempt_at),
        "recorded_at": _text(now),
        "disclosures": [
            {**told.model_dump(mode="json"), "occurred_at": _text(told.occurred_at)}
            for told in event.disclosures
        ],
    }


def cursor_text(item: Item) -> str:
    """The cursor of the page after this item."""
    return f"{item.due_on}~{item.id}"


def cursor_of(text: str) -> tuple[date, uuid.UUID]:
    """Read a cursor; raises WorklistQuestionError for text that is none."""
    day, _, item_id = text.partition("~")
    try:
        return date.fromisoformat(day), uuid.UUID(item_id)
    except ValueError as error:
        raise WorklistQuestionError(
            f"{text!r} is no cursor of the worklist. Pass next_cursor of the page before, as it came."
        ) from error


def _events(rows: Iterable[Mapping[str, Any]]) -> Events:
    found: Events = defaultdict(list)
    for row in rows:
        values = {name: _aware(value) for name, value in row.items() if name != "recorded_at"}
        values["disclosures"] = tuple(
            {
                **told,
                "occurred_at": _aware(told["occurred_at"]),
                "items": tuple(told["items"]),
            }
            for told in row["disclosures"]
        )
        found[row["item_id"]].append(WorkEvent(**values))
    return found


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _text(at: datetime) -> str:
    """A moment as a column without a zone takes it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat()
