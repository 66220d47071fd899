"""Gate processes of their own, started and ended by their tests."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from disclosure_ledger.brokers.local import LocalBroker
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.topics import TOPICS

READY_WITHIN_S = 60.0


def fresh_pipeline(broker: LocalBroker) -> KafkaSettings:
    """Settings of a pipeline with topics of its own on a shared broker; the topics exist."""
    kafka = KafkaSettings(
        bootstrap=broker.bootstrap,
        topic_prefix=f"t{uuid.uuid4().hex[:10]}.",
        consumer=dict(broker.limits.client_overrides),
    )
    new = [
        NewTopic(
            kafka.topic(topic),
            num_partitions=topic.partitions,
            replication_factor=1,
            config={"max.message.bytes": str(topic.max_message_bytes), **broker.limits.topic_overrides},
        )
        for topic in TOPICS
    ]
    admin = AdminClient({**kafka.client_config()})
    for created in admin.create_topics(new).values():
        created.result(timeout=30)
    return kafka


def pipeline_environment(kafka: KafkaSettings, **extra: str) -> dict[str, str]:
    """Environment of a child process of this pipeline."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("DISCLOSURE_")},
        "DISCLOSURE_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "DISCLOSURE_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
        "DISCLOSURE_KAFKA_CONSUMER": json.dumps(dict(kafka.consumer)),
        **extra,
    }


class GateProcess:
    """One gate as a process; `module` may be a variant of it."""

    def __init__(
        self,
        kafka: KafkaSettings,
        instance: str,
        log: Path,
        module: str = "disclosure_consumers",
        **settings: str,
    ) -> None:
        self.instance = instance
        self.said: list[str] = []  # lines of its log before it was ready
        self._log: IO[bytes] = log.open("ab")
        self._log_begins = self._log.tell()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            env=pipeline_environment(
                kafka,
                DISCLOSURE_GATE_INSTANCE=instance,
                DISCLOSURE_GATE_SESSION_TIMEOUT_MS="6000",
                DISCLOSURE_GATE_TRANSACTION_TIMEOUT_MS="10000",
                PYTHONPATH=str(Path(__file__).parent),
                **settings,
            ),
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    def wait_until_ready(self) -> None:
        """Wait for its word that it is running."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip() == b"ready":
                log = Path(self._log.name).read_bytes()[self._log_begins :]
                self.said = log.decode().splitlines()
                return
        raise AssertionError(f"the gate {self.instance} ended before it was ready; see {self._log.name}")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()
        self._close()

    def terminate(self, timeout_s: float = 30.0) -> int:
        """Ask it to drain and end; returns its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout_s)
        finally:
            self._process.kill()
            self._process.wait()
            self._close()

    def wait(self, timeout_s: float) -> int:
        """Wait for it to end by itself; returns its exit code."""
        return self._process.wait(timeout_s)

    def _close(self) -> None:
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()


@contextmanager
def gates(
    kafka: KafkaSettings, folder: Path, count: int, module: str = "disclosure_consumers"
) -> Iterator[None]:
    """That many gates, running."""
    running = [GateProcess(kafka, f"gate-{n}", folder / f"gate-{n}.log", module) for n in range(count)]
    try:
        for gate in running:
            gate.wait_until_ready()
        yield
    finally:
        for gate in running:
            gate.terminate()


def read_all(
    kafka: KafkaSettings, topic: str, count: int, timeout_s: float = 120.0
) -> list[tuple[int, bytes, bytes]]:
    """Read a topic, committed records only, until it holds `count` of them; (partition, key, value)."""
    consumer = Consumer(
        {
            **kafka.consumer_config(),
            "group.id": f"reader-{uuid.uuid4().hex}",
            "group.instance.id": f"reader-{uuid.uuid4().hex}",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
        }
    )
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        found: list[tuple[int, bytes, bytes]] = []
        quiet_polls = 0
        while len(found) < count and quiet_polls < timeout_s / 0.5:
            messages = [m for m in consumer.consume(5000, 0.5) if m.error() is None]
            quiet_polls = 0 if messages else quiet_polls + 1
            found.extend((m.partition() or 0, m.key() or b"", m.value() or b"") for m in messages)
        return found
    finally:
        consumer.close()
