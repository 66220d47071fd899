"""How far the recorder is behind, in seconds: since when has it not reached an end its topics once had."""

import time
from collections.abc import Callable, Mapping

from disclosure_ledger.store.batch import Position

Offsets = Callable[[], Mapping[Position, int]]


class RecorderLag:
    """Compares positions with ends seen earlier; `look` now and then, from one thread.

    `ends`: end offsets of the recorded topics now; `positions`: where the recorder goes on.
    """

    def __init__(
        self, ends: Offsets, positions: Offsets, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._ends = ends
        self._positions = positions
        self._clock_s = clock_s
        self._wanted: tuple[float, Mapping[Position, int]] | None = None
        self._reached_s: float | None = None

    def look(self) -> None:
        """Look where the recorder is; raises what `ends` raises where the broker is away."""
        if self._wanted is None:
            self._wanted = self._clock_s(), self._ends()
        seen_s, wanted = self._wanted
        positions = self._positions()
        if all(positions.get(where, 0) >= end for where, end in wanted.items()):
            self._reached_s, self._wanted = seen_s, None

    def lag_s(self) -> float | None:
        """Seconds since an end was seen that has been reached: at most so far it is behind. None: never."""
        return None if self._reached_s is None else max(0.0, self._clock_s() - self._reached_s)
