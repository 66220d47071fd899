"""The outbox: events kept on disk while the broker is away (SQLite, write-ahead log, synced at every commit).

One file for one producer run. Who uses it holds a lock that the system releases when the process dies, so
that a later process adopts what a dead one left and never touches a living one's.
"""

import fcntl
import logging
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from disclosure_producers.errors import OutboxCorruptError, OutboxError

_LOG = logging.getLogger(__name__)
_SUFFIX = ".outbox"


class StoredEvent(NamedTuple):
    """One event in an outbox; rows grow in the order in which events were accepted."""

    row: int
    key: bytes
    value: bytes


@cache
def _statements() -> dict[str, str]:
    text = resources.files("disclosure_producers").joinpath("sql", "outbox.sql").read_text(encoding="utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


class FileLock:
    """An exclusive lock beside an outbox file, released by the system when the process ends."""

    def __init__(self, outbox: Path) -> None:
        self._path = outbox.with_suffix(".lock")
        self._handle: int | None = None

    def acquire(self) -> bool:
        """Take the lock without waiting; False where a living process has it."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Its last owner may have removed the file between open and lock; that lock would guard nothing.
            is_current = os.fstat(handle).st_ino == self._path.stat().st_ino
        except (BlockingIOError, FileNotFoundError):
            is_current = False
        if is_current:
            self._handle = handle
        else:
            os.close(handle)
        return is_current

    def release(self, *, remove: bool) -> None:
        """Let go of the lock; `remove` also removes its file."""
        if self._handle is not None:
            if remove:
                self._path.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None


class Outbox:
    """One outbox file, open and locked; for one thread at a time.

    `events`, `size_bytes`: how many events it holds, and the size of their values. `last_row`: row of the
    newest one ever added. `refused`: how many events were set aside.
    """

    events: int
    size_bytes: int
    last_row: int
    refused: int

    def __init__(self, path: Path, lock: FileLock, *, exists: bool) -> None:
        self.path = path
        self._lock = lock
        uri = f"{path.resolve().as_uri()}?mode={'rw' if exists else 'rwc'}"
        self._database = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(check=exists)
        except sqlite3.Error:
            self._database.close()
            raise

    def _prepare(self, *, check: bool) -> None:
        statements, database = _statements(), self._database
        database.executescript(statements["configure"])
        if check and database.execute(statements["check"]).fetchone() != ("ok",):
            raise sqlite3.DatabaseError("quick_check found damage")
        database.execute(statements["create_event"])
        database.execute(statements["create_refused"])
        self.events, self.size_bytes, self.last_row = database.execute(statements["count"]).fetchone()
        self.refused = database.execute(statements["count_refused"]).fetchone()[0]

    def add(self, events: Sequence[tuple[bytes, bytes]]) -> int:
        """Add (key, value) pairs; they are on disk when this returns. Returns the row of the first one."""
        first = self.last_row + 1
        with self._commit():
            self._database.executemany(
                _statements()["add"], ((first + n, key, value) for n, (key, value) in enumerate(events))
            )
        self.last_row += len(events)
        self.events += len(events)
        self.size_bytes += sum(len(value) for _, value in events)
        return first

    def after(self, row: int, limit: int) -> list[StoredEvent]:
        """The oldest events with a later row than this."""
        with self._explained("read"):
            return [
                StoredEvent(*found) for found in self._database.execute(_statements()["after"], (row, limit))
            ]

    def remove(self, delivered: Iterable[tuple[int, int]]) -> None:
        """Remove events by (row, bytes of the value)."""
        gone = list(delivered)
        with self._commit():
            self._database.executemany(_statements()["remove"], ((row,) for row, _ in gone))
        self.events -= len(gone)
        self.size_bytes -= sum(size for _, size in gone)

    def set_aside(self, row: int, size: int, reason: str) -> None:
        """Move an event the broker refuses for good to the table `refused`, with the reason."""
        with self._commit():
            self._database.execute(_statements()["copy_refused"], (reason, row))
            self._database.execute(_statements()["remove"], (row,))
        self.events -= 1
        self.size_bytes -= size
        self.refused += 1

    def close(self) -> None:
        """Close the file; it goes if nothing is left in it."""
        is_empty = self.events == 0 and self.refused == 0
        self._database.close()
        if is_empty:
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        self._lock.release(remove=is_empty)

    @contextmanager
    def _commit(self) -> Iterator[None]:
        with self._explained("write"):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise OutboxError(
                f"cannot {what} the outbox {self.path}: {error}. Check the folder's space and permissions."
            ) from error


class OutboxFolder:
    """The outbox files of one topic in one folder."""

    def __init__(self, folder: Path, topic: str) -> None:
        self._folder = folder
        self._topic = topic

    def create(self, run: str) -> Outbox:
        """Make the outbox of a producer run; raises OutboxError where the folder cannot be written."""
        try:
            # Event bytes name recipients and categories, though never a person: for this user alone.
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._folder / f"{self._topic}.{run}{_SUFFIX}"
            lock = FileLock(path)
            if not lock.acquire():
                raise OutboxError(f"the outbox {path} is in use by another producer of the same run id.")
            return Outbox(path, lock, exists=False)
        except (OSError, sqlite3.Error) as error:
            raise OutboxError(
                f"cannot make an outbox in {self._folder}: {error}. "
                "Pass a folder this process may write as outbox_dir, or set DISCLOSURE_PRODUCER_OUTBOX_DIR."
            ) from error

    def adopt(self) -> tuple[list[Outbox], list[OutboxCorruptError]]:
        """Open what dead processes left, oldest first; a damaged file is renamed and reported."""
        adopted: list[Outbox] = []
        damaged: list[OutboxCorruptError] = []
        # Run ids begin with the time, so names sort by age.
        found = sorted(self._folder.glob(f"{self._topic}.*{_SUFFIX}"))
        for path in (path for path in found if path.name.count(".") == self._topic.count(".") + 2):
            lock = FileLock(path)
            if not lock.acquire():
                continue
            try:
                adopted.append(Outbox(path, lock, exists=True))
            except sqlite3.OperationalError as error:
                lock.release(remove=False)
                if path.exists():  # else its owner finished in this moment
                    _LOG.warning("cannot open the outbox %s now: %s; it is tried again later", path, error)
            except sqlite3.DatabaseError as error:
                damaged.append(_set_aside(path, error))
                lock.release(remove=True)
        return adopted, damaged


def _set_aside(path: Path, error: sqlite3.Error) -> OutboxCorruptError:
    aside = path.with_suffix(".damaged")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        side_file = path.with_name(path.name + suffix)
        if side_file.exists():
            side_file.rename(aside.with_name(aside.name + suffix))
    return OutboxCorruptError(
        f"the outbox {path.name} cannot be read ({error}). Its events are not on the way; nothing was "
        f"deleted: the file is now {aside}. Recover it with `sqlite3 {aside.name} .recover` and put it back "
        f"as *{_SUFFIX}, or compare sequence numbers to see which events are missing."
    )
