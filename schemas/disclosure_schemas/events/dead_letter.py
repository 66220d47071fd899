"""DeadLetter: a record that could not be taken in, with its original bytes and the cause."""

from disclosure_schemas.events.base import Code, Int32, Int64, Moment, Value
from disclosure_schemas.events.vocabulary import DeadLetterCause


class Header(Value):
    """One Kafka header."""

    name: str
    value: bytes | None


class DeadLetter(Value):
    """What was set aside, where it came from and why."""

    failed_at: Moment
    cause: DeadLetterCause
    detail: str
    consumer: Code
    topic: Code
    partition: Int32
    offset: Int64
    record_timestamp: Moment | None = None
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[Header, ...] = ()
