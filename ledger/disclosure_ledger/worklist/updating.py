"""Brings the worklist up to date: looks at subjects that were touched since the last time, and at no others.

How far it has read what the recorder recorded is changed in the transaction that brings its rows, so a crash
repeats nothing and leaves nothing out. Working an item out again changes nothing that is as it was.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from disclosure_consumers.core.registry import Registry
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_ledger.said import link_of, preference_of
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.reading import Snapshot, Transaction
from disclosure_ledger.store.rows import COLUMNS, DecisionRow, decision_row
from disclosure_ledger.store.uuid_lists import uuid_list
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
"""Most records of one partition that are looked at in one go."""

HOPS = 4
"""How far a protection travels over links (the scenario format's section "Subjects and links")."""

UPDATER = "worklist"
"""Who acted, where the worklist itself did."""

REDECISIONS = "redecision"
"""Stands for a topic among the positions: rows of the table, in the order in which they were appended."""

_LOOKED_AT = frozenset({DECIDED.name, PREFERENCES.name, IDENTITIES.name, REDECISIONS})

Spans = dict[tuple[str, int], tuple[int, int]]


class Plan(NamedTuple):
    """What is to be written after a look: made from a snapshot, so that the recorder need not wait for it.

    `spans`: what was looked at. `deleted`: subjects that a completed deletion has reached. `is_caught_up`:
    whether nothing more was recorded than was looked at.
    """

    spans: Spans
    subjects: int
    deleted: frozenset[uuid.UUID]
    events: tuple[WorkEvent, ...]
    opened: int
    is_caught_up: bool

    @property
    def records(self) -> int:
        """Records that were looked at."""
        return sum(end - begin for begin, end in self.spans.values())


class _Said(NamedTuple):
    """What was said of touched subjects and those they are linked to."""

    subjects: Subjects
    preferences: list[PreferenceRecorded]
    keys: frozenset[uuid.UUID]


def is_behind(snapshot: Snapshot) -> bool:
    """Whether anything was recorded that was not looked at yet."""
    spans, _ = _spans(snapshot)
    return bool(spans)


def planned(snapshot: Snapshot, registry: Registry, now: datetime) -> Plan:
    """Look at what was recorded since the last time."""
    spans, is_caught_up = _spans(snapshot)
    by_rows, by_deletion = _touched(snapshot, spans)
    said = _said(snapshot, by_rows | by_deletion, registry)
    deletions = {key: _deletions(key, said) for key in said.keys}
    deleted = {key for key, found in deletions.items() if found}
    # A touched subject that a deletion has not reached may still have lost one: it is looked at too.
    subjects = by_rows | by_deletion | deleted
    events, opened = _events(snapshot, subjects, deletions, registry, now)
    return Plan(spans, len(subjects), frozenset(deleted), tuple(events), opened, is_caught_up)


def write(transaction: Transaction, plan: Plan, now: datetime) -> bool:
    """Write a plan; False, and nothing written, where another look came in between.

    What people and senders said meanwhile does no harm: a plan lists disclosures, whatever the state.
    """
    looked = _looked(transaction)
    if any(looked.get(position, 0) != begin for position, (begin, _) in plan.spans.items()):
        return False
    transaction.execute("worklist_insert_deleted", {"subject_keys": uuid_list(plan.deleted)})
    append(transaction, plan.events, now)
    for (topic, partition), (_, end) in plan.spans.items():
        known = (topic, partition) in looked
        name = "worklist_update_position" if known else "worklist_insert_position"
        transaction.execute(name, {"topic": topic, "partition": partition, "next_offset": end})
    return True


def rows_of(snapshot: Snapshot, subject_keys: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, list[DecisionRow]]:
    """The decisions that the worklist goes by, by subject; the one place that reads them."""
    found: dict[uuid.UUID, list[DecisionRow]] = defaultdict(list)
    sql = query("worklist_rows_of_subjects").format(columns=", ".join(COLUMNS))
    for values in snapshot.fetch_sql(sql, {"subject_keys": uuid_list(subject_keys)}):
        row = decision_row(tuple(values.values()))
        found[row.subject_key].append(row)
    return found


def _looked(snapshot: Snapshot) -> dict[tuple[str, int], int]:
    rows = snapshot.fetch("worklist_positions")
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def _spans(snapshot: Snapshot) -> tuple[Spans, bool]:
    """Offsets not looked at yet, by topic and partition: (first, next)."""
    begun = _looked(snapshot)
    spans: Spans = {}
    is_caught_up = True
    redecided = snapshot.fetch("worklist_next_redecision")[0]["next_row"]
    for position, recorded in {**snapshot.next_offsets(), (REDECISIONS, 0): redecided}.items():
        begin = begun.get(position, 0)
        end = min(recorded, begin + RECORDS_PER_ROUND)
        is_caught_up = is_caught_up and end == recorded
        if position[0] in _LOOKED_AT and end > begin:
            spans[position] = begin, end
    return spans, is_caught_up


def _touched(snapshot: Snapshot, spans: Spans) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Subjects of whom something was recorded that can matter: by decisions, and by deletions or links."""
    by_deletion: set[uuid.UUID] = set()
    for topic, name in (
        (PREFERENCES.name, "worklist_touched_by_preferences"),
        (IDENTITIES.name, "worklist_touched_by_identities"),
    ):
        rows = snapshot.fetch(name, _span_params(spans, topic))
        by_deletion |= {row["subject_key"] for row in rows}
    begin, end = spans.get((REDECISIONS, 0), (0, 0))
    redecided = (
        snapshot.fetch("worklist_touched_by_redecisions", {"first": begin, "next": end}) if end else []
    )
    by_rows = {row["subject_key"] for row in redecided}
    params = _span_params(spans, DECIDED.name)
    if not params["partitions"]:
        return by_rows, by_deletion
    hot = {row["partition"]: row["first_offset"] for row in snapshot.fetch("worklist_hot_begins")}
    is_hot = all(
        hot.get(partition, begin + 1) <= begin
        for (topic, partition), (begin, _) in spans.items()
        if topic == DECIDED.name
    )
    sql = query("worklist_touched_by_decisions").format(source="hot_decision" if is_hot else "decision")
    rows = snapshot.fetch_sql(sql, params)
    return by_rows | {row["subject_key"] for row in rows}, by_deletion


def _span_params(spans: Spans, topic: str) -> dict[str, list[int]]:
    found = [(partition, *span) for (name, partition), span in spans.items() if name == topic]
    return {
        "partitions": [partition for partition, _, _ in found],
        "begins": [begin for _, begin, _ in found],
        "ends": [end for _, _, end in found],
    }


def _said(snapshot: Snapshot, touched: set[uuid.UUID], registry: Registry) -> _Said:
    """Deletions and links of these subjects and of all that a protection can travel to or from."""
    subjects = Subjects(registry.policy)
    preferences: dict[uuid.UUID, PreferenceRecorded] = {}
    known: set[uuid.UUID] = set()
    frontier = set(touched)
    for _ in range(HOPS + 1):
        if not frontier:
            break
        known |= frontier
        params = {"subject_keys": uuid_list(frontier)}
        frontier = set()
        for row in snapshot.fetch("worklist_links_of", params):
            link = link_of(row)
            subjects.apply_link(link)
            frontier |= {link.subject_key, link.other_subject_key}
        for row in snapshot.fetch("worklist_said_of", params):
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


def _events(
    snapshot: Snapshot,
    subjects: set[uuid.UUID],
    deletions: Mapping[uuid.UUID, list[Deleted]],
    registry: Registry,
    now: datetime,
) -> tuple[list[WorkEvent], int]:
    """What has changed of the items of these subjects, and how many of them are new."""
    known = {
        item.id: item
        for events in events_of_subjects(snapshot, subjects).values()
        if (item := folded(events)) is not None
    }
    wanted = {owed.item_id: owed for owed in _owed(snapshot, subjects, deletions, registry)}
    listed = [
        _listed(owed, now)
        for item_id, owed in wanted.items()
        if item_id not in known or _differs(known[item_id], owed)
    ]
    gone = [item for item in known.values() if item.id not in wanted and item.disclosures]
    return [*listed, *(_nothing_left(item, now) for item in gone)], len(wanted.keys() - known.keys())


def _owed(
    snapshot: Snapshot,
    subjects: set[uuid.UUID],
    deletions: Mapping[uuid.UUID, list[Deleted]],
    registry: Registry,
) -> Iterator[Owed]:
    """Every notification owed for these subjects, by what the ledger holds now."""
    rows = rows_of(snapshot, subjects)
    wanted = {event_id for found in rows.values() for row in found for event_id in row.preference_event_ids}
    named = snapshot.fetch("worklist_preferences", {"event_ids": uuid_list(wanted)}) if wanted else []
    preferences = {row["event_id"]: preference_of(row) for row in named}
    for subject_key in sorted(subjects):
        yield from owed_for(rows.get(subject_key, ()), preferences, deletions.get(subject_key, ()), registry)


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
