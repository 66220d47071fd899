"""The sealed files of a ledger: attached, listed, added by sealing, merged, and cleaned after a crash."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from disclosure_ledger.store.batch import Segment
from disclosure_ledger.store.connection import (
    SEGMENT_FOLDER,
    OpenFolder,
    alias,
    attach_segment,
    detach_segment,
    segment_path,
)
from disclosure_ledger.store.errors import LedgerDamagedError
from disclosure_ledger.store.merging import next_merge
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.repeats import Source
from disclosure_ledger.store.sealing import write_segment


class Segments:
    """The segments of one open folder. Its methods are for the writer, one at a time."""

    def __init__(self, folder: OpenFolder, clock: Callable[[], datetime]) -> None:
        self._folder = folder.path
        self._clock = clock
        self._cursor = folder.connection.cursor()
        self._retired: list[tuple[str, int]] = []
        self._attached = {segment.name: segment for segment in Snapshot(self._cursor, folder.path).segments()}
        for segment in self._attached.values():
            self._attach(segment)
        if not folder.read_only:
            self._clean()

    def sources(self) -> list[Source]:
        """Where to look for event ids that were recorded before."""
        return [
            Source(f"{alias(segment.name)}.decision", segment.last_event_id.bytes, segment.id_minutes)
            for segment in self._attached.values()
        ]

    def seal(self) -> tuple[str, ...]:
        """Move all of hot_decision into one new segment for each month of decided_at; their names."""
        names = []
        for (month,) in self._cursor.execute(query("months_in_hot")).fetchall():
            span = {"first_day": f"{month}-01"}
            name = self._next_name(month)
            made = write_segment(
                self._cursor, self._folder, name=name, source=query("hot_month"), params=span
            )
            self._register(made, level=0, period=month, hot_span=span)
            names.append(name)
        if names:
            # Frees the space of the moved rows; while a reader's transaction is open, a later one does.
            with suppress(duckdb.TransactionException):
                self._cursor.execute(query("checkpoint"))
        return tuple(names)

    def compact(
        self, merge_segments: int, merge_rows_max: int, *, newest_snapshot: Callable[[], int]
    ) -> str | None:
        """Merge the segments that most need it; `newest_snapshot` says which snapshot was begun last."""
        merge = next_merge(tuple(self._attached.values()), merge_segments, merge_rows_max)
        if merge is None:
            return None
        name = self._next_name(merge.period)
        parts = [query("all_of_segment").format(alias=alias(segment.name)) for segment in merge.inputs]
        made = write_segment(self._cursor, self._folder, name=name, source=" UNION ALL BY NAME ".join(parts))
        self._register(made, level=merge.level, period=merge.period, replaces=merge.inputs)
        # Snapshots up to here may have read the view that names the merged files; later ones have not.
        number = newest_snapshot()
        self._retired += [(segment.name, number) for segment in merge.inputs]
        return name

    def remove_retired(self, oldest_snapshot: int | None) -> None:
        """Delete merged files that no open snapshot can still read."""
        for name, number in list(self._retired):
            if oldest_snapshot is None or oldest_snapshot > number:
                detach_segment(self._cursor, name)
                segment_path(self._folder, name).unlink(missing_ok=True)
                self._retired.remove((name, number))

    def close(self) -> None:
        """Close this connection."""
        self._cursor.close()

    def _attach(self, segment: Segment) -> None:
        file = segment_path(self._folder, segment.name)
        size = file.stat().st_size if file.exists() else 0
        if size != segment.file_bytes:
            raise LedgerDamagedError(
                f"the segment {file} has {size} bytes, expected {segment.file_bytes}. Put the file back from "
                f"a backup: it holds {segment.row_count} decisions of {segment.period}."
            )
        attach_segment(self._cursor, self._folder, segment.name)

    def _clean(self) -> None:
        """Remove what a crash left: drafts, and files whose rows are all in the ledger."""
        for file in sorted((self._folder / SEGMENT_FOLDER).iterdir()):
            if ".tmp" in file.name:
                file.unlink()
            elif file.suffix == ".duckdb" and file.stem not in self._attached:
                self._remove_orphan(file)

    def _remove_orphan(self, file: Path) -> None:
        attach_segment(self._cursor, self._folder, file.stem)
        counted = self._cursor.execute(query("rows_nowhere_else").format(alias=alias(file.stem))).fetchall()
        detach_segment(self._cursor, file.stem)
        if counted[0][0]:
            raise LedgerDamagedError(
                f"the ledger does not list the segment {file}, which holds {counted[0][0]} decisions that "
                "are nowhere else: hot.duckdb is older than the file. Restore both from the same backup, or "
                "move the file away to go on without them."
            )
        file.unlink()

    def _next_name(self, period: str) -> str:
        numbers = [int(file.stem[-6:]) for file in (self._folder / SEGMENT_FOLDER).glob("*.duckdb")]
        return f"{period.replace('-', '_')}_{1 + max(numbers, default=0):06}"

    def _register(
        self,
        made: dict[str, Any],
        *,
        level: int,
        period: str,
        hot_span: dict[str, str] | None = None,
        replaces: Sequence[Segment] = (),
    ) -> None:
        sealed_at = self._clock().astimezone(UTC)
        row = {**made, "level": level, "period": period, "sealed_at": sealed_at.replace(tzinfo=None)}
        gone = {segment.name for segment in replaces}
        names = [name for name in self._attached if name not in gone] + [made["name"]]
        self._cursor.begin()
        try:
            self._cursor.execute(query("insert_segment"), row)
            for name in gone:
                self._cursor.execute(query("delete_segment"), {"name": name})
            if hot_span is not None:
                self._cursor.execute(query("delete_hot_month"), hot_span)
            self._cursor.execute(view_sql(names))
            self._cursor.commit()
        except BaseException:
            with suppress(duckdb.TransactionException):
                self._cursor.rollback()
            raise
        registered = Snapshot(self._cursor, self._folder).segments()
        self._attached = {segment.name: segment for segment in registered}


def view_sql(names: Iterable[str]) -> str:
    """SQL of the view `decision` over hot rows and these segments."""
    parts = "".join(f"\n{query('view_part').format(alias=alias(name))}" for name in names)
    return query("replace_view").format(segments=parts)
