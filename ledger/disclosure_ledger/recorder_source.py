"""What the recorder asks of the outside; Kafka and the in-memory double both answer to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from disclosure_consumers.ports import Headers
from disclosure_ledger.decoding import Records
from disclosure_ledger.store.batch import Position
from disclosure_schemas.errors import DisclosureError
from disclosure_schemas.topics import BULKS, DEAD_LETTER, DECIDED, IDENTITIES, PREFERENCES

RECORDED_TOPICS = (DECIDED, PREFERENCES, IDENTITIES, DEAD_LETTER, BULKS)
"""What the recorder reads."""


class PositionGoneError(DisclosureError):
    """The broker no longer has, or never had, the offset at which the recorder must go on."""


class SourceRefusedError(DisclosureError):
    """The broker refuses to serve the recorder; trying again would not help."""


@dataclass(frozen=True, slots=True)
class Received:
    """Committed records by topic (name of the table of topics), and the positions that follow them.

    A position goes beyond the last record where markers of transactions or aborted records follow it.
    `traces`: trace context of the records that had one, the first of them.
    """

    records: Mapping[str, Records] = field(default_factory=dict)
    next_offsets: Mapping[Position, int] = field(default_factory=dict)
    traces: Sequence[Headers] = ()

    def __len__(self) -> int:
        return sum(len(records) for records in self.records.values())


class Source(Protocol):
    """Every partition of the recorded topics, read committed.

    `missing_topics`: recorded topics that the broker did not have at the last `open`.
    """

    @property
    def missing_topics(self) -> Sequence[str]:
        """Names as in the table of topics."""
        ...

    def open(self, next_offsets: Mapping[Position, int], wait_s: float) -> bool:
        """Begin at these positions, elsewhere at the beginning.

        False if the broker does not answer in time or lacks a topic; then nothing is read. Raises
        SourceRefusedError.
        """
        ...

    def read(self, records_max: int, wait_s: float) -> Received:
        """Return what comes within `wait_s`, at most `records_max` records; nothing while the broker is away.

        Raises PositionGoneError, SourceRefusedError.
        """
        ...

    def behind(self, next_offsets: Mapping[Position, int]) -> Mapping[str, int]:
        """By topic, offsets beyond these positions, as the last reads told."""
        ...

    def close(self) -> None:
        """Give back connections."""
        ...
