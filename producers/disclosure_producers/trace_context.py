"""W3C trace context of the application's current span, where the application uses OpenTelemetry.

Nothing of OpenTelemetry is imported that the application has not imported itself, and without it an event
costs one look-up more.
"""

import sys
from types import ModuleType

TraceHeaders = list[tuple[str, bytes]]
"""Kafka headers `traceparent` and, where there is one, `tracestate` (W3C Trace Context)."""

_TRACE = "opentelemetry.trace"


def current_trace_headers() -> TraceHeaders | None:
    """Headers that name the current span; None outside of any, or without OpenTelemetry."""
    trace = sys.modules.get(_TRACE)
    return None if trace is None else _headers_of(trace)


def _headers_of(trace: ModuleType) -> TraceHeaders | None:
    if not trace.get_current_span().get_span_context().is_valid:
        return None
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 - the application has it
        TraceContextTextMapPropagator,
    )

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return [(name, value.encode()) for name, value in carrier.items()]
