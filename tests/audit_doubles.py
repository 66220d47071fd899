"""The two halves of an audit for tests: a ledger recorded by hand, a broker that is told what it has."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa  # type: ignore[import-untyped]

from answer_rows import NOW, decisions_table, row
from disclosure_ledger.audit.facts import Extent
from disclosure_ledger.audit.spans import PartitionSpans, Spans, clipped, spans_of
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.store import columns
from disclosure_ledger.store.batch import Batch
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.topics import DEAD_LETTER, DECIDED, REQUESTED, Topic

Coordinates = tuple[int, int]
"""Partition and offset."""


@dataclass(slots=True)
class HandMadeLedger:
    """A real ledger whose rows are said by the coordinates of the requests they tell of."""

    folder: Path
    topic: str = REQUESTED.name
    recorded: int = 0
    positions: dict[tuple[str, int], int] = field(default_factory=dict)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger.open(self.folder, create=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ledger.close()

    @property
    def reader(self) -> LocalReader:
        """The ledger as it is asked."""
        return LocalReader(self.ledger)

    def decide(self, requests: Iterable[Coordinates], *, repeat_of: int | None = None) -> None:
        """Record a decision of each request, in its partition; `repeat_of`: all with that event's number."""
        rows = []
        for partition, offset in requests:
            at = self.next(DECIDED, partition)
            number = self.recorded if repeat_of is None else repeat_of
            rows.append(
                row(
                    number,
                    sequence=number,
                    request_partition=partition,
                    request_offset=offset,
                    decided_partition=partition,
                    decided_offset=at,
                )
            )
            self.recorded += 1
        table = decisions_table(rows)
        self.ledger.record_batch(Batch(recorded_at=NOW, next_offsets=self.positions, decisions=table))

    def set_aside(self, requests: Sequence[Coordinates], topic: str | None = None) -> None:
        """Record a dead letter of each request."""
        partitions = [partition for partition, _ in requests]
        data = {
            "original_topic": [topic or self.topic] * len(requests),
            "original_partition": partitions,
            "original_offset": [offset for _, offset in requests],
            "cause": ["malformed"] * len(requests),
            "detail": ["broken"] * len(requests),
            "consumer": ["gate"] * len(requests),
            "failed_at": [NOW.replace(tzinfo=None)] * len(requests),
            "producer_id": [None] * len(requests),
            "sequence": [None] * len(requests),
            "topic_partition": partitions,
            "topic_offset": [self.next(DEAD_LETTER, partition) for partition in partitions],
        }
        table = pa.table(data, schema=columns.DEAD_LETTERS)
        self.ledger.record_batch(Batch(recorded_at=NOW, next_offsets=self.positions, dead_letters=table))

    def fail_to_read(self, topic: Topic, partition: int = 0) -> None:
        """Record that a record of one of the recorder's topics could not be read."""
        data = {
            "topic": [topic.name],
            "topic_partition": [partition],
            "topic_offset": [self.next(topic, partition)],
            "cause": ["malformed"],
            "detail": ["broken"],
            "key": [b""],
            "value": [b""],
        }
        table = pa.table(data, schema=columns.UNREADABLE)
        self.ledger.record_batch(Batch(recorded_at=NOW, next_offsets=self.positions, unreadable=table))

    def next(self, topic: Topic, partition: int) -> int:
        """Take the next offset of a partition."""
        at = self.positions.get((topic.name, partition), 0)
        self.positions[topic.name, partition] = at + 1
        return at


@dataclass(slots=True)
class ToldBroker:
    """A broker whose topics are what the test says: extents, and offsets without a record."""

    topics: dict[str, dict[int, Extent]]
    holes: dict[str, Mapping[int, set[int]]] = field(default_factory=dict)
    looked_up: list[PartitionSpans] = field(default_factory=list)

    def topic_name(self, topic: Topic) -> str:
        """Topics have no prefix here."""
        return topic.name

    def extents(self, topic: Topic) -> Mapping[int, Extent]:
        """As told."""
        return dict(self.topics[topic.name])

    def records_among(self, topic: Topic, offsets: PartitionSpans) -> dict[int, Spans]:
        """All offsets but the holes."""
        self.looked_up.append(offsets)
        records = self._records(topic)
        return {
            partition: tuple(
                part for run in runs for part in clipped(records.get(partition, ()), run.first, run.last + 1)
            )
            for partition, runs in offsets.items()
        }

    def has_records(self, topic: Topic, extents: Mapping[int, Extent]) -> bool:
        """Whether any offset is no hole."""
        return self.count_records(topic, extents) > 0

    def count_records(self, topic: Topic, extents: Mapping[int, Extent]) -> int:
        """How many offsets are no holes."""
        records = self._records(topic)
        return sum(
            len(run)
            for partition, extent in extents.items()
            for run in clipped(records.get(partition, ()), extent.low, extent.high)
        )

    def _records(self, topic: Topic) -> dict[int, Spans]:
        holes = self.holes.get(topic.name, {})
        return {
            partition: spans_of(set(range(extent.low, extent.high)) - holes.get(partition, set()))
            for partition, extent in self.topics[topic.name].items()
        }


def broker_of(ledger: HandMadeLedger, requested: Mapping[int, int]) -> ToldBroker:
    """A broker that has so many requests in each partition, and exactly what the ledger took in."""
    ends: dict[str, dict[int, Extent]] = {
        REQUESTED.name: {partition: Extent(low=0, high=end) for partition, end in requested.items()},
        DECIDED.name: {},
        DEAD_LETTER.name: {},
    }
    for topic in (DECIDED, DEAD_LETTER):
        for partition in requested:
            high = ledger.positions.get((topic.name, partition), 0)
            ends[topic.name][partition] = Extent(low=0, high=high)
    return ToldBroker(ends)
