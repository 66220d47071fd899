"""What the SDK's Kafka tests share: a topic of their own, and what is in it."""

import threading
import time
from collections.abc import Callable

from broker_clients import BrokerClients
from disclosure_ledger.brokers.local import LocalBroker
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.topics import REQUESTED
from kafka_fixtures import create_topic, fresh_name

PARTITIONS = 3
CODEC = EventCodec(DisclosureRequested)


def own_topic(broker: LocalBroker) -> KafkaSettings:
    """Settings with a fresh prefix, whose topic of requests exists."""
    kafka = KafkaSettings(bootstrap=broker.bootstrap, topic_prefix=fresh_name("sdk") + ".")
    create_topic(broker, PARTITIONS, kafka.topic(REQUESTED))
    return kafka


def requests_in(broker: LocalBroker, kafka: KafkaSettings) -> list[DisclosureRequested]:
    """Every committed request, each partition in its order."""
    with BrokerClients(broker) as clients:
        records = clients.read_all(kafka.topic(REQUESTED), PARTITIONS)
    return [CODEC.decode(record.value() or b"") for record in records]


def wait_for(condition: Callable[[], bool], what: str, *, within_s: float = 60.0) -> None:
    """Wait until a condition holds, or fail saying which one did not."""
    pause = threading.Event()
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"within {within_s} s it did not come true that {what}"
        pause.wait(0.02)
