"""A local replica of the preference state, kept current by a thread, that knows how old it is.

The thread does what a gate does before each batch: it asks the broker for the ends of the control topics and
reads up to them. Everything acknowledged before such a turn began is then in the replica, so its age is the
time since the last turn that succeeded began: a bound, not an estimate.
"""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Self

import structlog

from disclosure_consumers.control_tables import ControlTables, StateSeen
from disclosure_consumers.core.registry import Policy
from disclosure_consumers.core.subject.standing import Standing
from disclosure_consumers.ports import StateUnreadableError
from disclosure_schemas.events.vocabulary import PreferenceState

_log = structlog.get_logger(__name__)

REFRESH_S = 0.1
"""Seconds from one turn to the next; an age of so much is usual."""

_PAUSE_S = 1.0

OpenControl = Callable[[AbstractContextManager[Any]], ControlTables]
"""Opens the control topics, their changes guarded by the given lock; raises StateUnreadableError."""


@dataclass(frozen=True, slots=True)
class Seen:
    """With which state a question is answered. `age_s`: since it was known to be complete; None: never."""

    state: StateSeen
    age_s: float | None


_NEVER = StateSeen(PreferenceState.UNAVAILABLE, (), ())


class PreferenceReplica:
    """Keeps one replica; start it, ask it from any thread, stop it."""

    def __init__(
        self,
        open_control: OpenControl,
        *,
        barrier_timeout_s: float = 5.0,
        refresh_s: float = REFRESH_S,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_control = open_control
        self._barrier_timeout_s = barrier_timeout_s
        self._refresh_s = refresh_s
        self._clock_s = clock_s
        self._lock = threading.RLock()
        self._turned = threading.Condition()
        self._wanted = threading.Event()
        self._is_stopping = False
        self._control: ControlTables | None = None
        self._policy: Policy | None = None
        self._seen = _NEVER
        self._confirmed_s: float | None = None
        self._thread = threading.Thread(target=self._run, name="preference-replica", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the thread and give back connections."""
        self._is_stopping = True
        self._wanted.set()
        self._thread.join()

    def age_s(self) -> float | None:
        """Seconds since the replica was known to be complete; None before the first time."""
        confirmed_s = self._confirmed_s
        return None if confirmed_s is None else max(0.0, self._clock_s() - confirmed_s)

    def seen(self, staleness_max_s: float) -> Seen:
        """The state as it is; stale if it was not confirmed for so many seconds (G4)."""
        age_s = self.age_s()
        state = self._seen
        if age_s is not None and age_s > staleness_max_s:
            state = replace(state, freshness=PreferenceState.STALE)
        return Seen(state, age_s)

    def seen_fresh(self, timeout_s: float) -> Seen:
        """The state with all that was acknowledged before this call (G1); stale after the timeout. Waits."""
        asked_s = self._clock_s()
        with self._turned:
            self._wanted.set()
            if self._turned.wait_for(lambda: self._is_confirmed_since(asked_s), timeout_s):
                return Seen(self._seen, self.age_s())
        return Seen(replace(self._seen, freshness=PreferenceState.STALE), self.age_s())

    def standing(self, subject_key: bytes) -> Standing:
        """Everything that decides about a subject; nothing before the topics are open."""
        with self._lock:
            return Standing() if self._control is None else self._control.subjects.standing(subject_key)

    def obey(self, policy: Policy) -> None:
        """Work with other settings of the registry from now on."""
        with self._lock:
            self._policy = policy
            if self._control is not None:
                self._control.subjects.obey(policy)

    def _is_confirmed_since(self, moment_s: float) -> bool:
        # A turn that began at the very same tick may have asked for the ends just before.
        return self._confirmed_s is not None and self._confirmed_s > moment_s

    def _run(self) -> None:
        while not self._is_stopping:
            try:
                control = self._open_control(self._lock)
            except StateUnreadableError as error:
                _log.warning("the preference state cannot be read yet", cause=str(error))
                self._rest(_PAUSE_S)
                continue
            try:
                self._keep_current(control)
            except Exception:  # noqa: BLE001 - checks fail closed meanwhile; the next turn begins anew
                _log.exception("the preference replica failed and starts over")
                self._rest(_PAUSE_S)
            finally:
                control.close()

    def _keep_current(self, control: ControlTables) -> None:
        control.restore(lambda: self._is_stopping)
        with self._lock:
            self._control = control
            if self._policy is not None:
                control.subjects.obey(self._policy)
        while not self._is_stopping:
            self._wanted.clear()
            begun_s = self._clock_s()
            seen = control.barrier(self._barrier_timeout_s)
            if seen.is_current:
                with self._turned:
                    self._seen, self._confirmed_s = seen, begun_s
                    self._turned.notify_all()
            self._rest(self._refresh_s if seen.is_current else _PAUSE_S)

    def _rest(self, seconds: float) -> None:
        """Wait for the next turn, or until somebody wants a fresh state."""
        self._wanted.wait(seconds)
