"""Errors of bulks."""

from disclosure_schemas.errors import DisclosureError


class BulkFileError(DisclosureError):
    """A file of people cannot be read as one."""


class UnknownBulkError(DisclosureError):
    """No bulk of this id was announced."""
