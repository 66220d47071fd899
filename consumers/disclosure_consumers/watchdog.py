"""Ends a process whose loop stands still, so that whoever supervises it starts it anew.

A call into a client library may never return, past any timeout given to it. Nothing then decides, and nobody
else takes over: the library's own threads keep the membership of the group alive.
"""

import os
import threading
import time
from collections.abc import Callable
from typing import Self

import structlog

_log = structlog.get_logger(__name__)

EXIT_CODE = 3
"""As of a broker that cannot be reached."""


def _end() -> None:
    os._exit(EXIT_CODE)


class Watchdog:
    """Watches one loop from entering to leaving the `with` block; the loop is seen when it asks to go on.

    `stuck_after_s`: longest time between two such questions. `end`: what is done then; it ends the process as
    `kill -9` would, which the loop must stand: nothing else stops a call that does not return.
    """

    def __init__(
        self,
        stuck_after_s: float,
        *,
        end: Callable[[], None] = _end,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stuck_after_s = stuck_after_s
        self._end = end
        self._clock_s = clock_s
        self._seen_s = clock_s()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def seen_by(self, should_stop: Callable[[], bool]) -> Callable[[], bool]:
        """Return the same question, each asking of which shows that the loop is alive."""

        def asked() -> bool:
            self._seen_s = self._clock_s()
            return should_stop()

        return asked

    def __enter__(self) -> Self:
        self._seen_s = self._clock_s()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._left.wait(self._stuck_after_s / 10):
            silent_s = self._clock_s() - self._seen_s
            if silent_s > self._stuck_after_s:
                _log.critical(
                    "the loop stands still; ending, so that this process is started anew. Nothing is lost or "
                    "doubled: what was not committed is taken again",
                    silent_s=round(silent_s, 1),
                )
                self._end()
                return
