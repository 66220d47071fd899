"""Puts a batch into the ledger: rows, repeats and Kafka positions in one transaction."""

from contextlib import suppress
from datetime import datetime

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from disclosure_ledger.store import columns, repeats
from disclosure_ledger.store.batch import Batch, BatchResult, Position, RecordStatus
from disclosure_ledger.store.errors import LedgerError
from disclosure_ledger.store.parts import PartNumbers
from disclosure_ledger.store.purging import PurgedRows, purge_of_table
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.reading import Params
from disclosure_ledger.store.repeats import Source
from disclosure_ledger.store.segments import Segments
from disclosure_schemas.topics import BULKS, DEAD_LETTER, DECIDED, IDENTITIES, PREFERENCES

_OFFSET_COLUMNS = {
    DECIDED.name: ("decided_partition", "decided_offset"),
    PREFERENCES.name: ("topic_partition", "topic_offset"),
    IDENTITIES.name: ("topic_partition", "topic_offset"),
    DEAD_LETTER.name: ("topic_partition", "topic_offset"),
    BULKS.name: ("topic_partition", "topic_offset"),
}


class Writer:
    """The one writer of a ledger; not for several threads."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, segments: Segments) -> None:
        self._cursor = cursor
        self._segments = segments
        self._parts = PartNumbers(cursor)
        self._next_offsets: dict[Position, int] = {
            (topic, partition): next_offset
            for topic, partition, next_offset in cursor.execute(query("next_offsets")).fetchall()
        }
        newest = cursor.execute(query("newest_hot_event_id")).fetchall()[0][0]
        self._newest_in_hot: bytes = newest.bytes if newest else b""

    def record(self, batch: Batch) -> BatchResult:
        """Record a batch; raises LedgerError, having recorded nothing, if its positions do not fit."""
        self._check_positions(batch)
        self._cursor.begin()
        try:
            result = self._write(batch)
            self._cursor.commit()
        except BaseException:
            # Where the commit itself failed there is nothing left to undo.
            with suppress(duckdb.TransactionException):
                self._cursor.rollback()
            self._parts.rolled_back()
            raise
        self._parts.committed()
        self._next_offsets.update(batch.next_offsets)
        if batch.decisions is not None and batch.decisions.num_rows:
            newest = pc.max(batch.decisions["event_id"].combine_chunks().storage.cast(pa.binary())).as_py()
            self._newest_in_hot = max(self._newest_in_hot, newest)
        return result

    def purge_hot(self, before: datetime) -> list[PurgedRows]:
        """Delete hot decisions and repeats that were decided before a moment, and note it.

        Announcements of bulks of before it go too: the rows they speak of are gone.
        """
        self._cursor.begin()
        try:
            purged = [
                *purge_of_table(self._cursor, "hot_decision_row", "decision", before),
                *purge_of_table(self._cursor, "repeat", "repeat", before),
                *purge_of_table(self._cursor, "bulk", "bulk", before, moment="occurred_at"),
            ]
            now = self._segments.now()
            for entry in purged:
                self._cursor.execute(query("insert_purge"), {**entry.columns(), "purged_at": now})
            self._cursor.commit()
        except BaseException:
            self._cursor.rollback()
            raise
        return purged

    def hot_was_sealed(self) -> None:
        """Forget what was known of the hot rows; they are in segments now."""
        self._newest_in_hot = b""

    def close(self) -> None:
        """Close the writer's connection."""
        self._cursor.close()

    def _check_positions(self, batch: Batch) -> None:
        tables = {
            DECIDED.name: batch.decisions,
            PREFERENCES.name: batch.preferences,
            IDENTITIES.name: batch.identities,
            DEAD_LETTER.name: batch.dead_letters,
            BULKS.name: batch.bulks,
        }
        for position, next_offset in batch.next_offsets.items():
            if next_offset < self._next_offsets.get(position, 0):
                raise LedgerError(_backwards(position, next_offset, self._next_offsets[position]))
        for topic, table in tables.items():
            if table is None or not table.num_rows:
                continue
            partition_column, offset_column = _OFFSET_COLUMNS[topic]
            spans = table.group_by(partition_column).aggregate(
                [(offset_column, "min"), (offset_column, "max")]
            )
            for span in spans.to_pylist():
                position = (topic, span[partition_column])
                first, last = span[f"{offset_column}_min"], span[f"{offset_column}_max"]
                if first < self._next_offsets.get(position, 0):
                    raise LedgerError(_backwards(position, first, self._next_offsets[position]))
                if last >= batch.next_offsets.get(position, 0):
                    raise LedgerError(
                        f"the batch has offset {last} of {topic}, partition {span[partition_column]}, but no "
                        "position after it. Rows and positions belong in one batch."
                    )

    def _write(self, batch: Batch) -> BatchResult:
        recorded_at = {"recorded_at": batch.recorded_at.replace(tzinfo=None)}
        counts = dict.fromkeys(RecordStatus, 0)
        if batch.decisions is not None and batch.decisions.num_rows:
            fresh, again = repeats.split(
                self._cursor,
                batch.decisions,
                self._decision_sources(),
                repeats.DECISION,
                whole=columns.wide,
            )
            self._segments.add_hot_keys(fresh)
            if fresh.num_rows:
                self._insert("insert_decisions", self._parts.numbered(fresh), recorded_at)
            self._insert("insert_repeats", again, recorded_at)
            counts[RecordStatus.RECORDED] = fresh.num_rows
            for status in again["status"].to_pylist() if again.num_rows else []:
                counts[RecordStatus(status)] += 1
        preferences = self._insert_with_status("preference", batch.preferences, recorded_at)
        identities = self._insert_with_status("identity_link", batch.identities, recorded_at)
        dead_letters = self._insert("insert_dead_letters", batch.dead_letters, recorded_at)
        bulks = self._insert_with_status("bulk", batch.bulks, recorded_at)
        unreadable = self._insert("insert_unreadable", batch.unreadable, recorded_at)
        self._store_positions(batch)
        return BatchResult(
            recorded=counts[RecordStatus.RECORDED],
            already_recorded=counts[RecordStatus.ALREADY_RECORDED],
            different_content=counts[RecordStatus.DIFFERENT_CONTENT],
            preferences=preferences,
            identities=identities,
            dead_letters=dead_letters,
            bulks=bulks,
            unreadable=unreadable,
        )

    def _decision_sources(self) -> list[Source]:
        hot = Source("hot_decision_row", newest=self._newest_in_hot, whole="hot_decision")
        return [hot, *self._segments.sources()]

    def _insert_with_status(self, table: str, rows: pa.Table | None, recorded_at: Params) -> int:
        if rows is None or not rows.num_rows:
            return 0
        known = Source(f"(FROM {table} WHERE status = '{RecordStatus.RECORDED}')")
        insert, content = {
            "preference": ("insert_preferences", repeats.PREFERENCE),
            "identity_link": ("insert_identities", repeats.IDENTITY),
            "bulk": ("insert_bulks", repeats.BULK),
        }[table]
        fresh, again = repeats.split(self._cursor, rows, [known], content)
        status = pa.array([RecordStatus.RECORDED.value] * fresh.num_rows, pa.string())
        self._insert(insert, fresh.append_column("status", status), recorded_at)
        self._insert(insert, again, recorded_at)
        return int(rows.num_rows)

    def _insert(self, name: str, rows: pa.Table | None, recorded_at: Params) -> int:
        if rows is None or not rows.num_rows:
            return 0
        self._cursor.register("incoming", rows)
        try:
            self._cursor.execute(query(name), recorded_at)
        finally:
            self._cursor.unregister("incoming")
        return int(rows.num_rows)

    def _store_positions(self, batch: Batch) -> None:
        for (topic, partition), next_offset in batch.next_offsets.items():
            if self._next_offsets.get((topic, partition)) == next_offset:
                continue
            known = (topic, partition) in self._next_offsets
            self._cursor.execute(
                query("update_offset" if known else "insert_offset"),
                {"topic": topic, "partition": partition, "next_offset": next_offset},
            )


def _backwards(position: Position, got: int, stored: int) -> str:
    return (
        f"the batch has offset {got} of {position[0]}, partition {position[1]}, but the ledger has recorded "
        f"all below {stored}. Read from the recorded position; is a second recorder at work?"
    )
