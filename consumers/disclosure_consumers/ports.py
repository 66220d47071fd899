"""What the gate's loop asks of the outside; Kafka and the in-memory double both answer to it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from disclosure_schemas.errors import DisclosureError


class FencedError(DisclosureError):
    """Another process with the same instance name has taken over; this one must stop and write no more."""


class TransactionAbortedError(DisclosureError):
    """The transaction was aborted; nothing of it can be seen, and the batch must be taken again."""


class StateUnreadableError(DisclosureError):
    """The end of the control topics cannot be learned or reached in time."""


class Message(Protocol):
    """One record as taken from a topic."""

    def topic(self) -> str: ...  # noqa: D102
    def partition(self) -> int: ...  # noqa: D102
    def offset(self) -> int: ...  # noqa: D102
    def timestamp(self) -> tuple[int, int]: ...  # noqa: D102
    def key(self) -> bytes | None: ...  # noqa: D102
    def value(self) -> bytes | None: ...  # noqa: D102
    def headers(self) -> Sequence[tuple[str, bytes | None]] | None: ...  # noqa: D102


class Outgoing(NamedTuple):
    """One record to send."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes


class Source(Protocol):
    """The requests this process is responsible for."""

    def take(self, most: int, wait_s: float) -> Sequence[Message]:
        """Return what is there, at most `most`; wait up to `wait_s` for the first."""
        ...

    def rewind(self, first_offsets: Mapping[int, int]) -> None:
        """Take partitions again from these offsets, where they are still this process's."""
        ...

    def close(self) -> None:
        """Leave the group."""
        ...


class Sink(Protocol):
    """Where decisions go, in transactions together with the offsets of what they decide."""

    def deliver(self, records: Iterable[Outgoing], next_offsets: Mapping[int, int]) -> None:
        """Write records and offsets in one transaction.

        Raises TransactionAbortedError (nothing was written; take the batch again) or FencedError.
        """
        ...

    def close(self) -> None:
        """Give back connections."""
        ...


class ControlLog(Protocol):
    """The control topics, read whole by every process."""

    def end_offsets(self) -> Mapping[tuple[str, int], int]:
        """End offset of every partition, asked for now; raises StateUnreadableError."""
        ...

    def read(self, wait_s: float) -> Sequence[Message]:
        """Return records not read before; wait up to `wait_s` for the first."""
        ...

    def positions(self) -> Mapping[tuple[str, int], int]:
        """Next offset of every partition, after everything that `read` has returned."""
        ...

    def close(self) -> None:
        """Give back connections."""
        ...
