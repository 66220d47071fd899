"""What a log says of records that could not be read: where they are, which event, and why, in closed words.

Never the text of the error: it may quote what the record holds. The text stands in the dead letter and in the
ledger's table `unreadable`, beside the bytes.
"""

from typing import NamedTuple

from disclosure_schemas.framed_ids import framed_event_id

LINES_MAX = 20
"""Most records that are named of one batch; the counts are of all."""


class UnreadRecord(NamedTuple):
    """Coordinates, value and cause of one record."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    cause: str

    @property
    def where(self) -> str:
        """Coordinates in one word."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    def line(self) -> dict[str, str]:
        """`where`, `cause`, and `event_id` where it can be made out; all three are safe to log."""
        found = framed_event_id(self.value)
        said = {"where": self.where, "cause": self.cause}
        return said if found is None else said | {"event_id": str(found)}
