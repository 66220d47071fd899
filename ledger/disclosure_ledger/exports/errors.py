"""Errors of exports and copies."""

from disclosure_schemas.errors import DisclosureError


class ExportError(DisclosureError):
    """An export or a copy cannot be made as asked for."""
