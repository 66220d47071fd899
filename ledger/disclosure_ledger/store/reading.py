"""Questions to the ledger: named queries, one person's rows, statistics; each from one moment."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import duckdb

from disclosure_ledger.store.batch import LedgerStats, Position, Segment
from disclosure_ledger.store.connection import HOT_FILE
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.rows import COLUMNS, DecisionRow, decision_row

Params = Mapping[str, Any] | Sequence[Any]

_ROWS_OF_SUBJECT = ", ".join(COLUMNS)


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

    def rows_of_subject(self, subject_keys: Iterable[uuid.UUID]) -> list[DecisionRow]:
        """Every decision about these subject keys, by time of the disclosure, then event id."""
        sql = query("rows_of_subject").format(columns=_ROWS_OF_SUBJECT)
        found = [
            decision_row(values)
            for key in dict.fromkeys(subject_keys)
            for values in self._cursor.execute(sql, {"subject_key": str(key)}).fetchall()
        ]
        return sorted(found, key=lambda row: (row.occurred_at, row.event_id))

    def next_offsets(self) -> dict[Position, int]:
        """Where the recorder goes on, by topic (without prefix) and partition."""
        return {(row["topic"], row["partition"]): row["next_offset"] for row in self.fetch("next_offsets")}

    def segments(self) -> tuple[Segment, ...]:
        """Sealed files, by name."""
        return tuple(_segment(row) for row in self.fetch("segments"))

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
