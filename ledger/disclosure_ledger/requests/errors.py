"""Errors of the register of requests."""

from disclosure_schemas.errors import DisclosureError


class UnknownRequestError(DisclosureError):
    """There is no such request."""


class RequestChangeError(DisclosureError):
    """A request cannot be changed in this way."""


class RequestQuestionError(DisclosureError):
    """What was asked of the register makes no sense."""
