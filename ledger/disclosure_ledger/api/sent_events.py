"""Which events callers have sent under ids of their own, so that the same one sent again is not sent again.

Beyond what is kept here, and where the process died between sending and noting it, the recorder finds a
repeat by its id and records it once.
"""

import sqlite3
import threading
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from disclosure_ledger.api.errors import EventConflictError
from disclosure_ledger.store.queries import split_queries
from disclosure_producers.errors import OutboxError

KEPT = timedelta(days=7)
"""How long a sent event id is remembered."""


class Known(NamedTuple):
    """An event id that was used. `place`: partition and offset; None where it was stored, or nobody knows."""

    is_settled: bool
    place: tuple[int, int] | None


@cache
def _statements() -> dict[str, str]:
    text = resources.files("disclosure_ledger").joinpath("api", "sql", "sent_events.sql").read_text("utf-8")
    return dict(split_queries(text))


class SentEvents:
    """One file of event ids with digests of what they stand for; safe from several threads."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; raises OutboxError."""
        self._path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            for name in ("configure", "relax", "create"):
                self._connection.execute(_statements()[name])
        except (OSError, sqlite3.Error) as error:
            raise OutboxError(f"the file of sent event ids {path} cannot be opened: {error}.") from error

    def claim(self, event_id: UUID, digest: bytes, now: datetime) -> Known | None:
        """Take an id for an event; what is known of it where it was taken before.

        Raises EventConflictError where it was taken for an event that says something else.
        """
        with self._lock:
            taken = self._run("claim", event_id.bytes, digest, now.isoformat())
            if taken:
                return None
            row = self._run("known", event_id.bytes)[0]
        if row[0] != digest:
            raise EventConflictError(
                f"the event id {event_id} was used for an event that says something else. "
                "Send the same event again, or give this one an id of its own."
            )
        return Known(bool(row[1]), None if row[2] is None else (row[2], row[3]))

    def settle(self, event_id: UUID, place: tuple[int, int] | None) -> None:
        """Note that an event is in its topic at partition and offset, or (None) in the outbox."""
        with self._lock:
            self._run("settle", *(place or (None, None)), event_id.bytes)

    def release(self, event_id: UUID) -> None:
        """Give an id back whose event was not accepted."""
        with self._lock:
            self._run("release", event_id.bytes)

    def forget(self, now: datetime) -> None:
        """Drop what is older than KEPT."""
        with self._lock:
            self._run("forget", (now - KEPT).isoformat())

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _run(self, name: str, *values: object) -> list[tuple[bytes, int, int, int]]:
        try:
            return self._connection.execute(_statements()[name], values).fetchall()
        except sqlite3.Error as error:
            raise OutboxError(f"the file of sent event ids {self._path} cannot be used: {error}.") from error
