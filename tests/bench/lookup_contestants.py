"""The same rows and columns in other stores: SQLite and PostgreSQL with an index, DuckDB as a plain heap.

Each is loaded in the way its makers recommend. Rows are turned into what a store takes before the clock runs.
"""

import sqlite3
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import duckdb
import psycopg
import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import csv

from disclosure_ledger.store import columns

_LISTS = (
    "items",
    "pi_categories",
    "item_decisions",
    "flags",
    "preference_offsets",
    "identity_offsets",
    "preference_event_ids",
    "linked_subject_keys",
)
_UUIDS = (
    "event_id",
    "subject_key",
    "producer_id",
    "decision_event_id",
    "corrects_event_id",
    "retracts_event_id",
)
_TYPES = {
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "TIMESTAMP": "timestamp",
    "UUID": "uuid",
    "BLOB": "bytea",
}


class Contestant(ABC):
    """A store that is filled by batches and asked for one person."""

    name: str

    def __init__(self) -> None:
        self.load_s = 0.0
        self._arrow = duckdb.connect()
        self._arrow.execute("SET arrow_lossless_conversion = true")

    def add(self, rows: pa.Table) -> None:
        """Take a batch; only the store's own work is timed."""
        ready = self._prepare(columns.wide(rows))
        started = time.perf_counter()
        self._insert(ready)
        self.load_s += time.perf_counter() - started

    def finish(self) -> None:
        """Make the index."""
        started = time.perf_counter()
        self._finish()
        self.load_s += time.perf_counter() - started

    @abstractmethod
    def _prepare(self, rows: pa.Table) -> Any: ...

    @abstractmethod
    def _insert(self, ready: Any) -> None: ...

    @abstractmethod
    def _finish(self) -> None: ...

    @abstractmethod
    def rows_of(self, key: uuid.UUID) -> list[Any]:
        """All columns of one person's rows."""

    @abstractmethod
    def bytes(self) -> int:
        """How much disk it takes."""

    def close(self) -> None:
        """Let go of it."""
        self._arrow.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _flat(self, rows: pa.Table, *, uuid_as: str, bytes_as: str) -> duckdb.DuckDBPyConnection:
        """Rows with lists as JSON text."""
        self._arrow.register("incoming", rows)
        lists = ", ".join(f"to_json({name})::VARCHAR AS {name}" for name in _LISTS)
        ids = ", ".join(f"{uuid_as.format(name)} AS {name}" for name in _UUIDS)
        raw = ", ".join(f"{bytes_as.format(name)} AS {name}" for name in ("registry_hash", "disclosure"))
        return self._arrow.execute(f"SELECT * REPLACE ({lists}, {ids}, {raw}) FROM incoming")


class Heap(Contestant):
    """DuckDB, one table in the order of time."""

    name = "DuckDB, plain table"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._file = folder / "heap.duckdb"
        self._connection = duckdb.connect(str(self._file), config={"storage_compatibility_version": "v1.5.0"})
        self._connection.execute("SET arrow_lossless_conversion = true")

    def _prepare(self, rows: pa.Table) -> pa.Table:
        return rows

    def _insert(self, ready: pa.Table) -> None:
        self._connection.register("incoming", ready)
        self._connection.execute("CREATE TABLE IF NOT EXISTS decision AS FROM incoming LIMIT 0")
        self._connection.execute("INSERT INTO decision FROM incoming")

    def _finish(self) -> None:
        self._connection.execute("CHECKPOINT")

    def rows_of(self, key: uuid.UUID) -> list[Any]:
        return self._connection.execute("FROM decision WHERE subject_key = ?::UUID", [str(key)]).fetchall()

    def bytes(self) -> int:
        return self._file.stat().st_size

    def close(self) -> None:
        super().close()
        self._connection.close()


class Sqlite(Contestant):
    """SQLite, one transaction, executemany, then the index."""

    name = "SQLite, index"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._file = folder / "rows.sqlite"
        self._connection = sqlite3.connect(self._file)
        self._statement = ""

    def _prepare(self, rows: pa.Table) -> list[Any]:
        flat = self._flat(rows, uuid_as="unhex(replace({}::VARCHAR, '-', ''))", bytes_as="{}")
        names = [column[0] for column in flat.description]
        if not self._statement:
            columns = ", ".join(f'"{name}"' for name in names)
            self._connection.execute(f"CREATE TABLE decision ({columns})")
            self._statement = f"INSERT INTO decision VALUES ({', '.join('?' * len(names))})"
        times = [index for index, column in enumerate(flat.description) if "TIMESTAMP" in str(column[1])]
        made = []
        for row in flat.fetchall():
            values = list(row)
            for index in times:
                values[index] = None if values[index] is None else values[index].isoformat()
            made.append(values)
        return made

    def _insert(self, ready: list[Any]) -> None:
        self._connection.executemany(self._statement, ready)

    def _finish(self) -> None:
        self._connection.execute("CREATE INDEX by_subject ON decision (subject_key)")
        self._connection.commit()

    def rows_of(self, key: uuid.UUID) -> list[Any]:
        return self._connection.execute(
            "SELECT * FROM decision WHERE subject_key = ?", [key.bytes]
        ).fetchall()

    def bytes(self) -> int:
        return self._file.stat().st_size

    def close(self) -> None:
        super().close()
        self._connection.close()


class Postgres(Contestant):
    """PostgreSQL, COPY, then the index."""

    name = "PostgreSQL, index"

    def __init__(self, connection_string: str) -> None:
        super().__init__()
        self._connection = psycopg.connect(connection_string, autocommit=True)

    def _prepare(self, rows: pa.Table) -> bytes:
        hexadecimal = "'\\x' || lower(hex({}))"
        flat = self._flat(rows, uuid_as="{}::VARCHAR", bytes_as=hexadecimal).to_arrow_table()
        if not self._exists():
            self._create(rows)
        out = BytesIO()
        csv.write_csv(flat, out, csv.WriteOptions(include_header=False))
        return out.getvalue()

    def _insert(self, ready: bytes) -> None:
        with self._connection.cursor().copy("COPY decision FROM STDIN (FORMAT csv)") as copy:
            copy.write(ready)

    def _finish(self) -> None:
        self._connection.execute("CREATE INDEX by_subject ON decision (subject_key)")
        self._connection.execute("ANALYZE decision")

    def rows_of(self, key: uuid.UUID) -> list[Any]:
        return self._connection.execute("SELECT * FROM decision WHERE subject_key = %s", [key]).fetchall()

    def bytes(self) -> int:
        row = self._connection.execute("SELECT pg_total_relation_size('decision')").fetchone()
        assert row is not None
        return int(row[0])

    def close(self) -> None:
        super().close()
        self._connection.close()

    def _exists(self) -> bool:
        row = self._connection.execute("SELECT to_regclass('decision')").fetchone()
        return row is not None and row[0] is not None

    def _create(self, rows: pa.Table) -> None:
        self._arrow.register("incoming", rows)
        described = self._arrow.execute("DESCRIBE SELECT * FROM incoming").fetchall()
        columns = ", ".join(f'"{name}" {_TYPES.get(kind, "text")}' for name, kind, *_ in described)
        self._connection.execute(f"CREATE TABLE decision ({columns})".encode())


def percentiles(milliseconds: Iterator[float]) -> tuple[float, float]:
    """Median and 99th percentile."""
    ordered = sorted(milliseconds)
    return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
