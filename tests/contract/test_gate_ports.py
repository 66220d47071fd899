"""What the gate's loop relies on, held alike by the in-memory double and by Apache Kafka."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pytest
from confluent_kafka import Producer

from disclosure_consumers.kafka.control_log import KafkaControlLog
from disclosure_consumers.kafka.stream import KafkaSink, KafkaSource
from disclosure_consumers.memory import MemoryControlLog, MemoryLog, MemorySink, MemorySource
from disclosure_consumers.ports import (
    ControlLog,
    Mark,
    Message,
    Outgoing,
    Sink,
    Source,
    StateUnreadableError,
    TopicChangedError,
    TransactionAbortedError,
    mark_of,
)
from disclosure_consumers.service import GroupFullError, require_room
from disclosure_consumers.settings import GateSettings
from disclosure_ledger.brokers.embedded import EmbeddedBroker
from disclosure_schemas.topics import DECIDED, IDENTITIES, PREFERENCES, REQUESTED
from gate_processes import fresh_pipeline, read_all

WAIT_TURNS = 100
KEY = bytes(16)


@dataclass
class Side:
    """One implementation of the ports, and a way to look behind them."""

    append: Callable[[str, int, bytes], None]
    open_gate: Callable[[], tuple[Source, Sink]]
    control: ControlLog
    committed_values: Callable[[str, int], Sequence[bytes]]
    name: Callable[[Literal["requested", "decided", "preferences"]], str]


def in_memory() -> Iterator[Side]:
    """The double."""
    log, committed = MemoryLog(), dict[int, int]()
    names = {"requested": "r", "decided": "d", "preferences": "p"}
    for topic in names.values():
        log.create(topic, 6)

    def append(topic: str, partition: int, value: bytes) -> None:
        log.append(topic, partition, KEY, value)

    def values(topic: str, _count: int) -> Sequence[bytes]:
        return [message.value() or b"" for message in log.records(topic)]

    yield Side(
        append,
        lambda: (MemorySource(log, "r", committed), MemorySink(log, committed)),
        MemoryControlLog(log, ["p"]),
        values,
        lambda which: names[which],
    )


def on_kafka(request: pytest.FixtureRequest) -> Iterator[Side]:
    """Apache Kafka."""
    kafka = fresh_pipeline(request.getfixturevalue("apache_kafka"))
    names = {topic.name.split(".")[1]: kafka.topic(topic) for topic in (REQUESTED, DECIDED, PREFERENCES)}
    client = Producer({**kafka.client_config()})
    control = KafkaControlLog(kafka, [kafka.topic(PREFERENCES), kafka.topic(IDENTITIES)], "contract")
    wait_for_leaders(control)
    opened: list[tuple[KafkaSource, KafkaSink]] = []

    def append(topic: str, partition: int, value: bytes) -> None:
        client.produce(topic, value, KEY, partition)
        assert client.flush(30) == 0

    def open_gate() -> tuple[Source, Sink]:
        close()
        settings = GateSettings(session_timeout_ms=6000)
        source = KafkaSource(kafka, settings, kafka.topic(REQUESTED), "contract")
        opened.append((source, KafkaSink(kafka, settings, source, kafka.topic(REQUESTED), "contract")))
        return opened[0]

    def close() -> None:
        while opened:
            source, sink = opened.pop()
            source.close()
            sink.close()

    yield Side(
        append,
        open_gate,
        control,
        lambda topic, count: [value for _, _, value in read_all(kafka, topic, count)],
        lambda which: names[which],
    )
    close()
    control.close()


def wait_for_leaders(control: ControlLog) -> None:
    """Partitions of a topic that has just been made have no leader for a moment."""
    for _ in range(WAIT_TURNS):
        try:
            control.end_offsets()
        except StateUnreadableError:
            time.sleep(0.1)
        else:
            return


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    """Both implementations, one after the other."""
    yield from in_memory() if request.param == "memory" else on_kafka(request)


def take(source: Source, count: int) -> list[Message]:
    """Take until that many messages are there."""
    taken: list[Message] = []
    for _ in range(WAIT_TURNS):
        taken += source.take(100, 0.3)
        if len(taken) >= count:
            break
    return taken


def ends(messages: Sequence[Message]) -> Mapping[int, int]:
    """Next offset of each partition."""
    return {message.partition(): message.offset() + 1 for message in messages}


def read_to_the_end(side: Side) -> list[Message]:
    """Read the control topics up to their present end."""
    targets = side.control.end_offsets()
    found: list[Message] = []
    for _ in range(WAIT_TURNS):
        found += side.control.read(0.2)
        if all(side.control.positions()[where] >= end for where, end in targets.items()):
            break
    return found


def read_some(control: ControlLog, count: int) -> list[Message]:
    """Read until that many control records are there."""
    found: list[Message] = []
    for _ in range(WAIT_TURNS):
        found += control.read(0.2)
        if len(found) >= count:
            break
    return found


def marks_of(messages: Sequence[Message]) -> dict[tuple[str, int], Mark]:
    """Mark of the last record of each partition."""
    return {(message.topic(), message.partition()): mark_of(message) for message in messages}


def test_messages_are_taken_in_order_with_all_that_they_have(side: Side) -> None:
    """Key, value, partition and offset come as they were sent, each partition in order."""
    for number in range(6):
        side.append(side.name("requested"), number % 2, b"%d" % number)

    taken = take(side.open_gate()[0], 6)

    assert sorted((m.partition(), m.offset(), m.key(), m.value()) for m in taken) == [
        (partition, offset, KEY, b"%d" % (2 * offset + partition))
        for partition in (0, 1)
        for offset in range(3)
    ]


def test_records_and_offsets_are_delivered_together(side: Side) -> None:
    """After a delivery the records are there and a successor begins behind what was taken."""
    side.append(side.name("requested"), 0, b"first")
    source, sink = side.open_gate()
    sink.deliver([Outgoing(side.name("decided"), 3, KEY, b"answer")], ends(take(source, 1)))
    side.append(side.name("requested"), 0, b"second")

    successor, _ = side.open_gate()

    assert [m.value() for m in take(successor, 1)] == [b"second"]
    assert side.committed_values(side.name("decided"), 1) == [b"answer"]


def test_an_aborted_delivery_leaves_nothing_and_can_be_repeated(side: Side) -> None:
    """When one record cannot be written none is seen, the offsets stay, and the batch can be taken again."""
    side.append(side.name("requested"), 0, b"first")
    source, sink = side.open_gate()
    taken = take(source, 1)
    decided = side.name("decided")

    with pytest.raises(TransactionAbortedError):
        sink.deliver(
            [Outgoing(decided, 0, KEY, b"lost"), Outgoing(decided, 99, KEY, b"nowhere")], ends(taken)
        )
    source.rewind({0: taken[0].offset()})
    again = take(source, 1)
    sink.deliver([Outgoing(decided, 0, KEY, b"kept")], ends(again))

    assert [m.value() for m in again] == [b"first"]
    assert side.committed_values(decided, 1) == [b"kept"]


def test_control_topics_are_read_up_to_their_end(side: Side) -> None:
    """End offsets count what was acknowledged; reading reaches them and returns every record once."""
    topic = side.name("preferences")
    for number in range(4):
        side.append(topic, number % 3, b"%d" % number)

    found = read_to_the_end(side)

    targets = side.control.end_offsets()
    assert sum(targets.values()) == 4
    assert sorted(message.value() or b"" for message in found) == [b"0", b"1", b"2", b"3"]
    assert {where: end for where, end in side.control.positions().items() if end} == {
        where: end for where, end in targets.items() if end
    }


def test_control_topics_are_read_on_from_marks(side: Side) -> None:
    """A partition begins with its marked record, read once more; one without a mark is read whole."""
    topic = side.name("preferences")
    for number in range(6):
        side.append(topic, number % 2, b"%d" % number)
    marks = marks_of(read_to_the_end(side)[:4])
    marks = {where: mark for where, mark in marks.items() if where[1] == 0} | {("none", 0): Mark(5, b"")}
    side.append(topic, 0, b"new")

    side.control.begin(marks)
    assert side.control.positions()[topic, 0] == marks[topic, 0].offset
    again = read_to_the_end(side)

    wanted = {0: [b"0", b"2", b"4", b"new"][marks[topic, 0].offset :], 1: [b"1", b"3", b"5"]}
    for partition, values in wanted.items():
        assert [message.value() for message in again if message.partition() == partition] == values
    side.control.begin({})
    assert sorted(m.value() or b"" for m in read_to_the_end(side)) == [*(b"%d" % n for n in range(6)), b"new"]


@pytest.mark.parametrize("mark", [Mark(1, bytes(16)), Mark(50, bytes(16))], ids=["another record", "none"])
def test_topics_without_their_marked_record_are_refused(side: Side, mark: Mark) -> None:
    """Where another record, or none, is at the marked offset reading says so; a new beginning reads all."""
    topic = side.name("preferences")
    for number in range(3):
        side.append(topic, 0, b"%d" % number)

    side.control.begin({(topic, 0): mark})
    with pytest.raises(TopicChangedError, match=topic):
        read_some(side.control, 3)

    side.control.begin({})
    assert [message.value() for message in read_some(side.control, 3)] == [b"0", b"1", b"2"]


def test_an_empty_topic_does_not_have_a_marked_record(side: Side) -> None:
    """A mark in a partition without any record is refused when its end is met."""
    topic = side.name("preferences")

    side.control.begin({(topic, 0): Mark(0, bytes(16))})

    with pytest.raises(TopicChangedError, match=topic):
        read_some(side.control, 1)


def test_a_gate_too_many_is_refused(embedded_broker: EmbeddedBroker) -> None:
    """On a broker that serves one member of a group a second gate is refused; the first may return."""
    kafka = fresh_pipeline(embedded_broker).model_copy(update={"max_group_members": 1})
    settings = GateSettings(instance="first", session_timeout_ms=6000)
    source = KafkaSource(kafka, settings, kafka.topic(REQUESTED), "first")
    try:
        for _ in range(WAIT_TURNS):
            source.take(1, 0.1)
            if source.assigned:
                break

        with pytest.raises(GroupFullError, match="first"):
            require_room(kafka, settings, "second")
        require_room(kafka, settings, "first")
    finally:
        source.close()
