"""What the gate's loop asks of the outside; Kafka and the in-memory double both answer to it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from disclosure_schemas.errors import DisclosureError

Partition = tuple[str, int]
"""Topic and number of a partition."""


class FencedError(DisclosureError):
    """Another process with the same instance name has taken over; this one must stop and write no more."""


class TransactionAbortedError(DisclosureError):
    """The transaction was aborted; nothing of it can be seen, and the batch must be taken again."""


class StateUnreadableError(DisclosureError):
    """The end of the control topics cannot be learned or reached in time."""


class TopicChangedError(DisclosureError):
    """A control topic does not have the record that the kept state was taken from."""


class Message(Protocol):
    """One record as taken from a topic."""

    def topic(self) -> str: ...  # noqa: D102
    def partition(self) -> int: ...  # noqa: D102
    def offset(self) -> int: ...  # noqa: D102
    def timestamp(self) -> tuple[int, int]: ...  # noqa: D102
    def key(self) -> bytes | None: ...  # noqa: D102
    def value(self) -> bytes | None: ...  # noqa: D102
    def headers(self) -> "Headers | None": ...  # noqa: D102


Headers = Sequence[tuple[str, bytes | None]]
"""Kafka headers of one record."""


class Outgoing(NamedTuple):
    """One record to send; `headers` carry the trace context of the request, where it had one."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes
    headers: Headers | None = None


class Mark(NamedTuple):
    """The last record known of a partition: a topic made anew, cut off or restored has another one there.

    `digest`: of its key and value, 16 bytes.
    """

    offset: int
    digest: bytes


def mark_of(message: Message) -> Mark:
    """Mark of a record."""
    key, value = message.key() or b"", message.value() or b""
    digest = hashlib.sha256(len(key).to_bytes(4) + key + value).digest()
    return Mark(message.offset(), digest[:16])


class Source(Protocol):
    """The requests this process is responsible for."""

    def take(self, most: int, wait_s: float) -> Sequence[Message]:
        """Return what is there, at most `most`; wait up to `wait_s` for the first."""
        ...

    def rewind(self, first_offsets: Mapping[int, int]) -> None:
        """Take partitions again from these offsets, where they are still this process's."""
        ...

    def behind(self) -> Mapping[int, int]:
        """By partition of this process, how many offsets of the topic it has not taken, as last known."""
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
    """The control topics, read whole by every process, or on from what it has kept of them."""

    def begin(self, marks: Mapping[Partition, Mark]) -> None:
        """Read on from these records, each read once more, and every other partition from its beginning.

        Marks of partitions that do not exist are passed over. Without a call all is read.
        """
        ...

    def end_offsets(self) -> Mapping[Partition, int]:
        """End offset of every partition, asked for now; raises StateUnreadableError."""
        ...

    def read(self, wait_s: float) -> Sequence[Message]:
        """Return records not read before; wait up to `wait_s` for the first.

        Raises TopicChangedError where a partition does not begin with its mark.
        """
        ...

    def positions(self) -> Mapping[Partition, int]:
        """Next offset of every partition, after everything that `read` has returned."""
        ...

    def close(self) -> None:
        """Give back connections."""
        ...


class StateStore(Protocol):
    """Keeps the states of subjects over restarts, with how far the control topics are in them.

    What is kept is a state that was, whole, and the marks it had; nothing that came later.
    """

    def marks(self) -> Mapping[Partition, Mark]:
        """Last record of each partition that the kept state has."""
        ...

    def took(self, messages: Sequence[Message]) -> None:
        """Know that these records, in the order of their offsets, are in the states now."""
        ...

    def keep(self) -> None:
        """Do a piece of the work of keeping where some is due: a few milliseconds, for between batches."""
        ...

    def keep_no_more(self) -> None:
        """Leave what is kept as it is, for good: the states have something that the next start may not."""
        ...

    def clear(self) -> None:
        """Forget all states, the kept ones too."""
        ...

    def close(self) -> None:
        """Keep what is worth it and give the folder back."""
        ...
