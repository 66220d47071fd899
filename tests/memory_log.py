"""A log in memory with partitions, transactions and readers of committed records: the recorder's double."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from disclosure_ledger.decoding import Records
from disclosure_ledger.recorder_source import RECORDED_TOPICS, PositionGoneError, Received
from disclosure_ledger.store.batch import Position

Record = tuple[bytes | None, bytes | None]


@dataclass
class Partition:
    """Offsets of one partition: a record, or None for a marker or an aborted record."""

    entries: list[Record | None] = field(default_factory=list)
    first_offset: int = 0
    stable: int = 0
    """Readers of committed records see what is below."""


@dataclass
class MemoryLog:
    """Partitions of the recorded topics."""

    partitions: int = 1
    is_away: bool = False
    topics: dict[Position, Partition] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for topic in RECORDED_TOPICS:
            for number in range(self.partitions):
                self.topics[topic.name, number] = Partition()

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> None:
        """Append outside any transaction."""
        log = self.topics[topic, partition]
        log.entries += records
        log.stable = len(log.entries)

    def transaction(self, topic: str, partition: int, records: Sequence[Record], *, commit: bool) -> None:
        """Append a whole transaction: its records, then its marker."""
        hidden: list[Record | None] = [None] * len(records)
        log = self.topics[topic, partition]
        log.entries += [*(records if commit else hidden), None]
        log.stable = len(log.entries)

    def delete_before(self, topic: str, partition: int, offset: int) -> None:
        """Do as retention does."""
        self.topics[topic, partition].first_offset = offset


class MemorySource:
    """Reads a MemoryLog."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self._next: dict[Position, int] = {}
        self.missing_topics: tuple[str, ...] = ()
        self.is_closed = False

    def open(self, next_offsets: Mapping[Position, int], wait_s: float) -> bool:
        """Begin at positions, or at the first offset there is."""
        if self._log.is_away or not self._log.topics:
            return False
        there = {topic for topic, _ in self._log.topics}
        self.missing_topics = tuple(topic.name for topic in RECORDED_TOPICS if topic.name not in there)
        if self.missing_topics:
            return False
        for at, log in self._log.topics.items():
            self._next[at] = next_offsets.get(at, log.first_offset)
        return True

    def read(self, records_max: int, wait_s: float) -> Received:
        """Return what is there."""
        if self._log.is_away:
            return Received()
        found: dict[str, Records] = {}
        moved: dict[Position, int] = {}
        left = records_max
        for at, log in self._log.topics.items():
            if not log.first_offset <= self._next[at] <= len(log.entries):
                raise PositionGoneError(f"offset {self._next[at]} of {at} is gone")
            while self._next[at] < log.stable and left:
                offset = self._next[at]
                entry = log.entries[offset]
                if entry is not None:
                    found.setdefault(at[0], Records()).append(at[1], offset, *entry)
                    left -= 1
                moved[at] = self._next[at] = offset + 1
        return Received(found, moved)

    def behind(self, next_offsets: Mapping[Position, int]) -> Mapping[str, int]:
        """Offsets of each topic beyond these positions."""
        found: dict[str, int] = {}
        for (topic, partition), log in self._log.topics.items():
            left = len(log.entries) - next_offsets.get((topic, partition), 0)
            found[topic] = found.get(topic, 0) + max(0, left)
        return found

    def close(self) -> None:
        """Remember that it was closed."""
        self.is_closed = True
