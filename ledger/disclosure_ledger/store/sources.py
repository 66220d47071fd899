"""Where the rows of decisions are, and their parts: hot.duckdb, and sealed files of either layout."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from disclosure_ledger.store.batch import Segment
from disclosure_ledger.store.connection import alias
from disclosure_ledger.store.parts import PART_COLUMNS, PLAIN_COLUMNS, ROW_COLUMNS
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.rows import COLUMNS

WIDE, IN_PARTS = 1, 2
"""Layouts of a sealed file: one table `decision`; or rows, parts and a view `decision`."""

HOT_ROWS = "hot_decision_row"


@dataclass(frozen=True, slots=True)
class Decisions:
    """SQL of rows with the columns ROW_COLUMNS, and of parts by table, maybe more than the rows have."""

    rows: str
    parts: Mapping[str, str]


def rows_in(segment: Segment) -> str:
    """Table of a sealed file that has PLAIN_COLUMNS and is read without its parts."""
    return f"{alias(segment.name)}.{'decision' if segment.layout == WIDE else 'decision_row'}"


def in_hot(rows: str) -> Decisions:
    """Decisions of hot.duckdb; `rows`: which of them, as SQL."""
    return Decisions(rows, {part: query("all_of_source").format(source=part) for part in PART_COLUMNS})


def in_file(name: str) -> Decisions:
    """Decisions of a file of the second layout."""
    there = alias(name)
    rows = query("row_columns").format(columns=", ".join(ROW_COLUMNS), source=f"{there}.decision_row")
    parts = {part: query("all_of_source").format(source=f"{there}.{part}") for part in PART_COLUMNS}
    return Decisions(rows, parts)


def in_segments(cursor: duckdb.DuckDBPyConnection, segments: Sequence[Segment]) -> Decisions:
    """Decisions of sealed files; parts of the first layout are given numbers in hot.duckdb."""
    found = [
        _numbered(cursor, segment) if segment.layout == WIDE else in_file(segment.name)
        for segment in segments
    ]
    return Decisions(
        _union(each.rows for each in found),
        {part: _union(each.parts[part] for each in found) for part in PART_COLUMNS},
    )


def decisions_sql() -> str:
    """SQL of the columns of `decision` over the tables of one file, by their plain names."""
    part_of = {column: part for part, columns in PART_COLUMNS.items() for column in columns}
    named = [f"{part_of.get(column, 'decision_row')}.{column}" for column in COLUMNS]
    return query("decisions").format(columns=", ".join(named))


def view_sql(segments: Iterable[tuple[str, int]]) -> str:
    """SQL of the views `decision` and `decision_row` over hot rows and these segments: names and layouts."""
    plain = ", ".join(PLAIN_COLUMNS)
    whole, rows = "", ""
    for name, layout in segments:
        source = f"{alias(name)}.{'decision' if layout == WIDE else 'decision_row'}"
        whole += f"\n{query('view_part').format(alias=alias(name))}"
        rows += f"\n{query('view_rows_part').format(columns=plain, source=source)}"
    return query("replace_view").format(segments=whole, columns=plain, rows=rows)


def _union(parts: Iterable[str]) -> str:
    return " UNION ALL ".join(f"({part})" for part in parts)


def _numbered(cursor: duckdb.DuckDBPyConnection, segment: Segment) -> Decisions:
    there = alias(segment.name)
    parts, joins = {}, []
    for part, columns in PART_COLUMNS.items():
        after = _last_number(cursor, part)
        cursor.execute(query("number_parts").format(part=part, columns=", ".join(columns), alias=there))
        last = _last_number(cursor, part)
        parts[part] = query("parts_between").format(part=part, after=after, last=last)
        ours, theirs = (", ".join(f"{side}.{column}" for column in columns) for side in ("d", part))
        joins.append(query("numbered_part").format(source=parts[part], part=part, ours=ours, theirs=theirs))
    named = [
        f"{column}.number AS {column}" if column in PART_COLUMNS else f"d.{column}" for column in ROW_COLUMNS
    ]
    rows = query("numbered_rows").format(columns=", ".join(named), alias=there, joins=" ".join(joins))
    return Decisions(rows, parts)


def _last_number(cursor: duckdb.DuckDBPyConnection, part: str) -> int:
    return int(cursor.execute(query("last_number").format(part=part)).fetchall()[0][0])
