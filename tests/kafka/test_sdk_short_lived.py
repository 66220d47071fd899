"""Short-lived processes: what is emitted right before the end reaches a healthy broker."""

import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from disclosure_ledger.brokers.local import LocalBroker
from disclosure_schemas.topics import REQUESTED
from gate_processes import fresh_pipeline, pipeline_environment, read_all

PROGRAM = """
import sys, uuid
from disclosure_producers.client import DisclosureProducer
with DisclosureProducer(emitter="cron") as producer:
    producer.disclose(uuid.UUID(sys.argv[1]), to="harborlight", kind="sale", items=["identifiers.email"])
"""


@pytest.mark.parametrize("broker", [pytest.param("apache_kafka", marks=pytest.mark.kafka), "embedded_broker"])
def test_an_event_emitted_right_before_the_end_is_delivered(
    broker: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """With default settings, programs that emit once and end leave their events in the topic."""
    running: LocalBroker = request.getfixturevalue(broker)
    kafka = fresh_pipeline(running)
    subjects = [uuid.uuid4() for _ in range(4)]

    for subject in subjects:
        subprocess.run(
            [sys.executable, "-c", PROGRAM, str(subject)],
            env=pipeline_environment(kafka),
            cwd=tmp_path,
            check=True,
            timeout=60,
        )

    found = {key for _, key, _ in read_all(kafka, kafka.topic(REQUESTED), len(subjects), timeout_s=5)}
    assert found == {subject.bytes for subject in subjects}
