"""The gate's ports in memory: a double for tests and simulation, held to Kafka by one contract suite."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from disclosure_consumers.ports import (
    Headers,
    Mark,
    Message,
    Outgoing,
    Partition,
    TopicChangedError,
    TransactionAbortedError,
    mark_of,
)

_CREATE_TIME = 1


@dataclass(frozen=True, slots=True)
class MemoryMessage:
    """One record of a topic in memory."""

    in_topic: str
    in_partition: int
    at_offset: int
    key_bytes: bytes | None
    value_bytes: bytes | None
    timestamp_ms: int = 0
    header_list: tuple[tuple[str, bytes | None], ...] = ()

    def topic(self) -> str:
        """Topic it is in."""
        return self.in_topic

    def partition(self) -> int:
        """Partition it is in."""
        return self.in_partition

    def offset(self) -> int:
        """Its offset."""
        return self.at_offset

    def timestamp(self) -> tuple[int, int]:
        """Type and milliseconds."""
        return _CREATE_TIME, self.timestamp_ms

    def key(self) -> bytes | None:
        """Its key."""
        return self.key_bytes

    def value(self) -> bytes | None:
        """Its value."""
        return self.value_bytes

    def headers(self) -> Sequence[tuple[str, bytes | None]] | None:
        """Its headers."""
        return self.header_list or None


@dataclass(slots=True)
class MemoryLog:
    """Topics of partitions of messages; append-only."""

    partitions: dict[tuple[str, int], list[MemoryMessage]] = field(default_factory=dict)

    def create(self, topic: str, partitions: int) -> None:
        """Create a topic."""
        for partition in range(partitions):
            self.partitions.setdefault((topic, partition), [])

    def append(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        *,
        timestamp_ms: int = 0,
        headers: Headers | None = None,
    ) -> int:
        """Append one record, with the moment of its acknowledgement; returns its offset."""
        log = self.partitions[topic, partition]
        log.append(MemoryMessage(topic, partition, len(log), key, value, timestamp_ms, tuple(headers or ())))
        return len(log) - 1

    def records(self, topic: str) -> list[MemoryMessage]:
        """All records of a topic, partition by partition."""
        return [m for (name, _), log in sorted(self.partitions.items()) if name == topic for m in log]

    def ends(self, topics: Iterable[str]) -> dict[tuple[str, int], int]:
        """End offsets of these topics."""
        wanted = set(topics)
        return {where: len(log) for where, log in self.partitions.items() if where[0] in wanted}


class MemorySource:
    """All partitions of a topic, from the committed offsets on."""

    def __init__(self, log: MemoryLog, topic: str, committed: dict[int, int]) -> None:
        self._log = log
        self._topic = topic
        self._position = dict(committed)

    def take(self, most: int, wait_s: float) -> Sequence[Message]:
        """Return what is there, at most `most`."""
        del wait_s
        taken: list[Message] = []
        for (topic, partition), records in sorted(self._log.partitions.items()):
            if topic != self._topic:
                continue
            start = self._position.get(partition, 0)
            chosen = records[start : start + most - len(taken)]
            self._position[partition] = start + len(chosen)
            taken.extend(chosen)
        return taken

    def rewind(self, first_offsets: Mapping[int, int]) -> None:
        """Take partitions again from these offsets."""
        self._position.update(first_offsets)

    def behind(self) -> Mapping[int, int]:
        """Records of each partition that were not taken."""
        ends = self._log.ends([self._topic])
        return {partition: end - self._position.get(partition, 0) for (_, partition), end in ends.items()}

    def close(self) -> None:
        """Nothing to give back."""


class MemorySink:
    """Writes records and offsets together, or neither; `failures` aborts that many transactions first."""

    def __init__(self, log: MemoryLog, committed: dict[int, int], failures: int = 0) -> None:
        self._log = log
        self._committed = committed
        self.failures = failures

    def deliver(self, records: Iterable[Outgoing], next_offsets: Mapping[int, int]) -> None:
        """Write records and offsets in one step."""
        if self.failures:
            self.failures -= 1
            raise TransactionAbortedError("the transaction was aborted: asked for by the test")
        batch = list(records)
        unknown = [r for r in batch if (r.topic, r.partition) not in self._log.partitions]
        if unknown:
            raise TransactionAbortedError(f"no partition {unknown[0].partition} of {unknown[0].topic}")
        for record in batch:
            self._log.append(record.topic, record.partition, record.key, record.value, headers=record.headers)
        self._committed.update(next_offsets)

    def close(self) -> None:
        """Nothing to give back."""


class MemoryControlLog:
    """The control topics of a log in memory."""

    def __init__(self, log: MemoryLog, topics: Sequence[str]) -> None:
        self._log = log
        self._positions = dict.fromkeys(log.ends(topics), 0)
        self._expected: dict[Partition, Mark] = {}

    def begin(self, marks: Mapping[Partition, Mark]) -> None:
        """Read on from these records."""
        self._expected = {where: mark for where, mark in marks.items() if where in self._positions}
        self._positions = {
            where: self._expected[where].offset if where in self._expected else 0 for where in self._positions
        }

    def end_offsets(self) -> Mapping[tuple[str, int], int]:
        """End offset of every partition."""
        return {where: len(self._log.partitions[where]) for where in self._positions}

    def read(self, wait_s: float) -> Sequence[Message]:
        """Return records not read before."""
        del wait_s
        found: list[Message] = []
        for where, position in self._positions.items():
            records = self._log.partitions[where][position:]
            expected = self._expected.pop(where, None)
            if expected is not None and (not records or mark_of(records[0]) != expected):
                raise TopicChangedError(f"{where[0]}/{where[1]} has another record at {position}")
            self._positions[where] = position + len(records)
            found.extend(records)
        return found

    def positions(self) -> Mapping[tuple[str, int], int]:
        """Next offset of every partition."""
        return self._positions

    def close(self) -> None:
        """Nothing to give back."""
