"""One round of sending: take what is due, tell the recipients, write down what came of it.

The ledger is not held while a recipient is told. A sender that dies between telling and writing leaves a
lease; when it ends, the same message goes out again under the same id.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from disclosure_consumers.registry_folder.notify_forms import NotifyForm
from disclosure_ledger.door.operation import A, B, Operation
from disclosure_ledger.worklist.channel import Channel, Delivery, Fate
from disclosure_ledger.worklist.errors import ChannelSettingsError
from disclosure_ledger.worklist.item import Evidence
from disclosure_ledger.worklist.operations import WORKLIST_RECORD, WORKLIST_TAKE
from disclosure_ledger.worklist.schedule import Schedule
from disclosure_ledger.worklist.views import AttemptResult, TakeQuestion, Task
from disclosure_schemas.events.base import Value

_log = structlog.get_logger(__name__)

LEASE_S_PER_MESSAGE = 60.0
"""No message may take longer, or another sender takes it too."""


class Asks(Protocol):
    """Runs operations; a LedgerReader is one."""

    def ask(self, operation: Operation[B, A], body: B) -> A:
        """Run one operation of the table."""
        ...


ChannelOf = Callable[[NotifyForm], Channel]
"""The channel of a recipient; raises ChannelSettingsError where a setting is missing."""


class Round(Value):
    """What one round of sending did."""

    sent: int = 0
    acknowledged: int = 0
    to_retry: int = 0
    failed: int = 0

    @property
    def messages(self) -> int:
        """Messages that were tried."""
        return self.sent + self.acknowledged + self.to_retry + self.failed


def send_round(
    reader: Asks,
    channel_of: ChannelOf,
    schedule: Schedule,
    clock: Callable[[], datetime],
    *,
    by: str = "sender",
    batch: int = 20,
    should_stop: Callable[[], bool] = lambda: False,
) -> Round:
    """Send all that is due, batch by batch."""
    counts = {"sent": 0, "acknowledged": 0, "to_retry": 0, "failed": 0}
    while not should_stop():
        lease_s = batch * LEASE_S_PER_MESSAGE
        taken = reader.ask(WORKLIST_TAKE, TakeQuestion(by=by, limit=batch, lease_s=lease_s))
        for task in taken.tasks:
            result = _attempt(task, channel_of, schedule, clock, by)
            reader.ask(WORKLIST_RECORD, result)
            counts[_counted(result)] += 1
        if len(taken.tasks) < batch:
            break
    return Round(**counts)


def _attempt(
    task: Task, channel_of: ChannelOf, schedule: Schedule, clock: Callable[[], datetime], by: str
) -> AttemptResult:
    delivery = _delivered(task, channel_of)
    next_attempt_at = None
    if delivery.fate is Fate.RETRY:
        next_attempt_at = schedule.next_attempt_at(
            clock(), task.attempts_before + 1, task.due_on, delivery.wait_s
        )
    if delivery.fate in {Fate.RETRY, Fate.REFUSED}:
        _log.warning(
            "a recipient was not told",
            recipient=task.notification.recipient_id,
            item=str(task.item_id),
            reason=delivery.reason,
            next_attempt_at=None if next_attempt_at is None else next_attempt_at.isoformat(),
        )
    return AttemptResult(
        item_id=task.item_id,
        fate=delivery.fate,
        channel=task.channel.channel,
        by=by,
        evidence=delivery.evidence,
        told=tuple(told.event_id for told in task.notification.disclosures),
        reason=delivery.reason,
        next_attempt_at=next_attempt_at,
    )


def _delivered(task: Task, channel_of: ChannelOf) -> Delivery:
    """A missing setting is ours to mend, so the message waits for it like for a recipient that is away."""
    try:
        channel = channel_of(task.channel)
    except ChannelSettingsError as error:
        evidence = Evidence(message_id=task.notification.id)
        return Delivery(fate=Fate.RETRY, evidence=evidence, reason=str(error))
    return channel.deliver(task.notification)


def _counted(result: AttemptResult) -> str:
    if result.fate is Fate.RETRY:
        return "failed" if result.next_attempt_at is None else "to_retry"
    return {Fate.SENT: "sent", Fate.ACKNOWLEDGED: "acknowledged", Fate.REFUSED: "failed"}[result.fate]
