"""The recorder: from Kafka into the ledger, exactly once.

Rows and the positions that follow them are one DuckDB transaction. After a crash the recorder goes on at the
positions of the ledger, never at offsets of a consumer group, so nothing is lost and nothing recorded twice.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

from disclosure_consumers.codecs import event_codec
from disclosure_consumers.trace_links import BatchSpans
from disclosure_ledger.answers.to_whom import retention_floor
from disclosure_ledger.kafka import KafkaSource
from disclosure_ledger.recorder_batches import BatchMaker, RecorderCodecs, first_unreadable
from disclosure_ledger.recorder_meter import RecorderMeter
from disclosure_ledger.recorder_source import Received, Source
from disclosure_ledger.reevaluation.reevaluator import Reevaluator
from disclosure_ledger.reevaluation.registry_in_force import RegistryInForce
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.batch import Batch, BatchResult, Position
from disclosure_ledger.store.errors import LedgerError, LedgerFullError
from disclosure_ledger.store.ledger import Clock, Ledger, utc_now
from disclosure_ledger.store.purging import PurgedRows
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_schemas.events.bulk import BulkAnnounced
from disclosure_schemas.events.dead_letter import DeadLetter
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.topics import BULKS, DEAD_LETTER, DECIDED, IDENTITIES, PREFERENCES

_log = structlog.get_logger(__name__)

_OPEN_WAIT_S = 2.0
_FULL_WAIT_S = 2.0
"""Pause before the ledger is tried again when there was no room."""


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
    """What one turn of the loop did: `received` records, and what became of them.

    `redecided`: reports that were decided again.
    """

    received: int
    result: BatchResult
    sealed: tuple[str, ...]
    merged: str | None
    redecided: int = 0


class Recorder:
    """Records batch after batch. The caller owns ledger and source and closes them.

    `reevaluator`: decides reports again by what comes later; without it they stay as the gate decided them.
    """

    def __init__(
        self,
        ledger: Ledger,
        source: Source,
        codecs: RecorderCodecs,
        settings: LedgerSettings,
        clock: Clock = utc_now,
        *,
        reevaluator: Reevaluator | None = None,
        meter: RecorderMeter | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._source = source
        self._maker = BatchMaker(codecs)
        self._settings = settings
        self._clock = clock
        self._reevaluator = reevaluator
        self._positions: dict[Position, int] = {}
        self._merge_may_be_due = True
        self._meter = meter or RecorderMeter()
        self._clock_s = clock_s
        self._spans = BatchSpans("recorder")
        self._purged_up_to: date | None = None

    def run(self, stop: Stop, on_step: Callable[[RecorderStep], None] | None = None) -> None:
        """Record until told to stop; the batch in hand is recorded first.

        A broker that is away, or room on the ledger's disk, is waited for. Raises PositionGoneError,
        SourceRefusedError, LedgerError.
        """
        self._positions = self._ledger.next_offsets()
        if self._reevaluator is not None:
            self._reevaluator.after()
        self._open(stop)
        while not stop.is_set():
            try:
                self.purge()
                step = self.step()
            except LedgerFullError as error:
                _log.error("no room for the ledger; trying again", error=str(error), pause_s=_FULL_WAIT_S)
                stop.wait(_FULL_WAIT_S)
                self._open(stop)  # what could not be recorded is read again
                continue
            if step is not None and on_step is not None:
                on_step(step)

    def _open(self, stop: Stop) -> None:
        """Read on at the recorded positions, once the broker answers and has all topics."""
        while not stop.is_set():
            is_open = self._source.open(self._positions, _OPEN_WAIT_S)
            self._meter.lacks_topics(self._source.missing_topics)
            if is_open:
                return
            stop.wait(_OPEN_WAIT_S / 2)

    def step(self) -> RecorderStep | None:
        """Take and record one batch, then seal or merge what is due; None if nothing was new."""
        received = self._source.read(self._settings.batch_rows, self._settings.batch_wait_ms / 1000)
        new = {
            at: offset for at, offset in received.next_offsets.items() if self._positions.get(at) != offset
        }
        if not new and not self._merge_may_be_due:
            if self._reevaluator is not None:
                self._reevaluator.after()  # what is left to look at of an earlier time
            return None
        result, redecided = BatchResult(), 0
        if new:
            batch = self._maker.batch(Received(received.records, new), self._clock())
            with self._spans.span("record batch", received.traces, len(received)):
                result = self._record(batch, len(received))
            redecided = 0 if self._reevaluator is None else self._reevaluator.after(batch)
        sealed = self._seal()
        return RecorderStep(len(received), result, sealed, self._merge(), redecided)

    def _record(self, batch: Batch, received: int) -> BatchResult:
        began_s = self._clock_s()
        try:
            result = self._ledger.record_batch(batch)
        except LedgerError:
            self._meter.could_not_write()
            raise
        self._positions.update(batch.next_offsets)
        self._meter.committed(self._ledger.path, received, result, self._clock_s() - began_s)
        self._meter.is_behind(dict(self._source.behind(self._positions)), batch.newest_decided_at())
        if result.unreadable:
            _log.warning(
                "records cannot be read; their bytes are in the table `unreadable`",
                count=result.unreadable,
                first=[record.line() for record in first_unreadable(batch)],
            )
        return result

    def purge(self) -> tuple[PurgedRows, ...]:
        """Delete the months that are over their retention; nothing but a look at the clock otherwise.

        A month goes as a whole, once its last day is older than the retention.
        """
        floor = retention_floor(self._clock(), self._settings.retention_months).astimezone(UTC).date()
        month = floor.replace(day=1)
        if month == self._purged_up_to:
            return ()
        purged = tuple(self._ledger.purge(month))
        self._purged_up_to = month
        for entry in purged:
            _log.info("rows over their retention were deleted", **entry.columns())
        return purged

    def _seal(self) -> tuple[str, ...]:
        if self._ledger.hot_rows() < self._settings.seal_rows:
            return ()
        self._merge_may_be_due = True
        if self._reevaluator is not None:
            self._reevaluator.before_sealing()
        began_s = self._clock_s()
        names = self._ledger.seal()
        self._meter.sealed(self._ledger.path, self._clock_s() - began_s)
        return names

    def _merge(self) -> str | None:
        """One merge at most, so that ingest goes on between merges."""
        if not self._merge_may_be_due:
            return None
        began_s = self._clock_s()
        merged = self._ledger.compact(
            merge_segments=self._settings.merge_segments, merge_rows_max=self._settings.merge_rows_max
        )
        if merged is not None:
            self._meter.sealed(self._ledger.path, self._clock_s() - began_s)
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
    registry_folder: Path | None = None,
    meter: RecorderMeter | None = None,
) -> None:
    """Record from Kafka into an open ledger until told to stop; for the thread that owns the consumer.

    `registry_folder`: by what reports are decided again; without it that of the gate's settings.
    Raises PositionGoneError, SourceRefusedError, LedgerError.
    """
    source = KafkaSource(kafka, wants_traces=BatchSpans("recorder").is_on)
    try:
        reevaluator = Reevaluator(ledger, RegistryInForce(registry_folder))
        codecs = recorder_codecs(kafka, registry)
        recorder = Recorder(ledger, source, codecs, settings, reevaluator=reevaluator, meter=meter)
        _log.info("recorder running", ledger=str(ledger.path))
        recorder.run(stop, on_step)
    finally:
        source.close()
