"""A recorder that tells how it is: its meter, its own audits, and the port where both are asked for."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from disclosure_consumers.metering.exposition import MetricsServer
from disclosure_ledger.audit.monitor import AuditMonitor
from disclosure_ledger.audit.run import AuditBroker
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.kafka_offsets import BrokerOffsets
from disclosure_ledger.recorder_meter import RecorderMeter
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.ledger import Ledger, utc_now
from disclosure_ledger.worklist.operations import overdue_count
from disclosure_producers.settings import KafkaSettings, MetricsSettings


@contextmanager
def monitored(
    ledger: Ledger,
    meter: RecorderMeter,
    kafka: KafkaSettings,
    settings: LedgerSettings,
    metrics: MetricsSettings,
) -> Iterator[None]:
    """Serve metrics and audit now and then, where a port is set; raises MetricsPortError."""
    if metrics.port is None:
        yield
        return
    monitor = monitor_of(ledger, lambda: BrokerOffsets(kafka), settings.audit_every_s)
    watch_ledger(meter, ledger, monitor)
    with MetricsServer(metrics, meter.meter), monitor:
        yield


def monitor_of(
    ledger: Ledger,
    open_broker: Callable[[], AbstractContextManager[AuditBroker]],
    every_s: float,
    clock_s: Callable[[], float] = time.monotonic,
) -> AuditMonitor:
    """Audits this ledger against a broker every so many seconds, once it is entered."""
    return AuditMonitor(
        LocalReader(ledger),
        open_broker,
        every_s=every_s,
        sequence_gaps=lambda: int(ledger.fetch("audit_sequence_gaps")[0]["events"]),
        clock_s=clock_s,
    )


def watch_ledger(
    meter: RecorderMeter,
    ledger: Ledger,
    monitor: AuditMonitor,
    clock_s: Callable[[], float] = time.monotonic,
) -> None:
    """Have the gauges of a ledger and of its last audit."""
    meter.watch(
        ledger.path,
        stats=ledger.stats,
        audits=lambda: monitor.state,
        overdue=lambda: overdue_count(ledger, utc_now()),
        now=utc_now,
        clock_s=clock_s,
    )
