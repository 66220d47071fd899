"""Finds items of the worklist, and shows them."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from disclosure_consumers.core.days.deadlines import california_day
from disclosure_consumers.registry_folder.notify_forms import NotifyForm
from disclosure_ledger.door.operation import Occasion
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.uuid_lists import uuid_list
from disclosure_ledger.worklist import loading
from disclosure_ledger.worklist.item import Item, WorkEvent, folded
from disclosure_ledger.worklist.views import ItemView, WorklistFilter
from disclosure_ledger.worklist.vocabulary import ItemState, WorkChange
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.moments import microseconds

_PAGE_ROWS = 1000
_LAST_CHANGES: Mapping[ItemState, tuple[str, ...]] = {
    ItemState.OPEN: ("listed", "reopened"),
    ItemState.SENT: ("sent", "listed"),
    ItemState.ACKNOWLEDGED: ("acknowledged", "sent", "listed"),
    ItemState.FAILED: ("failed", "listed"),
    ItemState.LAPSED: ("listed",),
}
"""What the last change of an item in a state can be."""


def items_in(
    snapshot: Snapshot, question: WorklistFilter, cursor: tuple[date, Any] | None, today: date
) -> Iterator[Item]:
    """Items that a filter may let through, page by page."""
    page_rows = min(_PAGE_ROWS, question.limit + 1)
    last_changes = {change for state in question.states for change in _LAST_CHANGES[state]}
    while True:
        heads = snapshot.fetch(
            "worklist_heads",
            {
                "recipients": list(question.recipients),
                "causes": [cause.value for cause in question.causes],
                "subject_keys": uuid_list(question.subject_keys),
                "last_changes": sorted(last_changes),
                "due_before": today if question.overdue else None,
                "cursor_due": None if cursor is None else cursor[0],
                "cursor_id": None if cursor is None else str(cursor[1]),
                "page_rows": page_rows,
            },
        )
        events = loading.events_of_items(snapshot, [head["item_id"] for head in heads])
        for head in heads:
            item = folded(events[head["item_id"]])
            if item is not None:
                yield item
        if len(heads) < page_rows:
            return
        cursor = heads[-1]["due_on"], heads[-1]["item_id"]


def fits(item: Item, body: WorklistFilter, now: datetime) -> bool:
    """Whether a filter lets an item through."""
    return (not body.states or item.state in body.states) and (not body.overdue or item.is_overdue(now))


def view_of(item: Item, channels: Mapping[str, NotifyForm], now: datetime) -> ItemView:
    """An item as it is shown."""
    form = channels.get(item.recipient_id)
    return ItemView(
        item=item, channel=None if form is None else form.channel, is_overdue=item.is_overdue(now)
    )


def channels_of(occasion: Occasion) -> dict[str, NotifyForm]:
    """How recipients are told, by recipient; those told by hand are left out."""
    recipients = occasion.registry().contents.recipients
    return {name: form.notify for name, form in recipients.items() if form.notify is not None}


def event_about(item: Item, change: WorkChange, by: str, now: datetime, **fields: Any) -> WorkEvent:
    """A change of an item."""
    return WorkEvent(
        item_id=item.id,
        event_id=new_event_id(int(now.timestamp() * 1000)),
        at=now,
        change=change,
        by=by,
        subject_key=item.subject_key,
        recipient_id=item.recipient_id,
        cause=item.cause,
        cause_event_id=item.cause_event_id,
        cause_at=item.cause_at,
        due_on=item.due_on,
        forward=item.forward,
        **fields,
    )


def day_of(now: datetime) -> date:
    """Day in California."""
    return california_day(microseconds(now))
