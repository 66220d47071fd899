"""What a failed write of the database means: no room, or a database that has to be opened again."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from disclosure_ledger.store.errors import LedgerFullError, LedgerHaltedError

_NO_ROOM = tuple(os.strerror(code) for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


@contextmanager
def named_failures(folder: Path) -> Iterator[None]:
    """Raise LedgerFullError or LedgerHaltedError where DuckDB says that a disk has no room; else as it came.

    DuckDB undoes a transaction whose commit fails. Where the commit is durable and only the checkpoint behind
    it failed, it refuses everything until it is opened again.
    """
    try:
        yield
    except duckdb.Error as error:
        said = "; ".join(_chain(error))
        if isinstance(error, duckdb.FatalException) or "database has been invalidated" in said:
            raise LedgerHaltedError(
                f"the database of the ledger in {folder} stopped after a failed write ({said}). What was "
                "committed is on disk, the rest is taken from Kafka again. See that the disk has room; a "
                "recorder that is started again goes on by itself."
            ) from error
        if any(words in said for words in _NO_ROOM):
            raise LedgerFullError(
                f"there is no room for the ledger in {folder} ({said}). Nothing of this batch was recorded "
                "and nothing is lost: Kafka keeps it. Make room, or raise the limit on the size of files."
            ) from error
        raise


def _chain(error: BaseException | None) -> Iterator[str]:
    """First line of an error and of those it came from: cleaning up may fail too, and hide the cause."""
    while error is not None:
        yield str(error).partition("\n")[0]
        error = error.__cause__ or error.__context__
