"""Which subjects have rows in a small part of the ledger, kept in memory: for others nobody looks there."""

import sys
from bisect import bisect_left

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

_MOST_RUNS = 16


class SubjectKeys:
    """A set of subject keys by their first 8 bytes; 8 bytes of memory each. One thread adds, any may ask.

    It may say yes for a key that was never added (one in 2**64 for each key), never no for one that was.
    """

    def __init__(self) -> None:
        self._runs: tuple[memoryview, ...] = ()

    def add(self, keys: pa.ChunkedArray) -> None:
        """Add a column of UUIDs."""
        if len(keys):
            self._runs = (*self._runs, _sorted(_first_halves(keys)))
        if len(self._runs) > _MOST_RUNS:
            self._runs = (_sorted(pa.concat_arrays([_array(run) for run in self._runs])),)

    def may_hold(self, key: bytes) -> bool:
        """Whether rows of this subject may be there."""
        half = int.from_bytes(key[:8], sys.byteorder)
        for run in self._runs:
            at = bisect_left(run, half)
            if at < len(run) and run[at] == half:
                return True
        return False


def _first_halves(keys: pa.ChunkedArray) -> pa.Array:
    """First 8 bytes of each key, as numbers of this machine."""
    halves = []
    for chunk in keys.chunks:
        storage = chunk.storage
        both = pa.Array.from_buffers(
            pa.uint64(), 2 * len(storage), [None, storage.buffers()[1]], offset=2 * storage.offset
        )
        every_other = pc.multiply(pa.array(range(len(storage)), pa.int64()), 2)
        halves.append(both.take(every_other))
    return pa.concat_arrays(halves)


def _sorted(halves: pa.Array) -> memoryview:
    distinct = pc.unique(halves)
    ordered = distinct.take(pc.sort_indices(distinct))
    return memoryview(ordered.buffers()[1]).cast("Q")[: len(ordered)]


def _array(run: memoryview) -> pa.Array:
    return pa.Array.from_buffers(pa.uint64(), len(run), [None, pa.py_buffer(run)])
