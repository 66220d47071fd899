"""The recorder on Apache Kafka, killed at any moment: nothing lost, nothing twice."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Producer

import recorder_child
from broker_clients import BrokerClients
from decision_samples import CODEC, PARTITIONS, decision
from disclosure_ledger.brokers.local import LocalBroker
from disclosure_ledger.recorder_source import RECORDED_TOPICS
from disclosure_ledger.store.ledger import Ledger
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.topics import DECIDED, PREFERENCES
from kafka_fixtures import create_topic, fresh_name
from recorder_samples import preference_value

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

DECISIONS = 50_000
TRANSACTION = 1_000
PREFERENCE_COUNT = 300
KILLS = 21
WAIT_S = 60.0


def send(broker: LocalBroker, settings: KafkaSettings) -> None:
    """Decisions in transactions, every fifth of which is first tried and aborted; preferences beside them."""
    for topic in RECORDED_TOPICS:
        create_topic(broker, PARTITIONS, settings.topic(topic))
    producer = Producer({"bootstrap.servers": broker.bootstrap, "transactional.id": fresh_name("gate")})
    producer.init_transactions(WAIT_S)
    for first in range(0, DECISIONS, TRANSACTION):
        events = [decision(number) for number in range(first, first + TRANSACTION)]
        records = [
            (event.request.subject_key.bytes, CODEC.encode(event), event.request_partition)
            for event in events
        ]
        for commit in [False, True] if first // TRANSACTION % 5 == 0 else [True]:
            producer.begin_transaction()
            for key, value, partition in records:
                producer.produce(settings.topic(DECIDED), value, key, partition=partition)
            producer.flush(WAIT_S)
            if commit:
                producer.commit_transaction(WAIT_S)
            else:
                producer.abort_transaction(WAIT_S)
    plain = Producer({"bootstrap.servers": broker.bootstrap, "enable.idempotence": True})
    for number in range(PREFERENCE_COUNT):
        plain.produce(
            settings.topic(PREFERENCES), preference_value(number), b"k", partition=number % PARTITIONS
        )
    assert plain.flush(WAIT_S) == 0


@contextmanager
def recorder(settings: KafkaSettings, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A recorder process with small batches, small segments and eager merges."""
    environment = {
        **os.environ,
        "DISCLOSURE_KAFKA_BOOTSTRAP": settings.bootstrap,
        "DISCLOSURE_KAFKA_TOPIC_PREFIX": settings.topic_prefix,
        "DISCLOSURE_LEDGER_DIR": str(folder),
        "DISCLOSURE_LEDGER_BATCH_ROWS": "400",
        "DISCLOSURE_LEDGER_SEAL_ROWS": "2000",
        "DISCLOSURE_LEDGER_MERGE_SEGMENTS": "3",
    }
    child = subprocess.Popen(
        [sys.executable, str(recorder_child.__file__)], env=environment, stdout=subprocess.PIPE, text=True
    )
    watchdog = threading.Timer(WAIT_S, child.kill)
    watchdog.start()
    try:
        yield child
    finally:
        watchdog.cancel()
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def steps(child: "subprocess.Popen[str]") -> Iterator[tuple[int, str]]:
    """Decisions in the ledger and what was done, batch by batch."""
    assert child.stdout is not None
    for line in child.stdout:
        decisions, what = line.split()
        yield int(decisions), what


def test_a_recorder_killed_at_any_moment_loses_and_doubles_nothing(
    apache_kafka: LocalBroker, tmp_path: Path
) -> None:
    """After 21 SIGKILLs during ingest, sealing and merging, each decision is in the ledger exactly once."""
    settings = KafkaSettings(bootstrap=apache_kafka.bootstrap, topic_prefix=fresh_name("kill") + ".")
    send(apache_kafka, settings)
    folder = tmp_path / "ledger"
    chance = random.Random()
    last = 0
    for kill in range(KILLS):
        with recorder(settings, folder) as child:
            most = chance.randint(1, 6)
            for number, (decisions, _) in enumerate(steps(child), start=1):
                assert decisions >= last, "what a transaction committed was gone after a kill"
                last = decisions
                if number >= most:
                    break
            assert child.poll() is None, f"the recorder ended by itself in run {kill}"
            threading.Event().wait(chance.uniform(0, 0.08))
            child.send_signal(signal.SIGKILL)
            child.wait()
    assert last < DECISIONS, "every kill came while there was something to record"
    with recorder(settings, folder) as child:
        for decisions, _ in steps(child):
            if decisions >= DECISIONS:
                break
        child.send_signal(signal.SIGTERM)
        assert child.stdout is not None
        assert child.stdout.read().endswith("closed\n")
        assert child.wait() == 0
    check(apache_kafka, settings, folder)


def check(broker: LocalBroker, settings: KafkaSettings, folder: Path) -> None:
    """Every decision and preference once, positions at the ends the broker tells, no file too many."""
    assert not (folder / "hot.duckdb.wal").exists()
    with Ledger.open(folder, read_only=True) as ledger:
        stats = ledger.stats()
        with ledger.cursor() as cursor:
            sql = "SELECT sequence, request_partition, request_offset FROM decision ORDER BY sequence"
            rows = cursor.execute(sql).fetchall()
            wishes = cursor.execute("SELECT sequence FROM preference ORDER BY sequence").fetchall()
        assert rows == [(n, n % PARTITIONS, n // PARTITIONS) for n in range(DECISIONS)]
        assert wishes == [(n,) for n in range(PREFERENCE_COUNT)]
        assert stats.repeats == {}
        assert stats.unreadable == 0
        assert stats.sealed_rows > DECISIONS / 2
        files = {file.stem for file in (folder / "segments").iterdir()}
        assert files == {segment.name for segment in stats.segments}
    with BrokerClients(broker) as clients:
        for topic in (DECIDED, PREFERENCES):
            ends = clients.end_offsets(settings.topic(topic), PARTITIONS)
            assert [stats.next_offsets[topic.name, partition] for partition in range(PARTITIONS)] == ends
