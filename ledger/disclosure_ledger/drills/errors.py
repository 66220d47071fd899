"""Errors of drills."""

from disclosure_ledger.pipeline.errors import PipelineError


class DrillError(PipelineError):
    """A drill cannot be run here, or could not begin."""
