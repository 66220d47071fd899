"""Errors of the door."""

from disclosure_schemas.errors import DisclosureError


class DoorError(DisclosureError):
    """The door cannot be opened or does not answer."""


class DoorInUseError(DoorError):
    """Another door answers at this ledger's socket."""


class DoorClosingError(DoorError):
    """The door is closing; ask again once the recorder runs again."""


class DoorAnswerError(DoorError):
    """The door answered with a problem; `type` and `status` are those of RFC 9457."""

    def __init__(self, message: str, *, type_: str, status: int) -> None:
        super().__init__(message)
        self.type = type_
        self.status = status


class DoorRefusedError(DoorAnswerError):
    """The door was asked for something that cannot be: the question is at fault, not the recorder."""
