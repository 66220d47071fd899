"""The Kafka client of the SDK: the only module that imports confluent_kafka's producer."""

import logging
import re
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.errors import (
    EventRefusedError,
    EventTooLargeError,
    NotAuthorisedError,
    UnknownTopicError,
)
from disclosure_producers.settings import KafkaSettings, SettingsError

ClientError = KafkaException

_LOG = logging.getLogger(__name__)

_UNKNOWN_TOPIC = {
    KafkaError._UNKNOWN_TOPIC,  # noqa: SLF001 - librdkafka's own codes begin with an underscore
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.TOPIC_EXCEPTION,
}
_NOT_AUTHORISED = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
}
_TOO_LARGE = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG_SIZE, KafkaError.RECORD_LIST_TOO_LARGE}
_INVALID = {KafkaError.INVALID_RECORD, KafkaError.POLICY_VIOLATION}


class _NotAgain(logging.Filter):
    """Lets a message of the client through now and then: in an outage it repeats itself every second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this has not been said lately."""
        words = re.sub(r"\d+", "", record.getMessage())
        is_new = record.created - self._said.get(words, 0.0) >= _SAY_AGAIN_S
        if is_new:
            self._said[words] = record.created
        return is_new


_SAY_AGAIN_S = 60.0
_CLIENT_LOG = logging.getLogger(f"{__name__}.client")
_CLIENT_LOG.addFilter(_NotAgain())

# Neither settings nor an environment may weaken these: the promises of the SDK stand on them.
_INVARIANTS = {
    "enable.idempotence": True,
    "acks": "all",
    # The same partition for the same key as Java clients choose.
    "partitioner": "murmur2_random",
    # The client never gives up by itself: giving up and sending again is how second copies are made.
    "message.timeout.ms": 0,
}
_NEW_TOPIC_MS = 500
_QUEUE_MAX_KBYTES = 262_144


class KafkaTransport:
    """One idempotent producer for one topic. `produce` is confluent_kafka's own, for speed."""

    def __init__(self, kafka: KafkaSettings, topic: str, delivery: DeliverySettings) -> None:
        config: dict[str, Any] = {
            "linger.ms": delivery.linger_ms,
            "compression.type": delivery.compression,
            "queue.buffering.max.messages": delivery.queue_max_events,
            "queue.buffering.max.kbytes": _QUEUE_MAX_KBYTES,
            # Come back soon after an outage; the defaults wait up to 10 s.
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 1_000,
            # Long enough for a topic made a moment ago, short enough that a caller learns of a missing one
            # before its events count as waiting for a broker that is away.
            "topic.metadata.propagation.max.ms": min(_NEW_TOPIC_MS, max(1, delivery.outbox_after_ms // 2)),
            **kafka.client_config(),
            **_INVARIANTS,
            "error_cb": self._on_error,
        }
        self.topic = topic
        self.is_fatal = False
        try:
            self._producer = Producer(config, logger=_CLIENT_LOG)
        except KafkaException as error:
            raise SettingsError(
                f"the Kafka client refuses its settings: {error.args[0]}. "
                "Check DISCLOSURE_KAFKA_BOOTSTRAP and DISCLOSURE_KAFKA_CLIENT."
            ) from error
        self.produce = self._producer.produce

    def poll(self, timeout_s: float) -> int:
        """Serve delivery reports, waiting for the first one; returns how many there were."""
        return self._producer.poll(timeout_s)

    def discard(self) -> None:
        """Forget everything that is in the client's queue or on its way; reports come as failures."""
        self._producer.purge()
        self._producer.poll(0)

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            self.is_fatal = True
            _LOG.error("Kafka client: %s", error.str())


def refusal(error: Any, topic: str) -> tuple[EventRefusedError, bool] | None:
    """What a broker's error means for an event: refused for good, and whether all of the topic is; else None.

    `error` is a KafkaError, or the KafkaException that carries one.
    """
    kafka_error = error.args[0] if isinstance(error, KafkaException) else error
    code = kafka_error.code()
    if code in _UNKNOWN_TOPIC:
        return UnknownTopicError(
            f"the topic {topic} does not exist on this broker. Create it with `disclosures topics create`, "
            "or check DISCLOSURE_KAFKA_BOOTSTRAP and DISCLOSURE_KAFKA_TOPIC_PREFIX."
        ), True
    if code in _NOT_AUTHORISED:
        return NotAuthorisedError(
            f"the broker does not let this application write to {topic} ({kafka_error.str()}). "
            "Grant Write and Describe on the topic, and IdempotentWrite on the cluster, to its principal."
        ), True
    if code in _TOO_LARGE:
        return EventTooLargeError(
            f"the broker refused the event as too large for {topic} ({kafka_error.str()}). "
            "Split the disclosure, or raise the topic's max.message.bytes."
        ), False
    if code in _INVALID:
        return EventRefusedError(
            f"the broker refused the event as invalid for {topic} ({kafka_error.str()}). "
            "Compare the topic's settings with `disclosures topics describe`."
        ), False
    return None
