"""One run of a producer, as a value."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProducerRun:
    """What the events of one run have in common.

    `producer_id`: which run it is; its events are numbered from 0. `header`: the bytes of the framing.
    `outbox`: names the file of events that wait; outboxes of dead runs are sent in the order of their names.
    `emitted_us`: moment of emission of every event, in microseconds since 1970; None: that of each.
    """

    producer_id: uuid.UUID
    header: bytes
    outbox: str
    emitted_us: int | None = None
