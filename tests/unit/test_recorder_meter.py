"""What a recorder counts, and what its monitor finds."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from audit_doubles import HandMadeLedger, broker_of
from bulk_samples import sent as bulk_sent
from decision_samples import CODEC, decision
from disclosure_ledger.api.denials import DenialCause, Denials
from disclosure_ledger.audit.errors import AuditBrokerError
from disclosure_ledger.audit.monitor import AuditMonitor, AuditState
from disclosure_ledger.audit.run import AuditBroker
from disclosure_ledger.recorder import Recorder, RecorderStep
from disclosure_ledger.recorder_meter import RecorderMeter
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.errors import LedgerError
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.metrics import recorder as metrics
from disclosure_schemas.topics import BULKS, DECIDED, PREFERENCES
from memory_log import MemoryLog, MemorySource
from recorder_samples import CODECS, preference_value

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger."""
    with Ledger.open(tmp_path / "ledger", create=True) as opened:
        yield opened


def recorder(ledger: Ledger, log: MemoryLog, meter: RecorderMeter, **settings: Any) -> Recorder:
    """A recorder with a meter."""
    source = MemorySource(log)
    source.open(ledger.next_offsets(), 0)
    return Recorder(ledger, source, CODECS, LedgerSettings(**settings), lambda: NOW, meter=meter)


def sent(log: MemoryLog, numbers: range) -> None:
    """Decisions in a committed transaction."""
    events = [decision(number) for number in numbers]
    records = [(event.request.subject_key.bytes, CODEC.encode(event)) for event in events]
    log.transaction(DECIDED.name, 0, records, commit=True)


def count_of(meter: RecorderMeter, name: str) -> float:
    """Number of observations of a histogram."""
    (reading,) = [reading for reading in meter.meter.readings() if reading.metric.name == name]
    return sum(reading.histograms[()].counts)


def test_batches_count_by_topic_and_repeats_by_content(ledger: Ledger) -> None:
    """What came is counted under its topic; what came twice also as a repeat."""
    log, meter = MemoryLog(), RecorderMeter()
    sent(log, range(3))
    sent(log, range(2))
    log.append(PREFERENCES.name, 0, [(b"k", preference_value(1))])

    recorder(ledger, log, meter).step()

    assert meter.meter.value(metrics.RECORDED, (DECIDED.name,)) == 5
    assert meter.meter.value(metrics.RECORDED, (PREFERENCES.name,)) == 1
    assert meter.meter.value(metrics.REPEATS, ("same",)) == 2
    assert count_of(meter, metrics.BATCH_RECORDS.name) == 1
    assert count_of(meter, metrics.COMMIT_SECONDS.name) == 1


def test_announcements_of_bulks_are_counted(ledger: Ledger) -> None:
    """An announcement counts under its topic, as records of the other topics do."""
    log, meter = MemoryLog(), RecorderMeter()
    announced, _ = bulk_sent(3)
    log.append(BULKS.name, 0, [(announced.bulk_id.bytes, CODECS.bulks.encode(announced))])

    recorder(ledger, log, meter).step()

    assert meter.meter.value(metrics.RECORDED, (BULKS.name,)) == 1
    assert meter.meter.value(metrics.RECORDER_LAG_EVENTS, (BULKS.name,)) == 0


class Waits(Event):
    """Never waits; does something instead."""

    def __init__(self, instead: Callable[[], None]) -> None:
        super().__init__()
        self._instead = instead

    def wait(self, timeout: float | None = None) -> bool:
        self._instead()
        return self.is_set()


def test_a_missing_topic_is_told_until_it_exists(ledger: Ledger) -> None:
    """A recorder that waits for a topic says which, and records and tells 0 as soon as it is made."""
    log, meter = MemoryLog(), RecorderMeter()
    sent(log, range(3))
    made_later = log.topics.pop((BULKS.name, 0))
    told: list[tuple[float, float]] = []

    def missing() -> None:
        value = meter.meter.value
        told.append(
            (value(metrics.MISSING_TOPICS, (BULKS.name,)), value(metrics.MISSING_TOPICS, (DECIDED.name,)))
        )

    def make_topic() -> None:
        missing()
        log.topics[BULKS.name, 0] = made_later

    def ends(_: RecorderStep) -> None:
        missing()
        stop.set()

    stop = Waits(make_topic)
    Recorder(ledger, MemorySource(log), CODECS, LedgerSettings(), lambda: NOW, meter=meter).run(stop, ends)

    assert told == [(1, 0), (0, 0)]
    assert ledger.stats().decisions == 3


def test_what_could_not_be_written_is_counted(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that the ledger refuses is a failure, and none of it is recorded."""
    log, meter = MemoryLog(), RecorderMeter()
    sent(log, range(3))

    def refuse(_: object) -> None:
        raise LedgerError("no room")

    made = recorder(ledger, log, meter)
    monkeypatch.setattr(ledger, "record_batch", refuse)
    with pytest.raises(LedgerError):
        made.step()

    assert meter.meter.value(metrics.WRITE_FAILURES) == 1
    assert meter.meter.value(metrics.RECORDED, (DECIDED.name,)) == 0


def test_sealing_is_timed(ledger: Ledger) -> None:
    """Moving decisions into a segment is one observation."""
    log, meter = MemoryLog(), RecorderMeter()
    sent(log, range(5))

    recorder(ledger, log, meter, seal_rows=3).step()

    assert count_of(meter, metrics.SEAL_SECONDS.name) == 1


def test_lag_is_what_the_ledger_has_not_passed(ledger: Ledger) -> None:
    """Offsets left after a small batch, and the age of the newest decision while some are left."""
    log, meter = MemoryLog(), RecorderMeter()
    sent(log, range(10))
    made = recorder(ledger, log, meter, batch_rows=4)
    meter.watch(
        ledger.path,
        stats=ledger.stats,
        audits=AuditState,
        overdue=lambda: 3,
        now=lambda: decision(3).decided_at + timedelta(seconds=7),
        clock_s=lambda: 0.0,
    )

    made.step()
    assert meter.meter.value(metrics.RECORDER_LAG_EVENTS, (DECIDED.name,)) == 7  # six decisions, one marker
    assert meter.meter.value(metrics.RECORDER_LAG_SECONDS) == pytest.approx(7)

    while made.step() is not None:
        pass
    assert meter.meter.value(metrics.RECORDER_LAG_SECONDS) == 0


def test_the_ledgers_size_and_its_disk_are_told(ledger: Ledger) -> None:
    """Rows and bytes by part; room on the disk; nothing of an audit that was not made yet."""
    log, meter = MemoryLog(), RecorderMeter()
    sent(log, range(5))
    recorder(ledger, log, meter).step()
    meter.watch(
        ledger.path,
        stats=ledger.stats,
        audits=AuditState,
        overdue=lambda: 3,
        now=lambda: NOW,
        clock_s=lambda: 0.0,
    )

    assert meter.meter.value(metrics.LEDGER_ROWS, ("hot",)) == 5
    assert meter.meter.value(metrics.LEDGER_BYTES, ("hot",)) > 0
    assert meter.meter.value(metrics.WORKLIST_OVERDUE) == 3
    assert 0 < meter.meter.value(metrics.DISK_FREE_BYTES) <= meter.meter.value(metrics.DISK_SIZE_BYTES)
    told = {reading.metric.name: reading.values for reading in meter.meter.readings()}
    assert told[metrics.AUDIT_IMBALANCE.name] == {}


def test_refused_calls_are_told_by_cause() -> None:
    """What the API refuses is counted under its cause, and the route stays inside."""
    meter = RecorderMeter()
    denials = Denials(meter.denied)

    denials.count("POST /v1/to-whom", DenialCause.FORBIDDEN)
    denials.count("POST /v1/check", DenialCause.FORBIDDEN)

    values = {cause: meter.meter.value(metrics.API_DENIALS, (cause,)) for cause in DenialCause}
    assert values == {**dict.fromkeys(DenialCause, 0), DenialCause.FORBIDDEN: 2}


def test_the_monitor_finds_what_is_lost(tmp_path: Path) -> None:
    """A request between decided ones that no row tells of is an imbalance of one; on its way it is none."""
    with HandMadeLedger(tmp_path / "by-hand") as by_hand:
        by_hand.decide([(0, 0), (0, 2)])
        monitor = AuditMonitor(
            by_hand.reader,
            lambda: nullcontext(broker_of(by_hand, {0: 4})),
            every_s=60,
            sequence_gaps=lambda: 2,
            clock_s=moments(),
        )
        state = monitor.look()

    assert (state.imbalance, state.waiting, state.sequence_gaps) == (1, 1, 2)
    assert state.age_s(state.ended_at_s + 3.0 if state.ended_at_s is not None else 0.0) == 3.0


def test_the_monitor_goes_on_after_a_broker_that_was_away(tmp_path: Path) -> None:
    """An audit that could not be made leaves the last finding, whose age tells."""
    with HandMadeLedger(tmp_path / "by-hand") as by_hand:
        by_hand.decide([(0, 0)])
        tried = Event()
        done = Event()

        def broker() -> AbstractContextManager[AuditBroker]:
            if not tried.is_set():
                tried.set()
                raise AuditBrokerError("the broker is away")
            done.set()
            return nullcontext(broker_of(by_hand, {0: 1}))

        with AuditMonitor(
            by_hand.reader, broker, every_s=0.01, sequence_gaps=lambda: 0, clock_s=time.monotonic
        ) as monitor:
            assert done.wait(30)
        assert monitor.state.imbalance in {0, None}  # it may have been stopped in the middle of the second


def moments() -> Callable[[], float]:
    """A clock that goes on by a second whenever it is looked at."""
    return map(float, count()).__next__
