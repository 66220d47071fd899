"""A gate and a recorder over one log in memory, so that each can be ahead of the other."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from core_events import Control
from disclosure_consumers.control_tables import StateSeen
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_consumers.deciding import Codecs, Decider
from disclosure_consumers.memory import MemoryMessage
from disclosure_ledger.recorder import Recorder
from disclosure_ledger.reevaluation.reevaluator import Reevaluator
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.redecisions import Redecision
from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import PreferenceState
from disclosure_schemas.moments import microseconds
from disclosure_schemas.topics import DECIDED, IDENTITIES, PREFERENCES
from memory_log import MemoryLog, MemorySource
from recorder_samples import CODECS

PARTITIONS = 2
BEGIN = datetime(2026, 4, 7, 12, tzinfo=UTC)
"""When the first batch is recorded; each later one comes a minute after the one before it."""

_REQUESTED = EventCodec(DisclosureRequested)


class World:
    """What is said reaches the gate at once, and the ledger when `record` is called.

    `fail`: called before each batch is recorded, for crashes. The clock goes on by a minute with each batch.
    """

    def __init__(self, folder: Path, registry: Registry | None, *, seed: int = 0, **settings: object) -> None:
        self.folder = folder
        self.registry = registry
        self.log = MemoryLog(partitions=PARTITIONS)
        self.now = BEGIN
        self._settings = LedgerSettings(**{"batch_wait_ms": 1} | settings)  # type: ignore[arg-type]
        self._chance = random.Random(seed)
        assert registry is not None
        self.subjects = Subjects(registry.policy)
        self._decider = Decider(
            registry,
            Codecs(_REQUESTED, CODECS.decided, CODECS.dead_letters),
            decided_topic=DECIDED.name,
            dead_letter_topic="dead",
            group="gate",
            permit_ttl_s=60,
        )
        self.open()

    def open(self) -> None:
        """Open the ledger, and a recorder that goes on where it says."""
        self.ledger = Ledger.open(self.folder, create=True)
        items = list(self.log.topics.items())
        self._chance.shuffle(items)  # which topic is read first is nobody's promise
        self.log.topics = dict(items)
        source = MemorySource(self.log)
        source.open(self.ledger.next_offsets(), 0)
        self.reevaluator = Reevaluator(self.ledger, lambda: self.registry, self._clock)
        self.recorder = Recorder(
            self.ledger, source, CODECS, self._settings, self._clock, reevaluator=self.reevaluator
        )

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def say(self, *events: Control, gate_sees: bool = True) -> None:
        """Preferences, facts and links arrive."""
        for event in events:
            is_preference = isinstance(event, PreferenceRecorded)
            topic = PREFERENCES.name if is_preference else IDENTITIES.name
            key = event.subject_key.bytes
            if isinstance(event, PreferenceRecorded):
                value = CODECS.preferences.encode(event)
                if gate_sees:
                    self.subjects.apply_preference(event)
            else:
                value = CODECS.identities.encode(event)
                if gate_sees:
                    self.subjects.apply_link(event)
            self.log.append(topic, key[-1] % PARTITIONS, [(key, value)])

    def disclose(self, *requests: DisclosureRequested, now: datetime | None = None) -> None:
        """Asks and reports arrive and are decided by what the gate knows."""
        for request in requests:
            key = request.subject_key.bytes
            partition = key[-1] % PARTITIONS
            offset = len(self.log.topics[DECIDED.name, partition].entries)
            message = MemoryMessage("requested", partition, offset, key, _REQUESTED.encode(request))
            now_us = microseconds(now or request.emitted_at)
            batch = self._decider.decide([message], self.subjects, self._seen(), now_us)
            assert batch.decided == 1
            (record,) = batch.records
            self.log.append(DECIDED.name, partition, [(record.key, record.value)])

    def _seen(self) -> StateSeen:
        ends = [
            tuple(len(self.log.topics[topic.name, p].entries) for p in range(PARTITIONS))
            for topic in (PREFERENCES, IDENTITIES)
        ]
        return StateSeen(PreferenceState.CURRENT, *ends)

    def record(self) -> int:
        """Record all there is; returns how many reports were decided again."""
        redecided = 0
        while (step := self.recorder.step()) is not None and (step.received or step.merged):
            redecided += step.redecided
        while self.reevaluator.is_behind and self.registry is not None:
            redecided += self.reevaluator.after()
        return redecided

    def row(self, event_id: uuid.UUID, subject: uuid.UUID, known_at: datetime | None = None) -> DecisionRow:
        """An event's decision as known at a moment."""
        (row,) = [r for r in self.ledger.rows_of_subject([subject], known_at) if r.event_id == event_id]
        return row

    def redecisions(self, *event_ids: uuid.UUID) -> list[Redecision]:
        """How events were decided again."""
        with self.ledger.snapshot() as snapshot:
            return snapshot.redecisions(event_ids)

    def _clock(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now
