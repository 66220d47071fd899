"""What long-running processes write on stderr: lines for people, or JSON lines for programs, all of one form.

Lines name event ids, coordinates and counts; never an identifier, a subject key or a secret. Inside a span of
OpenTelemetry they carry its trace id.
"""

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from disclosure_producers.settings import LogSettings


def log_to_stderr(settings: LogSettings, *, as_json: bool = False) -> None:
    """Set up logging once for this process, that of libraries too; `as_json` wins over the settings."""
    is_json = as_json or settings.format == "json"
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_trace_id,
        structlog.processors.format_exc_info,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if is_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    # Libraries are heard from warnings on, whatever is wanted of this project's own lines.
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


def _with_trace_id(_logger: Any, _method: str, event: EventDict) -> EventDict:
    trace = sys.modules.get("opentelemetry.trace")
    if trace is not None:
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            event["trace_id"] = trace.format_trace_id(context.trace_id)
    return event
