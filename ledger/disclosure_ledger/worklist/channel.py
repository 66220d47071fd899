"""The port of all channels: a message goes out, what came of it comes back as a value."""

from enum import StrEnum
from typing import Protocol

from disclosure_ledger.worklist.item import Evidence
from disclosure_ledger.worklist.message import Notification
from disclosure_schemas.events.base import Value


class Fate(StrEnum):
    """What came of one attempt. `retry`: may go well later. `refused`: will not until somebody changes it."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    RETRY = "retry"
    REFUSED = "refused"


class Delivery(Value):
    """One attempt: what came of it, why, and the evidence. `wait_s`: the least that the recipient asks "
    "for."""

    fate: Fate
    evidence: Evidence
    reason: str | None = None
    wait_s: float | None = None


class Channel(Protocol):
    """Tells one recipient; never raises for what the recipient or the network does."""

    name: str

    def deliver(self, notification: Notification) -> Delivery:
        """Send one message; the same message may come again after a crash, under the same id."""
        ...
