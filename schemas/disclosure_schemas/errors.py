"""Errors of the vocabulary; each says what happened, what was expected, what was got, what to do."""


class DisclosureError(Exception):
    """Base of every error of disclosure-ledger; without a text of its own its docstring is the message."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or type(self).__name__))


class InvalidEventError(DisclosureError):
    """An event's content breaks its schema or a rule of its fields."""


class InvalidIdentifierError(DisclosureError):
    """An identifier cannot be normalised, so no subject key can be made of it."""


class UndecodableError(DisclosureError):
    """Bytes cannot be read as the expected record; `cause` classifies it for the dead letter."""

    def __init__(self, message: str, *, cause: str) -> None:
        super().__init__(message)
        self.cause = cause


class UnknownSchemaError(DisclosureError):
    """No schema with that name, version, fingerprint or registry id is known."""
