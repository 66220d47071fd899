"""Writes one sealed segment file: sorted, on disk, read again and compared, before anything counts on it."""

import hashlib
import os
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
from disclosure_ledger.store.queries import query

Row = dict[str, Any]


def write_segment(
    cursor: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    name: str,
    source: str,
    params: Mapping[str, str] | None = None,
) -> Row:
    """Write the rows of `source` (SQL) to a new segment file and attach it.

    Returns the columns of the table `segment` that describe the file. Nothing refers to the file yet: a crash
    leaves an orphan, which the next open removes. Raises LedgerDamagedError if the file does not read back.
    """
    final = segment_path(folder, name)
    draft = final.with_suffix(".tmp")
    before = fingerprint(cursor, source, params)
    try:
        _write_draft(cursor, draft, source, params)
    except BaseException:
        for left in draft.parent.glob(f"{draft.name}*"):
            left.unlink(missing_ok=True)  # half a file is in the way of the next attempt
        raise
    draft.rename(final)
    _to_disk(final.parent)
    attach_segment(cursor, folder, name)
    sealed = query("all_of_segment").format(alias=alias(name))
    after = fingerprint(cursor, sealed)
    if before != after:
        detach_segment(cursor, name)
        final.unlink()
        raise LedgerDamagedError(
            f"the segment {name} has {after[0]} rows where {before[0]} were written, or other content. It "
            "was removed and the ledger is as before. Check the disk."
        )
    return describe_file(cursor, final, name=name, source=sealed)


def _write_draft(
    cursor: duckdb.DuckDBPyConnection, draft: Path, source: str, params: Mapping[str, str] | None
) -> None:
    attach_draft(cursor, draft)
    try:
        cursor.execute(query("write_draft").format(source=source), params)
        cursor.execute(query("checkpoint_draft"))
    finally:
        cursor.execute(query("detach_draft"))
    _to_disk(draft)


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
