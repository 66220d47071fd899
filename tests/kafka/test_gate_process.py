"""Gate processes on Apache Kafka: poison, take-over, fencing, draining."""

import uuid
from pathlib import Path

import pytest
from confluent_kafka import Producer

from disclosure_consumers.kafka.dead_letters import find_dead_letter, list_dead_letters, replay
from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_schemas.codec import MAX_EVENT_BYTES, EventCodec
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.vocabulary import PreferenceKind
from disclosure_schemas.topics import DEAD_LETTER, DECIDED, PREFERENCES, REQUESTED
from gate_events import PREFERENCE_CODEC, REQUESTED_CODEC, preference, request
from gate_processes import GateProcess, fresh_pipeline, gates, read_all
from kafka_fixtures import new_apache_kafka

pytestmark = pytest.mark.kafka

DECIDED_CODEC = EventCodec(DisclosureDecided)


def emit(kafka: KafkaSettings, events: list[DisclosureRequested]) -> None:
    """Emit requests and wait until the broker has them."""
    client = Producer({**kafka.client_config()})
    for event in events:
        client.produce(kafka.topic(REQUESTED), REQUESTED_CODEC.encode(event), event.subject_key.bytes)
    assert client.flush(30) == 0


def decisions(kafka: KafkaSettings, count: int) -> list[DisclosureDecided]:
    """Wait for that many decisions."""
    return [DECIDED_CODEC.decode(value) for _, _, value in read_all(kafka, kafka.topic(DECIDED), count)]


def test_poison_is_set_aside_and_can_be_replayed(apache_kafka: ApacheKafka, tmp_path: Path) -> None:
    """Poison of every class ends in the dead-letter topic; a repaired one is decided when sent again."""
    kafka = fresh_pipeline(apache_kafka)
    good = request(uuid.uuid4())
    encoded = REQUESTED_CODEC.encode(good)
    poison = {
        "malformed": (b"garbage", good.subject_key.bytes),
        "unknown_schema": (b"\xc3\x01" + bytes(50), good.subject_key.bytes),
        "trailing_bytes": (encoded + b"x", good.subject_key.bytes),
        "oversized": (encoded + bytes(MAX_EVENT_BYTES), good.subject_key.bytes),
        "bad_key": (encoded, None),
    }
    client = Producer({**kafka.client_config()})
    for value, key in poison.values():
        client.produce(kafka.topic(REQUESTED), value, key, headers=[("trace", b"1")])
    assert client.flush(30) == 0

    with gates(kafka, tmp_path, 1):
        emit(kafka, [request(uuid.uuid4())])
        assert len(decisions(kafka, 1)) == 1
        read_all(kafka, kafka.topic(DEAD_LETTER), len(poison))
        stored = {str(entry.letter.cause): entry for entry in list_dead_letters(kafka, RegistrySettings())}
        found = find_dead_letter(kafka, RegistrySettings(), stored["bad_key"].id)
        replay(kafka, found, key=good.subject_key.bytes)
        repaired = decisions(kafka, 2)

    assert {cause: entry.letter.value for cause, entry in stored.items()} == {
        cause: value for cause, (value, _) in poison.items()
    }
    assert all([h.name for h in entry.letter.headers] == ["trace"] for entry in stored.values())
    assert good in [decision.request for decision in repaired]


def test_the_partitions_of_a_killed_gate_go_to_the_others(apache_kafka: ApacheKafka, tmp_path: Path) -> None:
    """Two gates share the partitions; when one is killed the other decides everything, once."""
    kafka = fresh_pipeline(apache_kafka)
    first = GateProcess(kafka, "first", tmp_path / "first.log")
    first.wait_until_ready()
    events = [request(uuid.uuid4(), sequence=n) for n in range(2_000)]
    with gates(kafka, tmp_path, 1):
        emit(kafka, events[:1_000])
        decisions(kafka, 1_000)
        first.kill()
        emit(kafka, events[1_000:])
        decided = decisions(kafka, 2_000)

    assert sorted(d.request.event_id for d in decided) == sorted(event.event_id for event in events)


def test_a_gate_whose_name_is_taken_is_fenced(apache_kafka: ApacheKafka, tmp_path: Path) -> None:
    """A second process with the same instance name takes over; the first ends with exit code 1."""
    kafka = fresh_pipeline(apache_kafka)
    zombie = GateProcess(kafka, "same", tmp_path / "zombie.log")
    zombie.wait_until_ready()
    emit(kafka, [request(uuid.uuid4())])
    decisions(kafka, 1)

    successor = GateProcess(kafka, "same", tmp_path / "successor.log")
    successor.wait_until_ready()
    emit(kafka, [request(uuid.uuid4()) for _ in range(100)])
    decided = decisions(kafka, 101)

    try:
        assert zombie.wait(60) == 1
        assert len({d.request.event_id for d in decided}) == len(decided) == 101
        assert "fenced" in (tmp_path / "zombie.log").read_text()
    finally:
        zombie.terminate()
        assert successor.terminate() == 0


def test_a_gate_told_to_stop_drains(apache_kafka: ApacheKafka, tmp_path: Path) -> None:
    """SIGTERM ends a gate with code 0; its successor goes on with neither gap nor repeat."""
    kafka = fresh_pipeline(apache_kafka)
    events = [request(uuid.uuid4(), sequence=n) for n in range(30_000)]
    emit(kafka, events)
    gate = GateProcess(kafka, "drained", tmp_path / "gate.log")
    gate.wait_until_ready()
    decisions(kafka, 1)

    code = gate.terminate()
    with gates(kafka, tmp_path, 1):
        decided = decisions(kafka, len(events))

    assert code == 0
    coordinates = {(d.request_partition, d.request_offset) for d in decided}
    assert len(coordinates) == len(decided) == len(events)


def test_a_gate_without_a_broker_can_be_stopped(tmp_path: Path) -> None:
    """While the broker is away, with a batch begun or not, SIGTERM still ends a gate with code 0."""
    with new_apache_kafka(tmp_path / "kafka") as broker:
        kafka = fresh_pipeline(broker)
        gate = GateProcess(kafka, "alone", tmp_path / "gate.log")
        try:
            gate.wait_until_ready()
            emit(kafka, [request(uuid.uuid4(), sequence=n) for n in range(20_000)])
            decisions(kafka, 1)
        finally:
            broker.kill()
            code = gate.terminate()

    assert code == 0


def test_aborted_preferences_do_not_count_and_open_ones_fail_closed(
    apache_kafka: ApacheKafka, tmp_path: Path
) -> None:
    """An aborted opt-in or opt-out never existed; while a transaction is open the gate does not guess."""
    kafka = fresh_pipeline(apache_kafka)
    subject = uuid.uuid4()
    client = Producer({**kafka.client_config(), "transactional.id": f"preferences-{uuid.uuid4()}"})
    client.init_transactions(30)
    opt_out = PREFERENCE_CODEC.encode(preference(subject, PreferenceKind.OPT_OUT))

    def begin() -> None:
        client.begin_transaction()
        client.produce(kafka.topic(PREFERENCES), opt_out, subject.bytes)
        client.flush(30)

    with gates(kafka, tmp_path, 1):
        begin()
        emit(kafka, [request(subject, transaction_id="while open")])
        decisions(kafka, 1)
        client.abort_transaction(30)
        emit(kafka, [request(subject, transaction_id="after abort")])
        decisions(kafka, 2)
        begin()
        client.commit_transaction(30)
        emit(kafka, [request(subject, transaction_id="after commit")])
        decided = decisions(kafka, 3)

    assert {d.request.transaction_id: d.reason for d in decided} == {
        "while open": "state_store_unavailable",
        "after abort": "not_opted_out",
        "after commit": "opted_out_of_sale",
    }
