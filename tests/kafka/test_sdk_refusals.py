"""What Apache Kafka refuses for good comes back as a typed error, soon, and is stored nowhere."""

from pathlib import Path
from uuid import UUID

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType
from confluent_kafka.cimpl import NewTopic

from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_producers.client import DisclosureProducer
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.errors import EventTooLargeError, NotAuthorisedError, UnknownTopicError
from disclosure_producers.receipts import Delivered, Receipt
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.topics import REQUESTED
from kafka_fixtures import fresh_name, new_apache_kafka

pytestmark = pytest.mark.kafka

WAIT_S = 30.0
PATIENT = DeliverySettings(outbox_after_ms=20_000)
"""A busy machine must not make a slow answer look like an outage."""


def ask(producer: DisclosureProducer, items: int = 1) -> Receipt:
    """An ordinary request."""
    named = [f"identifiers.{'x' * 50}{number}" for number in range(items)]
    return producer.disclose(UUID(int=1), to="harborlight", kind="sale", items=named)


def test_a_topic_that_does_not_exist_is_named(apache_kafka: ApacheKafka, tmp_path: Path) -> None:
    """Without its topic an event is refused with the topic's name; the next call says so at once."""
    kafka = KafkaSettings(bootstrap=apache_kafka.bootstrap, topic_prefix=fresh_name("missing") + ".")
    with DisclosureProducer("crm", kafka=kafka, outbox_dir=tmp_path, delivery=PATIENT) as producer:
        with pytest.raises(UnknownTopicError, match=kafka.topic(REQUESTED)):
            ask(producer).result(WAIT_S)
        with pytest.raises(UnknownTopicError):
            ask(producer).result(WAIT_S)
        assert producer.backlog().stored == 0


def test_an_event_larger_than_the_topic_takes_is_refused(apache_kafka: ApacheKafka, tmp_path: Path) -> None:
    """The topic's own limit gives a typed error, and smaller events before and after it arrive."""
    kafka = KafkaSettings(
        bootstrap=apache_kafka.bootstrap,
        topic_prefix=fresh_name("small") + ".",
        client={"compression.type": "none"},
    )
    name = kafka.topic(REQUESTED)
    topic = NewTopic(name, num_partitions=1, replication_factor=1, config={"max.message.bytes": "2000"})
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.create_topics([topic])[name].result(WAIT_S)
    with DisclosureProducer("crm", kafka=kafka, outbox_dir=tmp_path, delivery=PATIENT) as producer:
        assert ask(producer).result(WAIT_S) == Delivered(0, 0)
        with pytest.raises(EventTooLargeError):
            ask(producer, items=60).result(WAIT_S)
        assert ask(producer).result(WAIT_S) == Delivered(0, 1)


@pytest.mark.slow
def test_a_producer_that_may_not_write_is_told_so(tmp_path: Path) -> None:
    """A topic with an access rule against this application gives a typed error."""
    rules = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "true",
    }
    with new_apache_kafka(tmp_path / "kafka", rules) as broker:
        kafka = KafkaSettings(bootstrap=broker.bootstrap)
        name = kafka.topic(REQUESTED)
        admin = AdminClient({"bootstrap.servers": broker.bootstrap})
        admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])[name].result(WAIT_S)
        rule = AclBinding(
            ResourceType.TOPIC,
            name,
            ResourcePatternType.LITERAL,
            "User:ANONYMOUS",
            "*",
            AclOperation.WRITE,
            AclPermissionType.DENY,
        )
        admin.create_acls([rule])[rule].result(WAIT_S)
        with DisclosureProducer(
            "crm", kafka=kafka, outbox_dir=tmp_path / "outbox", delivery=PATIENT
        ) as producer:
            with pytest.raises(NotAuthorisedError, match=name):
                ask(producer).result(WAIT_S)
            assert producer.backlog().stored == 0
