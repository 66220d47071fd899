"""Errors of the worklist."""

from disclosure_schemas.errors import DisclosureError


class UnknownItemError(DisclosureError):
    """There is no such item on the worklist."""


class WorkChangeError(DisclosureError):
    """An item cannot be changed in this way."""


class WorklistQuestionError(DisclosureError):
    """What was asked of the worklist makes no sense."""


class ChannelSettingsError(DisclosureError):
    """A recipient cannot be told, because a setting of its channel is missing or wrong."""
