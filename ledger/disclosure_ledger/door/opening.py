"""Opens a ledger: to ask it, through the door where a recorder runs, else directly; or to record."""

import time
from collections.abc import Callable
from pathlib import Path

from disclosure_ledger.answers.to_whom import DEFAULT_RETENTION_MONTHS
from disclosure_ledger.door.client import DoorClient
from disclosure_ledger.door.reader import LedgerReader, LocalReader
from disclosure_ledger.door.sockets import SOCKET_FILE
from disclosure_ledger.store.errors import LedgerLockedError
from disclosure_ledger.store.ledger import Clock, Ledger, utc_now

PATIENCE_S = 5.0
"""How long a ledger that another process holds is waited for."""

_PAUSE_S = 0.1


def open_reader(
    folder: Path,
    *,
    clock: Clock = utc_now,
    retention_months: int | None = DEFAULT_RETENTION_MONTHS,
    to_change: bool = False,
    patience_s: float = PATIENCE_S,
    sleep: Callable[[float], None] = time.sleep,
) -> LedgerReader:
    """Return a reader of the ledger in a folder; the caller closes it.

    `to_change`: also operations that write are asked for.
    A recorder that is just starting or stopping holds the ledger without an open door: that is waited for
    up to `patience_s` seconds. Raises LedgerMissingError, LedgerLockedError after that, DoorError.
    """
    deadline = time.monotonic() + patience_s
    client = DoorClient(folder.absolute() / SOCKET_FILE)
    while not client.is_open():
        try:
            ledger = Ledger.open(folder, read_only=not to_change, clock=clock)
        except LedgerLockedError:
            if time.monotonic() >= deadline:
                raise
            sleep(_PAUSE_S)
        else:
            return LocalReader(ledger, clock=clock, retention_months=retention_months, owns_ledger=True)
    return client


def open_to_record(
    folder: Path,
    *,
    threads: int | None = None,
    memory_limit: str | None = None,
    patience_s: float = PATIENCE_S,
    sleep: Callable[[float], None] = time.sleep,
) -> Ledger:
    """Return the ledger in a folder, made if need be, for the one recorder.

    A command that asks without a recorder holds the ledger for a moment: that is waited for up to
    `patience_s` seconds. Raises LedgerLockedError after that: another recorder runs.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return Ledger.open(folder, create=True, threads=threads, memory_limit=memory_limit)
        except LedgerLockedError:
            if time.monotonic() >= deadline:
                raise
            sleep(_PAUSE_S)
