"""The Confluent wire format with a real registry: ids are registered once, and readers find the schema."""

import json
import uuid
from pathlib import Path

import pytest

from broker_clients import BrokerClients
from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.brokers.registry import SchemaRegistry
from disclosure_producers.client import DisclosureProducer
from disclosure_producers.errors import RegistryUnavailableError
from disclosure_producers.schema_registry import ConfluentRegistry
from disclosure_producers.settings import RegistrySettings
from disclosure_schemas import schema_files
from disclosure_schemas.codec import EventCodec, schema_fingerprint
from disclosure_schemas.errors import UndecodableError, UnknownSchemaError
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.framing import read_frame
from disclosure_schemas.topics import REQUESTED
from sdk_topics import PARTITIONS, own_topic

pytestmark = pytest.mark.kafka


def test_events_carry_the_id_of_their_schema(
    apache_kafka: ApacheKafka, schema_registry: SchemaRegistry, tmp_path: Path
) -> None:
    """With a registry an event is in Confluent wire format, and a reader with the registry decodes it."""
    kafka = own_topic(apache_kafka)
    settings = RegistrySettings(url=schema_registry.url)
    with DisclosureProducer("crm", kafka=kafka, outbox_dir=tmp_path, registry=settings) as producer:
        receipt = producer.disclose(uuid.UUID(int=1), to="harborlight", kind="sale", items=["identifiers"])
        receipt.result(30)

    with BrokerClients(apache_kafka) as clients:
        [record] = clients.read_all(kafka.topic(REQUESTED), PARTITIONS)
    value = record.value() or b""
    with ConfluentRegistry(schema_registry.url) as registry:
        registered = registry.register(kafka.topic(REQUESTED), "DisclosureRequested")
        decoded = EventCodec(DisclosureRequested, registry=registry).decode(value)
    assert read_frame(value).registry_id == registered
    assert decoded.event_id == receipt.event_id


def test_a_schema_comes_back_by_its_id(schema_registry: SchemaRegistry) -> None:
    """What was registered is found by its id and is the same schema; registering again gives the same id."""
    with ConfluentRegistry(schema_registry.url) as registry:
        registered = registry.register("sdk.disclosures.requested", "DisclosureRequested")
    with ConfluentRegistry(schema_registry.url) as another:
        found = another.schema_by_id(registered)
        again = another.register("sdk.disclosures.requested", "DisclosureRequested")

    assert again == registered
    assert schema_fingerprint(json.loads(found)) == schema_fingerprint(
        schema_files.schema("DisclosureRequested")
    )


def test_an_id_nobody_registered_is_unknown(schema_registry: SchemaRegistry) -> None:
    """An unknown id is UnknownSchemaError, so that the event becomes a dead letter."""
    with ConfluentRegistry(schema_registry.url) as registry:
        with pytest.raises(UnknownSchemaError, match="987654"):
            registry.schema_by_id(987654)
        with pytest.raises(UndecodableError) as undecodable:
            EventCodec(DisclosureRequested, registry=registry).decode(b"\x00" + (987654).to_bytes(4) + b"x")
    assert undecodable.value.cause == "unknown_schema"


def test_a_registry_that_is_away_is_not_the_events_fault(tmp_path: Path) -> None:
    """An unreachable registry is RegistryUnavailableError for producer and reader, never UndecodableError."""
    url = "http://127.0.0.1:9"
    with pytest.raises(RegistryUnavailableError, match=url):
        DisclosureProducer("crm", outbox_dir=tmp_path, registry=RegistrySettings(url=url))
    with ConfluentRegistry(url) as registry, pytest.raises(RegistryUnavailableError):
        EventCodec(DisclosureRequested, registry=registry).decode(b"\x00\x00\x00\x00\x01x")
