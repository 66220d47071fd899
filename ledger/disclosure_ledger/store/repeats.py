"""Finds events that were recorded before, by event id, and compares their content.

Event ids begin with their time. A batch whose ids are newer than all of a source costs nothing there; a
segment knows the minutes in which its ids were made, so one wrong clock does not make every batch a suspect.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from disclosure_ledger.store import columns
from disclosure_ledger.store.queries import query

_COORDINATES = ("topic_partition", "topic_offset")

DECISION = ", ".join(
    f'"{name}"'
    for name in (
        "event_id",
        "subject_key",
        "producer_id",
        "occurred_at",
        "emitted_at",
        "sequence",
        *columns.REFERENCES.names,
        "disclosure",
    )
)
"""What the emitter sent, as columns: two decisions of one id are the same if these are."""

PREFERENCE = ", ".join(f'"{name}"' for name in columns.PREFERENCES.names if name not in _COORDINATES)
BULK = ", ".join(f'"{name}"' for name in columns.BULKS.names if name not in _COORDINATES)
IDENTITY = ", ".join(f'"{name}"' for name in columns.IDENTITIES.names if name not in _COORDINATES)


@dataclass(frozen=True, slots=True)
class Source:
    """Where events were recorded. `newest`: largest id in it; `minutes`: runs of minutes its ids are of.

    `whole`: where their content is, if not in the table of their ids.
    """

    table: str
    newest: bytes = b"\xff" * 16
    minutes: tuple[tuple[int, int], ...] | None = None
    whole: str | None = None

    def suspects(self, ids: Sequence[bytes], smallest: bytes) -> Sequence[bytes]:
        """Return those of the ids that may be in this source; `smallest` is the least of them."""
        if smallest > self.newest:
            return ()
        if self.minutes is None:
            return [event_id for event_id in ids if event_id <= self.newest]
        lasts = [last for _, last in self.minutes]
        found = []
        for event_id in ids:
            minute = int.from_bytes(event_id[:6]) // 60_000
            at = bisect_left(lasts, minute)
            if at < len(lasts) and self.minutes[at][0] <= minute:
                found.append(event_id)
        return found


def split(
    cursor: duckdb.DuckDBPyConnection,
    rows: pa.Table,
    sources: Sequence[Source],
    content: str,
    *,
    whole: Callable[[pa.Table], pa.Table] = lambda rows: rows,
) -> tuple[pa.Table, pa.Table]:
    """Split rows into those of new event ids, and repeats with a column `status`.

    `whole`: makes the columns of `content` of rows; repeats come with them.
    """
    ids: list[bytes] = rows["event_id"].combine_chunks().storage.to_pylist()
    smallest = min(ids)
    distinct = set(ids)
    again = _seen_twice(ids) if len(distinct) < len(ids) else set()
    known = []
    for source in sources:
        suspects = source.suspects(ids, smallest)
        if suspects:
            known += _known(cursor, source, suspects, content)
    again.update(
        event_id for table in known for event_id in table["event_id"].combine_chunks().storage.to_pylist()
    )
    if not again:
        return rows, whole(rows.slice(0, 0))
    positions = [at for at, event_id in enumerate(ids) if event_id in again]
    suspect = whole(rows.take(pa.array(positions, pa.int64())))
    statuses = _classify(cursor, suspect, positions, known, content)
    at = pa.array(list(statuses), pa.int64())
    fresh = rows.filter(pc.invert(pc.is_in(pa.array(range(rows.num_rows), pa.int64()), at)))
    repeats = whole(rows.take(at)).append_column("status", pa.array(list(statuses.values()), pa.string()))
    return fresh, repeats


def _seen_twice(ids: Sequence[bytes]) -> set[bytes]:
    seen: set[bytes] = set()
    twice: set[bytes] = set()
    for event_id in ids:
        (twice if event_id in seen else seen).add(event_id)
    return twice


def _known(
    cursor: duckdb.DuckDBPyConnection, source: Source, suspects: Sequence[bytes], content: str
) -> list[pa.Table]:
    found = _select(cursor, query("known_ids").format(source=source.table), suspects)
    if not found.num_rows:
        return []
    there = found["event_id"].combine_chunks().storage.to_pylist()
    sql = query("known_content").format(source=source.whole or source.table, content=content)
    return [_select(cursor, sql, there)]


def _select(cursor: duckdb.DuckDBPyConnection, sql: str, ids: Sequence[bytes]) -> pa.Table:
    cursor.register("suspect", pa.table({"event_id": columns.uuids(ids)}))
    bounds = {"first": min(ids).hex(), "last": max(ids).hex()}
    try:
        return cursor.execute(sql, bounds).to_arrow_table()
    finally:
        cursor.unregister("suspect")


def _classify(
    cursor: duckdb.DuckDBPyConnection,
    rows: pa.Table,
    positions: list[int],
    known: list[pa.Table],
    content: str,
) -> dict[int, str]:
    """Status of those of the rows that are repeats, by their positions in the batch."""
    numbered = rows.append_column("position", pa.array(positions, pa.int64()))
    views = {"incoming": numbered, "known": pa.concat_tables(known) if known else rows.slice(0, 0)}
    for name, table in views.items():
        cursor.register(name, table)
    try:
        return dict(cursor.execute(query("classify").format(content=content)).fetchall())
    finally:
        for name in views:
            cursor.unregister(name)
