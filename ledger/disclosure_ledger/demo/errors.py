"""Errors of the demo."""

from disclosure_ledger.pipeline.errors import PipelineError
from disclosure_schemas.errors import DisclosureError


class DemoError(PipelineError):
    """The demo cannot go on, or did not come out as it should."""


class ForeignFolderError(DisclosureError):
    """The folder holds something that no demo made."""
