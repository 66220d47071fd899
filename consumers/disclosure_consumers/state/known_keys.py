"""Which subjects may have said something: most requests are about others, and need not be looked up."""

from collections.abc import Iterable
from zlib import crc32

_BITS = 27
SHIFT = 32 - _BITS


class KnownKeys:
    """A bit for each hash of a key, 16 MB in all; of five million keys 1 of 27 others is taken for known.

    `bits`: that of a key is number `crc32(key) >> SHIFT`, for the look-up of the hot path.
    """

    def __init__(self) -> None:
        self.bits = bytearray(1 << _BITS - 3)  # the system gives memory only where a bit is set

    def add_all(self, keys: Iterable[bytes]) -> None:
        """Take in keys."""
        bits = self.bits
        for key in keys:
            at = crc32(key) >> SHIFT
            bits[at >> 3] |= 1 << (at & 7)
