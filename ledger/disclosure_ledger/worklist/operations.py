"""What can be asked of the worklist or done with it."""

from datetime import datetime

from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.worklist import loading
from disclosure_ledger.worklist.attempts import record_attempt, take_tasks
from disclosure_ledger.worklist.errors import WorkChangeError
from disclosure_ledger.worklist.finding import channels_of, day_of, event_about, fits, items_in, view_of
from disclosure_ledger.worklist.item import Item
from disclosure_ledger.worklist.message import notification_of
from disclosure_ledger.worklist.updating import is_behind, planned, write
from disclosure_ledger.worklist.views import (
    MAX_PAGE,
    AttemptResult,
    Counts,
    CountsQuestion,
    ItemChange,
    ItemQuestion,
    ItemStory,
    ItemView,
    Taken,
    TakeQuestion,
    Updated,
    UpdateQuestion,
    WorklistFilter,
    WorklistPage,
)
from disclosure_ledger.worklist.vocabulary import ItemState, WorkChange

_BY_HAND = {
    "acknowledge": WorkChange.ACKNOWLEDGED,
    "fail": WorkChange.FAILED,
    "reopen": WorkChange.REOPENED,
}


def update_worklist(ledger: Ledger, body: UpdateQuestion, occasion: Occasion) -> Updated:
    """Look at what was recorded since the last time."""
    with ledger.snapshot() as snapshot:
        if not is_behind(snapshot):
            return Updated(records=0, subjects=0, opened=0, changed=0, is_caught_up=True)
    registry = occasion.registry().registry
    records = subjects = opened = changed = 0
    for _ in range(body.rounds_max):
        with ledger.snapshot() as snapshot:
            plan = planned(snapshot, registry, occasion.now)
        with ledger.transaction() as transaction:
            if not write(transaction, plan, occasion.now):
                continue  # somebody else has just looked: look again from there
        records += plan.records
        subjects += plan.subjects
        opened += plan.opened
        changed += len(plan.events) - plan.opened
        if plan.is_caught_up:
            break
    return Updated(
        records=records,
        subjects=subjects,
        opened=opened,
        changed=changed,
        is_caught_up=plan.is_caught_up,
    )


def list_items(ledger: Ledger, body: WorklistFilter, occasion: Occasion) -> WorklistPage:
    """List items, the nearest last day first."""
    cursor = None if body.cursor is None else loading.cursor_of(body.cursor)
    channels = channels_of(occasion)
    found: list[Item] = []
    with ledger.snapshot() as snapshot:
        for item in items_in(snapshot, body, cursor, day_of(occasion.now)):
            if not fits(item, body, occasion.now):
                continue
            found.append(item)
            if len(found) > body.limit:
                break
    shown = found[: body.limit]
    return WorklistPage(
        as_of=occasion.now,
        items=tuple(view_of(item, channels, occasion.now) for item in shown),
        next_cursor=loading.cursor_text(shown[-1]) if len(found) > body.limit else None,
    )


def show_item(ledger: Ledger, body: ItemQuestion, occasion: Occasion) -> ItemStory:
    """Show one item with its history and evidence."""
    with ledger.snapshot() as snapshot:
        return _story(snapshot, body, occasion)


def change_item(ledger: Ledger, body: ItemChange, occasion: Occasion) -> ItemStory:
    """Write down what a person says of an item."""
    with ledger.transaction() as transaction:
        item, _ = loading.read_item(transaction, body.item_id)
        _check_by_hand(item, body)
        change = _BY_HAND[body.change]
        told = item.to_tell if change is WorkChange.ACKNOWLEDGED else ()
        fields = {"note": body.note, "disclosures": told}
        event = event_about(item, change, body.by, occasion.now, **fields)
        loading.append(transaction, [event], occasion.now)
        return _story(transaction, ItemQuestion(item_id=item.id), occasion)


def count_items(ledger: Ledger, _: CountsQuestion, occasion: Occasion) -> Counts:
    """Count items by state, and those not told in time."""
    channels = channels_of(occasion)
    by_state = dict.fromkeys(ItemState, 0)
    overdue = without_channel = 0
    with ledger.snapshot() as snapshot:
        for item in items_in(snapshot, WorklistFilter(limit=MAX_PAGE), None, day_of(occasion.now)):
            by_state[item.state] += 1
            overdue += item.is_overdue(occasion.now)
            without_channel += item.state is ItemState.OPEN and item.recipient_id not in channels
    return Counts(as_of=occasion.now, by_state=by_state, overdue=overdue, without_channel=without_channel)


def overdue_count(ledger: Ledger, now: datetime) -> int:
    """How many recipients were not told in time: what an alert watches."""
    with ledger.snapshot() as snapshot:
        question = WorklistFilter(states=(ItemState.OPEN, ItemState.FAILED), overdue=True, limit=MAX_PAGE)
        return sum(item.is_overdue(now) for item in items_in(snapshot, question, None, day_of(now)))


WORKLIST_UPDATE = Operation(
    "/v1/worklist/update", UpdateQuestion, Updated, update_worklist, writes=True, timeout_s=600.0
)
WORKLIST_LIST = Operation("/v1/worklist/list", WorklistFilter, WorklistPage, list_items)
WORKLIST_SHOW = Operation("/v1/worklist/show", ItemQuestion, ItemStory, show_item)
WORKLIST_CHANGE = Operation("/v1/worklist/change", ItemChange, ItemStory, change_item, writes=True)
WORKLIST_TAKE = Operation("/v1/worklist/take", TakeQuestion, Taken, take_tasks, writes=True)
WORKLIST_RECORD = Operation("/v1/worklist/record", AttemptResult, ItemView, record_attempt, writes=True)
WORKLIST_COUNTS = Operation("/v1/worklist/counts", CountsQuestion, Counts, count_items)

OPERATIONS = (
    WORKLIST_UPDATE,
    WORKLIST_LIST,
    WORKLIST_SHOW,
    WORKLIST_CHANGE,
    WORKLIST_TAKE,
    WORKLIST_RECORD,
    WORKLIST_COUNTS,
)


def _check_by_hand(item: Item, body: ItemChange) -> None:
    allowed = {
        "acknowledge": {ItemState.OPEN, ItemState.SENT, ItemState.FAILED},
        "fail": {ItemState.OPEN},
        "reopen": {ItemState.FAILED, ItemState.SENT},
    }[body.change]
    if item.state not in allowed:
        names = ", ".join(sorted(allowed))
        raise WorkChangeError(
            f"the item {item.id} is {item.state}; {body.change} is for items that are {names}. See "
            "`disclosures worklist evidence`."
        )
    if body.change != "reopen" and body.note is None:
        raise WorkChangeError(
            f"{body.change} needs a note that says how it is known: it is the only evidence of it."
        )


def _story(snapshot: Snapshot, body: ItemQuestion, occasion: Occasion) -> ItemStory:
    item, events = loading.read_item(snapshot, body.item_id)
    return ItemStory(
        as_of=occasion.now,
        view=view_of(item, channels_of(occasion), occasion.now),
        message=notification_of(item),
        history=tuple(events),
    )
