"""What a recorder's process exposes is its table; unreadable records, checkpoints and audits are told."""

from collections.abc import Iterator
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit_doubles import HandMadeLedger, broker_of
from decision_samples import BEGIN, CODEC, decision
from disclosure_ledger.recorder import Recorder
from disclosure_ledger.recorder_meter import RecorderMeter
from disclosure_ledger.recorder_monitoring import monitor_of, watch_ledger
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.metrics import recorder as metrics
from disclosure_schemas.metrics.metric import Process
from disclosure_schemas.metrics.table import metrics_of
from disclosure_schemas.topics import DECIDED, PREFERENCES
from memory_log import MemoryLog, MemorySource
from metric_scrapes import exposed, histogram, rows
from recorder_samples import CODECS


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger."""
    with Ledger.open(tmp_path / "ledger", create=True) as opened:
        yield opened


def recorder(ledger: Ledger, log: MemoryLog, meter: RecorderMeter, **settings: Any) -> Recorder:
    """A recorder with a meter."""
    source = MemorySource(log)
    source.open(ledger.next_offsets(), 0)
    return Recorder(ledger, source, CODECS, LedgerSettings(**settings), lambda: BEGIN, meter=meter)


def sent(log: MemoryLog, numbers: range) -> None:
    """Decisions in a committed transaction."""
    events = [decision(number) for number in numbers]
    records = [(event.request.subject_key.bytes, CODEC.encode(event)) for event in events]
    log.transaction(DECIDED.name, 0, records, commit=True)


def test_a_recorder_exposes_its_table_and_nothing_else(tmp_path: Path) -> None:
    """Wired as a process wires it, every row is there with its type and labels: no gauge goes unfed."""
    meter = RecorderMeter()
    with HandMadeLedger(tmp_path / "by-hand") as by_hand:
        by_hand.decide([(0, 0), (0, 1)])
        monitor = monitor_of(by_hand.ledger, lambda: nullcontext(broker_of(by_hand, {0: 2})), 60)
        watch_ledger(meter, by_hand.ledger, monitor)
        meter.is_behind({DECIDED.name: 1}, None)
        monitor.look()

        assert exposed(meter.meter) == rows(metrics_of(Process.RECORDER))


def test_the_findings_of_an_audit_are_told(tmp_path: Path) -> None:
    """A lost request, one on its way, a number that no decision has; and how long ago that was."""
    meter, clock_s = RecorderMeter(), map(float, count(step=10)).__next__
    with HandMadeLedger(tmp_path / "by-hand") as by_hand:
        by_hand.decide([(0, 0)])
        by_hand.recorded += 2  # numbers that the producer gave out and nobody decided
        by_hand.decide([(0, 2)])
        broker = broker_of(by_hand, {0: 4})
        monitor = monitor_of(by_hand.ledger, lambda: nullcontext(broker), 60, clock_s)
        watch_ledger(meter, by_hand.ledger, monitor, clock_s)
        monitor.look()

        value = meter.meter.value
        assert value(metrics.AUDIT_IMBALANCE) == 1
        assert value(metrics.AUDIT_WAITING) == 1
        assert value(metrics.SEQUENCE_GAPS) == 2
        assert [value(metrics.AUDIT_AGE_SECONDS) for _ in range(2)] == [10, 20]


def test_unreadable_records_are_counted(ledger: Ledger) -> None:
    """What the recorder could not read counts, and not as recorded."""
    log, meter = MemoryLog(), RecorderMeter()
    log.append(PREFERENCES.name, 0, [(b"k", b"garbage"), (b"k", None)])

    recorder(ledger, log, meter).step()

    assert meter.meter.value(metrics.UNREADABLE) == 2
    assert meter.meter.value(metrics.RECORDED, (PREFERENCES.name,)) == 0


def test_a_commit_with_a_checkpoint_is_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When DuckDB's log passes its limit, the commit that moves it into the file is one observation."""
    connect = duckdb.connect

    def with_small_log(path: str, *, read_only: bool, config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
        return connect(path, read_only=read_only, config=config | {"checkpoint_threshold": "64KB"})

    monkeypatch.setattr(duckdb, "connect", with_small_log)
    log, meter = MemoryLog(), RecorderMeter()
    with Ledger.open(tmp_path / "ledger", create=True) as ledger:
        made = recorder(ledger, log, meter)
        commits = 0
        while commits < 200 and not sum(histogram(meter.meter, metrics.CHECKPOINT_SECONDS).counts):
            sent(log, range(commits * 3, commits * 3 + 3))
            made.step()
            commits += 1

    assert 1 < commits < 200
    assert sum(histogram(meter.meter, metrics.COMMIT_SECONDS).counts) == commits


def test_sealing_is_no_commit_with_a_checkpoint(ledger: Ledger) -> None:
    """The log that sealing empties is not put to the account of the next commit."""
    log, meter = MemoryLog(), RecorderMeter()
    made = recorder(ledger, log, meter, seal_rows=50)
    for numbers in (range(40), range(40, 60), range(60, 62)):
        sent(log, numbers)
        made.step()

    assert sum(histogram(meter.meter, metrics.SEAL_SECONDS).counts) >= 1
    assert sum(histogram(meter.meter, metrics.CHECKPOINT_SECONDS).counts) == 0
