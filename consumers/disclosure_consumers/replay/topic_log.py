"""What a replay asks of the log; Kafka and the double in memory both answer to it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from disclosure_consumers.ports import Message


class Extent(NamedTuple):
    """Offsets of a partition: the first that is kept, and the end of what is committed."""

    low: int
    high: int


class TopicNames(NamedTuple):
    """Names on this broker."""

    decided: str
    preferences: str
    identities: str


class TopicLog(Protocol):
    """Topics that can be read from end to end, committed records only."""

    def extents(self, topic: str) -> Mapping[int, Extent]:
        """Extent of every partition at this moment; raises StateUnreadableError."""
        ...

    def read(self, topic: str, partition: int, extent: Extent) -> Iterator[Message]:
        """Every record of an extent in the order of offsets; raises StateUnreadableError."""
        ...


class Coverage:
    """How much of the control topics is there, to tell which vectors of offsets can be gone back to."""

    def __init__(
        self, topics: tuple[str, str], extents: tuple[Mapping[int, Extent], Mapping[int, Extent]]
    ) -> None:
        """`topics` and `extents` in the order of a vector: preferences, identities."""
        self._topics = topics
        self._extents = extents

    def obstacle(self, vector: tuple[tuple[int, ...], tuple[int, ...]]) -> str | None:
        """Why the state at a vector cannot be had any more; None if it can."""
        for topic, extents, offsets in zip(self._topics, self._extents, vector, strict=True):
            for partition, offset in enumerate(offsets):
                problem = _problem(extents.get(partition), offset)
                if problem is not None:
                    return f"{topic}, partition {partition}, {problem}"
        return None


def _problem(extent: Extent | None, offset: int) -> str | None:
    """Why the records of a partition below an offset are not all there."""
    if offset == 0:
        return None
    if extent is None:
        return "is not there any more: the topic was made anew with fewer partitions"
    if offset > extent.high:
        return (
            f"ends at offset {extent.high:,}, before the offset of the decision: the topic was made anew, or "
            "this is another broker"
        )
    if extent.low > 0:
        return f"begins at offset {extent.low:,}: what was said before it has been deleted"
    return None
