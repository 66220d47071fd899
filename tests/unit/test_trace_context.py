"""Trace context from the application's span to the spans of gate and recorder."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from disclosure_consumers.process_log import log_to_stderr
from disclosure_consumers.trace_links import BatchSpans, trace_headers
from disclosure_producers.settings import LogSettings
from disclosure_producers.trace_context import current_trace_headers
from gate_events import DECISIONS, PREFERENCES, REQUESTED_CODEC, REQUESTS, World, request

ALICE = UUID(int=1)
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def provider() -> TracerProvider:
    """One provider for the module, as a process has one."""
    made = TracerProvider()
    trace.set_tracer_provider(made)
    return made


@pytest.fixture
def spans(provider: TracerProvider) -> Iterator[InMemorySpanExporter]:
    """What is exported during one test."""
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield exporter
    exporter.shutdown()


def test_the_sdk_names_the_current_span(spans: InMemorySpanExporter) -> None:
    """Inside a span the headers name it; outside there are none."""
    assert current_trace_headers() is None

    with trace.get_tracer("shop").start_as_current_span("checkout") as span:
        headers = current_trace_headers()

    assert headers is not None
    (name, value) = headers[0]
    context = span.get_span_context()
    assert name == "traceparent"
    assert value.decode().startswith(f"00-{context.trace_id:032x}-{context.span_id:016x}-")


def test_a_decision_carries_the_context_of_its_request(spans: InMemorySpanExporter) -> None:
    """Only trace context goes on; the gate's span links to the span of the application."""
    world = World()
    event = request(ALICE)
    headers = [("traceparent", PARENT.encode()), ("secret", b"not to be carried on")]
    world.log.append(REQUESTS, 0, ALICE.bytes, REQUESTED_CODEC.encode(event), headers=headers)
    world.ask(request(ALICE))

    world.gate().step()

    with_trace, without = world.log.records(DECISIONS)
    assert with_trace.headers() == (("traceparent", PARENT.encode()),)
    assert without.headers() is None
    (span,) = spans.get_finished_spans()
    assert span.name == "decide batch"
    assert [f"{link.context.trace_id:032x}" for link in span.links] == [PARENT.split("-")[1]]


def test_a_batch_without_context_makes_no_span(spans: InMemorySpanExporter) -> None:
    """Nobody asked for a trace, so there is none."""
    world = World()
    world.ask(request(ALICE))

    world.gate().step()

    assert not spans.get_finished_spans()


@pytest.mark.parametrize("value", [b"", b"garbage", b"\xff\xfe", b"00-0-0-00"], ids=repr)
def test_a_context_that_cannot_be_read_is_no_link(spans: InMemorySpanExporter, value: bytes) -> None:
    """Garbage in a header harms nothing and links to nothing."""
    found = trace_headers([("traceparent", value)])
    assert found is not None

    with BatchSpans("gate").span("decide batch", [found], 1):
        pass

    (span,) = spans.get_finished_spans()
    assert not span.links


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Puts logging back as the test session has it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """JSON lines on stderr."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.usefixtures("logging_as_before", "spans")
def test_log_lines_are_of_one_form(capsys: pytest.CaptureFixture[str]) -> None:
    """Own lines and those of libraries are JSON with level and time; in a span they carry its trace id."""
    log_to_stderr(LogSettings(format="json", level="info"))

    structlog.get_logger("own").info("recorded", rows=3)
    structlog.get_logger("own").debug("not wanted")
    logging.getLogger("library").warning("slow %s", "disk")
    with trace.get_tracer("shop").start_as_current_span("checkout") as span:
        structlog.get_logger("own").info("inside")

    own, library, inside = lines(capsys)
    assert (own["event"], own["rows"], own["level"]) == ("recorded", 3, "info")
    assert (library["event"], library["level"], library["logger"]) == ("slow disk", "warning", "library")
    assert inside["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert all(line["timestamp"].endswith("Z") for line in (own, library, inside))


@pytest.mark.usefixtures("logging_as_before")
def test_the_logs_of_a_gate_name_nobody(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Decided, aborted and unreadable: no subject key stands in any line, in no spelling."""
    log_to_stderr(LogSettings(format="json", level="debug"))
    world = World()
    key = UUID("c44cd1d4-8a55-4ec2-af64-ac903ea3c7f8")
    world.log.append(REQUESTS, 0, key.bytes, b"no avro")
    world.log.append(PREFERENCES, 0, key.bytes, b"no avro either")
    world.ask(request(key))
    world.sink.failures = 1
    gate = world.gate()
    gate.step()
    gate.step()

    text = capsys.readouterr().err
    assert "requests put aside" in text
    assert "control record cannot be read" in text
    for spelling in (str(key), key.hex, str(key.bytes), key.hex.upper(), str(key.int)):
        assert spelling not in text
