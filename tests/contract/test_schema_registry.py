"""What the local schema registry must do, asked through the client that the codec uses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from disclosure_ledger.brokers.registry import SchemaRegistry
from kafka_fixtures import fresh_name, new_schema_registry

if TYPE_CHECKING:
    from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

pytestmark = pytest.mark.kafka


@contextmanager
def client_of(registry: SchemaRegistry) -> Iterator[SchemaRegistryClient]:
    from confluent_kafka.schema_registry import SchemaRegistryClient

    with SchemaRegistryClient({"url": registry.url}) as client:
        yield client


def record(*fields: dict[str, object]) -> Schema:
    from confluent_kafka.schema_registry import Schema

    text = json.dumps({"type": "record", "name": "Event", "namespace": "test", "fields": list(fields)})
    return Schema(text, "AVRO")


NUMBER: dict[str, object] = {"name": "number", "type": "long"}
OPTIONAL: dict[str, object] = {"name": "note", "type": "string", "default": ""}
REQUIRED: dict[str, object] = {"name": "note", "type": "string"}


def test_a_registered_schema_is_read_back_by_its_id(schema_registry: SchemaRegistry) -> None:
    """The id of a registered Avro schema leads to the same schema, also for a client that is new."""
    subject = fresh_name("subject")
    with client_of(schema_registry) as client:
        number = client.register_schema(subject, record(NUMBER))
    with client_of(schema_registry) as client:
        found = client.get_schema(number)
        assert json.loads(found.schema_str or "") == json.loads(record(NUMBER).schema_str or "")
        assert client.lookup_schema(subject, record(NUMBER)).schema_id == number


def test_an_incompatible_schema_is_refused(schema_registry: SchemaRegistry) -> None:
    """Under BACKWARD compatibility a new field needs a default."""
    subject = fresh_name("subject")
    with client_of(schema_registry) as client:
        client.register_schema(subject, record(NUMBER))
        client.set_compatibility(subject, "BACKWARD")
        assert not client.test_compatibility(subject, record(NUMBER, REQUIRED))
        assert client.test_compatibility(subject, record(NUMBER, OPTIONAL))
        client.register_schema(subject, record(NUMBER, OPTIONAL))
        assert client.get_versions(subject) == [1, 2]


@pytest.mark.parametrize("end", [SchemaRegistry.stop, SchemaRegistry.kill], ids=["stop", "kill"])
def test_ids_outlive_the_registry(
    tmp_path_factory: pytest.TempPathFactory, end: Callable[[SchemaRegistry], None]
) -> None:
    """After the registry was ended and started again, the ids it gave out still lead to their schemas."""
    with new_schema_registry(tmp_path_factory.mktemp("registry")) as registry:
        with client_of(registry) as client:
            number = client.register_schema("subject", record(NUMBER))
        url = registry.url
        end(registry)
        registry.start()
        assert registry.url == url
        with client_of(registry) as client:
            assert client.get_schema(number).schema_type == "AVRO"
