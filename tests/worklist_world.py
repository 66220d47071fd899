"""A ledger in which recipients are owed something, and a registry that says how they are told."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from answer_rows import PERSON, report
from disclosure_consumers.registry_files import example_registry
from disclosure_consumers.registry_folder.notify_forms import NotifyForm
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.published_registry import PublishedRegistry, read_published
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.rows import DecisionRow
from disclosure_ledger.worklist import operations as ops
from disclosure_ledger.worklist.item import Item
from disclosure_ledger.worklist.views import (
    ItemChange,
    ItemQuestion,
    ItemStory,
    Updated,
    UpdateQuestion,
    WorklistFilter,
)
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import PreferenceKind
from gate_events import preference
from ledger_filling import record_rows, record_said

NOW = datetime(2026, 10, 8, 18, tzinfo=UTC)
FORM: TypeAdapter[NotifyForm] = TypeAdapter(NotifyForm)
PUBLISHED = read_published(example_registry())


def published(**channels: Any) -> PublishedRegistry:
    """The example registry, in which these recipients have a channel."""
    recipients = {
        name: form.model_copy(update={"notify": FORM.validate_python(channels[name])})
        if name in channels
        else form
        for name, form in PUBLISHED.contents.recipients.items()
    }
    return replace(PUBLISHED, contents=replace(PUBLISHED.contents, recipients=recipients))


def said(kind: PreferenceKind, at: datetime, **fields: Any) -> PreferenceRecorded:
    """A preference of the person."""
    return preference(PERSON, kind, occurred_at=at, emitted_at=at, **fields)


OPT_OUT = said(PreferenceKind.OPT_OUT, datetime(2026, 10, 1, 15, tzinfo=UTC))


def notify(number: int, **changes: Any) -> DecisionRow:
    """A sale reported after the opt-out and before compliance, `number` hours after a morning in October."""
    fields = {
        "outcome": "notify",
        "reason": "opted_out_of_sale",
        "preference_event_ids": (OPT_OUT.event_id,),
        "transaction_id": f"order-{number}",
    }
    return report(number, **(fields | changes))


@dataclass
class World:
    """A ledger, a clock that stands still until it is moved, and a registry."""

    ledger: Ledger
    registry: PublishedRegistry = PUBLISHED
    now: datetime = NOW
    reader: LocalReader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = LocalReader(self.ledger, clock=lambda: self.now, registry=lambda: self.registry)

    def later(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)

    def record(self, *events: PreferenceRecorded | DecisionRow | Any) -> None:
        """Record preferences, links and decisions."""
        record_said(self.ledger, [event for event in events if not isinstance(event, DecisionRow)])
        record_rows(self.ledger, [event for event in events if isinstance(event, DecisionRow)])

    def update(self) -> Updated:
        """Bring the worklist up to date."""
        return self.reader.ask(ops.WORKLIST_UPDATE, UpdateQuestion())

    def items(self, **fields: Any) -> list[Item]:
        """Items that a filter lets through."""
        return [view.item for view in self.reader.ask(ops.WORKLIST_LIST, WorklistFilter(**fields)).items]

    def item(self) -> Item:
        """The only item."""
        (item,) = self.items()
        return item

    def story(self, item_id: uuid.UUID) -> ItemStory:
        """One item with its history."""
        return self.reader.ask(ops.WORKLIST_SHOW, ItemQuestion(item_id=item_id))

    def change(self, item: Item, change: Any, note: str | None = None) -> Item:
        """Say something of an item by hand."""
        body = ItemChange(item_id=item.id, change=change, by="ann", note=note)
        return self.reader.ask(ops.WORKLIST_CHANGE, body).view.item
