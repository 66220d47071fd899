"""Bodies and answers of what can be asked of the worklist."""

import uuid
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from disclosure_consumers.registry_folder.notify_forms import NotifyForm
from disclosure_ledger.worklist.channel import Fate
from disclosure_ledger.worklist.item import Evidence, Item, Note, WorkEvent
from disclosure_ledger.worklist.message import Notification
from disclosure_ledger.worklist.vocabulary import Cause, ItemState
from disclosure_schemas.events.base import Code, Moment, Value

MAX_PAGE = 1000


class UpdateQuestion(Value):
    """Body: bring the worklist up to date. `rounds_max`: most transactions; each looks at 200,000 records."""

    rounds_max: Annotated[int, Field(ge=1, le=10_000)] = 100


class Updated(Value):
    """What was looked at and what came of it."""

    records: int
    subjects: int
    opened: int
    changed: int
    is_caught_up: bool


class WorklistFilter(Value):
    """Which items to list; an empty filter lets all through. `overdue`: only those not told in time."""

    states: tuple[ItemState, ...] = ()
    causes: tuple[Cause, ...] = ()
    recipients: tuple[Code, ...] = ()
    subject_keys: tuple[uuid.UUID, ...] = ()
    overdue: bool = False
    cursor: Code | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 100


class ItemView(Value):
    """An item, the channel of its recipient (None: it is told by hand), and whether it is overdue now."""

    item: Item
    channel: str | None
    is_overdue: bool


class WorklistPage(Value):
    """Items by last day, the nearest first. `next_cursor`: of the page after this; None after the last."""

    as_of: Moment
    items: tuple[ItemView, ...]
    next_cursor: str | None = None


class ItemQuestion(Value):
    """Body: one item by its id."""

    item_id: uuid.UUID


class ItemStory(Value):
    """One item, all that happened to it with its evidence, and the message that is due or was last sent."""

    as_of: Moment
    view: ItemView
    message: Notification
    history: tuple[WorkEvent, ...]


class ItemChange(Value):
    """Body: what a person says of an item: acknowledged by the recipient, given up, or to be sent again."""

    item_id: uuid.UUID
    change: Literal["acknowledge", "fail", "reopen"]
    by: Code
    note: Note | None = None


class TakeQuestion(Value):
    """Body: take messages to send. They are the sender's for `lease_s` seconds; then anybody may take "
    "them."""

    by: Code
    limit: Annotated[int, Field(ge=1, le=1000)] = 50
    lease_s: Annotated[float, Field(gt=0, le=86_400)] = 300.0


class Task(Value):
    """A message to send, how its recipient is told, and how often that was tried before."""

    item_id: uuid.UUID
    notification: Notification
    channel: NotifyForm
    attempts_before: int
    due_on: date


class Taken(Value):
    """Messages that are now the sender's."""

    as_of: Moment
    tasks: tuple[Task, ...]


class AttemptResult(Value):
    """Body: what came of one attempt. `next_attempt_at`: of one to be repeated; None: it is given up."""

    item_id: uuid.UUID
    fate: Fate
    channel: Code
    by: Code
    evidence: Evidence
    told: tuple[uuid.UUID, ...] = ()
    reason: Note | None = None
    next_attempt_at: Moment | None = None


class CountsQuestion(Value):
    """Body: how many items there are."""


class Counts(Value):
    """Items by state, and how many recipients were not told in time. `without_channel`: open, told by "
    "hand."""

    as_of: Moment
    by_state: dict[ItemState, int]
    overdue: int
    without_channel: int
