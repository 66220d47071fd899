"""Questions to the ledger: named queries, one person's rows, statistics; each from one moment."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from disclosure_ledger.store.batch import LedgerStats, Position, Segment
from disclosure_ledger.store.connection import HOT_FILE
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.redecisions import (
    REDECISION_COLUMNS,
    Redecision,
    as_known,
    known_text,
    redecision,
    redecisions_of_subjects,
)
from disclosure_ledger.store.rows import COLUMNS, DecisionRow, decision_row
from disclosure_ledger.store.uuid_lists import uuid_list

Params = Mapping[str, Any] | Sequence[Any]

_ROWS_OF_SUBJECT = ", ".join(COLUMNS)
_REDECISIONS = ", ".join(REDECISION_COLUMNS)


class Snapshot:
    """Reads of one moment: what the recorder commits meanwhile is not seen. For one thread."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._cursor = cursor
        self._folder = folder

    def fetch(self, name: str, params: Params = ()) -> list[dict[str, Any]]:
        """Run a named query and return its rows by column name; timestamps are UTC without a zone."""
        return self.fetch_sql(query(name), params)

    def fetch_sql(self, sql: str, params: Params = ()) -> list[dict[str, Any]]:
        """Run SQL that was built from a named query."""
        done = self._cursor.execute(sql, dict(params) if isinstance(params, Mapping) else list(params))
        names = [column[0] for column in done.description]
        return [dict(zip(names, row, strict=True)) for row in done.fetchall()]

    def prepare(self, name: str, params: Params = ()) -> None:
        """Run a named statement that makes a temporary table, which this snapshot alone sees and forgets."""
        self.fetch(name, params)

    def batches(self, name: str, params: Params, rows_at_once: int) -> pa.RecordBatchReader:
        """Run a named query; its rows in Arrow, a part at a time. Read it to its end before the next."""
        done = self._cursor.execute(
            query(name), dict(params) if isinstance(params, Mapping) else list(params)
        )
        return done.to_arrow_reader(rows_at_once)

    def stream(
        self, name: str, params: Mapping[str, Any], rows_at_once: int, *, columns: Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        """Run a named query of these columns; its rows, without all of them in memory at once."""
        self._cursor.execute(query(name).format(columns=", ".join(columns)), dict(params))
        while rows := self._cursor.fetchmany(rows_at_once):
            yield from rows

    def rows_of_subject(
        self, subject_keys: Iterable[uuid.UUID], known_at: datetime | None = None
    ) -> list[DecisionRow]:
        """Every decision about these subject keys, by time of the disclosure, then event id.

        As known at a moment, or now: what was recorded by then, each report as it was last decided by then.
        """
        sql = query("rows_of_subject").format(columns=_ROWS_OF_SUBJECT)
        keys = list(dict.fromkeys(subject_keys))
        found = [
            decision_row(values)
            for key in keys
            for values in self._cursor.execute(sql, {"subject_key": str(key)}).fetchall()
        ]
        return as_known(found, redecisions_of_subjects(self._cursor, keys, known_at), known_at)

    def redecisions(
        self, event_ids: Iterable[uuid.UUID], known_at: datetime | None = None
    ) -> list[Redecision]:
        """How these events were decided again, in the order that was recorded."""
        params = {"event_ids": uuid_list(event_ids), "known_at": known_text(known_at)}
        sql = query("redecisions_of_events").format(columns=_REDECISIONS)
        return [redecision(values) for values in self._cursor.execute(sql, params).fetchall()]

    def next_offsets(self) -> dict[Position, int]:
        """Where the recorder goes on, by topic (without prefix) and partition."""
        return {(row["topic"], row["partition"]): row["next_offset"] for row in self.fetch("next_offsets")}

    def segments(self) -> tuple[Segment, ...]:
        """Sealed files, by name."""
        return tuple(_segment(row) for row in self.fetch("segments"))

    def purged_before(self) -> datetime | None:
        """Moment before which decisions were deleted for their age, in UTC; None where none ever were."""
        found = self.fetch("purged_before")[0]["purged_before"]
        return None if found is None else found.replace(tzinfo=UTC)

    def stats(self) -> LedgerStats:
        """How much the ledger holds and how far it has read."""
        counts = self.fetch("counts")[0]
        segments = self.segments()
        hot = self._folder / HOT_FILE
        wal = hot.with_name(HOT_FILE + ".wal")
        return LedgerStats(
            **counts,
            sealed_rows=sum(segment.row_count for segment in segments),
            repeats={row["status"]: row["decisions"] for row in self.fetch("repeat_counts")},
            hot_bytes=sum(file.stat().st_size for file in (hot, wal) if file.exists()),
            segment_bytes=sum(segment.file_bytes for segment in segments),
            segments=segments,
            next_offsets=self.next_offsets(),
        )


class Transaction(Snapshot):
    """Reads and changes that become visible together, or not at all. For one thread."""

    def execute(self, name: str, params: Params = ()) -> None:
        """Run a named statement of `sql/*.sql` that changes something."""
        self.fetch(name, params)


def _segment(row: Mapping[str, Any]) -> Segment:
    values = dict(row)
    values["id_minutes"] = tuple((run["first"], run["last"]) for run in row["id_minutes"])
    for name in ("first_occurred_at", "last_occurred_at", "sealed_at"):
        values[name] = row[name].replace(tzinfo=UTC)
    return Segment(**values)
