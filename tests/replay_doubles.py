"""A log in memory as a replay reads it, and short ways to replay it."""

from collections.abc import Iterator, Mapping

from disclosure_consumers.core.registry import Registry
from disclosure_consumers.memory import MemoryLog
from disclosure_consumers.ports import Message
from disclosure_consumers.replay.control_records import ControlCodecs
from disclosure_consumers.replay.run import ReplayResult, replayed
from disclosure_consumers.replay.session import Session, Window
from disclosure_consumers.replay.stored_decisions import SecondDecider
from disclosure_consumers.replay.topic_log import Extent, TopicNames
from disclosure_consumers.replay.what_if import WhatIfResult, what_if
from gate_events import (
    DECIDED_CODEC,
    DECISIONS,
    IDENTITIES,
    IDENTITY_CODEC,
    PREFERENCE_CODEC,
    PREFERENCES,
)

EVERYTHING = Window()


class MemoryTopics:
    """Topics of a log in memory; `gone`: how many of the first records of a partition were deleted."""

    def __init__(self, log: MemoryLog, gone: Mapping[tuple[str, int], int] | None = None) -> None:
        self._log = log
        self._gone = dict(gone or {})

    def extents(self, topic: str) -> Mapping[int, Extent]:
        """Extent of every partition."""
        return {
            partition: Extent(self._gone.get((name, partition), 0), len(records))
            for (name, partition), records in self._log.partitions.items()
            if name == topic
        }

    def read(self, topic: str, partition: int, extent: Extent) -> Iterator[Message]:
        """Records of an extent."""
        yield from self._log.partitions[topic, partition][extent.low : extent.high]


def session_of(log: MemoryLog, gone: Mapping[tuple[str, int], int] | None = None) -> Session:
    """A replay's look at a log in memory."""
    return Session(
        MemoryTopics(log, gone),
        TopicNames(DECISIONS, PREFERENCES, IDENTITIES),
        DECIDED_CODEC,
        ControlCodecs(PREFERENCE_CODEC, IDENTITY_CODEC),
    )


def replay(
    log: MemoryLog,
    registry: Registry,
    window: Window = EVERYTHING,
    *,
    gone: Mapping[tuple[str, int], int] | None = None,
    permit_ttl_us: int | None = None,
) -> ReplayResult:
    """Replay a log in memory."""
    session = session_of(log, gone)
    opened = session.open(registry.policy)
    result = ReplayResult(registry.content_hash.hex())
    decider = SecondDecider(registry, permit_ttl_us=permit_ttl_us)
    for compared in replayed(session.decisions(opened, window), opened, decider):
        result.take(compared)
    return result


def tried(log: MemoryLog, registry: Registry, window: Window = EVERYTHING) -> WhatIfResult:
    """Decide a log in memory again by a registry."""
    session = session_of(log)
    opened = session.open(registry.policy)
    return what_if(session.decisions(opened, window), opened, SecondDecider(registry))
