"""What every local broker must do, asked of Apache Kafka and of the embedded broker alike."""

from __future__ import annotations

import subprocess
import time
from collections import Counter

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from broker_clients import (
    WAIT_S,
    BrokerClients,
    consumer_settings,
    program,
    take,
    told,
    write_in_transaction,
)
from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.brokers.local import LocalBroker
from kafka_fixtures import fresh_name

UNCOMMITTED = {"isolation.level": "read_uncommitted"}


def test_a_topic_has_the_partitions_asked_for(clients: BrokerClients) -> None:
    """A topic created with six partitions has six."""
    topic = clients.topic(6)
    assert len(clients.admin.list_topics(topic, timeout=WAIT_S).topics[topic].partitions) == 6


def test_one_call_gives_the_end_offsets_of_all_partitions(clients: BrokerClients) -> None:
    """The end offset of each partition is the number of records produced to it."""
    topic = clients.topic(3)
    for partition, count in enumerate([5, 0, 7]):
        clients.publish(topic, ["x"] * count, partition)
    assert clients.end_offsets(topic, 3) == [5, 0, 7]


def test_end_offsets_are_right_after_transactions(clients: BrokerClients) -> None:
    """After committed and aborted transactions the end offset counts their records and one marker each."""
    topic = clients.topic()
    producer = clients.transactional_producer()
    for end in (producer.commit_transaction, producer.abort_transaction, producer.commit_transaction):
        write_in_transaction(producer, topic, ["x"] * 10)
        end(WAIT_S)
    assert len(clients.read_all(topic)) == 20
    assert clients.end_offsets(topic, 1) == [33]
    assert clients.end_offsets(topic, 1, committed_only=True) == [33]


def test_an_open_transaction_moves_only_the_uncommitted_end(clients: BrokerClients) -> None:
    """While a transaction is open the committed end stays before it; soon after its commit both are equal.

    Soon, not at once: Apache Kafka acknowledges a commit before its markers are in the partitions. Whoever
    must see everything acknowledged asks for the uncommitted end and reads up to it.
    """
    topic = clients.topic()
    clients.publish(topic, ["before"] * 3)
    producer = clients.transactional_producer()
    write_in_transaction(producer, topic, ["open"] * 4)
    clients.publish(topic, ["after"] * 2)
    assert clients.end_offsets(topic, 1, committed_only=True) == [3]
    assert clients.end_offsets(topic, 1) == [9]
    producer.commit_transaction(WAIT_S)
    clients.wait_for_markers(topic, 1)
    assert clients.end_offsets(topic, 1, committed_only=True) == [10]


def test_aborted_records_are_hidden(clients: BrokerClients) -> None:
    """A reader of committed records never sees those of an aborted transaction."""
    topic = clients.topic()
    producer = clients.transactional_producer()
    write_in_transaction(producer, topic, ["good-1"])
    producer.commit_transaction(WAIT_S)
    write_in_transaction(producer, topic, ["bad"] * 100)
    producer.abort_transaction(WAIT_S)
    write_in_transaction(producer, topic, ["good-2"])
    producer.commit_transaction(WAIT_S)
    assert clients.read_values(topic) == ["good-1", "good-2"]
    assert clients.read_values(topic, settings=UNCOMMITTED).count("bad") == 100


def test_an_open_transaction_is_hidden_until_it_commits(clients: BrokerClients) -> None:
    """Records of an open transaction, and all after them, are seen only after its commit, in order."""
    topic = clients.topic()
    producer = clients.transactional_producer()
    write_in_transaction(producer, topic, ["open-1", "open-2"])
    clients.publish(topic, ["later"])
    assert clients.read_values(topic, settled=False) == []
    producer.commit_transaction(WAIT_S)
    assert clients.read_values(topic) == ["open-1", "open-2", "later"]


def test_a_zombie_is_fenced(clients: BrokerClients) -> None:
    """A producer whose transactional id was taken over cannot commit, and its records stay hidden."""
    topic, identity = clients.topic(), fresh_name("transactions")
    zombie = clients.transactional_producer(identity)
    write_in_transaction(zombie, topic, ["from the zombie"])
    successor = clients.transactional_producer(identity)
    with pytest.raises(KafkaException) as refused:
        zombie.commit_transaction(WAIT_S)
    assert refused.value.args[0].fatal()
    write_in_transaction(successor, topic, ["from the successor"])
    successor.commit_transaction(WAIT_S)
    assert clients.read_values(topic) == ["from the successor"]


def test_a_dead_producers_transaction_ends_when_its_id_returns(clients: BrokerClients) -> None:
    """After kill -9 of a producer in mid-transaction, its successor's start lets readers go on."""
    topic, identity = clients.topic(), fresh_name("transactions")
    settings = {"bootstrap.servers": clients.broker.bootstrap, "transactional.id": identity}
    with program("hold", {"producer": settings, "target": topic}) as holder:
        assert told(holder) == {"open": True}
    clients.publish(topic, ["later"])
    assert clients.read_values(topic, settled=False) == []
    clients.transactional_producer(identity)
    assert clients.read_values(topic) == ["later"]


@pytest.mark.kafka
def test_a_dead_producers_transaction_ends_by_itself(apache_kafka: ApacheKafka) -> None:
    """Apache Kafka aborts an abandoned transaction soon after its ``transaction.timeout.ms``."""
    assert apache_kafka.limits.expires_dead_transactions
    with BrokerClients(apache_kafka) as clients:
        topic = clients.topic()
        settings = {"bootstrap.servers": apache_kafka.bootstrap, "transactional.id": fresh_name()}
        with program(
            "hold", {"producer": {**settings, "transaction.timeout.ms": 1000}, "target": topic}
        ) as holder:
            assert told(holder) == {"open": True}
        clients.publish(topic, ["later"])
        assert clients.read_values(topic) == ["later"]


@pytest.mark.parametrize("commits", [True, False], ids=["commit", "abort"])
def test_offsets_sent_to_a_transaction_are_applied_only_by_its_commit(
    clients: BrokerClients, commits: bool
) -> None:
    """Offsets sent to a transaction count for the group when it commits and not when it aborts."""
    source, target, group = clients.topic(), clients.topic(), fresh_name("group")
    clients.publish(source, [str(number) for number in range(10)])
    consumer = clients.consumer(group)
    consumer.subscribe([source])
    take(consumer, 10)
    producer = clients.transactional_producer()
    write_in_transaction(producer, target, ["x"])
    offsets = [TopicPartition(source, 0, 7)]
    producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata(), WAIT_S)
    (producer.commit_transaction if commits else producer.abort_transaction)(WAIT_S)
    committed = consumer.committed([TopicPartition(source, 0)], WAIT_S)[0].offset
    assert committed == (7 if commits else -1001)
    assert len(clients.read_all(target)) == (1 if commits else 0)


def test_a_crash_in_mid_transaction_loses_and_doubles_nothing(clients: BrokerClients) -> None:
    """A transformer that dies twice in the middle of a transaction still copies every record exactly once."""
    source, target, group = clients.topic(3), clients.topic(3), fresh_name("group")
    numbers = [str(number) for number in range(3000)]
    for partition in range(3):
        clients.publish(source, numbers[partition::3], partition)
    member = {"group.instance.id": "transformer-1", "session.timeout.ms": 6000}
    order = {
        "source": source,
        "target": target,
        "batch": 250,
        "consumer": consumer_settings(clients.broker, group, member),
        "producer": {
            "bootstrap.servers": clients.broker.bootstrap,
            "transactional.id": fresh_name("transactions"),
        },
    }
    for crash_after in (2, 1):
        with program("transform", {**order, "crash_after": crash_after}) as transformer:
            assert told(transformer)["crashed_with"] > 0
    with program("transform", order) as transformer:
        assert told(transformer)["finished"] > 0
    assert Counter(clients.read_values(target, 3)) == Counter(numbers)
    everything = clients.read_all(target, 3, UNCOMMITTED)
    assert len(everything) > len(numbers), (
        "no aborted record: the crashes did not happen inside a transaction"
    )


def test_a_late_consumer_gets_everything(clients: BrokerClients) -> None:
    """A consumer that comes after 30,000 records of 300 bytes reads each of them once, in order."""
    topic, count = clients.topic(), 30_000
    clients.publish(topic, [f"{number:0300d}" for number in range(count)])
    assert [int(value) for value in clients.read_values(topic)] == list(range(count))


def test_keys_headers_and_timestamps_are_kept(clients: BrokerClients) -> None:
    """A record comes back with its key, its headers in order, its time and an absent value as absent."""
    topic = clients.topic()
    producer = clients.producer()
    when_ms = int(time.time() * 1000) - 86_400_000
    headers: list[tuple[str, str | bytes | None]] = [("trace", b"1"), ("empty", None), ("trace", b"zwei")]
    producer.produce(topic, b"value", key=b"\x00\xffkey", headers=headers, timestamp=when_ms)
    producer.produce(topic, None, key=b"removed", timestamp=when_ms + 1)
    assert producer.flush(WAIT_S) == 0
    kept, tombstone = clients.read_all(topic)
    assert (kept.key(), kept.value(), kept.headers()) == (b"\x00\xffkey", b"value", headers)
    assert kept.timestamp() == (1, when_ms)
    assert (tombstone.key(), tombstone.value()) == (b"removed", None)


def test_a_paused_consumer_goes_on_at_once_after_a_seek(clients: BrokerClients) -> None:
    """Resumed with a seek to its position, a paused consumer gets the next record without waiting."""
    topic = clients.topic(2)
    consumer = clients.consumer()
    consumer.subscribe([topic])
    clients.publish(topic, ["first"])
    take(consumer, 1)
    places, waits_s = consumer.assignment(), []
    for position in range(1, 4):
        consumer.pause(places)
        time.sleep(0.3)
        clients.publish(topic, ["next"])
        began = time.monotonic()
        consumer.resume(places)
        consumer.seek(TopicPartition(topic, 0, position))
        take(consumer, 1)
        waits_s.append(time.monotonic() - began)
    assert min(waits_s) < 0.3


def test_a_session_shorter_than_the_limit_is_refused(clients: BrokerClients) -> None:
    """A consumer whose session timeout is below the broker's limit is told so and joins no group."""
    least_ms = clients.broker.limits.min_session_timeout_ms
    consumer = clients.consumer(settings={"session.timeout.ms": least_ms - 1, "heartbeat.interval.ms": 100})
    consumer.subscribe([clients.topic()])
    deadline = time.monotonic() + WAIT_S
    while (told_of := consumer.poll(0.2)) is None:
        assert time.monotonic() < deadline
    error = told_of.error()
    assert error is not None
    assert error.code() == KafkaError.INVALID_SESSION_TIMEOUT
    assert not consumer.assignment()


def test_members_of_a_group_share_and_take_over(broker: LocalBroker) -> None:
    """Two members share the partitions and the survivor of a kill -9 gets all, where two are allowed."""
    if broker.limits.max_members_per_group is not None:
        assert broker.limits.max_members_per_group == 1
        return
    with BrokerClients(broker) as clients:
        topic, group = clients.topic(4), fresh_name("group")
        quick = {"session.timeout.ms": 2000, "heartbeat.interval.ms": 300}
        order = {"source": topic, "consumer": consumer_settings(broker, group, quick)}
        with program("member", order) as first:
            wait_for_partitions(first, 4)
            with program("member", order) as second:
                wait_for_partitions(second, 2)
                wait_for_partitions(first, 2)
            wait_for_partitions(first, 4)


def wait_for_partitions(process: subprocess.Popen[str], count: int) -> None:
    while len(told(process)["partitions"]) != count:
        pass
