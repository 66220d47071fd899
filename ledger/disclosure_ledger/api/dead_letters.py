"""Dead letters for the API: the list is the ledger's, the bytes are Kafka's."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from disclosure_consumers.kafka.dead_letters import StoredDeadLetter, find_dead_letter, replay
from disclosure_ledger.cursors import cursor_of, position_of
from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.store.ledger import Ledger
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.vocabulary import DeadLetterCause

PAGE_MAX = 1_000
_DIGITS_MAX = 18


class DeadLetterQuestion(Value):
    """Which dead letters; the newest first. `cursor`: `next_cursor` of the page before."""

    cause: DeadLetterCause | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 100
    cursor: Annotated[str, Field(max_length=512)] | None = None


class DeadLetterRow(Value):
    """A record that could not be taken in: where it came from, why. `id`: partition:offset of the letter."""

    id: str
    failed_at: Moment
    cause: str
    detail: str
    consumer: str
    topic: str
    partition: int
    offset: int


class DeadLetterPage(Value):
    """Dead letters, the newest first; `next_cursor` is None on the last page."""

    dead_letters: tuple[DeadLetterRow, ...]
    next_cursor: str | None


def read_dead_letters(ledger: Ledger, question: DeadLetterQuestion, _: Occasion) -> DeadLetterPage:
    """One page of dead letters.

    Raises InvalidCursorError.
    """
    before: tuple[Any, ...] = (None, None, None)
    if question.cursor is not None:
        before = position_of(question.cursor, datetime.fromisoformat, _number, _number)
    rows = ledger.fetch(
        "dead_letter_page",
        {
            "cause": None if question.cause is None else question.cause.value,
            "before_at": before[0],
            "before_partition": before[1],
            "before_offset": before[2],
            "most": question.limit + 1,
        },
    )
    page = rows[: question.limit]
    after = None
    if len(rows) > question.limit:
        last = page[-1]
        after = cursor_of(
            last["failed_at"].isoformat(), str(last["topic_partition"]), str(last["topic_offset"])
        )
    letters = tuple(
        DeadLetterRow(
            id=f"{row['topic_partition']}:{row['topic_offset']}",
            failed_at=row["failed_at"].replace(tzinfo=UTC),
            cause=row["cause"],
            detail=row["detail"],
            consumer=row["consumer"],
            topic=row["original_topic"],
            partition=row["original_partition"],
            offset=row["original_offset"],
        )
        for row in page
    )
    return DeadLetterPage(dead_letters=letters, next_cursor=after)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS_MAX:
        raise ValueError
    return int(text)


DEAD_LETTERS = Operation("/v1/dead-letters", DeadLetterQuestion, DeadLetterPage, read_dead_letters)
"""The list of dead letters."""


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Looks at single dead letters and sends them again. Raises DeadLetterNotFoundError, ReplayError."""

    kafka: KafkaSettings
    schemas: RegistrySettings

    def find(self, letter_id: str) -> StoredDeadLetter:
        """The letter with its bytes."""
        return find_dead_letter(self.kafka, self.schemas, letter_id)

    def replay(self, letter_id: str, *, key: bytes | None, value: bytes | None) -> tuple[str, int, int]:
        """Send it to its topic again, repaired where key or value are given; topic, partition and offset."""
        stored = self.find(letter_id)
        partition, offset = replay(self.kafka, stored, key=key, value=value)
        return stored.letter.topic, partition, offset
