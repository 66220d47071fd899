"""The sealed files of a ledger: attached, listed, added by sealing, merged, and cleaned after a crash."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

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
from disclosure_ledger.store.lookup import CurrentLayout, Layout
from disclosure_ledger.store.merging import next_merge
from disclosure_ledger.store.purging import PurgedRows, purge_of_segment
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.repeats import Source
from disclosure_ledger.store.sealing import write_segment
from disclosure_ledger.store.sources import HOT_ROWS, WIDE, in_hot, in_segments, rows_in, view_sql
from disclosure_ledger.store.subject_keys import SubjectKeys

_KEYED_ROWS_MAX = 4_000_000
"""Segments up to this size keep in memory whose rows they have: 8 bytes a subject."""


class Segments:
    """The segments of one open folder. Its methods are for the writer, one at a time."""

    def __init__(self, folder: OpenFolder, clock: Callable[[], datetime]) -> None:
        self._folder = folder.path
        self._clock = clock
        self._cursor = folder.connection.cursor()
        self._retired: list[tuple[str, int]] = []
        self.layout = CurrentLayout()
        self._attached = {segment.name: segment for segment in Snapshot(self._cursor, folder.path).segments()}
        for segment in self._attached.values():
            self._attach(segment)
        self._segment_keys: dict[str, SubjectKeys] = {}
        hot_keys = None
        if not folder.read_only:
            self._clean()
            # Reading alone is often one question, for which gathering keys would cost more than it saves.
            self._keep_keys(tuple(self._attached.values()))
            hot_keys = self._keys_of(HOT_ROWS)
            if not self._cursor.execute(query("has_views")).fetchall():
                self._cursor.execute(view_sql(self._layouts().items()))
        self.layout.now = Layout(tuple(self._attached), self._segment_keys, hot_keys, self._wide())

    def listed(self) -> tuple[Segment, ...]:
        """The segments the ledger has now."""
        return tuple(self._attached.values())

    def now(self) -> datetime:
        """The time, in UTC without a zone, as the tables have it."""
        return self._clock().astimezone(UTC).replace(tzinfo=None)

    def sources(self) -> list[Source]:
        """Where to look for event ids that were recorded before."""
        return [
            Source(
                rows_in(segment),
                segment.last_event_id.bytes,
                segment.id_minutes,
                whole=f"{alias(segment.name)}.decision",
            )
            for segment in self._attached.values()
        ]

    def seal(self) -> tuple[str, ...]:
        """Move all hot decisions into one new segment for each month of decided_at; their names."""
        names = []
        for (month,) in self._cursor.execute(query("months_in_hot")).fetchall():
            span = {"first_day": f"{month}-01"}
            name = self._next_name(month)
            made = write_segment(
                self._cursor, self._folder, name=name, source=in_hot(query("hot_month")), params=span
            )
            self._register(made, level=0, period=month, hot_span=span)
            names.append(name)
        if names:
            self.layout.now = replace(self.layout.now, hot_keys=SubjectKeys())
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
        source = in_segments(self._cursor, merge.inputs)
        made = write_segment(self._cursor, self._folder, name=name, source=source)
        self._register(made, level=merge.level, period=merge.period, replaces=merge.inputs)
        # Snapshots up to here may have read the view that names the merged files; later ones have not.
        number = newest_snapshot()
        self._retired += [(segment.name, number) for segment in merge.inputs]
        return name

    def purge(self, before: datetime, *, newest_snapshot: Callable[[], int]) -> list[PurgedRows]:
        """Delete the rows that were decided before a moment: whole files, or parts of files.

        A file goes once no snapshot reads it. What was deleted is noted in the transaction that drops it.
        """
        done: list[PurgedRows] = []
        for segment in tuple(self._attached.values()):
            purged = purge_of_segment(self._cursor, segment, before)
            if not purged:
                continue
            made = None
            if sum(entry.row_count for entry in purged) < segment.row_count:
                kept = in_segments(self._cursor, [segment])
                source = replace(kept, rows=query("kept_of_source").format(source=kept.rows))
                made = write_segment(
                    self._cursor,
                    self._folder,
                    name=self._next_name(segment.period),
                    source=source,
                    params={"before": before.isoformat(sep=" ")},
                )
            self._register(
                made, level=segment.level, period=segment.period, replaces=(segment,), purged=purged
            )
            self._retired.append((segment.name, newest_snapshot()))
            done += purged
        return done

    def add_hot_keys(self, rows: pa.Table) -> None:
        """Say of whom there will be hot rows; before they are committed."""
        if self.layout.now.hot_keys is not None:
            self.layout.now.hot_keys.add(rows["subject_key"])

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
        if self._cursor.execute(query("segment_was_purged"), {"segment": file.stem}).fetchall():
            file.unlink()
            return
        attach_segment(self._cursor, self._folder, file.stem)
        sql = query("rows_nowhere_else").format(source=f"{alias(file.stem)}.decision")
        counted = self._cursor.execute(sql).fetchall()
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
        made: Mapping[str, Any] | None = None,
        *,
        level: int = 0,
        period: str = "",
        hot_span: dict[str, str] | None = None,
        replaces: Sequence[Segment] = (),
        purged: Sequence[PurgedRows] = (),
    ) -> None:
        """List a new file, drop those it replaces and the rows it took, note what was purged: one step."""
        now = self.now()
        gone = {segment.name for segment in replaces}
        layouts = {name: layout for name, layout in self._layouts().items() if name not in gone}
        self._cursor.begin()
        try:
            if made is not None:
                layouts[made["name"]] = made["layout"]
                row = {**made, "level": level, "period": period, "sealed_at": now}
                self._cursor.execute(query("insert_segment"), row)
            for name in gone:
                self._cursor.execute(query("delete_segment"), {"name": name})
            if hot_span is not None:
                self._cursor.execute(query("delete_hot_month"), hot_span)
            for entry in purged:
                self._cursor.execute(query("insert_purge"), {**entry.columns(), "purged_at": now})
            self._cursor.execute(view_sql(layouts.items()))
            listed = Snapshot(self._cursor, self._folder).segments()
            self._keep_keys(listed)
            self.layout.change(self._cursor.commit, lambda: self._layout_of(listed))
        except BaseException:
            with suppress(duckdb.Error):
                self._cursor.rollback()
            raise
        self._attached = {segment.name: segment for segment in listed}

    def _layouts(self) -> dict[str, int]:
        return {segment.name: segment.layout for segment in self._attached.values()}

    def _wide(self) -> frozenset[str]:
        return frozenset(name for name, layout in self._layouts().items() if layout == WIDE)

    def _layout_of(self, segments: Sequence[Segment]) -> Layout:
        names = tuple(segment.name for segment in segments)
        keys = {name: keys for name, keys in self._segment_keys.items() if name in names}
        wide = frozenset(segment.name for segment in segments if segment.layout == WIDE)
        return replace(self.layout.now, segments=names, keys=keys, wide=wide)

    def _keep_keys(self, segments: Sequence[Segment]) -> None:
        """Gather whose rows the smaller segments have; forget those of segments that are gone."""
        small = {segment.name for segment in segments if segment.row_count <= _KEYED_ROWS_MAX}
        kept = {name: keys for name, keys in self._segment_keys.items() if name in small}
        rows = {segment.name: rows_in(segment) for segment in segments}
        fresh = {name: self._keys_of(rows[name]) for name in small - kept.keys()}
        self._segment_keys = kept | fresh

    def _keys_of(self, source: str) -> SubjectKeys:
        keys = SubjectKeys()
        found: pa.Table = self._cursor.execute(query("subjects_in").format(source=source)).to_arrow_table()
        keys.add(found["subject_key"])
        return keys
