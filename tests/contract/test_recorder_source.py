"""One suite for the recorder's source: the double in memory and Kafka give the same records and positions."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Protocol, cast

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from disclosure_ledger.brokers.local import LocalBroker
from disclosure_ledger.decoding import Records
from disclosure_ledger.kafka import KafkaSource
from disclosure_ledger.recorder_source import RECORDED_TOPICS, PositionGoneError, Received, Source
from disclosure_ledger.store.batch import Position
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.topics import DECIDED, PREFERENCES, TOPICS
from kafka_fixtures import create_topic, fresh_name
from memory_log import MemoryLog, MemorySource, Record

WAIT_S = 30.0


class Rig(Protocol):
    """A log to write to and sources to read it with."""

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> None:
        """Write outside any transaction."""
        ...

    def transaction(self, topic: str, partition: int, records: Sequence[Record], *, commit: bool) -> None:
        """Write one transaction."""
        ...

    def source(self, next_offsets: Mapping[Position, int]) -> Source:
        """A source that has begun at these positions."""
        ...


class MemoryRig(MemoryLog):
    """The double."""

    def source(self, next_offsets: Mapping[Position, int]) -> Source:
        source = MemorySource(self)
        assert source.open(next_offsets, WAIT_S)
        return source


class KafkaRig:
    """Fresh topics with two partitions each on a real broker."""

    def __init__(self, broker: LocalBroker, opened: ExitStack) -> None:
        self.broker = broker
        self._opened = opened
        self.settings = KafkaSettings(
            bootstrap=broker.bootstrap,
            topic_prefix=fresh_name("recorder") + ".",
            consumer=dict(broker.limits.client_overrides),
        )
        for topic in RECORDED_TOPICS:
            create_topic(broker, 2, self.settings.topic(topic))
        self._producer = Producer(
            {"bootstrap.servers": broker.bootstrap, "transactional.id": fresh_name("transactions")}
        )
        self._producer.init_transactions(WAIT_S)

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> None:
        producer = Producer({"bootstrap.servers": self.broker.bootstrap, "enable.idempotence": True})
        for key, value in records:
            producer.produce(self.settings.topic_prefix + topic, value, key, partition=partition)
        assert producer.flush(WAIT_S) == 0

    def transaction(self, topic: str, partition: int, records: Sequence[Record], *, commit: bool) -> None:
        self._producer.begin_transaction()
        for key, value in records:
            self._producer.produce(self.settings.topic_prefix + topic, value, key, partition=partition)
        assert self._producer.flush(WAIT_S) == 0
        if commit:
            self._producer.commit_transaction(WAIT_S)
        else:
            self._producer.abort_transaction(WAIT_S)

    def source(self, next_offsets: Mapping[Position, int]) -> Source:
        source = KafkaSource(self.settings)
        self._opened.callback(source.close)
        assert source.open(next_offsets, WAIT_S)
        return source


@pytest.fixture(
    params=[
        "memory",
        pytest.param("apache_kafka", marks=pytest.mark.kafka, id="apache"),
        pytest.param("embedded_broker", id="embedded"),
    ]
)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """The double, then each broker."""
    if request.param == "memory":
        yield MemoryRig(partitions=2)
        return
    with ExitStack() as opened:
        yield KafkaRig(cast("LocalBroker", request.getfixturevalue(request.param)), opened)


def read_until(source: Source, done: Callable[[Received], bool], records_max: int = 1000) -> Received:
    """Read on until it is enough; all of it as one."""
    records: dict[str, Records] = {}
    positions: dict[Position, int] = {}
    deadline = time.monotonic() + WAIT_S
    while not done(so_far := Received(records, positions)):
        assert time.monotonic() < deadline, f"only {len(so_far)} records came, positions {positions}"
        received = source.read(records_max, 0.2)
        assert len(received) <= records_max
        positions |= received.next_offsets
        for topic, part in received.records.items():
            whole = records.setdefault(topic, Records())
            for index in range(len(part)):
                whole.append(
                    part.partitions[index], part.offsets[index], part.keys[index], part.values[index]
                )
    return so_far


def numbered(numbers: range) -> list[Record]:
    """Records told apart by their values."""
    return [(b"key", b"value %d" % number) for number in numbers]


def test_committed_records_come_with_their_coordinates(rig: Rig) -> None:
    """Records, of transactions or not, come once each, in order, with key, value, partition and offset."""
    rig.transaction(DECIDED.name, 1, numbered(range(5)), commit=True)
    rig.append(PREFERENCES.name, 0, numbered(range(3)))
    received = read_until(rig.source({}), lambda so_far: len(so_far) == 8)
    assert received.records[DECIDED.name] == Records([1] * 5, list(range(5)), *columns(range(5)))
    assert received.records[PREFERENCES.name] == Records([0] * 3, list(range(3)), *columns(range(3)))


def columns(numbers: range) -> tuple[list[bytes | None], list[bytes | None]]:
    """Keys and values of numbered records."""
    records = numbered(numbers)
    return [key for key, _ in records], [value for _, value in records]


def test_aborted_records_are_hidden_and_passed(rig: Rig) -> None:
    """No aborted record is ever returned, and the position comes to lie behind it and its marker."""
    rig.transaction(DECIDED.name, 0, numbered(range(4)), commit=True)
    rig.transaction(DECIDED.name, 0, numbered(range(100, 103)), commit=False)
    received = read_until(rig.source({}), lambda so_far: so_far.next_offsets.get((DECIDED.name, 0), 0) >= 9)
    assert received.records[DECIDED.name].values == columns(range(4))[1]
    assert received.next_offsets[DECIDED.name, 0] == 9


def test_reading_begins_at_the_given_position(rig: Rig) -> None:
    """A source goes on at the position given, which may be a marker's, and returns nothing before it."""
    rig.transaction(DECIDED.name, 0, numbered(range(4)), commit=True)
    rig.transaction(DECIDED.name, 0, numbered(range(4, 6)), commit=True)
    for position, first in ((2, 2), (4, 4), (5, 4), (6, 5)):
        source = rig.source({(DECIDED.name, 0): position})
        received = read_until(source, lambda so_far: so_far.next_offsets.get((DECIDED.name, 0), 0) >= 8)
        assert received.records[DECIDED.name].values == columns(range(first, 6))[1]


def test_a_position_at_the_end_gives_nothing_until_more_comes(rig: Rig) -> None:
    """At the end of a topic a source waits, and returns what is committed afterwards."""
    rig.transaction(DECIDED.name, 0, numbered(range(3)), commit=True)
    source = rig.source({(DECIDED.name, 0): 4})
    assert len(source.read(100, 0.5)) == 0
    rig.transaction(DECIDED.name, 0, numbered(range(3, 5)), commit=True)
    received = read_until(source, lambda so_far: len(so_far) >= 2)
    assert received.records[DECIDED.name].offsets == [4, 5]


def test_a_read_returns_at_most_what_is_asked_for(rig: Rig) -> None:
    """No read returns more records than asked for, and nothing is lost between reads."""
    rig.append(PREFERENCES.name, 0, numbered(range(25)))
    received = read_until(rig.source({}), lambda so_far: len(so_far) >= 25, records_max=4)
    assert received.records[PREFERENCES.name].values == columns(range(25))[1]


def test_a_position_beyond_the_end_is_an_error(rig: Rig) -> None:
    """A topic that was made anew does not have the ledger's position: the source says so."""
    rig.append(PREFERENCES.name, 0, numbered(range(3)))
    source = rig.source({(PREFERENCES.name, 0): 50})
    with pytest.raises(PositionGoneError):
        read_until(source, lambda _: False)


@pytest.mark.kafka
def test_missing_topics_are_waited_for(apache_kafka: LocalBroker) -> None:
    """Without its topics a source does not begin, makes no topics, and begins when they are there."""
    settings = KafkaSettings(bootstrap=apache_kafka.bootstrap, topic_prefix=fresh_name("recorder") + ".")
    source = KafkaSource(settings)
    try:
        assert not source.open({}, WAIT_S)
        known = AdminClient({**settings.client_config()}).list_topics(timeout=WAIT_S).topics
        assert not [name for name in known if name.startswith(settings.topic_prefix)]
        assert source.missing_topics == tuple(topic.name for topic in RECORDED_TOPICS)
        for topic in RECORDED_TOPICS:
            create_topic(apache_kafka, 1, settings.topic(topic))
        deadline = time.monotonic() + WAIT_S
        while not source.open({}, WAIT_S):
            assert time.monotonic() < deadline
        assert source.missing_topics == ()
    finally:
        source.close()


def test_what_is_recorded_is_what_the_table_says() -> None:
    """The recorder reads exactly those topics that the table of topics names it as a reader of."""
    assert set(RECORDED_TOPICS) == {topic for topic in TOPICS if "recorder" in topic.readers}


def test_a_broker_that_is_away_is_no_error(unused_tcp_address: str) -> None:
    """Opening a source while no broker answers returns False in the time given."""
    source = KafkaSource(KafkaSettings(bootstrap=unused_tcp_address))
    try:
        assert not source.open({}, 0.5)
    finally:
        source.close()


@pytest.fixture
def unused_tcp_address() -> Iterator[str]:
    """An address at which nobody listens, and nobody else can while the test runs."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"
