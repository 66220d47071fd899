"""What a recorder counts, and what it tells of its ledger, its disk and the last audit."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Generic, Literal, TypeVar

from disclosure_consumers.core.verdict import RULE_VERSION
from disclosure_consumers.metering.build import product_version
from disclosure_consumers.metering.meter import LabelValues, Meter
from disclosure_ledger.api.denials import DenialCause
from disclosure_ledger.audit.monitor import AuditState
from disclosure_ledger.recorder_source import RECORDED_TOPICS
from disclosure_ledger.store.batch import BatchResult, LedgerStats
from disclosure_ledger.store.connection import HOT_FILE
from disclosure_schemas.metrics import recorder as metrics
from disclosure_schemas.metrics.metric import Process
from disclosure_schemas.metrics.table import build_info, metrics_of
from disclosure_schemas.topics import BULKS, DEAD_LETTER, DECIDED, IDENTITIES, PREFERENCES

T = TypeVar("T")

_STATS_EVERY_S = 10.0


class RecorderMeter:
    """The metrics of one recorder; all but `meter`, `watch` and `denied` is for the recorder's thread."""

    def __init__(self) -> None:
        self.meter = Meter(metrics_of(Process.RECORDER))
        self._behind: dict[str, int] = {}
        self._missing_topics: frozenset[str] = frozenset()
        self._newest_decision: datetime | None = None
        self._wal_bytes = 0
        start = self.meter.start_at_zero
        start(metrics.RECORDED, [(topic.name,) for topic in RECORDED_TOPICS])
        start(metrics.REPEATS, [("same",), ("different",)])
        start(metrics.API_DENIALS, [(cause,) for cause in DenialCause])
        self.meter.gauge(build_info(Process.RECORDER), lambda: {(product_version(), RULE_VERSION): 1.0})
        self.meter.gauge(
            metrics.RECORDER_LAG_EVENTS, lambda: {(topic,): float(n) for topic, n in self._behind.items()}
        )
        self.meter.gauge(
            metrics.MISSING_TOPICS,
            lambda: {(topic.name,): float(topic.name in self._missing_topics) for topic in RECORDED_TOPICS},
        )

    def watch(
        self,
        folder: Path,
        *,
        stats: Callable[[], LedgerStats],
        audits: Callable[[], AuditState],
        overdue: Callable[[], int],
        now: Callable[[], datetime],
        clock_s: Callable[[], float],
    ) -> None:
        """Have gauges of the ledger, its disk and the audits, asked for at every scrape."""
        gauge, cached = self.meter.gauge, _Cached(stats, clock_s)
        cached_overdue = _Cached(overdue, clock_s)

        def parts(hot: str, sealed: str) -> Callable[[], dict[LabelValues, float]]:
            return lambda: {
                ("hot",): float(getattr(cached(), hot)),
                ("sealed",): float(getattr(cached(), sealed)),
            }

        gauge(metrics.LEDGER_ROWS, parts("hot_rows", "sealed_rows"))
        gauge(metrics.LEDGER_BYTES, parts("hot_bytes", "segment_bytes"))
        gauge(metrics.DISK_FREE_BYTES, lambda: {(): _disk_bytes(folder, "f_bavail")})
        gauge(metrics.DISK_SIZE_BYTES, lambda: {(): _disk_bytes(folder, "f_blocks")})
        gauge(metrics.RECORDER_LAG_SECONDS, lambda: {(): self._lag_s(now())})
        gauge(metrics.AUDIT_IMBALANCE, lambda: _known(audits().imbalance))
        gauge(metrics.AUDIT_WAITING, lambda: _known(audits().waiting))
        gauge(metrics.SEQUENCE_GAPS, lambda: _known(audits().sequence_gaps))
        gauge(metrics.WORKLIST_OVERDUE, lambda: {(): float(cached_overdue())})
        gauge(metrics.AUDIT_AGE_SECONDS, lambda: _known(audits().age_s(clock_s())))

    def committed(self, folder: Path, received: int, result: BatchResult, seconds: float) -> None:
        """A batch is in the ledger."""
        meter = self.meter
        meter.observe(metrics.BATCH_RECORDS, received)
        meter.observe(metrics.COMMIT_SECONDS, seconds)
        if self._was_checkpointed(folder):
            meter.observe(metrics.CHECKPOINT_SECONDS, seconds)
        decisions = result.recorded + result.already_recorded + result.different_content
        for topic, count in (
            (DECIDED, decisions),
            (PREFERENCES, result.preferences),
            (IDENTITIES, result.identities),
            (DEAD_LETTER, result.dead_letters),
            (BULKS, result.bulks),
        ):
            meter.add(metrics.RECORDED, count, (topic.name,))
        meter.add(metrics.REPEATS, result.already_recorded, ("same",))
        meter.add(metrics.REPEATS, result.different_content, ("different",))
        meter.add(metrics.UNREADABLE, result.unreadable)

    def denied(self, cause: DenialCause) -> None:
        """The API refused a call; for its threads, one at a time."""
        self.meter.add(metrics.API_DENIALS, labels=(cause,))

    def lacks_topics(self, missing: Sequence[str]) -> None:
        """Recorded topics that the broker does not have; while there are any, nothing is recorded."""
        self._missing_topics = frozenset(missing)

    def could_not_write(self) -> None:
        """A batch could not be put into the ledger."""
        self.meter.add(metrics.WRITE_FAILURES)

    def sealed(self, folder: Path, seconds: float) -> None:
        """Decisions were sealed, or segments merged; the log that this shortens is no commit's doing."""
        self.meter.observe(metrics.SEAL_SECONDS, seconds)
        self._was_checkpointed(folder)

    def is_behind(self, offsets: dict[str, int], newest_decision: datetime | None) -> None:
        """Offsets by topic that the ledger has not passed; when the newest recorded decision was made."""
        self._behind = offsets
        self._newest_decision = newest_decision or self._newest_decision

    def _lag_s(self, now: datetime) -> float:
        if self._newest_decision is None or not self._behind.get(DECIDED.name):
            return 0.0
        return max(0.0, (now - self._newest_decision).total_seconds())

    def _was_checkpointed(self, folder: Path) -> bool:
        """DuckDB moves its log into the file as part of a commit; the log is then shorter than before."""
        log = folder / f"{HOT_FILE}.wal"
        before, self._wal_bytes = self._wal_bytes, log.stat().st_size if log.exists() else 0
        return self._wal_bytes < before


class _Cached(Generic[T]):
    """What is asked of the ledger once for the gauges of a scrape, and not at every one."""

    def __init__(self, read: Callable[[], T], clock_s: Callable[[], float]) -> None:
        self._read = read
        self._clock_s = clock_s
        self._lock = Lock()
        self._known: T | None = None
        self._until_s = float("-inf")

    def __call__(self) -> T:
        with self._lock:
            if self._known is None or self._clock_s() >= self._until_s:
                self._known = self._read()
                self._until_s = self._clock_s() + _STATS_EVERY_S
            return self._known


def _disk_bytes(folder: Path, blocks: Literal["f_bavail", "f_blocks"]) -> float:
    disk = os.statvfs(folder)
    return float(getattr(disk, blocks) * disk.f_frsize)


def _known(value: float | None) -> dict[LabelValues, float]:
    return {} if value is None else {(): float(value)}
