"""Decisions as Parquet, Arrow or CSV files, one for each month of decision."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import csv, ipc, parquet

from disclosure_ledger.exports.folder import ExportedFile, exported_file
from disclosure_ledger.store.reading import Snapshot

_ROWS_AT_ONCE = 122_880


class TableFormat(StrEnum):
    """How a table is written."""

    PARQUET = "parquet"
    ARROW = "arrow"
    CSV = "csv"


class _Writer(Protocol):
    def write_batch(self, batch: pa.RecordBatch) -> None: ...


def write_tables(
    snapshot: Snapshot, folder: Path, format_: TableFormat, first: datetime, end: datetime
) -> list[ExportedFile]:
    """Write every decision decided in [first, end), UTC without a zone, as year=2026/month=11/decisions.*.

    Keys and ids are text, times are in UTC; in CSV lists are JSON and bytes hexadecimal.
    """
    months = [row["month"] for row in snapshot.fetch("export_months", {"first": first, "end": end})]
    return [
        _write_month(snapshot, folder, format_, max(first, month), min(end, _month_after(month)))
        for month in months
    ]


def _write_month(
    snapshot: Snapshot, folder: Path, format_: TableFormat, first: datetime, end: datetime
) -> ExportedFile:
    file = folder / f"year={first:%Y}" / f"month={first:%m}" / f"decisions.{format_.value}"
    file.parent.mkdir(parents=True)
    rows = 0
    name = "export_rows_as_text" if format_ is TableFormat.CSV else "export_rows"
    reader = snapshot.batches(name, {"first": first, "end": end}, _ROWS_AT_ONCE)
    schema = _in_utc(reader.schema)
    with _writer(format_, file, schema) as writer:
        for batch in reader:
            rows += batch.num_rows
            writer.write_batch(batch.cast(schema))
    return exported_file(folder, file, rows)


def _month_after(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def _in_utc(schema: pa.Schema) -> pa.Schema:
    """The same columns, times with their zone."""
    utc = pa.timestamp("us", tz="UTC")
    return pa.schema(
        [field.with_type(utc) if pa.types.is_timestamp(field.type) else field for field in schema]
    )


@contextmanager
def _writer(format_: TableFormat, file: Path, schema: pa.Schema) -> Iterator[_Writer]:
    with pa.OSFile(str(file), "wb") as sink:
        match format_:
            case TableFormat.PARQUET:
                with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
                    yield writer
            case TableFormat.ARROW:
                options = ipc.IpcWriteOptions(compression="zstd")
                with ipc.new_file(sink, schema, options=options) as writer:
                    yield writer
            case TableFormat.CSV:
                with csv.CSVWriter(sink, schema) as writer:
                    yield writer
