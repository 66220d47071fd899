"""Errors of the SDK; each says what happened, what was expected, what was got, what to do."""

from collections.abc import Mapping

from disclosure_schemas.errors import DisclosureError


class SubjectKeyError(DisclosureError):
    """Something that is not a subject key was passed as one. The value is never repeated."""


class ClosedProducerError(DisclosureError):
    """The producer was closed before this call."""


class BackpressureError(DisclosureError):
    """Neither the queue nor the outbox could take the event within `max_block_ms`; nothing was accepted."""


class OutboxFullError(BackpressureError):
    """The broker is away and the outbox has reached `outbox_max_bytes`; nothing was accepted."""


class OutboxError(DisclosureError):
    """The outbox folder or file cannot be used."""


class OutboxCorruptError(OutboxError):
    """An outbox file cannot be read. It was set aside, not deleted."""


class EventRefusedError(DisclosureError):
    """The broker refused the event for good; it is in no topic and in no outbox."""


class EventTooLargeError(EventRefusedError):
    """The event is larger than the topic takes."""


class UnknownTopicError(EventRefusedError):
    """The topic does not exist on this broker."""


class NotAuthorisedError(EventRefusedError):
    """The broker does not let this application write to the topic."""


class BulkMismatchError(DisclosureError):
    """A bulk is to be gone on with, and this is not its input."""


class RepeatedPersonError(DisclosureError):
    """A bulk names a person more than once; `rows`: repeated rows, numbered from 0, with their first."""

    def __init__(self, message: str, *, rows: Mapping[int, int]) -> None:
        super().__init__(message)
        self.rows = rows


class NotAcknowledgedError(DisclosureError, TimeoutError):
    """The event was accepted, but neither delivered nor stored within the time the caller waits."""


class UndeliveredError(DisclosureError):
    """At close, events were neither delivered nor in the outbox; `event_ids` names them."""

    def __init__(self, message: str, *, event_ids: tuple[str, ...]) -> None:
        super().__init__(message)
        self.event_ids = event_ids


class RegistryUnavailableError(DisclosureError):
    """The schema registry cannot be reached, or answers with an error of its own; try again later."""
