"""Trace context that came with records: carried on in headers, and named by the spans of batches.

OpenTelemetry is used where it is installed (the extra `otel`) and configured by whoever runs the process; a
span of a batch links to the spans in which its records were emitted.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from disclosure_consumers.ports import Headers

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext

TRACE_HEADERS = frozenset(("traceparent", "tracestate"))
LINKS_MAX = 128
"""Most links of one span; OpenTelemetry's own default limit."""


def trace_headers(headers: Headers) -> Headers | None:
    """Those of a record's headers that are trace context; None without."""
    found = [(name, value) for name, value in headers if name in TRACE_HEADERS]
    return found or None


class BatchSpans:
    """Makes a span of each batch whose records came with trace context; nothing without OpenTelemetry."""

    def __init__(self, component: str) -> None:
        self._component = component
        self.is_on = find_spec("opentelemetry") is not None and find_spec("opentelemetry.trace") is not None

    @contextmanager
    def span(self, name: str, contexts: Sequence[Headers], records: int) -> Iterator[None]:
        """Have what happens in the block in a span that links to these contexts; none without any."""
        if not self.is_on or not contexts:
            yield
            return
        from opentelemetry import trace  # noqa: PLC0415 - an extra

        links = [trace.Link(context) for context in _span_contexts(contexts[:LINKS_MAX])]
        tracer = trace.get_tracer(f"disclosure-ledger.{self._component}")
        with tracer.start_as_current_span(name, links=links) as span:
            span.set_attribute("messaging.system", "kafka")
            span.set_attribute("messaging.batch.message_count", records)
            yield


def _span_contexts(contexts: Iterable[Headers]) -> "Iterator[SpanContext]":
    from opentelemetry import trace  # noqa: PLC0415 - an extra
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    propagator = TraceContextTextMapPropagator()
    for headers in contexts:
        carrier = {name: value.decode("ascii", "replace") for name, value in headers if value is not None}
        found = trace.get_current_span(propagator.extract(carrier)).get_span_context()
        if found.is_valid:
            yield found
