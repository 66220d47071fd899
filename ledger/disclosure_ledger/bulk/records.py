"""Files of people: CSV, NDJSON or Parquet, read as a stream, each record with its number and as it stands."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from disclosure_ledger.bulk.errors import BulkFileError

_BATCH_ROWS = 65_536


class Format(StrEnum):
    """What a file of people may be."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


_SUFFIXES = {
    ".csv": Format.CSV,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".parquet": Format.PARQUET,
}


class Record(NamedTuple):
    """One record: its line (of Parquet its row, from 1), the text of the chosen column, and all of it.

    `text` is None where the record has none; `problem` says what is wrong with a record that is none.
    """

    line: int
    text: str | None
    whole: Any
    problem: str | None = None


class Source(Protocol):
    """A file of people that can be read from its beginning."""

    columns: tuple[str, ...]

    def records(self, column: str) -> Iterator[Record]:
        """Every record in order, with the text of one of the columns."""
        ...

    def write(self, out: IO[bytes], chosen: Iterable[Record]) -> None:
        """Write some of the records as they stand, in the format they came in."""
        ...


def format_of(path: Path, named: Format | None) -> Format:
    """Format by name or by the end of the file's name; raises BulkFileError."""
    chosen = named or _SUFFIXES.get(path.suffix.lower())
    if chosen is None:
        raise BulkFileError(
            f"{path.name} does not say what it is; expected a name that ends in "
            f"{', '.join(_SUFFIXES)}, or --format csv, ndjson or parquet."
        )
    return chosen


@contextmanager
def opened(path: Path, named: Format | None = None) -> Iterator[Source]:
    """Open a file of people; raises BulkFileError for one that cannot be read or has no records of a kind."""
    chosen = format_of(path, named)
    makers: dict[Format, Callable[[IO[bytes]], Source]] = {
        Format.CSV: CsvSource,
        Format.NDJSON: NdjsonSource,
        Format.PARQUET: ParquetSource,
    }
    try:
        file = path.open("rb")
    except OSError as error:
        raise BulkFileError(
            f"{path} cannot be read: {error.strerror or error}. Name a file of people."
        ) from error
    with file:
        if not file.seekable():
            raise BulkFileError(f"{path} is a stream, which can be read once only. Save it to a file first.")
        yield makers[chosen](file)


class _Lines:
    """Lines of a text file, kept until they are taken, so that a record can be given as it stood."""

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        self._file = file
        self._taken: list[bytes] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        for raw in self._file:
            self.number += 1
            self._taken.append(raw)
            # What is no UTF-8 is kept as it is, and will be no identifier.
            yield raw.decode("utf-8-sig" if self.number == 1 else "utf-8", "surrogateescape")

    def take(self) -> bytes:
        """The lines since the last call."""
        taken, self._taken = b"".join(self._taken), []
        return taken


@dataclass
class CsvSource:
    """Comma-separated values with a header line; quoted fields may hold line breaks."""

    file: IO[bytes]

    def __post_init__(self) -> None:
        self._header = b""
        self.columns = next(self._rows(), ((), 0, b""))[0]
        if not any(self.columns):
            raise BulkFileError(
                "the CSV file is empty; expected a header line with the names of the columns."
            )

    def records(self, column: str) -> Iterator[Record]:
        """Every record behind the header."""
        place = self.columns.index(column)
        rows = self._rows()
        self._header = next(rows)[2]
        for fields, line, raw in rows:
            if not fields:
                continue  # an empty line
            problem = None
            if len(fields) != len(self.columns):
                problem = f"expected {len(self.columns)} fields, got {len(fields)}"
            yield Record(line, fields[place] if problem is None else None, raw, problem)

    def write(self, out: IO[bytes], chosen: Iterable[Record]) -> None:
        """The header, then the records, byte by byte as they were."""
        first = True
        for record in chosen:
            if first:
                out.write(_ended(self._header))
                first = False
            out.write(_ended(record.whole))
        if first:
            out.write(_ended(self._header))

    def _rows(self) -> Iterator[tuple[tuple[str, ...], int, bytes]]:
        lines = _Lines(self.file)
        try:
            for fields in csv.reader(iter(lines), strict=False):
                yield tuple(fields), lines.number, lines.take()
        except csv.Error as error:
            raise BulkFileError(
                f"the file is no CSV from line {lines.number} on: {error}. Export it again."
            ) from error


@dataclass
class NdjsonSource:
    """One JSON object a line."""

    file: IO[bytes]

    def __post_init__(self) -> None:
        for line in _Lines(self.file):
            if line.strip():
                first = _object(line)
                if first is None:
                    raise BulkFileError("the first line is no JSON object; expected one JSON object a line.")
                self.columns = tuple(first)
                return
        raise BulkFileError("the file is empty; expected one JSON object a line.")

    def records(self, column: str) -> Iterator[Record]:
        """Every line that is not empty."""
        lines = _Lines(self.file)
        for line in lines:
            raw = lines.take()
            if not line.strip():
                continue
            found = _object(line)
            if found is None:
                yield Record(lines.number, None, raw, "expected a JSON object")
            else:
                yield Record(lines.number, _text(found.get(column)), raw)

    def write(self, out: IO[bytes], chosen: Iterable[Record]) -> None:
        """The lines as they were."""
        for record in chosen:
            out.write(_ended(record.whole))


@dataclass
class ParquetSource:
    """A Parquet file, read in batches of rows."""

    file: IO[bytes]

    def __post_init__(self) -> None:
        import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415 - only where it is needed
        import pyarrow.parquet as pq  # type: ignore[import-untyped]  # noqa: PLC0415

        try:
            self._parquet = pq.ParquetFile(self.file)
        except (pa.ArrowInvalid, OSError) as error:
            raise BulkFileError(
                f"the file is no Parquet file: {str(error).rstrip('.')}. Export it again."
            ) from error
        self.columns = tuple(self._parquet.schema_arrow.names)

    def records(self, column: str) -> Iterator[Record]:
        """Every row; `whole` is (batch, index in it)."""
        row = 0
        for batch in self._batches():
            for index, value in enumerate(batch.column(column).to_pylist()):
                row += 1
                yield Record(row, _text(value), (batch, index))

    def write(self, out: IO[bytes], chosen: Iterable[Record]) -> None:
        """The rows with all their columns."""
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        with pq.ParquetWriter(out, self._parquet.schema_arrow) as writer:
            batch, indexes = None, list[int]()
            for record in chosen:
                of, index = record.whole
                if of is not batch:
                    _write_rows(writer, batch, indexes, pa)
                    batch, indexes = of, []
                indexes.append(index)
            _write_rows(writer, batch, indexes, pa)

    def _batches(self) -> Iterator[Any]:
        import pyarrow as pa  # noqa: PLC0415

        try:
            yield from self._parquet.iter_batches(_BATCH_ROWS)
        except (pa.ArrowException, OSError) as error:
            raise BulkFileError(
                f"the Parquet file is damaged: {str(error).rstrip('.')}. Export it again."
            ) from error


def _write_rows(writer: Any, batch: Any, indexes: list[int], pa: Any) -> None:
    if indexes:
        writer.write_batch(batch.take(pa.array(indexes, pa.int64())))


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _text(value: Any) -> str | None:
    """A field as text; a number is taken as it is written, anything else is none."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _ended(line: bytes) -> bytes:
    """A line with an end, also where it was the last and had none."""
    return line if line.endswith((b"\n", b"\r")) else line + b"\n"
