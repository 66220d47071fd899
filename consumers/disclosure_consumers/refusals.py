"""Making a dead letter of a message that cannot be taken in; nothing of it is lost."""

from disclosure_consumers.ports import Message
from disclosure_schemas.errors import UndecodableError
from disclosure_schemas.events.dead_letter import DeadLetter, Header
from disclosure_schemas.events.vocabulary import DeadLetterCause
from disclosure_schemas.moments import from_microseconds

_NO_TIMESTAMP = 0


def refusal(message: Message, error: UndecodableError, *, consumer: str, now_us: int) -> DeadLetter:
    """Original bytes, coordinates and cause of one refused message."""
    timestamp_type, timestamp_ms = message.timestamp()
    return DeadLetter(
        failed_at=from_microseconds(now_us),
        cause=DeadLetterCause(error.cause),
        detail=str(error),
        consumer=consumer,
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        record_timestamp=(
            None if timestamp_type == _NO_TIMESTAMP else from_microseconds(timestamp_ms * 1000)
        ),
        key=message.key(),
        value=message.value(),
        headers=tuple(Header(name=name, value=value) for name, value in message.headers() or ()),
    )
