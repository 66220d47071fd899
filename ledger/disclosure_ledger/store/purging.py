"""What is over its retention: which rows go, and what is noted of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from disclosure_ledger.store.batch import Segment
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.sources import rows_in


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgedRows:
    """Rows of one month that were deleted from one place; as in the table `purge`.

    month: 2024-11; what: decision, repeat or bulk; segment and sha256: the file they were in, None for
    hot.duckdb.
    """

    month: str
    what: str
    row_count: int
    segment: str | None = None
    sha256: str | None = None

    def columns(self) -> Mapping[str, Any]:
        """Values by column."""
        return asdict(self)


def month_begin(day: date) -> datetime:
    """First moment of the month of a day, in UTC, without a zone: what a month of the ledger begins with."""
    return datetime(day.year, day.month, 1, tzinfo=UTC).replace(tzinfo=None)


def purge_of_segment(
    cursor: duckdb.DuckDBPyConnection, segment: Segment, before: datetime
) -> list[PurgedRows]:
    """Rows of a segment that were decided before a moment, by month; a later file is not read."""
    if segment.period >= (f"{before:%Y-%m}" if len(segment.period) == 7 else f"{before.year + 1}"):
        return []
    counted = cursor.execute(
        query("months_before").format(source=rows_in(segment), moment="decided_at"), {"before": before}
    ).fetchall()
    return [
        PurgedRows(month=month, what="decision", row_count=count, segment=segment.name, sha256=segment.sha256)
        for month, count in counted
    ]


def purge_of_table(
    cursor: duckdb.DuckDBPyConnection, table: str, what: str, before: datetime, *, moment: str = "decided_at"
) -> list[PurgedRows]:
    """Delete the rows of a table of hot.duckdb of before a moment; inside a transaction.

    `moment`: the column that says of when a row is.
    """
    counted = cursor.execute(
        query("months_before").format(source=table, moment=moment), {"before": before}
    ).fetchall()
    if counted:
        cursor.execute(query("delete_before").format(table=table, moment=moment), {"before": before})
    return [PurgedRows(month=month, what=what, row_count=count) for month, count in counted]
