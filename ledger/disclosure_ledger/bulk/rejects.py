"""The file of records that name nobody: lines and problems, never what they hold."""

import csv
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from disclosure_ledger.bulk.errors import BulkFileError
from disclosure_ledger.bulk.people import Reject


class RejectsFile:
    """Lists rejects as they are found; the file takes its place at the end, and only if there are any."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, reject: Reject) -> None:
        """List one; raises BulkFileError where the file cannot be written."""
        try:
            if self._file is None:
                self._file = self._draft.open("w", encoding="utf-8", newline="")
                self._writer = csv.writer(self._file, lineterminator="\n")
                self._writer.writerow(Reject._fields)
            self._writer.writerow(reject)
        except OSError as error:
            raise self._explained(error) from error
        self.rows += 1

    def close(self) -> None:
        """Put the file in its place; raises BulkFileError."""
        file, self._file = self._file, None
        if file is None:
            return
        try:
            file.close()
            self._draft.replace(self.path)
        except OSError as error:
            raise self._explained(error) from error

    def _explained(self, error: OSError) -> BulkFileError:
        return BulkFileError(
            f"the rejects cannot be written to {self.path}: {error.strerror or error}. Name another file "
            "with --rejects."
        )
