"""What became of an event that a command sent."""

import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass

from disclosure_producers.event_producer import EventProducer
from disclosure_producers.receipts import Delivered, Receipt

_DELIVERY_WAIT_S = 30.0
_EARLIER_WAIT_S = 5.0
_POLL_S = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where an event is: in the topic, or in the outbox where partition and offset are None."""

    event_id: uuid.UUID
    topic: str
    partition: int | None = None
    offset: int | None = None

    @property
    def coordinates(self) -> tuple[int, int] | None:
        """Partition and offset, once it is in the topic."""
        if self.partition is None or self.offset is None:
            return None
        return self.partition, self.offset

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {**asdict(self), "delivered": self.offset is not None}


def send(producer: EventProducer, event: Callable[[], Receipt], topic: str) -> Place:
    """Send an event and wait for its receipt; raises EventRefusedError, NotAcknowledgedError.

    What earlier commands left in the outbox goes first, as long as the broker takes it.
    """
    deadline = time.monotonic() + _EARLIER_WAIT_S
    while producer.backlog().stored and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    receipt = event()
    outcome = receipt.result(_DELIVERY_WAIT_S)
    if isinstance(outcome, Delivered):
        return Place(
            event_id=receipt.event_id, topic=topic, partition=outcome.partition, offset=outcome.offset
        )
    return Place(event_id=receipt.event_id, topic=topic)


def in_words(place: Place) -> str:
    """One line for people."""
    if place.offset is None:
        return (
            f"event {place.event_id} stored in the outbox: the broker is away. "
            "It is sent when the next command or application with this outbox reaches the broker."
        )
    where = f"{place.topic}, partition {place.partition}, offset {place.offset}"
    return f"event {place.event_id} delivered to {where}"
