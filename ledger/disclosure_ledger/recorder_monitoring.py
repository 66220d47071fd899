"""A recorder that tells how it is: its meter, its own audits, and the port where both are asked for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from disclosure_consumers.metering.exposition import MetricsServer
from disclosure_ledger.audit.monitor import AuditMonitor
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.kafka_offsets import BrokerOffsets
from disclosure_ledger.recorder_meter import RecorderMeter
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.ledger import Ledger, utc_now
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
    monitor = AuditMonitor(
        LocalReader(ledger),
        lambda: BrokerOffsets(kafka),
        every_s=settings.audit_every_s,
        sequence_gaps=lambda: int(ledger.fetch("audit_sequence_gaps")[0]["events"]),
        clock_s=time.monotonic,
    )
    meter.watch(
        ledger.path,
        stats=ledger.stats,
        audits=lambda: monitor.state,
        now=utc_now,
        clock_s=time.monotonic,
    )
    with MetricsServer(metrics, meter.meter), monitor:
        yield
