"""Subject keys on disk while a bulk is prepared: counted and digested before the first of them is sent."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Self
from uuid import UUID

from disclosure_producers.checks import key_bytes
from disclosure_producers.errors import OutboxError
from disclosure_schemas.bulk_ids import KEY_BYTES, ROWS_MAX
from disclosure_schemas.errors import InvalidEventError

_CHUNK_KEYS = 8_192
_SHARE_KEYS = 500_000


class KeySpool:
    """Keys in their order, 16 bytes each, in a file without a name; memory stays the same for any number."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - close() closes it
        self._digest = hashlib.sha256()
        self.rows = 0

    @classmethod
    def of(cls, keys: Iterable[UUID]) -> Self:
        """Spool all keys; raises SubjectKeyError, InvalidEventError for no key, OutboxError."""
        spool = cls()
        try:
            buffer = bytearray()
            for key in keys:
                buffer += key.int.to_bytes(KEY_BYTES) if key.__class__ is UUID else key_bytes(key)
                if len(buffer) >= _CHUNK_KEYS * KEY_BYTES:
                    spool._add(bytes(buffer))
                    buffer.clear()
            spool._add(bytes(buffer))
        except BaseException:
            spool.close()
            raise
        if not 1 <= spool.rows <= ROWS_MAX:
            spool.close()
            raise InvalidEventError(
                f"a bulk has 1 to {ROWS_MAX:,} rows, got {spool.rows}. Pass subject keys."
            )
        return spool

    @property
    def sha256(self) -> bytes:
        """Digest of all keys, one after the other."""
        return self._digest.digest()

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK_KEYS * KEY_BYTES):
            for start in range(0, len(chunk), KEY_BYTES):
                yield chunk[start : start + KEY_BYTES]

    def repeats(self, most: int) -> dict[int, int]:
        """Rows whose key came before, at most so many, and for each the row where it came first.

        Takes a pass over the file for each share of the keys, so that memory stays the same for any number.
        """
        shares = -(-self.rows // _SHARE_KEYS)
        found: dict[int, int] = {}
        for share in range(shares):
            seen: dict[bytes, int] = {}
            for row, key in enumerate(self):
                if (key[0] << 8 | key[1]) * shares >> 16 == share:
                    first = seen.setdefault(key, row)
                    if first != row:
                        found[row] = first
                        if len(found) == most:
                            return found
        return found

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _add(self, keys: bytes) -> None:
        try:
            self._file.write(keys)
        except OSError as error:
            raise OutboxError(
                f"the keys of the bulk do not fit into the folder for temporary files: {error}. They need "
                f"{KEY_BYTES} bytes each; set TMPDIR to a folder with room."
            ) from error
        self._digest.update(keys)
        self.rows += len(keys) // KEY_BYTES
