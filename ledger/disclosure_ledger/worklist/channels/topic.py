"""The topic privacy.notifications: an event for each message, keyed by the subject, for connectors."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol, Self
from uuid import UUID

from confluent_kafka import KafkaException, Producer

from disclosure_consumers.codecs import event_codec
from disclosure_ledger.worklist.channel import Delivery, Fate
from disclosure_ledger.worklist.item import Evidence
from disclosure_ledger.worklist.message import Notification, sha256_of
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.notification import NotifiedDisclosure, RecipientNotified
from disclosure_schemas.events.vocabulary import NotificationCause
from disclosure_schemas.topics import NOTIFICATIONS

DELIVERY_TIMEOUT_S = 20.0


class PublishError(Exception):
    """An event was not acknowledged by the broker."""


class Publisher(Protocol):
    """Writes one event and waits for the acknowledgement."""

    def publish(self, key: bytes, value: bytes) -> tuple[int, int]:
        """Write to the topic; (partition, offset). Raises PublishError."""
        ...

    def close(self) -> None:
        """Let go of the broker."""
        ...


class KafkaPublisher:
    """Writes to the topic of the settings, acknowledged by all replicas in sync."""

    def __init__(self, kafka: KafkaSettings, timeout_s: float = DELIVERY_TIMEOUT_S) -> None:
        self._topic = kafka.topic(NOTIFICATIONS)
        self._timeout_s = timeout_s
        config: dict[str, Any] = {
            **kafka.client_config(),
            "enable.idempotence": True,
            "delivery.timeout.ms": int(timeout_s * 1000),
            "log_level": 0,
        }
        self._producer = Producer(config)

    def publish(self, key: bytes, value: bytes) -> tuple[int, int]:
        """Write one event and wait."""
        placed: list[tuple[int, int]] = []
        failed: list[str] = []

        def on_delivery(error: Any, message: Any) -> None:
            if error is None:
                placed.append((message.partition(), message.offset()))
            else:
                failed.append(error.str())

        try:
            self._producer.produce(self._topic, value, key, on_delivery=on_delivery)
            self._producer.flush(self._timeout_s + 5.0)
        except (KafkaException, BufferError) as error:
            raise PublishError(f"{self._topic}: {error}") from error
        if not placed:
            raise PublishError(f"{self._topic}: {failed[0] if failed else 'not acknowledged in time'}")
        return placed[0]

    def close(self) -> None:
        """Nothing is waiting: every event was waited for."""
        self._producer.purge()


class TopicChannel:
    """Tells recipients by events; the connector that reads them does the rest."""

    name = "kafka"

    def __init__(
        self,
        publisher: Publisher,
        codec: EventCodec[RecipientNotified],
        clock: Callable[[], datetime],
        topic: str = NOTIFICATIONS.name,
    ) -> None:
        self._publisher = publisher
        self._codec = codec
        self._clock = clock
        self._topic = topic

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._publisher.close()

    def deliver(self, notification: Notification) -> Delivery:
        """Write one event."""
        event = event_of(notification, self._clock())
        value = self._codec.encode(event)
        evidence = Evidence(message_id=notification.id, payload_sha256=sha256_of(value), place=self._topic)
        try:
            partition, offset = self._publisher.publish(event.subject_key.bytes, value)
        except PublishError as error:
            return Delivery(fate=Fate.RETRY, evidence=evidence, reason=str(error)[:500])
        place = f"{self._topic} {partition}:{offset}"
        return Delivery(fate=Fate.SENT, evidence=evidence.model_copy(update={"place": place}))


def event_of(notification: Notification, issued_at: datetime) -> RecipientNotified:
    """The event that says what a message says."""
    return RecipientNotified(
        notification_id=notification.id,
        item_id=UUID(notification.item_id),
        subject_key=UUID(notification.subject_key),
        recipient_id=notification.recipient_id,
        issued_at=issued_at,
        cause=NotificationCause(notification.cause.value),
        requested_at=notification.requested_at,
        due_on=notification.due_on,
        forward=notification.forward,
        directions=notification.directions,
        disclosures=tuple(NotifiedDisclosure(**told.model_dump()) for told in notification.disclosures),
    )


def open_topic_channel() -> TopicChannel:
    """The channel of this process's settings (DISCLOSURE_KAFKA_..., DISCLOSURE_SCHEMA_REGISTRY_URL)."""
    kafka = KafkaSettings()
    topic = kafka.topic(NOTIFICATIONS)
    codec = event_codec(RecipientNotified, topic=topic, settings=RegistrySettings())
    return TopicChannel(KafkaPublisher(kafka), codec, lambda: datetime.now(UTC), topic)
