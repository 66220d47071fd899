"""Parts of decisions by their number, remembered: a number never means anything else."""

from collections.abc import Sequence
from typing import Any

import duckdb

from disclosure_ledger.store.parts import PART_COLUMNS, PLAIN_COLUMNS, ROW_COLUMNS
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.rows import DecisionRow, columns_of_part, plain

_REMEMBERED = 100_000
"""Most parts of one table that are remembered, about 1 kB each."""

_PARTS = tuple((name, ROW_COLUMNS.index(name)) for name in PART_COLUMNS)
_PLAIN = tuple((name, ROW_COLUMNS.index(name)) for name in PLAIN_COLUMNS)


class KnownParts:
    """Makes rows whole; for any number of threads."""

    def __init__(self) -> None:
        self._known: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in PART_COLUMNS}

    def rows(
        self, cursor: duckdb.DuckDBPyConnection, database: str, found: Sequence[tuple[Any, ...]]
    ) -> list[DecisionRow]:
        """Rows of values in the order of ROW_COLUMNS; `database`: prefix of the tables their parts are in."""
        parts = [
            (at, self._parts(cursor, f"{database}{name}", name, {values[at] for values in found}))
            for name, at in _PARTS
        ]
        rows = []
        for values in found:
            columns = {name: plain(values[at]) for name, at in _PLAIN}
            for at, known in parts:
                columns |= known[values[at]]
            rows.append(DecisionRow(**columns))
        return rows

    def _parts(
        self, cursor: duckdb.DuckDBPyConnection, source: str, part: str, numbers: set[int]
    ) -> dict[int, dict[str, Any]]:
        known = self._known[part]
        there = {number: known[number] for number in numbers if number in known}
        if len(there) == len(numbers):
            return there
        wanted = ", ".join(map(str, sorted(numbers - there.keys())))
        done = cursor.execute(query("parts_by_number").format(source=source, numbers=wanted))
        names = [column[0] for column in done.description]
        read = {
            values[0]: columns_of_part(part, dict(zip(names, values, strict=True)))
            for values in done.fetchall()
        }
        if len(known) + len(read) > _REMEMBERED:
            known = self._known[part] = {}
        known.update(read)
        return there | read
