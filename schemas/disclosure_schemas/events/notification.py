"""RecipientNotified: a recipient is told of an opt-out, a limit or a deletion."""

from disclosure_schemas.events.base import Code, EventId, Key, Moment, Value
from disclosure_schemas.events.vocabulary import Kind, NotificationCause


class NotifiedDisclosure(Value):
    """One disclosure to the recipient; `items` as category or category.element, never values."""

    event_id: EventId
    occurred_at: Moment
    kind: Kind
    items: tuple[Code, ...] = ()
    transaction_id: Code | None = None


class RecipientNotified(Value):
    """What a recipient is told; `notification_id` is the idempotency key, `due_on` a day as YYYY-MM-DD."""

    notification_id: Code
    item_id: Key
    subject_key: Key
    recipient_id: Code
    issued_at: Moment
    cause: NotificationCause
    requested_at: Moment
    due_on: Code
    forward: bool
    directions: tuple[str, ...] = ()
    disclosures: tuple[NotifiedDisclosure, ...] = ()
