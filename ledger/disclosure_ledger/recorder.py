"""The recorder: from Kafka into the ledger, exactly once.

Rows and the positions that follow them are one DuckDB transaction. After a crash the recorder goes on at the
positions of the ledger, never at offsets of a consumer group, so nothing is lost and nothing recorded twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import structlog

from disclosure_consumers.codecs import event_codec
from disclosure_ledger.kafka import KafkaSource
from disclosure_ledger.recorder_batches import BatchMaker, RecorderCodecs
from disclosure_ledger.recorder_source import Received, Source
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.batch import BatchResult, Position
from disclosure_ledger.store.ledger import Clock, Ledger, utc_now
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_schemas.events.bulk import BulkAnnounced
from disclosure_schemas.events.dead_letter import DeadLetter
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.topics import BULKS, DEAD_LETTER, DECIDED, IDENTITIES, PREFERENCES

_log = structlog.get_logger(__name__)

_OPEN_WAIT_S = 2.0


class Stop(Protocol):
    """Says when to stop; a threading.Event is one."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set or the time is over."""
        ...


@dataclass(frozen=True, slots=True)
class RecorderStep:
    """What one turn of the loop did: `received` records, and what became of them."""

    received: int
    result: BatchResult
    sealed: tuple[str, ...]
    merged: str | None


class Recorder:
    """Records batch after batch. The caller owns ledger and source and closes them."""

    def __init__(
        self,
        ledger: Ledger,
        source: Source,
        codecs: RecorderCodecs,
        settings: LedgerSettings,
        clock: Clock = utc_now,
    ) -> None:
        self._ledger = ledger
        self._source = source
        self._maker = BatchMaker(codecs)
        self._settings = settings
        self._clock = clock
        self._positions: dict[Position, int] = {}
        self._merge_may_be_due = True

    def run(self, stop: Stop, on_step: Callable[[RecorderStep], None] | None = None) -> None:
        """Record until told to stop; the batch in hand is recorded first.

        A broker that is away is waited for. Raises PositionGoneError, SourceRefusedError, LedgerError.
        """
        self._positions = self._ledger.next_offsets()
        while not stop.is_set() and not self._source.open(self._positions, _OPEN_WAIT_S):
            stop.wait(_OPEN_WAIT_S / 2)
        while not stop.is_set():
            step = self.step()
            if step is not None and on_step is not None:
                on_step(step)

    def step(self) -> RecorderStep | None:
        """Take and record one batch, then seal or merge what is due; None if nothing was new."""
        received = self._source.read(self._settings.batch_rows, self._settings.batch_wait_ms / 1000)
        new = {
            at: offset for at, offset in received.next_offsets.items() if self._positions.get(at) != offset
        }
        if not new and not self._merge_may_be_due:
            return None
        result = BatchResult()
        if new:
            result = self._ledger.record_batch(
                self._maker.batch(Received(received.records, new), self._clock())
            )
            self._positions.update(new)
        sealed = self._seal()
        return RecorderStep(len(received), result, sealed, self._merge())

    def _seal(self) -> tuple[str, ...]:
        if self._ledger.hot_rows() < self._settings.seal_rows:
            return ()
        self._merge_may_be_due = True
        return self._ledger.seal()

    def _merge(self) -> str | None:
        """One merge at most, so that ingest goes on between merges."""
        if not self._merge_may_be_due:
            return None
        merged = self._ledger.compact(
            merge_segments=self._settings.merge_segments, merge_rows_max=self._settings.merge_rows_max
        )
        self._merge_may_be_due = merged is not None
        return merged


def recorder_codecs(kafka: KafkaSettings, registry: RegistrySettings) -> RecorderCodecs:
    """Codecs that read both framings; ids of the Confluent wire format are looked up in the registry."""
    codec = partial(event_codec, settings=registry)
    return RecorderCodecs(
        decided=codec(DisclosureDecided, topic=kafka.topic(DECIDED)),
        preferences=codec(PreferenceRecorded, topic=kafka.topic(PREFERENCES)),
        identities=codec(IdentityLinked, topic=kafka.topic(IDENTITIES)),
        dead_letters=codec(DeadLetter, topic=kafka.topic(DEAD_LETTER)),
        bulks=codec(BulkAnnounced, topic=kafka.topic(BULKS)),
    )


def run_recorder(
    ledger: Ledger,
    kafka: KafkaSettings,
    settings: LedgerSettings,
    registry: RegistrySettings,
    *,
    stop: Stop,
    on_step: Callable[[RecorderStep], None] | None = None,
) -> None:
    """Record from Kafka into an open ledger until told to stop; for the thread that owns the consumer.

    Raises PositionGoneError, SourceRefusedError, LedgerError.
    """
    source = KafkaSource(kafka)
    try:
        recorder = Recorder(ledger, source, recorder_codecs(kafka, registry), settings)
        _log.info("recorder running", ledger=str(ledger.path))
        recorder.run(stop, on_step)
    finally:
        source.close()
