"""Bulks of the SDK: what its double keeps is what arrives on a broker."""

import uuid
from pathlib import Path
from typing import Any, cast

import pytest

from broker_clients import BrokerClients
from disclosure_ledger.brokers.local import LocalBroker
from disclosure_producers.bulk import BulkProducer
from disclosure_producers.settings import KafkaSettings
from disclosure_producers.testing import RecordingBulkProducer
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.base import Value
from disclosure_schemas.events.bulk import BulkAnnounced
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.topics import BULKS, REQUESTED, Topic
from kafka_fixtures import create_topic, fresh_name

KEYS = [uuid.uuid5(uuid.NAMESPACE_OID, str(number)) for number in range(300)]
SALE: dict[str, Any] = {"to": "harborlight", "kind": "sale", "items": ["identifiers.email_hash"]}


@pytest.fixture(
    params=[
        pytest.param("apache_kafka", marks=pytest.mark.kafka, id="apache"),
        pytest.param("embedded_broker", id="embedded"),
    ]
)
def broker(request: pytest.FixtureRequest) -> LocalBroker:
    """Each broker."""
    return cast("LocalBroker", request.getfixturevalue(request.param))


def arrived(
    broker: LocalBroker, kafka: KafkaSettings, topic: Topic, record: type[Value]
) -> list[tuple[bytes, Value]]:
    """Keys and events of a topic, in order."""
    codec: EventCodec[Any] = EventCodec(record)
    with BrokerClients(broker) as clients:
        records = clients.read_all(kafka.topic(topic))
    return [(record.key() or b"", codec.decode(record.value() or b"")) for record in records]


def test_a_bulk_arrives_as_the_double_keeps_it(broker: LocalBroker, tmp_path: Path) -> None:
    """Of one id, announcement and rows are equal in every field on broker and double, and keyed alike."""
    kafka = KafkaSettings(bootstrap=broker.bootstrap, topic_prefix=fresh_name("bulk") + ".")
    for topic in (BULKS, REQUESTED):
        create_topic(broker, 1, kafka.topic(topic))
    with RecordingBulkProducer("list-export") as double:
        made = double.prepare(KEYS, **SALE)
        double.send(made)

    with BulkProducer("list-export", kafka=kafka, outbox_dir=tmp_path / "outbox") as producer:
        sent = producer.send(producer.prepare(KEYS, resume=made.id, **SALE))

    assert (sent.bulk_id, sent.rows, sent.delivered, sent.stored) == (made.id, 300, 300, 0)
    assert arrived(broker, kafka, BULKS, BulkAnnounced) == [(made.id.bytes, double.announcements[0])]
    assert arrived(broker, kafka, REQUESTED, DisclosureRequested) == [
        (event.subject_key.bytes, event) for event in double.events
    ]
