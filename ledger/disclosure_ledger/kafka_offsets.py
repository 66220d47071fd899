"""The audit's questions to Kafka: ends of topics, and which offsets hold a committed record.

Beside `kafka.py` the only module of the ledger that imports confluent_kafka. Offsets of a topic have gaps:
markers of transactions and records of aborted ones take offsets but are given to no reader.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from disclosure_ledger.audit.errors import AuditBrokerError
from disclosure_ledger.audit.facts import Extent
from disclosure_ledger.audit.spans import PartitionSpans, Spans, clipped, joined, spans_of
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.topics import Topic

REQUEST_TIMEOUT_S = 30.0
"""Longest wait for one answer of the broker."""

_POLL_S = 1.0
_JOIN_WITHIN = 2_000
"""Runs of offsets nearer than this are read in one go: reading on is cheaper than a new fetch."""


class BrokerOffsets:
    """Asks one broker, with a consumer of its own that joins no group. For one thread at a time."""

    def __init__(self, settings: KafkaSettings, *, request_timeout_s: float = REQUEST_TIMEOUT_S) -> None:
        self._settings = settings
        self._timeout_s = request_timeout_s
        self._admin = AdminClient({**settings.client_config()})
        self._consumer: Consumer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the broker."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def topic_name(self, topic: Topic) -> str:
        """Name of a topic on this broker."""
        return self._settings.topic(topic)

    def extents(self, topic: Topic) -> dict[int, Extent]:
        """Log start and end (last stable offset) of every partition; raises AuditBrokerError."""
        partitions = self._partitions(topic)
        lows = self._list_offsets(topic, partitions, OffsetSpec.earliest())  # type: ignore[no-untyped-call]
        highs = self._list_offsets(topic, partitions, OffsetSpec.latest())  # type: ignore[no-untyped-call]
        return {
            number: Extent(low=min(lows[number], highs[number]), high=highs[number]) for number in partitions
        }

    def records_among(self, topic: Topic, offsets: PartitionSpans) -> dict[int, Spans]:
        """Those of the given offsets that hold a committed record; raises AuditBrokerError."""
        found: dict[int, Spans] = {}
        for partition, wanted in sorted(offsets.items()):
            records: list[int] = []
            for run in joined(wanted, within=_JOIN_WITHIN):
                extent = Extent(low=run.first, high=run.last + 1)
                records += [offset for _, offset in self._read(topic, {partition: extent})]
            present = spans_of(records)
            found[partition] = tuple(
                part for run in wanted for part in clipped(present, run.first, run.last + 1)
            )
        return {partition: runs for partition, runs in found.items() if runs}

    def has_records(self, topic: Topic, extents: Mapping[int, Extent]) -> bool:
        """Whether there is any committed record within these offsets; raises AuditBrokerError."""
        return next(self._read(topic, extents), None) is not None

    def count_records(self, topic: Topic, extents: Mapping[int, Extent]) -> int:
        """How many committed records there are within these offsets; reads them all."""
        return sum(1 for _ in self._read(topic, extents))

    def _partitions(self, topic: Topic) -> list[int]:
        name = self.topic_name(topic)
        # All topics are listed, for a question about one topic may create it on a broker set up so.
        with self._asking():
            topics = self._admin.list_topics(timeout=self._timeout_s).topics
        if name not in topics:
            raise AuditBrokerError(
                f"the broker {self._settings.bootstrap} has no topic {name}. Create the topics with "
                "`disclosures topics create`, or correct DISCLOSURE_KAFKA_BOOTSTRAP and "
                "DISCLOSURE_KAFKA_TOPIC_PREFIX."
            )
        return sorted(topics[name].partitions)

    def _list_offsets(self, topic: Topic, partitions: Sequence[int], spec: OffsetSpec) -> dict[int, int]:
        name = self.topic_name(topic)
        with self._asking():
            answers = self._admin.list_offsets(
                {TopicPartition(name, partition): spec for partition in partitions},
                isolation_level=IsolationLevel.READ_COMMITTED,
                request_timeout=self._timeout_s,
            )
            return {
                asked.partition: answer.result(self._timeout_s).offset for asked, answer in answers.items()
            }

    def _read(self, topic: Topic, extents: Mapping[int, Extent]) -> Iterator[tuple[int, int]]:
        """Yield (partition, offset) of every committed record within these offsets."""
        open_extents = {
            partition: extent for partition, extent in extents.items() if extent.low < extent.high
        }
        if not open_extents:
            return
        name = self.topic_name(topic)
        consumer = self._the_consumer()
        consumer.assign([TopicPartition(name, number, extent.low) for number, extent in open_extents.items()])
        try:
            while open_extents:
                partition, offset, is_record = self._next(consumer)
                extent = open_extents.get(partition)
                if extent is None:
                    continue
                if is_record and extent.low <= offset < extent.high:
                    yield partition, offset
                if not is_record or offset >= extent.high - 1:
                    del open_extents[partition]
                    consumer.incremental_unassign([TopicPartition(name, partition)])
        finally:
            consumer.unassign()

    def _next(self, consumer: Consumer) -> tuple[int, int, bool]:
        """Return partition and offset of the next record, or of the end of a partition."""
        waited_s = 0.0
        while (message := consumer.poll(_POLL_S)) is None:
            waited_s += _POLL_S
            if waited_s >= self._timeout_s:
                raise self._no_answer(f"no record and no end of partition within {self._timeout_s:.0f} s")
        error, partition, offset = message.error(), message.partition(), message.offset()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
            raise self._no_answer(error.str())
        assert partition is not None
        assert offset is not None
        return partition, offset, error is None

    def _the_consumer(self) -> Consumer:
        if self._consumer is None:
            self._consumer = Consumer(
                {
                    **self._settings.consumer_config(),
                    # librdkafka wants a group named; nothing is subscribed or committed.
                    "group.id": "disclosure-audit",
                    "enable.auto.commit": False,
                    "enable.auto.offset.store": False,
                    "enable.partition.eof": True,
                    "auto.offset.reset": "error",
                    "isolation.level": "read_committed",
                    "fetch.wait.max.ms": 10,
                }
            )
        return self._consumer

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (KafkaException, TimeoutError) as error:
            raise self._no_answer(str(error)) from error

    def _no_answer(self, why: str) -> AuditBrokerError:
        return AuditBrokerError(
            f"the broker {self._settings.bootstrap} did not answer a question about offsets: {why}. Is it "
            "running, and is DISCLOSURE_KAFKA_BOOTSTRAP right?"
        )
