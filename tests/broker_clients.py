"""Short ways for tests to produce, read and ask offsets on a local broker, with the settings it needs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from confluent_kafka import Consumer, IsolationLevel, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from disclosure_ledger.brokers.local import LocalBroker
from kafka_fixtures import create_topic, fresh_name

WAIT_S = 30.0
Settings = Mapping[str, Any]
PROGRAMS = Path(__file__).with_name("broker_processes.py")


class BrokerClients:
    """Kafka clients of one broker, closed together."""

    def __init__(self, broker: LocalBroker) -> None:
        self.broker = broker
        self._open = ExitStack()
        self._publisher: Producer | None = None
        self.admin = AdminClient({"bootstrap.servers": broker.bootstrap})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def topic(self, partitions: int = 1) -> str:
        """Create a topic nobody else uses."""
        return create_topic(self.broker, partitions)

    def producer(self, settings: Settings | None = None) -> Producer:
        """An idempotent producer."""
        basis = {"bootstrap.servers": self.broker.bootstrap, "enable.idempotence": True, "linger.ms": 5}
        return Producer({**basis, **(settings or {})})

    def transactional_producer(
        self, transactional_id: str | None = None, timeout_ms: int = 30_000
    ) -> Producer:
        """A producer that has called ``init_transactions``."""
        identity = transactional_id or fresh_name("transactions")
        producer = self.producer({"transactional.id": identity, "transaction.timeout.ms": timeout_ms})
        producer.init_transactions(WAIT_S)
        return producer

    def consumer(self, group: str | None = None, settings: Settings | None = None) -> Consumer:
        """A consumer that reads committed records from the start and commits nothing by itself."""
        return self._open.enter_context(Consumer(consumer_settings(self.broker, group, settings)))

    def publish(self, topic: str, values: Sequence[str], partition: int = 0) -> None:
        """Produce values outside any transaction and wait until the broker has them."""
        if self._publisher is None:
            self._publisher = self.producer({"queue.buffering.max.messages": 1_000_000})
        for value in values:
            self._publisher.produce(topic, value, partition=partition)
        assert self._publisher.flush(WAIT_S) == 0

    def end_offsets(self, topic: str, partitions: int, *, committed_only: bool = False) -> list[int]:
        """The end offsets of all partitions, by one call."""
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        asked = {TopicPartition(topic, number): latest for number in range(partitions)}
        level = IsolationLevel.READ_COMMITTED if committed_only else IsolationLevel.READ_UNCOMMITTED
        answers = self.admin.list_offsets(asked, isolation_level=level, request_timeout=WAIT_S)
        found = {asked_of.partition: answer.result(WAIT_S).offset for asked_of, answer in answers.items()}
        return [found[number] for number in range(partitions)]

    def wait_for_markers(self, topic: str, partitions: int) -> None:
        """Wait until every finished transaction is seen to be finished in every partition."""
        deadline = time.monotonic() + WAIT_S
        while self.end_offsets(topic, partitions) != self.end_offsets(topic, partitions, committed_only=True):
            assert time.monotonic() < deadline, f"a transaction in {topic} is still open after {WAIT_S} s"
            time.sleep(0.01)

    def read_all(
        self, topic: str, partitions: int = 1, settings: Settings | None = None, *, settled: bool = True
    ) -> list[Message]:
        """Every record that a reader who comes now can see; ``settled`` means that no transaction is open."""
        if settled:
            self.wait_for_markers(topic, partitions)
        consumer = Consumer(
            consumer_settings(self.broker, None, {"enable.partition.eof": True, **(settings or {})})
        )
        consumer.assign([TopicPartition(topic, number, 0) for number in range(partitions)])
        records: list[Message] = []
        unfinished = set(range(partitions))
        with consumer:
            while unfinished:
                batch = consumer.consume(1000, 0.2)
                for record in batch:
                    error = record.error()
                    if error is None:
                        records.append(record)
                    else:
                        assert error.code() == KafkaError._PARTITION_EOF, error
                        unfinished.discard(_known(record.partition()))
        return records

    def read_values(
        self, topic: str, partitions: int = 1, settings: Settings | None = None, *, settled: bool = True
    ) -> list[str]:
        """The values that a reader who comes now can see."""
        return [value_of(record) for record in self.read_all(topic, partitions, settings, settled=settled)]


def consumer_settings(
    broker: LocalBroker, group: str | None, extra: Settings | None = None
) -> dict[str, Any]:
    """The configuration a consumer needs on this broker."""
    settings: dict[str, Any] = {
        "bootstrap.servers": broker.bootstrap,
        "group.id": group or fresh_name("group"),
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "fetch.wait.max.ms": 50,
        **broker.limits.client_overrides,
    }
    if broker.limits.needs_static_membership:
        settings["group.instance.id"] = "only-member"
    return {**settings, **(extra or {})}


def write_in_transaction(producer: Producer, topic: str, values: Sequence[str], partition: int = 0) -> None:
    """Begin a transaction and wait until the broker has its records."""
    producer.begin_transaction()
    for value in values:
        producer.produce(topic, value, partition=partition)
    assert producer.flush(WAIT_S) == 0


def value_of(record: Message) -> str:
    """A record's value as text."""
    return _known(record.value()).decode()


def take(consumer: Consumer, count: int) -> list[Message]:
    """Poll until ``count`` records came, or raise."""
    records: list[Message] = []
    idle_polls = 0
    while len(records) < count:
        batch = consumer.consume(count - len(records), 0.2)
        idle_polls = 0 if batch else idle_polls + 1
        assert idle_polls * 0.2 < WAIT_S, f"expected {count} records, got {len(records)} and nothing more"
        for record in batch:
            assert record.error() is None, record.error()
        records.extend(batch)
    return records


@contextmanager
def program(name: str, order: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """Run one of the programs and kill it at the end."""
    command = [sys.executable, str(PROGRAMS), name, json.dumps(order)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next thing the program says."""
    assert process.stdout is not None
    return cast("dict[str, Any]", json.loads(process.stdout.readline()))


_T = TypeVar("_T")


def _known(value: _T | None) -> _T:
    assert value is not None
    return value
