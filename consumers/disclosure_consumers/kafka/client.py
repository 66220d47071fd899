"""What every Kafka client here shares: logging of its errors, and taking what is there."""

from typing import Any, Protocol, cast

import structlog
from confluent_kafka import Consumer, KafkaError

from disclosure_consumers.ports import Message, StateUnreadableError

_log = structlog.get_logger(__name__)

REQUEST_TIMEOUT_S = 5.0
"""How long one question to the broker may take."""

Config = dict[str, Any]
"""librdkafka settings; callbacks among them."""


class BrokerUnreachableError(StateUnreadableError):
    """The broker does not answer, or does not have what is asked for."""


class Polled(Message, Protocol):
    """What a poll returns: a record, or an error in its place."""

    def error(self) -> KafkaError | None:
        """Error in place of a record."""
        ...


def log_client_error(error: KafkaError) -> None:
    """Log what a client reports; it goes on by itself."""
    _log.warning("kafka client", code=error.name(), detail=error.str())


def consume(consumer: Consumer, most: int, wait_s: float) -> list[Polled]:
    """Take what is there; only the first message is waited for, so that a lone event is not kept waiting."""
    first = consumer.consume(1, wait_s)
    rest = consumer.consume(most - 1, 0.0) if first and most > 1 else []
    return cast("list[Polled]", [*first, *rest])
