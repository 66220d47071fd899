"""Opens the ledger folder: lock, settings, tables, sealed segments."""

import fcntl
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import duckdb

from disclosure_ledger.store.errors import (
    LedgerError,
    LedgerLockedError,
    LedgerMissingError,
    LedgerVersionError,
)
from disclosure_ledger.store.migrations import migrate, pending_migrations
from disclosure_ledger.store.queries import query

HOT_FILE = "hot.duckdb"
LOCK_FILE = "lock"
SEGMENT_FOLDER = "segments"
STORAGE_VERSION = "v1.5.0"
"""Format of every file: DuckDB 1.5 and 2.0 both read and write it."""

_SEGMENT_NAME = re.compile(r"[0-9]{4}(_[0-9]{2})?_[0-9]{6}")


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """A ledger folder that this process has locked, and the connection to its hot file."""

    path: Path
    connection: duckdb.DuckDBPyConnection
    read_only: bool
    lock: IO[bytes]

    def close(self) -> None:
        """Close the connection, then let others in."""
        self.connection.close()
        self.lock.close()


def open_folder(
    path: Path, *, read_only: bool, create: bool, threads: int | None = None, memory_limit: str | None = None
) -> OpenFolder:
    """Lock the folder, connect, migrate; raises LedgerMissingError, LedgerLockedError, LedgerVersionError."""
    path = path.absolute()
    hot = path / HOT_FILE
    if not hot.exists() and (read_only or not create):
        raise LedgerMissingError(
            f"there is no ledger in {path}: expected the file {HOT_FILE}. Start `disclosures recorder`, "
            "which makes one, or set DISCLOSURE_LEDGER_DIR to the folder of a ledger."
        )
    (path / SEGMENT_FOLDER).mkdir(parents=True, exist_ok=True)
    lock = _lock(path, shared=read_only)
    try:
        connection = _connect(path, read_only=read_only, threads=threads, memory_limit=memory_limit)
        try:
            _bring_up_to_date(connection, path, read_only=read_only)
        except BaseException:
            connection.close()
            raise
    except BaseException:
        lock.close()
        raise
    return OpenFolder(path, connection, read_only, lock)


def _lock(path: Path, *, shared: bool) -> IO[bytes]:
    lock = (path / LOCK_FILE).open("ab")
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise _locked(path) from None
    return lock


def _locked(path: Path) -> LedgerLockedError:
    return LedgerLockedError(
        f"the ledger in {path} is open in another process, most likely the recorder; a DuckDB file has one "
        "process at a time. Ask through the recorder's door (door.sock in the same folder), or stop it."
    )


def _connect(
    path: Path, *, read_only: bool, threads: int | None, memory_limit: str | None
) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "checkpoint_threshold": "64MB",
    }
    if threads is not None:
        config["threads"] = threads
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    if not read_only:
        config["storage_compatibility_version"] = STORAGE_VERSION
    try:
        connection = duckdb.connect(str(path / HOT_FILE), read_only=read_only, config=config)
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise _locked(path) from error
        raise LedgerError(f"the ledger in {path} cannot be opened: {error}") from error
    # Sealed by the first connection of a process; a second one to the same file finds it so.
    if not connection.execute(query("configuration_is_locked")).fetchall()[0][0]:
        connection.execute(query("lock_down").format(folder=_literal(path)))
    return connection


def _bring_up_to_date(connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    if not read_only:
        migrate(connection, datetime.now(UTC))
    elif pending := pending_migrations(connection):
        raise LedgerVersionError(
            f"the tables of the ledger in {path} lack migration {pending[0].version}. Start the recorder "
            "once: it brings them up to date."
        )


def segment_path(folder: Path, name: str) -> Path:
    """File of a segment."""
    return folder / SEGMENT_FOLDER / f"{name}.duckdb"


def alias(name: str) -> str:
    """Name of the attached database of a segment; raises LedgerError for a name that is not one."""
    if not _SEGMENT_NAME.fullmatch(name):
        raise LedgerError(f"{name!r} is not the name of a segment, such as 2026_11_000001.")
    return f"seg_{name}"


def attach_segment(connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> None:
    """Attach a sealed file read-only."""
    connection.execute(
        query("attach_segment").format(path=_literal(segment_path(folder, name)), alias=alias(name))
    )


def detach_segment(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Detach a file; one that is not attached is fine."""
    with suppress(duckdb.BinderException):
        connection.execute(query("detach").format(alias=alias(name)))


def attach_draft(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Make a new file to write a segment into, attached as `draft`."""
    connection.execute(query("attach_draft").format(path=_literal(path), version=STORAGE_VERSION))


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
