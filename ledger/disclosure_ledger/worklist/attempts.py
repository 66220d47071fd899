"""Hands messages out to senders and writes down what came of them."""

from datetime import timedelta

from disclosure_ledger.door.operation import Occasion
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.worklist import loading
from disclosure_ledger.worklist.channel import Fate
from disclosure_ledger.worklist.finding import channels_of, day_of, event_about, items_in, view_of
from disclosure_ledger.worklist.message import notification_of
from disclosure_ledger.worklist.views import (
    MAX_PAGE,
    AttemptResult,
    ItemView,
    Taken,
    TakeQuestion,
    Task,
    WorklistFilter,
)
from disclosure_ledger.worklist.vocabulary import ItemState, WorkChange

_OF_FATE = {
    Fate.SENT: WorkChange.SENT,
    Fate.ACKNOWLEDGED: WorkChange.ACKNOWLEDGED,
    Fate.RETRY: WorkChange.NOT_DELIVERED,
    Fate.REFUSED: WorkChange.FAILED,
}


def take_tasks(ledger: Ledger, body: TakeQuestion, occasion: Occasion) -> Taken:
    """Take messages that are due, so that no other sender takes them meanwhile."""
    channels = channels_of(occasion)
    lease_ends = occasion.now + timedelta(seconds=body.lease_s)
    tasks: list[Task] = []
    with ledger.transaction() as transaction:
        wanted = WorklistFilter(states=(ItemState.OPEN,), recipients=tuple(sorted(channels)), limit=MAX_PAGE)
        due = items_in(transaction, wanted, None, day_of(occasion.now)) if channels else iter(())
        for item in due:
            if not item.is_due(occasion.now):
                continue
            form = channels[item.recipient_id]
            fields = {"channel": form.channel, "next_attempt_at": lease_ends}
            event = event_about(item, WorkChange.ATTEMPTED, body.by, occasion.now, **fields)
            loading.append(transaction, [event], occasion.now)
            tasks.append(
                Task(
                    item_id=item.id,
                    notification=notification_of(item),
                    channel=form,
                    attempts_before=item.attempts,
                    due_on=item.due_on,
                )
            )
            if len(tasks) == body.limit:
                break
    return Taken(as_of=occasion.now, tasks=tuple(tasks))


def record_attempt(ledger: Ledger, body: AttemptResult, occasion: Occasion) -> ItemView:
    """Write down what came of an attempt, with its evidence."""
    change = _OF_FATE[body.fate]
    if change is WorkChange.NOT_DELIVERED and body.next_attempt_at is None:
        change = WorkChange.FAILED
    with ledger.transaction() as transaction:
        item, _ = loading.read_item(transaction, body.item_id)
        # What changed by hand meanwhile stays; the attempt is kept as evidence all the same.
        told = tuple(entry for entry in item.disclosures if entry.event_id in set(body.told))
        event = event_about(
            item,
            change
            if item.state is ItemState.OPEN or change is not WorkChange.FAILED
            else WorkChange.NOT_DELIVERED,
            body.by,
            occasion.now,
            channel=body.channel,
            evidence=body.evidence,
            disclosures=told if change in {WorkChange.SENT, WorkChange.ACKNOWLEDGED} else (),
            next_attempt_at=body.next_attempt_at,
            note=body.reason,
        )
        loading.append(transaction, [event], occasion.now)
        item, _ = loading.read_item(transaction, body.item_id)
        if event.disclosures and item.state is ItemState.OPEN:
            # More came to light meanwhile. Its last change says so, by which open items are found.
            listed = event_about(item, WorkChange.LISTED, body.by, occasion.now, disclosures=item.disclosures)
            loading.append(transaction, [listed], occasion.now)
    return view_of(item, channels_of(occasion), occasion.now)
