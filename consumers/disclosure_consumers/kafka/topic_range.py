"""Topics read from end to end, outside of any group: where they begin and end, and what is between."""

from collections.abc import Iterator, Mapping
from typing import Self

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from disclosure_consumers.kafka.client import BrokerUnreachableError, Config, Polled, consume
from disclosure_consumers.kafka.control_log import partitions_of
from disclosure_consumers.ports import Message
from disclosure_consumers.replay.topic_log import Extent
from disclosure_producers.settings import KafkaSettings

ANSWER_TIMEOUT_S = 30.0
"""Longest wait for one answer of the broker, or for the next record."""

_POLL_S = 1.0
_MOST = 5_000
_GONE = frozenset({KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE})  # noqa: SLF001


class KafkaTopics:
    """Reads topics of one broker, committed records only. For one thread, one topic at a time."""

    def __init__(self, kafka: KafkaSettings, *, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self._kafka = kafka
        self._timeout_s = timeout_s
        self._admin = AdminClient({**kafka.client_config()})
        self._consumer: Consumer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close()

    def extents(self, topic: str) -> Mapping[int, Extent]:
        """Log start and end of what is committed, of every partition; raises BrokerUnreachableError."""
        partitions = partitions_of(self._kafka, topic)
        lows = self._offsets(topic, partitions, OffsetSpec.earliest())  # type: ignore[no-untyped-call]
        highs = self._offsets(topic, partitions, OffsetSpec.latest())  # type: ignore[no-untyped-call]
        return {number: Extent(min(lows[number], highs[number]), highs[number]) for number in partitions}

    def read(self, topic: str, partition: int, extent: Extent) -> Iterator[Message]:
        """Every record of an extent, in order; raises BrokerUnreachableError."""
        if extent.low >= extent.high:
            return
        consumer = self._the_consumer()
        consumer.assign([TopicPartition(topic, partition, extent.low)])
        try:
            for message in self._polled(consumer, topic, partition):
                if message.error() is None and message.offset() < extent.high:
                    yield message
                if message.error() is not None or message.offset() >= extent.high - 1:
                    return
        finally:
            if self._consumer is consumer:  # not closed meanwhile
                consumer.unassign()

    def _polled(self, consumer: Consumer, topic: str, partition: int) -> Iterator[Polled]:
        """Records of the assigned partition, and its end in place of a record."""
        waited_s = 0.0
        while waited_s < self._timeout_s:
            polled = consume(consumer, _MOST, _POLL_S)
            came = any(message.error() is None for message in polled)
            waited_s = 0.0 if came else waited_s + _POLL_S
            for message in polled:
                error = message.error()
                if error is not None and error.code() in _GONE:
                    raise BrokerUnreachableError(
                        f"the broker deleted records of {topic} while they were read: {error.str()}. "
                        "Run the command again; it begins with what is left."
                    )
                # Any other error is the client's own to get over; if it does not, nothing comes any more.
                is_end = error is not None and error.code() == KafkaError._PARTITION_EOF  # noqa: SLF001
                mine = (message.topic(), message.partition()) == (topic, partition)
                if mine and (error is None or is_end):
                    yield message
        raise BrokerUnreachableError(
            f"the broker at {self._kafka.bootstrap} sent no record of {topic} and no end within "
            f"{self._timeout_s:.0f} s. Is it running, and may this user read the topic?"
        )

    def _the_consumer(self) -> Consumer:
        if self._consumer is None:
            config: Config = {
                "fetch.wait.max.ms": 50,
                "queued.min.messages": 50_000,
                **self._kafka.consumer_config(),
                "group.id": "replay",  # required by the client; never used for offsets or membership
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "isolation.level": "read_committed",
            }
            self._consumer = Consumer(config)
        return self._consumer

    def _offsets(self, topic: str, partitions: list[int], spec: OffsetSpec) -> dict[int, int]:
        try:
            answers = self._admin.list_offsets(
                {TopicPartition(topic, partition): spec for partition in partitions},
                isolation_level=IsolationLevel.READ_COMMITTED,
                request_timeout=self._timeout_s,
            )
            return {
                asked.partition: answer.result(self._timeout_s).offset for asked, answer in answers.items()
            }
        except (KafkaException, TimeoutError) as error:
            raise BrokerUnreachableError(
                f"the broker at {self._kafka.bootstrap} did not tell the ends of {topic}: {error}. "
                "Is it running, and is DISCLOSURE_KAFKA_BOOTSTRAP right?"
            ) from error
