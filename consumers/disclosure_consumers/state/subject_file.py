"""States of subjects in one file, by key: the only module that imports lmdb.

A file is written once, in the order of keys, so that its pages are full, and then only read, over a memory
map. Entries inserted in place would leave the pages two thirds full (measured: 366 MB instead of 233 MB for
five million subjects) and copy a page for each.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import lmdb

from disclosure_consumers.state.errors import SnapshotError

_MAP_BYTES = 64 << 30  # address space only: a file takes what its entries need
_STATES, _CONTENTS = b"states", b"contents"
_SYNC_EVERY = 16

Entries = Iterator[tuple[bytes, bytes]]
"""Keys and encoded states, in the order of keys."""


@contextmanager
def _lmdb_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except lmdb.Error as error:
        raise SnapshotError(f"{path.name}: {type(error).__name__}: {error}") from error


class SubjectFile:
    """A written file, open for reading; for one thread.

    `get`: encoded state of a subject, None without one. `entries`: number of subjects. `contents`: encoded
    contents, in the order of their numbers.
    """

    get: Callable[[bytes], bytes | None]

    def __init__(self, path: Path) -> None:
        with _lmdb_errors(path):
            # The folder's lock is enough: nobody writes to a finished file.
            self._environment = lmdb.Environment(
                str(path), max_dbs=2, subdir=False, readonly=True, lock=False, create=False
            )
            contents = self._environment.open_db(_CONTENTS, create=False)
            states = self._environment.open_db(_STATES, create=False)
            with self._environment.begin(contents) as transaction:
                self.contents = list(transaction.cursor().iternext(keys=False))
            self._transaction = self._environment.begin(states)
            self.entries = self._transaction.stat(states)["entries"]
            self.get = self._transaction.get

    def items(self) -> Entries:
        """All subjects, in the order of keys."""
        return self._transaction.cursor().iternext()

    def keys(self) -> Iterator[bytes]:
        """Keys of all subjects, in order."""
        return self._transaction.cursor().iternext(values=False)

    def close(self) -> None:
        """Give the file back; nothing of it may be asked for afterwards."""
        self._transaction.abort()
        self._environment.close()


class SubjectFileWriter:
    """Writes a new file, piece by piece."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pieces = 0
        with _lmdb_errors(path):
            # A file counts only when a manifest names it: until then nothing has to survive a crash.
            self._environment = lmdb.Environment(
                str(path), map_size=_MAP_BYTES, max_dbs=2, subdir=False, lock=False, sync=False, mode=0o600
            )
            self._states = self._environment.open_db(_STATES)

    def append(self, entries: Entries, most: int) -> bool:
        """Write at most that many entries; False when there are no more."""
        with _lmdb_errors(self._path):
            with self._environment.begin(self._states, write=True) as transaction:
                taken, added = transaction.cursor().putmulti(islice(entries, most), append=True)
            if added != taken:
                raise SnapshotError(
                    f"{self._path.name}: {taken - added} entries are not in the order of keys"
                )
            self._pieces += 1
            if self._pieces % _SYNC_EVERY == 0:  # a little at a time, so that the last sync is short
                self._environment.sync(True)
        return taken == most

    def finish(self, contents: Sequence[bytes]) -> None:
        """Write the contents, and wait until the disk has everything."""
        with _lmdb_errors(self._path):
            database = self._environment.open_db(_CONTENTS)
            with self._environment.begin(database, write=True) as transaction:
                for number, content in enumerate(contents):
                    transaction.put(number.to_bytes(4), content, append=True)
            self._environment.sync(True)

    def close(self) -> None:
        """Give the file back, finished or not."""
        self._environment.close()
