"""Look-ups of persons, each a row of the ledger that auditors can read; nothing is answered without it."""

import queue
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from disclosure_ledger.access.errors import AccessError
from disclosure_ledger.access.roles import Principal
from disclosure_ledger.store.ledger import Ledger

_TOGETHER_MAX = 256
_WAIT_S = 10.0
_END = None


class Result(StrEnum):
    """What a look-up came to."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class LookUp:
    """One look-up: who asked, how, when, by which route and why, about whom, and what it came to.

    `subject_keys`: the keys asked about; none where it was denied before they were read. `event_id`: the
    event asked about, where it was not a person's key.
    """

    request_id: uuid.UUID
    asked_at: datetime
    principal: Principal
    route: str
    purpose: str
    result: Result
    subject_keys: tuple[uuid.UUID, ...] = ()
    event_id: uuid.UUID | None = None

    def columns(self) -> dict[str, Any]:
        """Values by column of `access_log`."""
        return {
            "request_id": str(self.request_id),
            "asked_at": self.asked_at.astimezone(UTC).replace(tzinfo=None),
            "who": self.principal.name,
            "means": self.principal.means,
            "roles": sorted(self.principal.roles),
            "route": self.route,
            "purpose": self.purpose,
            "result": self.result.value,
            "subject_keys": [str(key) for key in self.subject_keys],
            "event_id": None if self.event_id is None else str(self.event_id),
        }


@dataclass(slots=True)
class _Entry:
    look_up: LookUp
    written: "Future[None]" = field(default_factory=Future)


class AccessLog:
    """Writes look-ups into the ledger, those that come together in one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._entries: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()

    def submit(self, look_up: LookUp) -> "Future[None]":
        """Write a row; the future is done once it is committed, or has the AccessError that prevented it."""
        entry = _Entry(look_up)
        self._entries.put(entry)
        return entry.written

    def record(self, look_up: LookUp) -> None:
        """Write a row and wait until it is committed; raises AccessError."""
        self.submit(look_up).result(_WAIT_S)

    def close(self) -> None:
        """Write what is waiting and end."""
        self._entries.put(_END)
        self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            waiting = [self._entries.get()]
            while len(waiting) < _TOGETHER_MAX and not self._entries.empty():
                waiting.append(self._entries.get())
            ended = _END in waiting
            entries = [entry for entry in waiting if entry is not None]
            if entries:
                self._write(entries)

    def _write(self, entries: Sequence[_Entry]) -> None:
        try:
            self._ledger.append("insert_access", [entry.look_up.columns() for entry in entries])
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody may be answered
            refused = AccessError(
                f"the look-up could not be written into the access log ({type(error).__name__}), so it "
                "is not "
                "answered. Look at the recorder's log and disk."
            )
            refused.__cause__ = error
            for entry in entries:
                entry.written.set_exception(refused)
        else:
            for entry in entries:
                entry.written.set_result(None)
