"""SIGINT and SIGTERM as an event that a loop can wait for, or as KeyboardInterrupt."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


DRAIN_WAIT_S = 20.0
"""Longest time a gate or recorder takes to finish what it has in hand."""

_GAVE_UP = 1


@contextmanager
def stop_on_signal(*, give_up_after_s: float | None = None) -> Iterator[threading.Event]:
    """Yield an event that SIGINT and SIGTERM set; the former handlers come back afterwards.

    With `give_up_after_s` the process ends by force when the block has not ended so long after the signal,
    for instance because it waits for a broker that is gone too. Only for work that stands kill -9.
    """
    stop = threading.Event()
    last_resort = threading.Timer(give_up_after_s or 0, _end_by_force, [give_up_after_s])
    last_resort.daemon = True

    def handle(_number: int, _frame: FrameType | None) -> None:
        if give_up_after_s is not None and not stop.is_set():
            last_resort.start()
        stop.set()

    try:
        with _handled_by(handle):
            yield stop
    finally:
        last_resort.cancel()


def _end_by_force(after_s: float) -> None:
    sys.stderr.write(
        f"not finished {after_s:g} s after the signal: ending at once. Nothing is lost or doubled: "
        "what was not committed is taken again.\n"
    )
    sys.stderr.flush()
    os._exit(_GAVE_UP)


@contextmanager
def interrupted_by_signal() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does, so that `finally` blocks run: at the end, if not before.

    An exception out of nowhere is lost where it meets a callback or the end of an object of a C library.
    """
    has_come = False

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal has_come
        has_come = True
        raise KeyboardInterrupt

    with _handled_by(handle):
        yield
        if has_come:
            raise KeyboardInterrupt


@contextmanager
def signals_held_back() -> Iterator[None]:
    """Let a second Ctrl-C not disturb the cleaning up after the first."""
    with _handled_by(signal.SIG_IGN):
        yield


@contextmanager
def _handled_by(handler: "signal._HANDLER") -> Iterator[None]:
    former = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, before in former.items():
            signal.signal(number, before)
