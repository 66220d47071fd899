"""The worklist in words: a table, and one item's story."""

from disclosure_ledger.cli.output import print_table, say
from disclosure_ledger.worklist.item import Evidence, WorkEvent
from disclosure_ledger.worklist.views import ItemStory, WorklistPage


def print_page(page: WorklistPage) -> None:
    """Print a page of items."""
    print_table(
        ("Id", "Recipient", "Cause", "Last day", "State", "Channel", "Disclosures", "Attempts", ""),
        [
            (
                view.item.id,
                view.item.recipient_id,
                view.item.cause.value,
                view.item.due_on,
                view.item.state.value,
                view.channel or "by hand",
                len(view.item.disclosures),
                view.item.attempts,
                "overdue" if view.is_overdue else "",
            )
            for view in page.items
        ],
    )
    say(f"{len(page.items):,} items")
    if page.next_cursor is not None:
        say(f"more: --cursor {page.next_cursor}")


def print_story(story: ItemStory) -> None:
    """Print one item: what it is about, the message, what happened."""
    item = story.view.item
    say(f"item {item.id}: {item.recipient_id} is to be told of: {item.cause.value.replace('_', ' ')}")
    say(
        f"{item.state.value}, last day {item.due_on}{', overdue' if story.view.is_overdue else ''}, channel: "
        f"{story.view.channel or 'by hand'}, key of the next message: {item.message_id}"
    )
    say(f"subject {item.subject_key}, cause {item.cause_event_id} of {item.cause_at.isoformat()}")
    for direction in story.message.directions:
        say(direction)
    print_table(
        ("Disclosure", "When", "Kind", "Items", "Transaction", "Told"),
        [
            (
                told.event_id,
                told.occurred_at.isoformat(timespec="seconds"),
                told.kind.value,
                ", ".join(told.items),
                told.transaction_id or "",
                "yes" if told.event_id in item.told else "",
            )
            for told in item.disclosures
        ],
    )
    print_table(
        ("When", "What", "By", "Channel", "Evidence", "Note"), [_event_row(event) for event in story.history]
    )


def _event_row(event: WorkEvent) -> tuple[object, ...]:
    return (
        event.at.isoformat(timespec="seconds"),
        event.change.value,
        event.by,
        event.channel or "",
        _evidence(event.evidence),
        event.note or "",
    )


def _evidence(evidence: Evidence | None) -> str:
    if evidence is None:
        return ""
    parts = [
        evidence.place or "",
        "" if evidence.status is None else f"status {evidence.status}",
        "" if evidence.payload_sha256 is None else f"sha256 {evidence.payload_sha256[:16]}",
        "" if evidence.key_id is None else f"key {evidence.key_id}",
    ]
    return ", ".join(part for part in parts if part)
