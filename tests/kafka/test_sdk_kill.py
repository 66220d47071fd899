"""Emitting processes are killed at random moments; whatever they were told is safe arrives."""

import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import sdk_child
from disclosure_producers.client import DisclosureProducer
from disclosure_producers.settings import KafkaSettings
from kafka_fixtures import new_apache_kafka
from sdk_topics import own_topic, requests_in, wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def emit_and_kill(kafka: KafkaSettings, outbox_dir: Path, after_lines: int) -> list[tuple[str, str]]:
    """Run the child, kill it -9 after so many acknowledgements; returns all that it printed whole."""
    command = [sys.executable, sdk_child.__file__, kafka.bootstrap, kafka.topic_prefix, str(outbox_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(after_lines)]
        child.kill()
        lines += child.stdout.readlines()
    assert len(lines) >= after_lines
    return [
        (event_id, outcome) for event_id, outcome in (line.split() for line in lines if line.endswith("\n"))
    ]


def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    """Killed with the broker there, away or coming back: what was acknowledged is in the topic, in order."""
    moments = random.Random(20261122)
    outbox_dir = tmp_path / "outbox"
    acknowledged: list[tuple[str, str]] = []
    with new_apache_kafka(tmp_path / "kafka") as broker:
        kafka = own_topic(broker)
        for _ in range(3):
            acknowledged += emit_and_kill(kafka, outbox_dir, moments.randint(20, 1500))
        broker.stop()
        for _ in range(3):
            acknowledged += emit_and_kill(kafka, outbox_dir, moments.randint(20, 1500))
        broker.start()
        # A child that comes now first sends what the dead ones left, and is killed while it does.
        acknowledged += emit_and_kill(kafka, outbox_dir, moments.randint(20, 300))
        with DisclosureProducer("crm", kafka=kafka, outbox_dir=outbox_dir) as successor:
            wait_for(lambda: successor.backlog().stored == 0, "the successor sent what was left")
        events = requests_in(broker, kafka)

    in_topic = {str(event.event_id) for event in events}
    assert {outcome for _, outcome in acknowledged} == {"Delivered", "Stored"}
    assert {event_id for event_id, _ in acknowledged} - in_topic == set()

    # Run ids grow with time: a subject's events are in the order of runs, and within a run of emission.
    emitted: dict[int, dict[tuple[int, int], None]] = defaultdict(dict)
    for event in events:
        emitted[event.subject_key.int][event.producer_id.int, event.sequence] = None
    assert len(emitted) == sdk_child.SUBJECTS
    assert all(list(places) == sorted(places) for places in emitted.values())
    assert list(outbox_dir.iterdir()) == []
