"""What a producer holds, and what it has done, as values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a producer has done and holds, as of now; asking costs next to nothing.

    `accepted`, `rejected`: calls since it was opened that took an event, and that raised. `waiting`: handed
    to the client or queued, not known to be done. `stored`: events in the outbox. `refused`: set aside there.
    `oldest_stored_ms`: when the oldest stored event was made, in milliseconds since 1970; None without one.
    `damaged_outboxes`: files of earlier runs that cannot be read.
    """

    accepted: int
    rejected: int
    waiting: int
    stored: int
    refused: int
    oldest_stored_ms: int | None
    damaged_outboxes: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """Events not known to be in the topic, and what needs somebody's attention.

    `waiting`: accepted, neither delivered nor stored. `stored`: in an outbox, not delivered. `refused`:
    stored, then refused by the broker, and set aside. `damaged_outboxes`: what was damaged and where it is.
    """

    waiting: int
    stored: int
    refused: int
    damaged_outboxes: tuple[str, ...]
