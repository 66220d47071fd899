"""Settings of a command that a person waits for."""

from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.settings import KafkaSettings

_QUIET = 0
_OUTBOX_AFTER_MS = 5_000


def kafka_settings() -> KafkaSettings:
    """Settings from the environment; what librdkafka would print of its connections is left to our errors."""
    settings = KafkaSettings()
    return settings.model_copy(update={"client": {"log_level": _QUIET, **settings.client}})


def delivery_settings() -> DeliverySettings:
    """Settings from the environment, with patience: a new client needs half a second for its first event.

    librdkafka asks for the idempotent producer's id again only after 500 ms, so that a command would always
    take the broker for away.
    """
    settings = DeliverySettings()
    if "outbox_after_ms" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"outbox_after_ms": _OUTBOX_AFTER_MS})
