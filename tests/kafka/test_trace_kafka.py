"""Trace context on Kafka: from the application's span by SDK and gate to the recorder's span."""

import threading
import uuid
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.recorder import RecorderStep, run_recorder
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.ledger import Ledger
from disclosure_producers.client import DisclosureProducer
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from gate_processes import fresh_pipeline, gates

pytestmark = pytest.mark.kafka

WAIT_S = 60.0


def emit_in_a_span(kafka: KafkaSettings, provider: TracerProvider, outbox: Path) -> int:
    """One event outside any span and one inside; returns the id of the trace."""
    with DisclosureProducer(emitter="shop", kafka=kafka, outbox_dir=outbox) as producer:

        def emit() -> None:
            asked = producer.disclose(
                uuid.uuid4(), to="harborlight", kind="sale", items=["identifiers.email"]
            )
            asked.result(WAIT_S)

        emit()
        with provider.get_tracer("shop").start_as_current_span("checkout") as span:
            emit()
    return span.get_span_context().trace_id


def record(kafka: KafkaSettings, folder: Path, decisions: int) -> None:
    """Run a recorder until its ledger has so many decisions."""
    stop = threading.Event()
    recorded = 0

    def count(step: RecorderStep) -> None:
        nonlocal recorded
        recorded += step.result.recorded
        if recorded >= decisions:
            stop.set()

    with Ledger.open(folder, create=True) as ledger:
        late = threading.Timer(WAIT_S, stop.set)
        late.start()
        run_recorder(ledger, kafka, LedgerSettings(), RegistrySettings(), stop=stop, on_step=count)
        late.cancel()
        late.join()
    assert recorded == decisions


def test_the_recorders_span_links_to_the_applications(
    apache_kafka: ApacheKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two events, one emitted in a span, the spans of the recorder link to exactly that one's trace."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    kafka = fresh_pipeline(apache_kafka)

    with gates(kafka, tmp_path, 1):
        trace_id = emit_in_a_span(kafka, provider, tmp_path / "outbox")
        record(kafka, tmp_path / "ledger", 2)

    links = [
        link.context.trace_id
        for span in exporter.get_finished_spans()
        if span.name == "record batch"
        for link in span.links or ()
    ]
    assert links == [trace_id]
