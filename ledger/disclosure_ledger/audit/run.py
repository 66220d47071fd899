"""Runs the audit beside a pipeline that may be working: take the ends, wait, count up to those ends."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from disclosure_ledger.audit.balance import balance, suspects
from disclosure_ledger.audit.facts import (
    DeepFacts,
    DeepQuestion,
    Extent,
    Facts,
    FactsQuestion,
    Positions,
)
from disclosure_ledger.audit.result import AuditResult, DeepResult
from disclosure_ledger.audit.spans import (
    PartitionSpans,
    Span,
    Spans,
    count_all,
    first_offsets,
    joined,
    without,
)
from disclosure_schemas.topics import DEAD_LETTER, DECIDED, REQUESTED, Topic

DEFAULT_WAIT_S = 30.0
DEFAULT_VERIFY_LIMIT = 10_000
"""Most offsets looked up on the broker to tell lost requests from offsets without a record."""

_POLL_S = 0.25

Extents = Mapping[int, Extent]


class AuditLedger(Protocol):
    """The ledger's half, read here or through the door of a running recorder."""

    def audit_positions(self) -> Positions:
        """How far the recorder is."""
        ...

    def audit_facts(self, question: FactsQuestion) -> Facts:
        """What the rows tell of the requests."""
        ...

    def audit_deep_facts(self, question: DeepQuestion) -> DeepFacts:
        """What takes a pass over every row."""
        ...


class AuditBroker(Protocol):
    """The broker's half; it sees committed records only, as the gate and the recorder do."""

    def topic_name(self, topic: Topic) -> str:
        """Name of a topic on this broker."""
        ...

    def extents(self, topic: Topic) -> Extents:
        """Log start and end of every partition."""
        ...

    def records_among(self, topic: Topic, offsets: PartitionSpans) -> PartitionSpans:
        """Those of the given offsets that hold a committed record."""
        ...

    def has_records(self, topic: Topic, extents: Extents) -> bool:
        """Whether there is any committed record within these offsets."""
        ...

    def count_records(self, topic: Topic, extents: Extents) -> int:
        """How many committed records there are within these offsets; reads them all."""
        ...


@dataclass(slots=True)
class _Lookups:
    """Offsets looked up on the broker so far; what is below an end never changes."""

    looked_up: dict[int, Spans] = field(default_factory=dict)
    holes: dict[int, Spans] = field(default_factory=dict)

    def add(self, asked: PartitionSpans, records: PartitionSpans) -> None:
        for partition, runs in asked.items():
            empty = without(runs, records.get(partition, ()))
            self.looked_up[partition] = _merged(self.looked_up.get(partition, ()), runs)
            self.holes[partition] = _merged(self.holes.get(partition, ()), empty)


def audit(
    ledger: AuditLedger,
    broker: AuditBroker,
    *,
    wait_s: float = DEFAULT_WAIT_S,
    verify_limit: int = DEFAULT_VERIFY_LIMIT,
    deep: bool = False,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> AuditResult:
    """Prove G3 for what was requested before the call, waiting up to `wait_s` seconds for what is on its way.

    `verify_limit`: most offsets looked up on the broker. `deep`: also read every decision on the broker and
    look for event ids recorded twice. Raises the broker's and the ledger's errors.
    """
    deadline = clock() + wait_s
    extents = broker.extents(REQUESTED)
    question = FactsQuestion(
        topic=broker.topic_name(REQUESTED),
        ends={partition: extent.high for partition, extent in extents.items()},
    )
    lookups = _Lookups()
    while True:
        ends = {topic.name: broker.extents(topic) for topic in (DECIDED, DEAD_LETTER)}
        while (is_behind := _is_behind(ledger, broker, ends)) and clock() < deadline:
            sleep(_POLL_S)
        facts = ledger.audit_facts(question)
        _look_up(broker, lookups, suspects(facts, extents), verify_limit)
        result = balance(
            facts=facts,
            extents=extents,
            later_ends={partition: extent.high for partition, extent in broker.extents(REQUESTED).items()},
            holes=lookups.holes,
            looked_up=lookups.looked_up,
            recorder_is_behind=is_behind,
        )
        if not result.waiting or not _wait_for_change(broker, ends, deadline, clock, sleep):
            break
    return (
        result if not deep else result.model_copy(update={"deep": _deep(ledger, broker, ends[DECIDED.name])})
    )


def _is_behind(ledger: AuditLedger, broker: AuditBroker, ends: Mapping[str, Extents]) -> bool:
    """Whether there are records below these ends that the recorder has not taken in.

    A position short of the end may still be all: the last offsets of a topic written in transactions are
    markers, which no consumer is given.
    """
    positions = ledger.audit_positions()
    for topic, position in ((DECIDED, positions.decided), (DEAD_LETTER, positions.dead_letter)):
        left = {
            partition: Extent(low=max(extent.low, position.get(partition, 0)), high=extent.high)
            for partition, extent in ends[topic.name].items()
            if position.get(partition, 0) < extent.high
        }
        if left and broker.has_records(topic, left):
            return True
    return False


def _look_up(broker: AuditBroker, lookups: _Lookups, found: PartitionSpans, limit: int) -> None:
    known = count_all(lookups.looked_up)
    new = {
        partition: without(runs, lookups.looked_up.get(partition, ())) for partition, runs in found.items()
    }
    asked = first_offsets(new, limit - known)
    if asked:
        lookups.add(asked, broker.records_among(REQUESTED, asked))


def _wait_for_change(
    broker: AuditBroker,
    ends: Mapping[str, Extents],
    deadline: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> bool:
    """Wait until the gate has written something more; False when time is up."""
    while clock() < deadline:
        sleep(_POLL_S)
        if any(broker.extents(topic) != ends[topic.name] for topic in (DECIDED, DEAD_LETTER)):
            return True
    return False


def _deep(ledger: AuditLedger, broker: AuditBroker, decided: Extents) -> DeepResult:
    facts = ledger.audit_deep_facts(DeepQuestion(decided=dict(decided)))
    return DeepResult(
        on_broker=broker.count_records(DECIDED, decided),
        recorded=sum(facts.decided.values()),
        event_ids_twice=facts.event_ids_twice,
        sequence_gaps=facts.sequence_gaps,
    )


def _merged(one: Sequence[Span], other: Sequence[Span]) -> Spans:
    return joined(sorted([*one, *other], key=lambda span: span.first))
