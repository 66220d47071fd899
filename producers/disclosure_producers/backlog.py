"""What a producer accepted and does not know to be in the topic."""

from dataclasses import dataclass


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
