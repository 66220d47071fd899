"""Stops, starts and crashes of the local brokers, and of the process that started them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition

from broker_clients import WAIT_S, BrokerClients, take, value_of, write_in_transaction
from disclosure_ledger.brokers.embedded import EMBEDDED_NOTICE, EmbeddedBroker
from disclosure_ledger.brokers.local import BrokerDidNotStartError, LocalBroker
from kafka_fixtures import fresh_name, new_apache_kafka, new_embedded_broker


def test_a_restart_keeps_data_offsets_and_address(own_broker: LocalBroker) -> None:
    """After SIGTERM and a new start at the same address, records and committed offsets are still there."""
    group = fresh_name("group")
    with BrokerClients(own_broker) as clients:
        topic = clients.topic(2)
        clients.publish(topic, ["a", "b", "c"])
        write_in_transaction(aborting := clients.transactional_producer(), topic, ["hidden"])
        aborting.abort_transaction(WAIT_S)
        consumer = clients.consumer(group)
        consumer.subscribe([topic])
        take(consumer, 2)
        consumer.commit(offsets=[TopicPartition(topic, 0, 2)], asynchronous=False)
    address = own_broker.bootstrap
    own_broker.stop()
    assert not own_broker.is_running
    own_broker.start()
    assert own_broker.bootstrap == address
    with BrokerClients(own_broker) as clients:
        assert clients.read_values(topic, 2) == ["a", "b", "c"]
        assert clients.end_offsets(topic, 2) == [5, 0]
        consumer = clients.consumer(group)
        consumer.subscribe([topic])
        assert value_of(take(consumer, 1)[0]) == "c"


def test_a_client_lives_through_a_restart(own_broker: LocalBroker) -> None:
    """A producer and a consumer that were connected go on by themselves when the broker is back."""
    with BrokerClients(own_broker) as clients:
        topic, quick = clients.topic(), {"reconnect.backoff.max.ms": 200}
        consumer, producer = clients.consumer(settings=quick), clients.producer(quick)
        consumer.assign([TopicPartition(topic, 0, 0)])
        producer.produce(topic, "before")
        assert [value_of(record) for record in take(consumer, 1)] == ["before"]
        own_broker.stop()
        own_broker.start()
        producer.produce(topic, "after")
        assert producer.flush(WAIT_S) == 0
        assert [value_of(record) for record in take(consumer, 1)] == ["after"]


@pytest.mark.kafka
def test_a_crash_of_apache_kafka_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    """After kill -9 of the broker every acknowledged record is there."""
    with new_apache_kafka(tmp_path / "broker") as broker, BrokerClients(broker) as clients:
        assert broker.limits.keeps_acknowledged_after_kill
        topic = clients.topic()
        clients.publish(topic, [str(number) for number in range(5000)])
        broker.kill()
        broker.start()
        assert clients.read_values(topic) == [str(number) for number in range(5000)]


@pytest.mark.kafka
def test_a_transaction_open_over_a_restart_of_apache_kafka_commits_whole(tmp_path: Path) -> None:
    """A transaction that was open when Apache Kafka restarted can still be committed, with its offsets."""
    with new_apache_kafka(tmp_path / "broker") as broker, BrokerClients(broker) as clients:
        assert broker.limits.keeps_open_transactions
        source, target, group = clients.topic(), clients.topic(), fresh_name("group")
        clients.publish(source, ["x"] * 10)
        consumer = clients.consumer(group)
        consumer.subscribe([source])
        take(consumer, 10)
        producer = clients.transactional_producer()
        write_in_transaction(producer, target, ["open"])
        place = TopicPartition(source, 0, 7)
        producer.send_offsets_to_transaction([place], consumer.consumer_group_metadata(), WAIT_S)
        broker.stop()
        broker.start()
        producer.commit_transaction(WAIT_S)
        assert clients.read_values(target) == ["open"]
        assert consumer.committed([place], WAIT_S)[0].offset == 7


def test_the_embedded_broker_drops_a_transaction_open_over_a_restart_whole(tmp_path: Path) -> None:
    """Records and offsets of a transaction open when the embedded broker restarts are dropped together."""
    with new_embedded_broker(tmp_path / "broker") as broker, BrokerClients(broker) as clients:
        assert not broker.limits.keeps_open_transactions
        source, target, group = clients.topic(), clients.topic(), fresh_name("group")
        clients.publish(source, ["x"] * 10)
        consumer = clients.consumer(group)
        consumer.subscribe([source])
        take(consumer, 10)
        producer = clients.transactional_producer()
        write_in_transaction(producer, target, ["open"])
        place = TopicPartition(source, 0, 7)
        producer.send_offsets_to_transaction([place], consumer.consumer_group_metadata(), WAIT_S)
        broker.stop()
        broker.start()
        with BrokerClients(broker) as later:
            assert later.read_values(target) == []
            assert later.consumer(group).committed([place], WAIT_S)[0].offset == -1001


def test_a_home_keeps_its_address(tmp_path: Path) -> None:
    """A second broker object on the same home has the same address and serves the same data."""
    with new_embedded_broker(tmp_path / "broker") as first, BrokerClients(first) as clients:
        topic, address = clients.topic(), first.bootstrap
        clients.publish(topic, ["kept"])
    with new_embedded_broker(tmp_path / "broker") as second, BrokerClients(second) as clients:
        assert second.bootstrap == address
        assert clients.read_values(topic) == ["kept"]


def test_a_taken_port_is_named(tmp_path: Path, embedded_broker: EmbeddedBroker) -> None:
    """A broker whose port another process listens on says so instead of talking to that process."""
    port = int(embedded_broker.bootstrap.rpartition(":")[2])
    with pytest.raises(BrokerDidNotStartError, match=f"another process listens on port {port}"):
        EmbeddedBroker(tmp_path / "broker", port).start()


@pytest.mark.kafka
def test_a_failed_start_shows_the_end_of_the_log(tmp_path: Path) -> None:
    """When Apache Kafka ends at once, the error carries what it wrote last."""
    broker = new_apache_kafka(tmp_path / "broker", {"num.io.threads": "many"})
    with pytest.raises(BrokerDidNotStartError, match=r"num\.io\.threads"):
        broker.start()
    assert not broker.is_running


def test_the_command_runs_until_it_is_told_to_end(tmp_path: Path) -> None:
    """The command prints the address, serves, and saves and ends with code 0 on SIGTERM."""
    arguments = ["--kind", "embedded", "--home", str(tmp_path / "broker")]
    command = [sys.executable, "-m", "disclosure_ledger.brokers", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert process.stdout.readline().strip() == EMBEDDED_NOTICE
        broker = new_embedded_broker(tmp_path / "broker")
        assert address == f"bootstrap.servers={broker.bootstrap}"
        with BrokerClients(broker) as clients:
            topic = clients.topic()
            clients.publish(topic, ["kept"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
    with broker, BrokerClients(broker) as clients:
        assert clients.read_values(topic) == ["kept"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed process")
def test_a_broker_ends_with_a_killed_parent(tmp_path: Path) -> None:
    """After kill -9 of the process that started it, the broker ends too."""
    start = """
import sys, time
from pathlib import Path
from disclosure_ledger.brokers.embedded import EmbeddedBroker
broker = EmbeddedBroker(Path(sys.argv[1]))
broker.start()
print(broker.pid, flush=True)
time.sleep(60)
"""
    command = [sys.executable, "-c", start, str(tmp_path / "broker")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        broker_pid = int(parent.stdout.readline())
        assert is_alive(broker_pid)
        parent.kill()
    deadline = time.monotonic() + WAIT_S
    while is_alive(broker_pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and waits for its new parent to notice does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
