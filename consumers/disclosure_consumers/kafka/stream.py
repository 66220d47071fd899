"""Requests in, decisions out: the gate's source and sink, joined by Kafka transactions.

Every call of a consumer is made on one thread (a second thread would wait behind the poll loop).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from disclosure_consumers.kafka.client import (
    BrokerUnreachableError,
    Config,
    Polled,
    consume,
    log_client_error,
)
from disclosure_consumers.ports import FencedError, Message, Outgoing, TransactionAbortedError
from disclosure_consumers.settings import GateSettings
from disclosure_producers.settings import KafkaSettings

_log = structlog.get_logger(__name__)

_CALL_TIMEOUT_S = 2.0
"""How long one call to the client may take; it is repeated, and between two a signal can be heard."""


class KafkaSource:
    """The group's share of disclosures.requested."""

    def __init__(self, kafka: KafkaSettings, gate: GateSettings, topic: str, instance: str) -> None:
        self._topic = topic
        config: Config = {
            "partition.assignment.strategy": "cooperative-sticky",
            "session.timeout.ms": gate.session_timeout_ms,
            "fetch.wait.max.ms": 50,
            "queued.min.messages": 50_000,
            **kafka.consumer_config(),
            "group.id": kafka.group(gate.group),
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "error_cb": log_client_error,
        }
        if gate.instance is not None:
            config["group.instance.id"] = instance
        self._consumer = Consumer(config)
        self.assigned: set[int] = set()
        self._consumer.subscribe(
            [topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke
        )

    def take(self, most: int, wait_s: float) -> Sequence[Message]:
        """Return what is there, at most `most`."""
        return [message for message in consume(self._consumer, most, wait_s) if not self._is_error(message)]

    def rewind(self, first_offsets: Mapping[int, int]) -> None:
        """Take partitions again from these offsets, where they are still assigned."""
        for partition, offset in first_offsets.items():
            if partition in self.assigned:
                self._consumer.seek(TopicPartition(self._topic, partition, offset))

    def behind(self) -> Mapping[int, int]:
        """Offsets between what was taken and the end of each partition, as the last fetches told."""
        mine = [TopicPartition(self._topic, partition) for partition in sorted(self.assigned)]
        found = {}
        for at in self._consumer.position(mine) if mine else ():
            watermarks = self._consumer.get_watermark_offsets(at, cached=True)
            if watermarks is not None and watermarks[1] >= 0:
                low, high = watermarks
                found[at.partition] = max(0, high - (at.offset if at.offset >= 0 else max(0, low)))
        return found

    def group_metadata(self) -> object:
        """Identity of this member in its group, for the transaction's fencing."""
        return self._consumer.consumer_group_metadata()

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _is_error(self, message: Polled) -> bool:
        error = message.error()
        if error is None:
            return False
        if error.code() == KafkaError.FENCED_INSTANCE_ID or error.fatal():
            raise FencedError(
                f"this gate was fenced: {error.str()}. Another process runs with the same instance name; "
                "give each gate a name of its own in DISCLOSURE_GATE_INSTANCE."
            )
        log_client_error(error)
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
        self,
        kafka: KafkaSettings,
        gate: GateSettings,
        source: KafkaSource,
        topic: str,
        instance: str,
        *,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._should_stop = should_stop
        self._source = source
        self._topic = topic
        self._producer = Producer(
            {
                # With "rebootstrap" a broker that was away with all others stays the coordinator of the
                # group and is never asked again: send_offsets_to_transaction then waits for ever, past its
                # timeout (librdkafka 2.16.0, issues 5456 and 5511). Addresses of brokers must stay for that.
                "metadata.recovery.strategy": "none",
                **kafka.client_config(),
                "transactional.id": f"{kafka.topic_prefix}{gate.group}-{instance}",
                "transaction.timeout.ms": gate.transaction_timeout_ms,
                "linger.ms": 5,
                # Offsets of a transaction are refused until the markers of the last one are written: asking
                # again after the default of 100 ms would mean ten transactions a second.
                "retry.backoff.ms": 3,
                "compression.type": "lz4",
                "batch.size": 1_000_000,
                "queue.buffering.max.messages": 1_000_000,
                "queue.buffering.max.kbytes": 1_048_576,
                "message.max.bytes": 4_194_304,
                "error_cb": log_client_error,
            }
        )
        try:
            self._obeying(self._producer.init_transactions, _CALL_TIMEOUT_S)
        except KafkaException as error:
            raise BrokerUnreachableError(
                f"the broker at {kafka.bootstrap} did not let this gate begin transactions: {error}. "
                "Start it, or set DISCLOSURE_KAFKA_BOOTSTRAP."
            ) from error

    def deliver(self, records: Iterable[Outgoing], next_offsets: Mapping[int, int]) -> None:
        """Write records and offsets in one transaction."""
        producer, poll_after = self._producer, 0
        try:
            producer.begin_transaction()
            produce = producer.produce
            for topic, partition, key, value, headers in records:
                if headers is None:
                    produce(topic, value, key, partition)
                else:
                    produce(topic, value, key, partition, headers=[*headers])
                poll_after += 1
                if poll_after % 10_000 == 0:
                    producer.poll(0)
            offsets = [TopicPartition(self._topic, p, offset) for p, offset in next_offsets.items()]
            metadata = self._source.group_metadata()
            self._obeying(producer.send_offsets_to_transaction, offsets, metadata, _CALL_TIMEOUT_S)
            self._obeying(producer.commit_transaction, _CALL_TIMEOUT_S)
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
            self._obeying(self._producer.abort_transaction, _CALL_TIMEOUT_S)
        except KafkaException as failed:
            if failed.args[0].fatal():
                raise FencedError(f"this gate was fenced: {failed.args[0].str()}.") from failed
            raise TransactionAbortedError(f"the transaction could not be aborted yet: {failed}") from failed
        raise TransactionAbortedError(f"the transaction was aborted: {error}") from error

    def _obeying(self, call: Callable[..., object], *args: object) -> None:
        """Call again as long as the client says that the same call may be repeated, or until told to stop."""
        while True:
            try:
                call(*args)
            except KafkaException as error:
                if not error.args[0].retriable() or self._should_stop():
                    raise
                _log.info("kafka asks to repeat", call=getattr(call, "__name__", ""), cause=str(error))
            else:
                return
