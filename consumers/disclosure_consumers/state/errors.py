"""Errors of the kept state."""

from disclosure_schemas.errors import DisclosureError


class StateFolderInUseError(DisclosureError):
    """Another gate keeps its state in the folder."""


class SnapshotError(DisclosureError):
    """A snapshot cannot be read or written, or is not of this program's making."""
