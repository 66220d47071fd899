"""The ledger of one folder: `hot.duckdb` and the sealed files of `segments/`."""

import itertools
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from disclosure_ledger.store.batch import Batch, BatchResult, LedgerStats, Position
from disclosure_ledger.store.connection import OpenFolder, open_folder
from disclosure_ledger.store.errors import LedgerReadOnlyError
from disclosure_ledger.store.failed_writes import named_failures
from disclosure_ledger.store.reading import Params, Snapshot, Transaction
from disclosure_ledger.store.rows import DecisionRow
from disclosure_ledger.store.segments import Segments
from disclosure_ledger.store.writing import Writer

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Ledger:
    """Every decision, preference, identity link and dead letter, and how far Kafka was read.

    One process at a time has a ledger open for writing; its threads may all read. Any number may open it
    read-only while nobody writes.
    """

    def __init__(self, folder: OpenFolder, clock: Clock = utc_now) -> None:
        """Use `Ledger.open`."""
        self._folder = folder
        self._segments = Segments(folder, clock)
        self._writer = Writer(folder.connection.cursor(), self._segments)
        self._writing = threading.Lock()
        self._snapshot_numbers = itertools.count(1)
        self._open_snapshots: set[int] = set()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        read_only: bool = False,
        create: bool = False,
        threads: int | None = None,
        memory_limit: str | None = None,
        clock: Clock = utc_now,
    ) -> Self:
        """Open the ledger of a folder, bring its tables up to date, clean what a crash left.

        Raises LedgerMissingError, LedgerLockedError, LedgerVersionError, LedgerDamagedError.
        """
        folder = open_folder(
            path, read_only=read_only, create=create, threads=threads, memory_limit=memory_limit
        )
        try:
            return cls(folder, clock)
        except BaseException:
            folder.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """Folder of the ledger."""
        return self._folder.path

    @property
    def read_only(self) -> bool:
        """Whether it was opened for reading alone."""
        return self._folder.read_only

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection for one thread; the caller closes it."""
        return self._folder.connection.cursor()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Read several things as of one moment."""
        number = next(self._snapshot_numbers)
        self._open_snapshots.add(number)
        try:
            with self.cursor() as cursor:
                cursor.begin()
                yield Snapshot(cursor, self.path)
        finally:
            self._open_snapshots.discard(number)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Read and change together, alone among writers; an exception undoes all of it.

        Keep it short: the recorder waits meanwhile. Raises LedgerReadOnlyError, LedgerFullError.
        """
        if self.read_only:
            raise LedgerReadOnlyError(
                f"the ledger in {self.path} was opened for reading, and this would change it. Start the "
                "recorder, or let nothing else hold the ledger open, and try again."
            )
        with self._writing, named_failures(self.path), self.cursor() as cursor:
            cursor.begin()
            try:
                yield Transaction(cursor, self.path)
            except BaseException:
                cursor.rollback()
                raise
            cursor.commit()

    def fetch(self, name: str, params: Params = ()) -> list[dict[str, Any]]:
        """Run a named query of `sql/*.sql`; rows by column name, timestamps in UTC without a zone."""
        with self.snapshot() as snapshot:
            return snapshot.fetch(name, params)

    def rows_of_subject(self, subject_keys: Iterable[uuid.UUID]) -> list[DecisionRow]:
        """Every decision about these subject keys, by time of the disclosure."""
        with self.snapshot() as snapshot:
            return snapshot.rows_of_subject(subject_keys)

    def stats(self) -> LedgerStats:
        """How much the ledger holds and how far it has read."""
        with self.snapshot() as snapshot:
            return snapshot.stats()

    def next_offsets(self) -> dict[Position, int]:
        """Where the recorder goes on, by topic (without prefix) and partition."""
        with self.snapshot() as snapshot:
            return snapshot.next_offsets()

    def hot_rows(self) -> int:
        """Decisions that are not sealed yet."""
        with self.snapshot() as snapshot:
            return int(snapshot.fetch("hot_rows")[0]["hot_rows"])

    def record_batch(self, batch: Batch) -> BatchResult:
        """Record rows and the positions that follow them in one transaction.

        Raises LedgerError, having recorded nothing, when the batch begins before the recorded position;
        LedgerFullError and LedgerHaltedError where it cannot be written.
        """
        with self._writing, named_failures(self.path):
            return self._writer.record(batch)

    def seal(self) -> tuple[str, ...]:
        """Move every decision of hot.duckdb into sorted segment files, one for each month; their names."""
        with self._writing, named_failures(self.path):
            self._remove_retired()
            names = self._segments.seal()
            self._writer.hot_was_sealed()
            return names

    def compact(self, *, merge_segments: int, merge_rows_max: int) -> str | None:
        """Merge the segments that most need it into one; its name, or None where none need it.

        In the newest month `merge_segments` files of one level become one; an earlier month becomes one file,
        and so does an earlier year; no file gets more than `merge_rows_max` decisions.
        """
        with self._writing, named_failures(self.path):
            self._remove_retired()
            return self._segments.compact(
                merge_segments, merge_rows_max, newest_snapshot=lambda: next(self._snapshot_numbers)
            )

    def _remove_retired(self) -> None:
        self._segments.remove_retired(min(self._open_snapshots.copy(), default=None))

    def close(self) -> None:
        """Write what is in the log into hot.duckdb and let others open the folder."""
        with self._writing, named_failures(self.path):
            try:
                self._segments.remove_retired(None)
                self._segments.close()
                self._writer.close()
            finally:
                self._folder.close()
