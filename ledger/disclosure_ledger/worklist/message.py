"""The message to a recipient: what it says, as bytes that are the same whenever they are made again.

It names the person by what recipient and sender have in common: the subject key, and for each disclosure
its event id, transaction id and moment. The ledger knows no identifier and cannot send one.
"""

import hashlib

from disclosure_ledger.worklist.item import Item
from disclosure_ledger.worklist.owed import Told
from disclosure_ledger.worklist.vocabulary import Cause
from disclosure_schemas.events.base import Moment, Value

MESSAGE_SCHEMA = "disclosure-ledger/notification/1"
"""Version of the JSON form."""

DIRECTIONS = {
    Cause.OPT_OUT: "The consumer has opted out of the sale and sharing of personal information. Stop using, "
    "selling and sharing what you received in these disclosures (11 CCR 7026(f)(2)).",
    Cause.LIMIT: "The consumer has limited the use of sensitive personal information. Use and disclose what "
    "you received in these disclosures for the purposes of 11 CCR 7027(m) only (11 CCR 7027(g)).",
    Cause.DELETION: "The consumer's personal information was deleted on request. Delete what you received in "
    "these disclosures (Civ. Code 1798.105(c)).",
}
"""What the recipient is directed to do."""

FORWARD = "Pass this on to every person to whom you have disclosed it meanwhile."


class Notification(Value):
    """What a recipient is told. `id`: idempotency key; a repeat of it says the same and asks for nothing "
    "more."""

    schema_id: str = MESSAGE_SCHEMA
    id: str
    item_id: str
    recipient_id: str
    cause: Cause
    directions: tuple[str, ...]
    forward: bool
    subject_key: str
    requested_at: Moment
    due_on: str
    disclosures: tuple[Told, ...]


def notification_of(item: Item) -> Notification:
    """The message about what the recipient of an item was not told of yet."""
    return Notification(
        id=item.message_id,
        item_id=str(item.id),
        recipient_id=item.recipient_id,
        cause=item.cause,
        directions=(DIRECTIONS[item.cause], *([FORWARD] if item.forward else [])),
        forward=item.forward,
        subject_key=str(item.subject_key),
        requested_at=item.cause_at,
        due_on=str(item.due_on),
        disclosures=item.to_tell,
    )


def payload_of(notification: Notification) -> bytes:
    """JSON bytes of a message: equal messages have equal bytes."""
    return notification.model_dump_json().encode()


def sha256_of(payload: bytes) -> str:
    """Hash that is kept as evidence, hexadecimal."""
    return hashlib.sha256(payload).hexdigest()
