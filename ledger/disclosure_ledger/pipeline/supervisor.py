"""Starts children in order, restarts those that die with a growing pause, stops them in reverse order."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from disclosure_ledger.pipeline.children import Child
from disclosure_ledger.pipeline.errors import ChildFailedError

POLL_S = 0.2
_DOUBLINGS_MAX = 32


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before a restart: doubling with each failure, forgotten after a good while."""

    first_s: float = 0.5
    longest_s: float = 30.0
    good_after_s: float = 60.0

    def delay_s(self, failures: int) -> float:
        """Pause before the next start after this many failures in a row (1 or more)."""
        doublings = min(failures - 1, _DOUBLINGS_MAX)
        return min(self.first_s * 2.0**doublings, self.longest_s)


@dataclass(slots=True)
class _Watched:
    child: Child
    started_at_s: float = 0.0
    failures: int = 0
    restart_at_s: float | None = None


class Supervisor:
    """Looks after children; every call comes from one thread, the main thread of the process.

    `tell` is given one line for each thing that happens. `falls_with` names the children that must end when
    one has died; they are stopped at once and started again after it.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        tell: Callable[[str], object],
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.monotonic,
        falls_with: Callable[[Child, Sequence[Child]], Sequence[Child]] = lambda _fallen, _others: (),
    ) -> None:
        self._falls_with = falls_with
        self._watched = [_Watched(child) for child in children]
        self._tell = tell
        self._backoff = backoff or Backoff()
        self._clock = clock

    def start(self, ready: Callable[[Child], object] = lambda _child: None) -> None:
        """Start all in order; `ready` is called after each and returns when that child serves."""
        for watched in self._watched:
            watched.started_at_s = self._clock()
            watched.child.start()
            ready(watched.child)

    def run(self, stop: threading.Event) -> None:
        """Watch until `stop` is set."""
        while not stop.wait(POLL_S):
            self.tick(self._clock())

    def tick(self, now_s: float) -> None:
        """See who died, and start again whose pause is over."""
        for watched in self._watched:
            if watched.restart_at_s is not None:
                if now_s >= watched.restart_at_s:
                    self._restart(watched, now_s)
            elif not watched.child.is_running:
                self._died(watched, now_s, "ended by itself")

    def require_all_running(self) -> None:
        """Raise ChildFailedError naming the first child that is not running."""
        for watched in self._watched:
            child = watched.child
            if not child.is_running:
                raise ChildFailedError(child.name, "ended by itself", child.log, child.log_tail())

    def stop(self) -> None:
        """Stop all, the last started first; one that cannot be stopped does not keep the others alive."""
        for watched in reversed(self._watched):
            if watched.child.is_running:
                self._tell(f"stopping the {watched.child.name}")
            watched.child.stop()

    def _restart(self, watched: _Watched, now_s: float) -> None:
        watched.restart_at_s = None
        watched.started_at_s = now_s
        try:
            watched.child.start()
        except Exception as error:  # noqa: BLE001 - whatever kept it from starting, try again later
            self._died(watched, now_s, f"did not start again ({error})")
        else:
            self._tell(f"started the {watched.child.name} again")

    def _died(self, watched: _Watched, now_s: float, happened: str) -> None:
        lived_well = now_s - watched.started_at_s >= self._backoff.good_after_s
        watched.failures = 1 if lived_well else watched.failures + 1
        delay_s = self._backoff.delay_s(watched.failures)
        watched.restart_at_s = now_s + delay_s
        self._tell(
            f"the {watched.child.name} {happened}; starting it again in {delay_s:g} s. "
            f"Its log is {watched.child.log}, and ends:\n{watched.child.log_tail()}"
        )
        for fallen in self._falls_with(watched.child, [other.child for other in self._watched]):
            if fallen.is_running:
                self._tell(f"stopping the {fallen.name}: it cannot go on without the {watched.child.name}")
                fallen.stop()
