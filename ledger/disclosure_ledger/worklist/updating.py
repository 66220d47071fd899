"""Brings the worklist up to date: looks at subjects that were touched since the last time, and at no others.

How far it has read what the recorder recorded is changed in the transaction that brings its rows, so a crash
repeats nothing and leaves nothing out. Working an item out again changes nothing that is as it was.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from disclosure_consumers.core.registry import Registry
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_ledger.said import link_of, preference_of
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.reading import Snapshot, Transaction
from disclosure_ledger.store.rows import DecisionRow
from disclosure_ledger.worklist.item import Item, WorkEvent, folded
from disclosure_ledger.worklist.loading import append, events_of_subjects
from disclosure_ledger.worklist.owed import Deleted, Owed, owed_for
from disclosure_ledger.worklist.vocabulary import ItemState, WorkChange
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import PreferenceKind
from disclosure_schemas.moments import from_microseconds
from disclosure_schemas.topics import DECIDED, IDENTITIES, PREFERENCES

RECORDS_PER_ROUND = 200_000
"""Most records of one partition that one transaction looks at: the recorder waits meanwhile."""

HOPS = 4
"""How far a protection travels over links (the scenario format's section "Subjects and links")."""

UPDATER = "worklist"
"""Who acted, where the worklist itself did."""

Spans = dict[tuple[str, int], tuple[int, int]]


class Update(NamedTuple):
    """What one round did. `is_caught_up`: whether nothing more was recorded than was looked at."""

    records: int
    subjects: int
    opened: int
    changed: int
    is_caught_up: bool


class _Said(NamedTuple):
    """What was said of touched subjects and those they are linked to."""

    subjects: Subjects
    preferences: list[PreferenceRecorded]
    keys: frozenset[uuid.UUID]


def is_behind(snapshot: Snapshot) -> bool:
    """Whether anything was recorded that was not looked at yet."""
    spans, _ = _spans(snapshot)
    return bool(spans)


def update(transaction: Transaction, registry: Registry, now: datetime) -> Update:
    """Look at what was recorded since the last time, within one transaction."""
    spans, is_caught_up = _spans(transaction)
    if not spans:
        return Update(0, 0, 0, 0, is_caught_up=True)
    by_rows, by_deletion = _touched(transaction, spans)
    said = _said(transaction, by_rows | by_deletion, registry)
    deletions = {key: _deletions(key, said) for key in said.keys}
    deleted = {key for key, found in deletions.items() if found}
    transaction.execute("worklist_insert_deleted", {"subject_keys": _texts(deleted)})
    # A touched subject that a deletion has not reached may still have lost one: it is looked at too.
    subjects = by_rows | by_deletion | deleted
    opened, changed = _bring_up_to_date(transaction, subjects, deletions, registry, now)
    _advance(transaction, spans)
    records = sum(end - begin for begin, end in spans.values())
    return Update(records, len(subjects), opened, changed, is_caught_up)


def owed_by_subject(
    snapshot: Snapshot, subject_key: uuid.UUID, deletions: Iterable[Deleted], registry: Registry
) -> list[Owed]:
    """Every notification owed for one subject, by what the ledger holds now."""
    rows = rows_of(snapshot, subject_key)
    wanted = {event_id for row in rows for event_id in row.preference_event_ids}
    named = snapshot.fetch("worklist_preferences", {"event_ids": _texts(wanted)}) if wanted else []
    preferences = {row["event_id"]: preference_of(row) for row in named}
    return owed_for(rows, preferences, list(deletions), registry)


def rows_of(snapshot: Snapshot, subject_key: uuid.UUID) -> list[DecisionRow]:
    """The decisions about one subject that the worklist goes by; the one place that reads them."""
    return snapshot.rows_of_subject([subject_key])


def _spans(snapshot: Snapshot) -> tuple[Spans, bool]:
    """Offsets not looked at yet, by topic and partition: (first, next)."""
    begun = {
        (row["topic"], row["partition"]): row["next_offset"] for row in snapshot.fetch("worklist_positions")
    }
    spans: Spans = {}
    is_caught_up = True
    for position, recorded in snapshot.next_offsets().items():
        begin = begun.get(position, 0)
        end = min(recorded, begin + RECORDS_PER_ROUND)
        is_caught_up = is_caught_up and end == recorded
        if position[0] in {DECIDED.name, PREFERENCES.name, IDENTITIES.name} and end > begin:
            spans[position] = begin, end
    return spans, is_caught_up


def _touched(transaction: Transaction, spans: Spans) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Subjects of whom something was recorded that can matter: by decisions, and by deletions or links."""
    by_deletion: set[uuid.UUID] = set()
    for topic, name in (
        (PREFERENCES.name, "worklist_touched_by_preferences"),
        (IDENTITIES.name, "worklist_touched_by_identities"),
    ):
        rows = transaction.fetch(name, _span_params(spans, topic))
        by_deletion |= {row["subject_key"] for row in rows}
    params = _span_params(spans, DECIDED.name)
    if not params["partitions"]:
        return set(), by_deletion
    hot = {row["partition"]: row["first_offset"] for row in transaction.fetch("worklist_hot_begins")}
    is_hot = all(
        hot.get(partition, begin + 1) <= begin
        for (topic, partition), (begin, _) in spans.items()
        if topic == DECIDED.name
    )
    sql = query("worklist_touched_by_decisions").format(source="hot_decision" if is_hot else "decision")
    rows = transaction.fetch_sql(sql, params)
    return {row["subject_key"] for row in rows}, by_deletion


def _span_params(spans: Spans, topic: str) -> dict[str, list[int]]:
    found = [(partition, *span) for (name, partition), span in spans.items() if name == topic]
    return {
        "partitions": [partition for partition, _, _ in found],
        "begins": [begin for _, begin, _ in found],
        "ends": [end for _, _, end in found],
    }


def _said(transaction: Transaction, touched: set[uuid.UUID], registry: Registry) -> _Said:
    """Deletions and links of these subjects and of all that a protection can travel to or from."""
    subjects = Subjects(registry.policy)
    preferences: dict[uuid.UUID, PreferenceRecorded] = {}
    known: set[uuid.UUID] = set()
    frontier = set(touched)
    for _ in range(HOPS + 1):
        if not frontier:
            break
        known |= frontier
        params = {"subject_keys": _texts(frontier)}
        frontier = set()
        for row in transaction.fetch("worklist_links_of", params):
            link = link_of(row)
            subjects.apply_link(link)
            frontier |= {link.subject_key, link.other_subject_key}
        for row in transaction.fetch("worklist_said_of", params):
            preference = preferences[row["event_id"]] = preference_of(row)
            subjects.apply_preference(preference)
            frontier |= {preference.subject_key, *filter(None, [preference.account_key])}
        frontier -= known
    return _Said(subjects, list(preferences.values()), frozenset(known))


def _deletions(subject_key: uuid.UUID, said: _Said) -> list[Deleted]:
    """Completed deletions that have reached a subject, from wherever they were made."""
    by_id = {preference.event_id: preference for preference in said.preferences}
    found = []
    for deletion in said.subjects.standing(subject_key.bytes).deletions:
        event_id = uuid.UUID(bytes=deletion.event_id)
        if deletion.completed and event_id in by_id:
            done = by_id[event_id]
            found.append(Deleted(event_id, from_microseconds(deletion.reached_us), _asked_at(done, said)))
    return found


def _asked_at(done: PreferenceRecorded, said: _Said) -> datetime:
    """When a deletion was asked for: the last request of its subject before; else when it was done."""
    asked = [
        preference.occurred_at
        for preference in said.preferences
        if preference.kind is PreferenceKind.DELETE
        and preference.subject_key == done.subject_key
        and preference.occurred_at <= done.occurred_at
    ]
    return max(asked, default=done.occurred_at)


def _bring_up_to_date(
    transaction: Transaction,
    subjects: set[uuid.UUID],
    deletions: Mapping[uuid.UUID, list[Deleted]],
    registry: Registry,
    now: datetime,
) -> tuple[int, int]:
    """Write down what has changed of the items of these subjects: (opened, changed)."""
    opened = changed = 0
    items = {
        item.id: item
        for events in events_of_subjects(transaction, subjects).values()
        if (item := folded(events)) is not None
    }
    for subject_key in sorted(subjects):
        owed = owed_by_subject(transaction, subject_key, deletions.get(subject_key, []), registry)
        wanted = {entry.item_id: entry for entry in owed}
        for item_id, entry in wanted.items():
            known = items.get(item_id)
            if known is None or _differs(known, entry):
                opened += known is None
                changed += known is not None
                append(transaction, _listed(entry, now), now)
        for item in items.values():
            if item.subject_key == subject_key and item.id not in wanted and item.disclosures:
                changed += 1
                append(transaction, _nothing_left(item, now), now)
    return opened, changed


def _differs(item: Item, owed: Owed) -> bool:
    was = (item.disclosures, item.forward, item.due_on)
    return was != (owed.disclosures, owed.forward, owed.due_on) or item.state is ItemState.LAPSED


def _listed(owed: Owed, now: datetime) -> WorkEvent:
    return WorkEvent(
        item_id=owed.item_id,
        event_id=new_event_id(int(now.timestamp() * 1000)),
        at=now,
        change=WorkChange.LISTED,
        by=UPDATER,
        **{name: getattr(owed, name) for name in Owed.model_fields},
    )


def _nothing_left(item: Item, now: datetime) -> WorkEvent:
    names = ("subject_key", "recipient_id", "cause", "cause_event_id", "cause_at", "due_on", "forward")
    return WorkEvent(
        item_id=item.id,
        event_id=new_event_id(int(now.timestamp() * 1000)),
        at=now,
        change=WorkChange.LISTED,
        by=UPDATER,
        **{name: getattr(item, name) for name in names},
    )


def _advance(transaction: Transaction, spans: Spans) -> None:
    known = {(row["topic"], row["partition"]) for row in transaction.fetch("worklist_positions")}
    for (topic, partition), (_, end) in spans.items():
        name = "worklist_update_position" if (topic, partition) in known else "worklist_insert_position"
        transaction.execute(name, {"topic": topic, "partition": partition, "next_offset": end})


def _texts(keys: Iterable[uuid.UUID]) -> list[str]:
    return [str(key) for key in sorted(keys)]
