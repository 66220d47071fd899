"""Writes one sealed segment file: sorted, on disk, read again and compared, before anything counts on it."""

import hashlib
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from disclosure_ledger.store.connection import (
    alias,
    attach_draft,
    attach_segment,
    detach_segment,
    segment_path,
)
from disclosure_ledger.store.errors import LedgerDamagedError
from disclosure_ledger.store.parts import PART_COLUMNS
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.sources import IN_PARTS, Decisions, decisions_sql, in_file

_SORTED_AT_ONCE = 2_000_000
"""Rows, about: 1.5 GB of memory while they are sorted."""

Row = dict[str, Any]


def write_segment(
    cursor: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    name: str,
    source: Decisions,
    params: Mapping[str, str] | None = None,
) -> Row:
    """Write the decisions of a source to a new segment file and attach it; `params`: of the SQL of its rows.

    Returns the columns of the table `segment` that describe the file. Nothing refers to the file yet: a crash
    leaves an orphan, which the next open removes. Raises LedgerDamagedError if the file does not read back.
    """
    final = segment_path(folder, name)
    draft = final.with_suffix(".tmp")
    before = fingerprint(cursor, source.rows, params)
    try:
        _write_draft(cursor, draft, source, params, rows=before[0])
    except BaseException:
        for left in draft.parent.glob(f"{draft.name}*"):
            left.unlink(missing_ok=True)  # half a file is in the way of the next attempt
        raise
    draft.rename(final)
    _to_disk(final.parent)
    attach_segment(cursor, folder, name)
    sealed = in_file(name)
    after = fingerprint(cursor, sealed.rows)
    wrong = [part for part in PART_COLUMNS if not _has_part(cursor, name, part, source, sealed)]
    if before != after or wrong:
        detach_segment(cursor, name)
        final.unlink()
        raise LedgerDamagedError(
            f"the segment {name} has {after[0]} rows where {before[0]} were written, or other content "
            f"{wrong or ''}. It was removed and the ledger is as before. Check the disk."
        )
    return describe_file(cursor, final, name=name, source=sealed.rows)


def _has_part(
    cursor: duckdb.DuckDBPyConnection, name: str, part: str, source: Decisions, sealed: Decisions
) -> bool:
    """Whether the file has a part as the source does, for every number in its rows."""
    used = query("used_part").format(source=source.parts[part], part=part, alias=alias(name))
    return fingerprint(cursor, used) == fingerprint(cursor, sealed.parts[part])


def _write_draft(
    cursor: duckdb.DuckDBPyConnection,
    draft: Path,
    source: Decisions,
    params: Mapping[str, str] | None,
    *,
    rows: int,
) -> None:
    attach_draft(cursor, draft)
    try:
        cursor.execute(query("write_draft").format(source=source.rows), params)
        for first, last in key_ranges(1 + rows // _SORTED_AT_ONCE):
            sql = query("fill_draft").format(source=source.rows, first=first, last=last)
            cursor.execute(sql, params)
        for part, there in source.parts.items():
            cursor.execute(query("fill_draft_part").format(part=part, source=there))
        cursor.execute(query("view_draft").format(decisions=decisions_sql()))
        cursor.execute(query("checkpoint_draft"))
    finally:
        cursor.execute(query("detach_draft"))
    _to_disk(draft)


def key_ranges(count: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Split all subject keys into ranges (first, last), in order; keys are spread evenly over them."""
    width = (1 << 128) // count
    firsts = [number * width for number in range(count)]
    lasts = [first - 1 for first in firsts[1:]] + [(1 << 128) - 1]
    return [(uuid.UUID(int=first), uuid.UUID(int=last)) for first, last in zip(firsts, lasts, strict=True)]


def fingerprint(
    cursor: duckdb.DuckDBPyConnection, source: str, params: Mapping[str, str] | None = None
) -> tuple[Any, ...]:
    """Count and two order-free hashes of the rows of a source; comparable within this process only."""
    rows = cursor.execute(query("fingerprint").format(source=source), params).fetchall()
    return tuple(rows[0])


def describe_file(cursor: duckdb.DuckDBPyConnection, file: Path, *, name: str, source: str) -> Row:
    """Return what the table `segment` says of a file, but for level, period and time."""
    done = cursor.execute(query("describe_segment").format(source=source))
    names = [column[0] for column in done.description]
    return {
        "name": name,
        "file_bytes": file.stat().st_size,
        "sha256": file_sha256(file),
        "layout": IN_PARTS,
        **dict(zip(names, done.fetchall()[0], strict=True)),
    }


def file_sha256(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
