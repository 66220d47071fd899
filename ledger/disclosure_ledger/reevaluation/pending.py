"""What was recorded and not yet looked at, and what the gates of some reports did not know."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from disclosure_ledger.reevaluation.candidates import Window, subjects_of
from disclosure_ledger.reevaluation.effects import bears_from_us
from disclosure_ledger.reevaluation.judging import Occasion
from disclosure_ledger.reevaluation.known import Control, Place, identity_control, preference_control
from disclosure_ledger.store.batch import Position
from disclosure_ledger.store.reading import Snapshot, Transaction
from disclosure_ledger.store.redecisions import Redecision
from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.moments import microseconds
from disclosure_schemas.topics import DECIDED, IDENTITIES, PREFERENCES

Span = tuple[int, int]
"""Offsets of one partition: the first, and the one after the last."""

CONTROL_TOPICS = (PREFERENCES.name, IDENTITIES.name)
TOPICS = (*CONTROL_TOPICS, DECIDED.name)


def stored_positions(snapshot: Snapshot) -> dict[Position, int]:
    """How far records were looked at, as the ledger says."""
    rows = snapshot.fetch("reevaluated_offsets")
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def store_positions(transaction: Transaction, reached: Mapping[Position, int]) -> None:
    """Store how far records were looked at."""
    for (topic, partition), next_offset in reached.items():
        at = {"topic": topic, "partition": partition}
        transaction.execute("delete_reevaluated", at)
        transaction.execute("insert_reevaluated", {**at, "next_offset": next_offset})


def append(transaction: Transaction, again: Redecision) -> None:
    """Append one redecision."""
    transaction.execute("insert_redecision", {name: _plain(value) for name, value in _fields(again).items()})


def controls_between(snapshot: Snapshot, spans: Mapping[Position, Span]) -> list[Control]:
    """Preferences, facts and links of these offsets."""
    found: list[Control] = []
    for (topic, partition), (first, last) in spans.items():
        params = {"partition": partition, "first": first, "last": last}
        if topic == PREFERENCES.name:
            found += map(preference_control, snapshot.fetch("preferences_between", params))
        else:
            found += map(identity_control, snapshot.fetch("identities_between", params))
    return found


def reach_of(controls: Iterable[Control], occasion: Occasion) -> dict[bytes, int]:
    """Whose reports these can change, and from which moment on, in microseconds since 1970 UTC."""
    known, from_us = occasion.known, dict[bytes, int]()
    controls = list(controls)
    known.load(said.subject for control in controls for said in control.said)
    for control in controls:
        since_us = bears_from_us(control, known, occasion.registry.policy)
        for said in control.said:
            for key in known.near(said.subject):
                from_us[key] = min(since_us, from_us.get(key, since_us))
    return from_us


def unseen_by(
    vectors: Iterable[tuple[list[int], list[int]]], positions: Mapping[Position, int]
) -> dict[Position, Span]:
    """What is recorded of the control topics and was not read by a gate that had read to one of these."""
    vectors = list(vectors)
    spans: dict[Position, Span] = {}
    for (topic, partition), end in positions.items():
        if topic in CONTROL_TOPICS:
            place = CONTROL_TOPICS.index(topic)
            first = min(_read_to(vector[place], partition) for vector in vectors)
            if first < end:
                spans[topic, partition] = (first, end)
    return spans


def causes(row: DecisionRow, occasion: Occasion) -> tuple[uuid.UUID, ...]:
    """Ids of what became known since a report was last decided and can change it, in their order."""
    known, policy = occasion.known, occasion.registry.policy
    at_us = microseconds(row.occurred_at)
    near = {key for subject in subjects_of(row) for key in known.near(subject)}
    found = {
        control.event.event_id
        for key in near
        for control in known.controls_of(key)
        if not _had_read(row, control.place) and bears_from_us(control, known, policy) <= at_us
    }
    return tuple(sorted(found))


def window_of(done: Mapping[Position, int], reached: Mapping[Position, int]) -> Window:
    """Decisions that were not looked at yet."""
    partitions = [partition for topic, partition in reached if topic == DECIDED.name]
    every = range(max(partitions, default=-1) + 1)
    return Window(
        firsts=tuple(done.get((DECIDED.name, partition), 0) for partition in every),
        lasts=tuple(reached.get((DECIDED.name, partition), 0) for partition in every),
    )


def _had_read(row: DecisionRow, place: Place) -> bool:
    vector = row.preference_offsets if place.topic == PREFERENCES.name else row.identity_offsets
    return place.offset < _read_to(vector, place.partition)


def _read_to(vector: tuple[int, ...] | list[int], partition: int) -> int:
    return vector[partition] if partition < len(vector) else 0


def _fields(again: Redecision) -> dict[str, Any]:
    return {
        **asdict(again),
        "item_decisions": [item.model_dump(mode="json") for item in again.item_decisions],
    }


def _plain(value: Any) -> Any:
    """A value as a statement takes it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, uuid.UUID | str) else value
