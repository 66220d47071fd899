"""Errors of the API itself."""

from disclosure_schemas.errors import DisclosureError


class ApiError(DisclosureError):
    """The API cannot listen or serve."""


class NotFoundError(DisclosureError):
    """There is no such thing."""


class EventConflictError(DisclosureError):
    """The event id was used before, for an event that says something else."""


class UnsupportedMediaTypeError(DisclosureError):
    """The body has another media type than the route takes."""
