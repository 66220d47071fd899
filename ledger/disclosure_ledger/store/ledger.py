"""The ledger of one folder: `hot.duckdb` and the sealed files of `segments/`."""

import itertools
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from disclosure_ledger.store.batch import Batch, BatchResult, LedgerStats, Position
from disclosure_ledger.store.connection import (
    HOT_FILE,
    SEGMENT_FOLDER,
    OpenFolder,
    open_folder,
    segment_path,
)
from disclosure_ledger.store.copying import copy_open_file, link_or_copy
from disclosure_ledger.store.errors import LedgerReadOnlyError
from disclosure_ledger.store.failed_writes import named_failures
from disclosure_ledger.store.lookup import LookUps
from disclosure_ledger.store.purging import PurgedRows, month_begin
from disclosure_ledger.store.reading import Params, Snapshot, Transaction
from disclosure_ledger.store.redecisions import as_known
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
        self._look_ups = LookUps(folder.connection, self._segments.layout)
        self._writing = threading.Lock()
        self._snapshot_numbers = itertools.count(1)
        self._open_snapshots: set[int] = set()
        self._purged_before = Snapshot(folder.connection, folder.path).purged_before()

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
        with self._numbered(), self.cursor() as cursor:
            cursor.begin()
            yield Snapshot(cursor, self.path)

    @contextmanager
    def _numbered(self) -> Iterator[None]:
        """While it is open, no file is deleted that was listed when it began."""
        number = next(self._snapshot_numbers)
        self._open_snapshots.add(number)
        try:
            yield
        finally:
            self._open_snapshots.discard(number)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Read and change together, alone among writers; an exception undoes all of it.

        Keep it short: the recorder waits meanwhile. Raises LedgerReadOnlyError, LedgerFullError.
        """
        self._require_writable()
        with self._writing, named_failures(self.path), self.cursor() as cursor:
            cursor.begin()
            try:
                yield Transaction(cursor, self.path)
            except BaseException:
                cursor.rollback()
                raise
            cursor.commit()

    def append(self, name: str, rows: Sequence[Params]) -> None:
        """Add rows to a table the recorder does not write, in one transaction beside the recorder's.

        It neither waits for the recorder's batches nor holds them up. Raises LedgerReadOnlyError.
        """
        self._require_writable()
        with self.cursor() as cursor:
            cursor.begin()
            try:
                appending = Transaction(cursor, self.path)
                for row in rows:
                    appending.execute(name, row)
            except BaseException:
                cursor.rollback()
                raise
            cursor.commit()

    def _require_writable(self) -> None:
        if self.read_only:
            raise LedgerReadOnlyError(
                f"the ledger in {self.path} was opened for reading, and this would change it. Start the "
                "recorder, or let nothing else hold the ledger open, and try again."
            )

    def fetch(self, name: str, params: Params = ()) -> list[dict[str, Any]]:
        """Run a named query of `sql/*.sql`; rows by column name, timestamps in UTC without a zone."""
        with self.snapshot() as snapshot:
            return snapshot.fetch(name, params)

    def rows_of_subject(
        self, subject_keys: Iterable[uuid.UUID], known_at: datetime | None = None
    ) -> list[DecisionRow]:
        """Every decision about these subject keys as known at a moment, or now, by time of the disclosure."""
        keys = list(dict.fromkeys(subject_keys))
        with self._numbered():
            rows = self._look_ups.rows(keys)
        again = self._look_ups.redecisions(keys, known_at)  # later than the rows: lays over what they have
        return as_known(rows, again, known_at)

    def purged_before(self) -> datetime | None:
        """Moment before which decisions were deleted for their age; None where none ever were."""
        return self._purged_before

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

    def copy_to(self, folder: Path) -> None:
        """Copy the ledger as it is now into a folder, which must be empty; raises LedgerError.

        Recording waits while hot.duckdb is copied, not while sealed files are.
        """
        (folder / SEGMENT_FOLDER).mkdir(parents=True)
        with self._numbered():
            with self._writing:
                names = [segment.name for segment in self._segments.listed()]
                for name in (HOT_FILE, HOT_FILE + ".wal"):
                    if (self.path / name).exists():
                        copy_open_file(self.path / name, folder / name)
            for name in names:
                link_or_copy(segment_path(self.path, name), segment_path(folder, name))

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

    def purge(self, before: date) -> list[PurgedRows]:
        """Delete decisions, repeats and bulks of the months before the month of a day; what was deleted.

        Sealed files go as a whole; one that also has later months is written again without the earlier ones.
        """
        with self._writing:
            self._remove_retired()
            moment = month_begin(before)
            purged = self._segments.purge(moment, newest_snapshot=lambda: next(self._snapshot_numbers))
            purged += self._writer.purge_hot(moment)
            self._remove_retired()
            with self.snapshot() as snapshot:
                self._purged_before = snapshot.purged_before()
            return purged

    def _remove_retired(self) -> None:
        self._segments.remove_retired(min(self._open_snapshots.copy(), default=None))

    def close(self) -> None:
        """Write what is in the log into hot.duckdb and let others open the folder."""
        with self._writing, named_failures(self.path):
            try:
                self._look_ups.close()
                self._segments.remove_retired(None)
                self._segments.close()
                self._writer.close()
            finally:
                self._folder.close()
