"""The gate's ports over Kafka: the only place of this component that imports confluent_kafka for the stream.

Every call of a consumer is made on one thread (a second thread would wait behind the poll loop).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, cast

import structlog
from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from disclosure_consumers.ports import (
    FencedError,
    Message,
    Outgoing,
    StateUnreadableError,
    TransactionAbortedError,
)
from disclosure_consumers.settings import GateSettings
from disclosure_producers.settings import KafkaSettings

_log = structlog.get_logger(__name__)

_REQUEST_TIMEOUT_S = 5.0
_COMMIT_TIMEOUT_S = 30.0


class BrokerUnreachableError(StateUnreadableError):
    """The broker does not answer."""


def _log_client_error(error: KafkaError) -> None:
    _log.warning("kafka client", code=error.name(), detail=error.str())


class _Polled(Message, Protocol):
    """What a poll returns: a record, or an error in its place."""

    def error(self) -> KafkaError | None: ...


def _consume(consumer: Consumer, most: int, wait_s: float) -> list[_Polled]:
    """Take what is there; only the first message is waited for, so that a lone event is not kept waiting."""
    first = consumer.consume(1, wait_s)
    rest = consumer.consume(most - 1, 0.0) if first and most > 1 else []
    return cast("list[_Polled]", [*first, *rest])


class KafkaSource:
    """The group's share of disclosures.requested."""

    def __init__(self, kafka: KafkaSettings, gate: GateSettings, topic: str, instance: str) -> None:
        self._topic = topic
        config: dict[str, str | int | float | bool] = {
            "partition.assignment.strategy": "cooperative-sticky",
            "session.timeout.ms": gate.session_timeout_ms,
            "fetch.wait.max.ms": 50,
            "queued.min.messages": 50_000,
            **kafka.consumer_config(),
            "group.id": gate.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
        if gate.instance is not None:
            config["group.instance.id"] = instance
        self._consumer = Consumer(config | {"error_cb": _log_client_error})
        self.assigned: set[int] = set()
        self._consumer.subscribe(
            [topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke
        )

    def take(self, most: int, wait_s: float) -> Sequence[Message]:
        """Return what is there, at most `most`."""
        return [message for message in _consume(self._consumer, most, wait_s) if not self._is_error(message)]

    def rewind(self, first_offsets: Mapping[int, int]) -> None:
        """Take partitions again from these offsets, where they are still assigned."""
        for partition, offset in first_offsets.items():
            if partition in self.assigned:
                self._consumer.seek(TopicPartition(self._topic, partition, offset))

    def group_metadata(self) -> object:
        """Identity of this member in its group, for the transaction's fencing."""
        return self._consumer.consumer_group_metadata()

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _is_error(self, message: _Polled) -> bool:
        error = message.error()
        if error is None:
            return False
        if error.code() == KafkaError.FENCED_INSTANCE_ID or error.fatal():
            raise FencedError(
                f"this gate was fenced: {error.str()}. Another process runs with the same instance name; "
                "give each gate a name of its own in DISCLOSURE_GATE_INSTANCE."
            )
        _log_client_error(error)
        return True

    def _on_assign(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self.assigned.update(entry.partition for entry in partitions)
        _log.info("partitions assigned", partitions=sorted(self.assigned))

    def _on_revoke(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        # Called from within take(): no transaction is open then, so nothing is left to finish.
        self.assigned.difference_update(entry.partition for entry in partitions)
        _log.info("partitions revoked", partitions=sorted(entry.partition for entry in partitions))


class KafkaSink:
    """Decisions, dead letters and offsets in one Kafka transaction."""

    def __init__(
        self, kafka: KafkaSettings, gate: GateSettings, source: KafkaSource, topic: str, instance: str
    ) -> None:
        self._source = source
        self._topic = topic
        self._producer = Producer(
            {
                **kafka.client_config(),
                "transactional.id": f"{kafka.topic_prefix}{gate.group}-{instance}",
                "transaction.timeout.ms": gate.transaction_timeout_ms,
                "linger.ms": 5,
                "compression.type": "lz4",
                "batch.size": 1_000_000,
                "queue.buffering.max.messages": 1_000_000,
                "queue.buffering.max.kbytes": 1_048_576,
                "message.max.bytes": 4_194_304,
                "error_cb": _log_client_error,
            }
        )
        _obeying(self._producer.init_transactions, _COMMIT_TIMEOUT_S)

    def deliver(self, records: Iterable[Outgoing], next_offsets: Mapping[int, int]) -> None:
        """Write records and offsets in one transaction."""
        producer, poll_after = self._producer, 0
        try:
            producer.begin_transaction()
            produce = producer.produce
            for topic, partition, key, value in records:
                produce(topic, value, key, partition)
                poll_after += 1
                if poll_after % 10_000 == 0:
                    producer.poll(0)
            offsets = [TopicPartition(self._topic, p, offset) for p, offset in next_offsets.items()]
            metadata = self._source.group_metadata()
            _obeying(producer.send_offsets_to_transaction, offsets, metadata, _COMMIT_TIMEOUT_S)
            _obeying(producer.commit_transaction, _COMMIT_TIMEOUT_S)
        except (KafkaException, BufferError) as error:
            self._abort(error)

    def close(self) -> None:
        """Give back connections; what was begun and not committed is aborted by the broker."""
        self._producer.purge()

    def _abort(self, error: KafkaException | BufferError) -> None:
        """Turn a failed transaction into TransactionAbortedError, or FencedError when fatal."""
        cause = error.args[0] if isinstance(error, KafkaException) else None
        if cause is not None and (cause.fatal() or cause.code() == KafkaError._FENCED):  # noqa: SLF001
            raise FencedError(
                f"this gate was fenced: {cause.str()}. Another process runs with the same instance name, "
                "or this one was away too long. Nothing of its last batch was written."
            ) from error
        try:
            _obeying(self._producer.abort_transaction, _COMMIT_TIMEOUT_S)
        except KafkaException as failed:
            if failed.args[0].fatal():
                raise FencedError(f"this gate was fenced: {failed.args[0].str()}.") from failed
            raise TransactionAbortedError(f"the transaction could not be aborted yet: {failed}") from failed
        raise TransactionAbortedError(f"the transaction was aborted: {error}") from error


def _obeying(call: Callable[..., object], *args: object) -> None:
    """Call again as long as the client says that the same call may be repeated."""
    while True:
        try:
            call(*args)
        except KafkaException as error:
            if not error.args[0].retriable():
                raise
            _log.info("kafka asks to repeat", call=getattr(call, "__name__", ""), cause=error.args[0].str())
        else:
            return


class KafkaControlLog:
    """The control topics, read whole from the beginning, outside of any group."""

    def __init__(self, kafka: KafkaSettings, topics: Sequence[str], name: str) -> None:
        self._admin = AdminClient({**kafka.client_config(), "error_cb": _log_client_error})
        self._consumer = Consumer(
            {
                "fetch.wait.max.ms": 500,
                **kafka.consumer_config(),
                "group.id": f"{name}-control",  # required by the client; never used for offsets or membership
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "error_cb": _log_client_error,
            }
        )
        self._positions: dict[tuple[str, int], int] = {}
        for topic in topics:
            for partition in self._partitions(topic):
                self._positions[topic, partition] = 0
        self._consumer.assign([TopicPartition(t, p, OFFSET_BEGINNING) for t, p in self._positions])

    def end_offsets(self) -> Mapping[tuple[str, int], int]:
        """High watermarks in one round trip; an open transaction below one is waited for, never skipped."""
        asked = {TopicPartition(topic, partition): OffsetSpec.latest() for topic, partition in self._positions}
        try:
            futures = self._admin.list_offsets(
                asked, isolation_level=IsolationLevel.READ_UNCOMMITTED, request_timeout=_REQUEST_TIMEOUT_S
            )
            return {(tp.topic, tp.partition): future.result().offset for tp, future in futures.items()}
        except KafkaException as error:
            raise StateUnreadableError(f"the broker did not tell the end of the control topics: {error}") from error

    def read(self, wait_s: float) -> Sequence[Message]:
        """Return records not read before."""
        return [message for message in _consume(self._consumer, 10_000, wait_s) if self._advance(message)]

    def positions(self) -> Mapping[tuple[str, int], int]:
        """Next offset of every partition."""
        return self._positions

    def close(self) -> None:
        """Give back connections."""
        self._consumer.close()

    def _partitions(self, topic: str) -> list[int]:
        metadata = self._admin.list_topics(topic, timeout=_REQUEST_TIMEOUT_S).topics[topic]
        if metadata.error is not None:
            raise BrokerUnreachableError(
                f"the topic {topic} cannot be read: {metadata.error}. Create it with `disclosures topics create`."
            )
        return sorted(metadata.partitions)

    def _advance(self, message: _Polled) -> bool:
        """Note how far a partition is read; control records are passed by the end-of-partition event."""
        error = message.error()
        where = (message.topic(), message.partition())
        if error is None:
            self._positions[where] = message.offset() + 1
            return True
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
            self._positions[where] = max(self._positions[where], message.offset())
        else:
            _log_client_error(error)
        return False
