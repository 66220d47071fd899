"""Reading the log for a replay: the control topics whole, the decisions one after the other."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from disclosure_consumers.core.registry import FOREVER_US, Period, Policy
from disclosure_consumers.ports import Message
from disclosure_consumers.replay.control_records import ControlCodecs, said_by_record
from disclosure_consumers.replay.history import IDENTITIES, PREFERENCES, History
from disclosure_consumers.replay.stored_decisions import StoredDecision, decided_us_of, stored_decision
from disclosure_consumers.replay.topic_log import Coverage, Extent, TopicLog, TopicNames
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.errors import UndecodableError
from disclosure_schemas.events.decision import DisclosureDecided

EVERY_MOMENT = Period(-FOREVER_US, FOREVER_US)

Progress = Callable[[int], object]
"""Told how many more records were read."""


class Unreadable(NamedTuple):
    """A record of disclosures.decided that is no decision."""

    partition: int
    offset: int
    why: str


class OpenLog(NamedTuple):
    """The log as of one moment: all that was said, and where the decisions are."""

    history: History
    coverage: Coverage
    decisions: dict[int, Extent]

    @property
    def first_offsets(self) -> dict[int, int]:
        """Partitions of disclosures.decided whose oldest records are no longer kept, and where they begin."""
        return {partition: extent.low for partition, extent in self.decisions.items() if extent.low > 0}


def open_log(
    log: TopicLog,
    names: TopicNames,
    codecs: ControlCodecs,
    policy: Policy,
    progress: Progress = lambda _: None,
) -> OpenLog:
    """Read the control topics whole; raises StateUnreadableError.

    The ends of the decisions are asked for first: whatever a decision was made with lies then below the ends
    of the control topics.
    """
    decisions = dict(log.extents(names.decided))
    history = History(policy)
    extents = (log.extents(names.preferences), log.extents(names.identities))
    for topic, name in ((PREFERENCES, names.preferences), (IDENTITIES, names.identities)):
        for partition, extent in sorted(extents[topic].items()):
            for message in log.read(name, partition, extent):
                history.add(*said_by_record(message, topic, codecs))
                progress(1)
    coverage = Coverage((names.preferences, names.identities), extents)
    return OpenLog(history, coverage, decisions)


def decisions_in(
    log: TopicLog,
    topic: str,
    extents: dict[int, Extent],
    codec: EventCodec[DisclosureDecided],
    *,
    period: Period = EVERY_MOMENT,
    progress: Progress = lambda _: None,
) -> Iterator[StoredDecision | Unreadable]:
    """Yield the decisions made within a period, partition by partition."""
    for partition, extent in sorted(extents.items()):
        for message in log.read(topic, partition, extent):
            progress(1)
            found = _decision(message, codec, period)
            if found is not None:
                yield found


def _decision(
    message: Message, codec: EventCodec[DisclosureDecided], period: Period
) -> StoredDecision | Unreadable | None:
    decided_us = decided_us_of(message.value() or b"", codec)
    if decided_us is not None and not period.holds(decided_us):
        return None
    try:
        stored = stored_decision(message, codec)
    except UndecodableError as error:
        return Unreadable(message.partition(), message.offset(), str(error))
    return stored if period.holds(stored.decided_us) else None
