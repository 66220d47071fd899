"""The dead-letter topic: listing what was set aside, and sending it again, repaired or not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition

from disclosure_consumers.codecs import event_codec
from disclosure_consumers.kafka.client import Config, Polled, consume, log_client_error
from disclosure_consumers.kafka.control_log import partitions_of
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_schemas.errors import DisclosureError
from disclosure_schemas.events.dead_letter import DeadLetter
from disclosure_schemas.topics import DEAD_LETTER

REPLAY_HEADER = "dead-letter"
"""Header of a replayed record: where its dead letter is, partition:offset."""

_DELIVERY_TIMEOUT_S = 30.0
_FIND_WAIT_S = 10.0
_ID = re.compile(r"([0-9]{1,9}):([0-9]{1,18})")


class DeadLetterNotFoundError(DisclosureError):
    """No dead letter has this id."""


class ReplayError(DisclosureError):
    """A dead letter could not be sent again."""


@dataclass(frozen=True, slots=True)
class StoredDeadLetter:
    """A dead letter and where it is."""

    partition: int
    offset: int
    letter: DeadLetter

    @property
    def id(self) -> str:
        """Name of this dead letter: partition:offset."""
        return f"{self.partition}:{self.offset}"


def list_dead_letters(kafka: KafkaSettings, schemas: RegistrySettings) -> Iterator[StoredDeadLetter]:
    """All dead letters up to the present end of the topic, partition by partition."""
    topic = kafka.topic(DEAD_LETTER)
    codec = event_codec(DeadLetter, topic=topic, settings=schemas)
    consumer = _reader(kafka)
    try:
        unread = set(partitions_of(kafka, topic))
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in unread])
        while unread:
            for message in consume(consumer, 1_000, 1.0):
                error = message.error()
                if error is None:
                    letter = codec.decode(message.value() or b"")
                    yield StoredDeadLetter(message.partition(), message.offset(), letter)
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
                    unread.discard(message.partition())
                else:
                    log_client_error(error)
    finally:
        consumer.close()


def find_dead_letter(kafka: KafkaSettings, schemas: RegistrySettings, letter_id: str) -> StoredDeadLetter:
    """The dead letter with this id; raises DeadLetterNotFoundError."""
    topic = kafka.topic(DEAD_LETTER)
    codec = event_codec(DeadLetter, topic=topic, settings=schemas)
    for message in _record_at(kafka, topic, letter_id):
        letter = codec.decode(message.value() or b"")
        return StoredDeadLetter(message.partition(), message.offset(), letter)
    raise DeadLetterNotFoundError(
        f"no dead letter has the id {letter_id!r}; ids look like 3:17 (partition:offset). "
        "See them with `disclosures dead-letters list`."
    )


def _record_at(kafka: KafkaSettings, topic: str, letter_id: str) -> Iterator[Polled]:
    """The record of an id, read from its place alone; none where there is no record at this offset."""
    found = _ID.fullmatch(letter_id)
    if found is None or int(found[1]) not in partitions_of(kafka, topic):
        return
    partition, offset = int(found[1]), int(found[2])
    consumer = _reader(kafka)
    try:
        consumer.assign([TopicPartition(topic, partition, offset)])
        for message in iter(lambda: consume(consumer, 1, _FIND_WAIT_S), []):
            error = message[0].error()
            if error is None:
                if message[0].offset() == offset:
                    yield message[0]
                return
            if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
                return
            log_client_error(error)
    finally:
        consumer.close()


def replay(
    kafka: KafkaSettings,
    stored: StoredDeadLetter,
    *,
    key: bytes | None = None,
    value: bytes | None = None,
) -> tuple[int, int]:
    """Send the original to its topic again, with another key or value where given.

    Returns partition and offset of the new record; the dead letter stays. Raises ReplayError.
    """
    letter = stored.letter
    config: Config = {
        **kafka.client_config(),
        "enable.idempotence": True,
        "partitioner": "murmur2_random",
        "message.max.bytes": 4_194_304,
        "error_cb": log_client_error,
    }
    producer = Producer(config)
    outcome: list[tuple[int, int] | str] = []

    def delivered(error: KafkaError | None, message: Any) -> None:
        outcome.append((message.partition(), message.offset()) if error is None else error.str())

    producer.produce(
        letter.topic,
        value=letter.value if value is None else value,
        key=letter.key if key is None else key,
        headers=[
            *((header.name, header.value) for header in letter.headers if header.name != REPLAY_HEADER),
            (REPLAY_HEADER, stored.id.encode()),
        ],
        on_delivery=delivered,
    )
    producer.flush(_DELIVERY_TIMEOUT_S)
    if not outcome or isinstance(outcome[0], str):
        cause = outcome[0] if outcome else f"no answer from the broker in {_DELIVERY_TIMEOUT_S:.0f} s"
        raise ReplayError(f"the dead letter {stored.id} could not be sent to {letter.topic} again: {cause}.")
    return outcome[0]


def _reader(kafka: KafkaSettings) -> Consumer:
    config: Config = {
        **kafka.consumer_config(),
        "group.id": "dead-letters",  # required by the client; never used for offsets or membership
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",
        "error_cb": log_client_error,
    }
    return Consumer(config)
