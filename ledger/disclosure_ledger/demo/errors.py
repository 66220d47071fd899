"""Errors of the demo."""

from disclosure_ledger.pipeline.errors import PipelineError


class DemoError(PipelineError):
    """The demo cannot go on, or did not come out as it should."""
