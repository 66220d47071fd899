"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from disclosure_ledger.cli.failures import UsageError


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `path` when the block ends well; raises UsageError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}. Nothing was written; name another file."
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def refuse_same(out: Path, read: Path, option: str) -> None:
    """Raise UsageError where a file that is written would take the place of one that is read."""
    if out.resolve() == read.resolve():
        raise UsageError(f"{option} would take the place of {read}, which is read. Name another file.")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; raises UsageError."""
    with whole_file(path) as file:
        file.write(data)
