"""The recorder's Kafka consumer."""

from collections.abc import Mapping
from typing import cast

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from disclosure_consumers.ports import Headers
from disclosure_consumers.trace_links import LINKS_MAX, trace_headers
from disclosure_ledger.decoding import Records
from disclosure_ledger.recorder_source import (
    RECORDED_TOPICS,
    PositionGoneError,
    Received,
    SourceRefusedError,
)
from disclosure_ledger.store.batch import Position
from disclosure_producers.settings import KafkaSettings

_log = structlog.get_logger(__name__)

_REFUSALS = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.SASL_AUTHENTICATION_FAILED,
    KafkaError._AUTHENTICATION,  # noqa: SLF001 - its public name
    KafkaError._FATAL,  # noqa: SLF001
}

_GONE = {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}  # noqa: SLF001


class KafkaSource:
    """Reads all partitions from given positions; belongs to no group, commits nothing. For one thread."""

    def __init__(self, settings: KafkaSettings, *, wants_traces: bool = False) -> None:
        self._wants_traces = wants_traces
        self.missing_topics: tuple[str, ...] = ()
        self._names = {settings.topic(topic): topic.name for topic in RECORDED_TOPICS}
        self._consumer = Consumer(
            {
                **settings.consumer_config(),
                # Required by the client; no group is joined and no offset committed: the ledger has them.
                "group.id": "disclosure-recorder",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                # The ends of partitions tell the position behind markers of transactions and aborted records.
                "enable.partition.eof": True,
                # Going on anywhere else than asked for would lose or double records.
                "auto.offset.reset": "error",
                "check.crcs": True,
                "fetch.wait.max.ms": 50,
            },
            logger=None,
        )

    def open(self, next_offsets: Mapping[Position, int], wait_s: float) -> bool:
        """Assign every partition of every recorded topic; raises SourceRefusedError."""
        try:
            known = self._consumer.list_topics(timeout=wait_s).topics
        except KafkaException as error:
            _refuse(error.args[0])
            _log.info("waiting for the broker", error=str(error.args[0]))
            return False
        missing = [name for name in self._names if name not in known or not known[name].partitions]
        self.missing_topics = tuple(self._names[name] for name in missing)
        if missing:
            _log.warning(
                "nothing is recorded until these topics exist; `disclosures topics create` makes them",
                missing=missing,
            )
            return False
        self._consumer.assign(
            [
                TopicPartition(name, partition, next_offsets.get((topic, partition), OFFSET_BEGINNING))
                for name, topic in self._names.items()
                for partition in known[name].partitions
            ]
        )
        return True

    def read(self, records_max: int, wait_s: float) -> Received:
        """Return what comes; raises PositionGoneError, SourceRefusedError."""
        records: dict[str, Records] = {}
        next_offsets: dict[Position, int] = {}
        columns = {name: Records() for name in self._names}
        traces: list[Headers] = []
        for message in self._consumer.consume(records_max, wait_s):
            name, partition, offset = message.topic(), message.partition(), message.offset()
            error = message.error()
            if name is None or partition is None or offset is None:
                self._complain(message, error)
            elif error is None:
                columns[name].append(partition, offset, message.key(), message.value())
                if self._wants_traces and (trace := trace_headers(_headers(message))):
                    traces.append(trace)
                next_offsets[self._names[name], partition] = offset + 1
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
                next_offsets[self._names[name], partition] = offset
            else:
                self._complain(message, error)
        for name, received in columns.items():
            if len(received):
                records[self._names[name]] = received
        return Received(records, next_offsets, traces[:LINKS_MAX])

    def behind(self, next_offsets: Mapping[Position, int]) -> Mapping[str, int]:
        """Offsets between these positions and the ends that the last fetches told."""
        found = dict.fromkeys(self._names.values(), 0)
        for at in self._consumer.assignment():
            marks = self._consumer.get_watermark_offsets(at, cached=True)
            topic = self._names[at.topic]
            if marks is not None and marks[1] >= 0:
                low, high = marks
                found[topic] += max(0, high - max(low, next_offsets.get((topic, at.partition), 0)))
        return found

    def close(self) -> None:
        """Close the consumer."""
        self._consumer.close()

    def _complain(self, message: Message, error: KafkaError | None) -> None:
        if error is None:
            return
        if error.code() in _GONE:
            raise PositionGoneError(
                f"the ledger goes on at offset {message.offset()} of {message.topic()}, partition "
                f"{message.partition()}, but the broker does not have it: {error.str()}. Either the topic's "
                "retention is shorter than the recorder was away, or the topic was made anew. `disclosures "
                "audit` says what is missing; a new topic needs a new ledger folder."
            )
        _refuse(error)
        _log.warning("the broker reports an error; trying again", error=str(error))


def _headers(message: Message) -> Headers:
    """Headers of a record, as pairs."""
    return cast("Headers", message.headers() or ())


def _refuse(error: KafkaError) -> None:
    if error.code() in _REFUSALS:
        needed = ", ".join(topic.name for topic in RECORDED_TOPICS)
        raise SourceRefusedError(
            f"the broker refuses the recorder: {error}. It needs to read {needed}; "
            "check DISCLOSURE_KAFKA_CLIENT and the broker's access rules."
        )
