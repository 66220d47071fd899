"""Errors of asking Prometheus."""

from disclosure_ledger.pipeline.errors import PipelineError


class PrometheusError(PipelineError):
    """Prometheus does not answer, or refuses a question."""
