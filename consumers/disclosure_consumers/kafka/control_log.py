"""The control topics over Kafka, and where they end at this moment."""

from collections.abc import Mapping, Sequence

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from disclosure_consumers.kafka.client import (
    REQUEST_TIMEOUT_S,
    BrokerUnreachableError,
    Config,
    Polled,
    consume,
    log_client_error,
)
from disclosure_consumers.ports import (
    Mark,
    Message,
    Partition,
    StateUnreadableError,
    TopicChangedError,
    mark_of,
)
from disclosure_producers.settings import KafkaSettings


def partitions_of(kafka: KafkaSettings, topic: str) -> list[int]:
    """Partitions of a topic; raises BrokerUnreachableError where there is no broker or no topic."""
    try:
        found = (
            AdminClient({**kafka.client_config()}).list_topics(topic, timeout=REQUEST_TIMEOUT_S).topics[topic]
        )
    except KafkaException as error:
        raise BrokerUnreachableError(
            f"no broker answers at {kafka.bootstrap}: {error.args[0].str()}. "
            "Start one, or set DISCLOSURE_KAFKA_BOOTSTRAP."
        ) from error
    if found.error is not None:
        raise BrokerUnreachableError(
            f"the topic {topic} cannot be read: {found.error}. Create it with `disclosures topics create`."
        )
    return sorted(found.partitions)


class KafkaControlLog:
    """The control topics, read outside of any group: whole, or on from what is known of them."""

    def __init__(self, kafka: KafkaSettings, topics: Sequence[str], name: str) -> None:
        admin_config: Config = {**kafka.client_config(), "error_cb": log_client_error}
        self._admin = AdminClient(admin_config)
        config: Config = {
            "fetch.wait.max.ms": 500,
            **kafka.consumer_config(),
            "group.id": f"{name}-control",  # required by the client; never used for offsets or membership
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "error_cb": log_client_error,
        }
        self._consumer = Consumer(config)
        self._positions: dict[Partition, int] = {}
        self._expected: dict[Partition, Mark] = {}
        for topic in topics:
            for partition in partitions_of(kafka, topic):
                self._positions[topic, partition] = 0
        self.begin({})

    def begin(self, marks: Mapping[Partition, Mark]) -> None:
        """Read on from these records; what the client has fetched from elsewhere it drops by itself."""
        self._expected = {where: mark for where, mark in marks.items() if where in self._positions}
        assigned = []
        for topic, partition in self._positions:
            mark = self._expected.get((topic, partition))
            self._positions[topic, partition] = 0 if mark is None else mark.offset
            offset = OFFSET_BEGINNING if mark is None else mark.offset
            assigned.append(TopicPartition(topic, partition, offset))
        self._consumer.assign(assigned)

    def end_offsets(self) -> Mapping[tuple[str, int], int]:
        """High watermarks in one round trip; an open transaction below one is waited for, never skipped."""
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        asked = {TopicPartition(topic, partition): latest for topic, partition in self._positions}
        try:
            futures = self._admin.list_offsets(
                asked, isolation_level=IsolationLevel.READ_UNCOMMITTED, request_timeout=REQUEST_TIMEOUT_S
            )
            return {(tp.topic, tp.partition): future.result().offset for tp, future in futures.items()}
        except KafkaException as error:
            raise StateUnreadableError(
                f"the broker did not tell the end of the control topics: {error}"
            ) from error

    def read(self, wait_s: float) -> Sequence[Message]:
        """Return records not read before."""
        return [message for message in consume(self._consumer, 10_000, wait_s) if self._advance(message)]

    def positions(self) -> Mapping[tuple[str, int], int]:
        """Next offset of every partition."""
        return self._positions

    def close(self) -> None:
        """Give back connections."""
        self._consumer.close()

    def _advance(self, message: Polled) -> bool:
        """Note how far a partition is read; control records are passed by the end-of-partition event."""
        error = message.error()
        where = (message.topic(), message.partition())
        if self._expected:
            self._check(where, message, error)
        if error is None:
            self._positions[where] = message.offset() + 1
            return True
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
            self._positions[where] = max(self._positions[where], message.offset())
        else:
            log_client_error(error)
        return False

    def _check(self, where: Partition, message: Polled, error: KafkaError | None) -> None:
        """A partition must begin with its mark; where that offset is gone the client begins elsewhere."""
        if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001
            return
        expected = self._expected.pop(where, None)
        if expected is not None and (error is not None or mark_of(message) != expected):
            raise TopicChangedError(
                f"{where[0]}/{where[1]} has another record, or none, at offset {expected.offset}"
            )
