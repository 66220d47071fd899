"""A registry that changes under a running gate, on Apache Kafka."""

import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from disclosure_consumers.registry_files import example_registry, load_registry
from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.topics import DECIDED, REQUESTED
from gate_events import REQUESTED_CODEC, disclosure, request
from gate_processes import GateProcess, fresh_pipeline, read_all

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

DECIDED_CODEC = EventCodec(DisclosureDecided)
RELOADED_WITHIN_S = 90.0
NEUTRAL = "published: [neutral]\n"
STRICT = "published: [massmutual_workforce_2022]\n"


def emit(client: Producer, kafka: KafkaSettings, count: int) -> int:
    """Ask to sell customer records, which one notice declares and the other does not."""
    for _ in range(count):
        event = request(uuid.uuid4(), disclosure(items=("customer_records",)))
        client.produce(kafka.topic(REQUESTED), REQUESTED_CODEC.encode(event), event.subject_key.bytes)
    assert client.flush(30) == 0
    return count


def decided(kafka: KafkaSettings, count: int) -> list[DisclosureDecided]:
    """All decisions, once there are that many."""
    return [DECIDED_CODEC.decode(value) for _, _, value in read_all(kafka, kafka.topic(DECIDED), count)]


def until_reloaded(client: Producer, kafka: KafkaSettings, emitted: int, wanted: bytes) -> Iterator[int]:
    """Keep the gate busy until it decides by the wanted registry; yields how many were emitted."""
    give_up_s = time.monotonic() + RELOADED_WITHIN_S
    while time.monotonic() < give_up_s:
        emitted += emit(client, kafka, 200)
        yield emitted
        if wanted in {decision.registry_hash for decision in decided(kafka, emitted)}:
            return
        time.sleep(0.5)
    raise AssertionError(f"the gate did not take over the new registry within {RELOADED_WITHIN_S:.0f} s")


def test_a_changed_registry_is_taken_over_whole_and_nothing_is_lost(
    apache_kafka: ApacheKafka, tmp_path: Path
) -> None:
    """Every request is decided once, each batch by one registry, and a broken one changes nothing."""
    kafka, folder = fresh_pipeline(apache_kafka), tmp_path / "registry"
    shutil.copytree(example_registry(), folder)
    policy = folder / "policy.yaml"
    policy.write_text(NEUTRAL)
    before = load_registry(folder).content_hash
    client = Producer({**kafka.client_config()})
    gate = GateProcess(kafka, "reloading", tmp_path / "gate.log", DISCLOSURE_GATE_REGISTRY=str(folder))
    try:
        gate.wait_until_ready()
        emitted = emit(client, kafka, 500)
        assert {d.registry_hash for d in decided(kafka, emitted)} == {before}

        policy.write_text("published: [no such notice")
        time.sleep(12)  # two looks of the watch, and a little more
        emitted += emit(client, kafka, 500)
        assert {d.registry_hash for d in decided(kafka, emitted)} == {before}

        policy.write_text(STRICT)
        after = load_registry(folder).content_hash
        *_, emitted = until_reloaded(client, kafka, emitted, after)
    finally:
        gate.terminate()

    decisions = decided(kafka, emitted)
    assert len({d.request.event_id for d in decisions}) == len(decisions) == emitted
    assert {(d.registry_hash, d.reason) for d in decisions} == {
        (before, "not_opted_out"),
        (after, "undeclared_kind"),
    }
    last_old = max(d.decided_at for d in decisions if d.registry_hash == before)
    assert all(d.decided_at > last_old for d in decisions if d.registry_hash == after)
