"""What repeats from decision to decision: kept once, under a number that stands in the rows.

A number means the same for ever, in hot.duckdb and in every sealed file. The same values may have several
numbers, for what is forgotten is numbered anew.
"""

from collections.abc import Hashable, Mapping
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from disclosure_ledger.store import columns
from disclosure_ledger.store.queries import query

PRODUCER = "producer"
PART_COLUMNS: Mapping[str, tuple[str, ...]] = {
    PRODUCER: ("producer_id",),
    **{name: tuple(schema.names) for name, schema in columns.PARTS.items()},
}
"""Columns of the parts by the table that has them, without `number`."""

PLAIN_COLUMNS = (
    "event_id",
    "subject_key",
    "occurred_at",
    "emitted_at",
    "decided_at",
    "valid_until",
    "sequence",
    "request_partition",
    "request_offset",
    "decided_partition",
    "decided_offset",
    "recorded_at",
    "preference_event_ids",
    "collected_at",
    "decision_event_id",
    "corrects_event_id",
    "retracts_event_id",
    "transaction_id",
    "linked_subject_keys",
)
"""Columns of a decision that belong to no part."""

ROW_COLUMNS = (*PLAIN_COLUMNS[:12], *PART_COLUMNS, *PLAIN_COLUMNS[12:])
"""Columns of the tables of rows: a part stands there as its number."""

_COLUMN = {PRODUCER: "producer_id"}
_REMEMBERED = 50_000
"""Most values of one part whose numbers are remembered."""


class PartNumbers:
    """The numbers of the parts of decisions; for the one writer."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._parts = [_Numbers(cursor, name) for name in PART_COLUMNS]

    def numbered(self, decisions: pa.Table) -> pa.Table:
        """Rows with numbers in place of parts; parts that are new are inserted. Inside a transaction."""
        made = {name: decisions[name] for name in PLAIN_COLUMNS if name in decisions.column_names}
        for part in self._parts:
            made[part.name] = part.of(decisions)
        return pa.table(made)

    def committed(self) -> None:
        """Remember the numbers that the transaction gave."""
        for part in self._parts:
            part.committed()

    def rolled_back(self) -> None:
        """Forget them."""
        for part in self._parts:
            part.rolled_back()


class _Numbers:
    """The numbers of one part by its values."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, name: str) -> None:
        self.name = name
        self._cursor = cursor
        producer = pa.schema([("producer_id", columns.UUID)])
        self._schema = columns.PARTS.get(name, producer).insert(0, pa.field("number", pa.int64()))
        self._fresh: dict[Hashable, int] = {}
        newest = cursor.execute(query("newest_parts").format(part=name, most=_REMEMBERED)).to_arrow_table()
        numbers = newest["number"].to_pylist()
        values = self._values(newest.drop_columns(["number"]))
        self._known = {_key(value): number for value, number in zip(values, numbers, strict=True)}

    def of(self, decisions: pa.Table) -> pa.ChunkedArray:
        """The number of each row; values without one get it."""
        self._fresh = {}
        rows: list[dict[str, Any]] = []
        chunks = [
            self._of_chunk(chunk, rows) for chunk in decisions[_COLUMN.get(self.name, self.name)].chunks
        ]
        if rows:
            self._cursor.register("incoming", columns.table_of(rows, self._schema))
            try:
                self._cursor.execute(query("insert_parts").format(part=self.name))
            finally:
                self._cursor.unregister("incoming")
        return pa.chunked_array(chunks, pa.int64())

    def committed(self) -> None:
        """Remember what was inserted."""
        if len(self._known) + len(self._fresh) > _REMEMBERED:
            self._known.clear()
        self._known |= self._fresh
        self._fresh = {}

    def rolled_back(self) -> None:
        """Forget what was inserted."""
        self._fresh = {}

    def _of_chunk(self, chunk: pa.Array, rows: list[dict[str, Any]]) -> pa.Array:
        encoded = chunk.storage.dictionary_encode() if self.name == PRODUCER else chunk
        used = pc.unique(encoded.indices)
        distinct = encoded.dictionary.take(used).to_pylist()
        values = [{"producer_id": value} for value in distinct] if self.name == PRODUCER else distinct
        numbers = pa.array([self._number(value, rows) for value in values], pa.int64())
        return numbers.take(pc.index_in(encoded.indices, value_set=used))

    def _number(self, value: dict[str, Any], rows: list[dict[str, Any]]) -> int:
        key = _key(value)
        number = self._known.get(key) or self._fresh.get(key)
        if number is None:
            number = 1 + (rows[-1]["number"] if rows else self._last())
            self._fresh[key] = number
            rows.append({"number": number, **value})
        return number

    def _last(self) -> int:
        """Largest number given so far, by whomever."""
        sql = query("last_number").format(part=self.name)
        return int(self._cursor.execute(sql).fetchall()[0][0])

    def _values(self, table: pa.Table) -> list[dict[str, Any]]:
        if self.name != PRODUCER:
            found: list[dict[str, Any]] = table.to_pylist()
            return found
        return [{"producer_id": value.bytes} for value in table["producer_id"].to_pylist()]


def _key(value: dict[str, Any]) -> Hashable:
    return repr(list(value.values()))
