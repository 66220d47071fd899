"""The topic of notifications on real brokers: what is told is there, a broker that is away is no fault."""

import uuid
from datetime import UTC, datetime

import pytest

from broker_clients import WAIT_S, BrokerClients
from disclosure_ledger.brokers.local import LocalBroker
from disclosure_ledger.worklist.channel import Fate
from disclosure_ledger.worklist.channels.topic import KafkaPublisher, TopicChannel, event_of
from disclosure_ledger.worklist.message import Notification
from disclosure_ledger.worklist.owed import Told
from disclosure_ledger.worklist.vocabulary import Cause
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.notification import RecipientNotified
from disclosure_schemas.events.vocabulary import Kind
from disclosure_schemas.topics import NOTIFICATIONS
from gate_events import event_id
from kafka_fixtures import create_topic, fresh_name

NOW = datetime(2026, 10, 8, 18, tzinfo=UTC)
CODEC = EventCodec(RecipientNotified)


def notification(number: int) -> Notification:
    """A message about one sale."""
    told = Told(event_id=event_id(), occurred_at=NOW, kind=Kind.SALE, items=("identifiers.email",))
    return Notification(
        id=f"item.{number}",
        item_id=str(uuid.UUID(int=number)),
        recipient_id="harborlight",
        cause=Cause.OPT_OUT,
        directions=("Stop.",),
        forward=True,
        subject_key=str(uuid.UUID(int=0xA11CE)),
        requested_at=NOW,
        due_on="2026-10-16",
        disclosures=(told,),
    )


def test_what_is_told_is_on_the_topic(broker: LocalBroker, clients: BrokerClients) -> None:
    """Each message is one event under the subject's key, at the place that the evidence names."""
    settings = KafkaSettings(
        bootstrap=broker.bootstrap,
        topic_prefix=fresh_name("told") + ".",
        consumer=dict(broker.limits.client_overrides),
    )
    topic = create_topic(broker, 1, settings.topic(NOTIFICATIONS))
    messages = [notification(number) for number in range(3)]
    with TopicChannel(KafkaPublisher(settings), CODEC, lambda: NOW, topic) as channel:
        done = [channel.deliver(message) for message in messages]

    assert [delivery.fate for delivery in done] == [Fate.SENT] * 3
    assert [delivery.evidence.place for delivery in done] == [f"{topic} 0:{offset}" for offset in range(3)]
    consumer = clients.consumer()
    consumer.subscribe([topic])
    read: list[tuple[object, RecipientNotified]] = []
    while len(read) < 3:
        (message,) = consumer.consume(1, WAIT_S)
        assert message.error() is None
        read.append((message.key(), CODEC.decode(message.value() or b"")))
    assert read == [(uuid.UUID(int=0xA11CE).bytes, event_of(message, NOW)) for message in messages]


def test_a_broker_that_is_away_is_tried_again_later() -> None:
    """Nothing is raised: the attempt says what happened, and the message waits."""
    settings = KafkaSettings(bootstrap="127.0.0.1:1")
    with TopicChannel(KafkaPublisher(settings, timeout_s=0.5), CODEC, lambda: NOW) as channel:
        delivery = channel.deliver(notification(1))
    assert delivery.fate is Fate.RETRY
    assert NOTIFICATIONS.name in (delivery.reason or "")


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_word_on_the_topic(cause: Cause) -> None:
    """What the worklist knows, the event can say."""
    message = notification(1).model_copy(update={"cause": cause})
    assert event_of(message, NOW).cause.value == cause.value
