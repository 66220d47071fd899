"""Confluent wire format with a real registry: the gate reads both framings, writes the configured one."""

import io
import json
import uuid
from pathlib import Path

import fastavro
import pytest
from confluent_kafka import Producer
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.brokers.registry import SchemaRegistry
from disclosure_producers.schema_registry import ConfluentRegistry
from disclosure_schemas import schema_files
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.dead_letter import DeadLetter
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.framing import confluent_header, read_frame
from disclosure_schemas.topics import DEAD_LETTER, DECIDED, REQUESTED
from gate_events import REQUESTED_CODEC, request
from gate_processes import GateProcess, fresh_pipeline, read_all

pytestmark = pytest.mark.kafka


def later_schema() -> str:
    """The request's schema as a later version may be: one more field, with a default."""
    schema = schema_files.schema("DisclosureRequested")
    extra = {"name": "batch_id", "type": ["null", "string"], "default": None, "doc": "A later field."}
    schema["fields"].insert(3, extra)
    return json.dumps(schema)


def with_schema(event: DisclosureRequested, schema: str, registry_id: int, **more: object) -> bytes:
    """An event as an application with another schema writes it."""
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(json.loads(schema)), event.model_dump() | more)
    return confluent_header(registry_id) + buffer.getvalue()


def decide_both_framings(
    apache_kafka: ApacheKafka, url: str, registry: ConfluentRegistry, tmp_path: Path
) -> None:
    """Send, decide, and look at what came out."""
    kafka = fresh_pipeline(apache_kafka)
    topic = kafka.topic(REQUESTED)
    confluent = EventCodec(
        DisclosureRequested, registry=registry, registry_id=registry.register(topic, "DisclosureRequested")
    )
    with SchemaRegistryClient({"url": url}) as client:
        later_id = client.register_schema(f"{topic}-value", Schema(later_schema(), "AVRO"))
    events = [request(uuid.uuid4(), sequence=n) for n in range(3)]
    values = [
        confluent.encode(events[0]),
        REQUESTED_CODEC.encode(events[1]),
        with_schema(events[2], later_schema(), later_id, batch_id="b-1"),
        confluent_header(999_999) + REQUESTED_CODEC.encode_body(events[0]),
    ]
    producer = Producer({**kafka.client_config()})
    for value, event in zip(values, [*events, events[0]], strict=True):
        producer.produce(topic, value, event.subject_key.bytes)
    assert producer.flush(30) == 0

    gate = GateProcess(kafka, "framing", tmp_path / "gate.log", DISCLOSURE_SCHEMA_REGISTRY_URL=url)
    try:
        gate.wait_until_ready()
        decided = [value for _, _, value in read_all(kafka, kafka.topic(DECIDED), 3)]
        (dead,) = [value for _, _, value in read_all(kafka, kafka.topic(DEAD_LETTER), 1)]
    finally:
        gate.terminate()

    decisions = EventCodec(DisclosureDecided, registry=registry)
    assert {read_frame(value).registry_id is not None for value in decided} == {True}
    assert sorted((decisions.decode(v).request for v in decided), key=lambda e: e.sequence) == events
    letter = EventCodec(DeadLetter, registry=registry).decode(dead)
    assert (letter.cause, letter.value) == ("unknown_schema", values[3])


def test_both_framings_and_another_schema_are_decided(
    apache_kafka: ApacheKafka, schema_registry: SchemaRegistry, tmp_path: Path
) -> None:
    """Events in either framing, or written with a compatible later schema, are decided."""
    with ConfluentRegistry(schema_registry.url) as registry:
        decide_both_framings(apache_kafka, schema_registry.url, registry, tmp_path)
