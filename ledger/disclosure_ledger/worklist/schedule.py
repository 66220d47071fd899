"""When a message is tried again: exponential back-off with jitter, until it is given up."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tenacity import RetryCallState, Retrying
from tenacity.wait import wait_base, wait_exponential_jitter

from disclosure_consumers.core.days.deadlines import california_day
from disclosure_schemas.moments import microseconds

ATTEMPTS_MIN = 5
"""So often a message is tried even where its last day is over: what came to light late is told late."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How patient a sender is. `wait`: seconds after so many attempts, drawn anew each time."""

    wait: wait_base
    attempts_max: int = 30

    def next_attempt_at(
        self, now: datetime, attempts: int, due_on: date, asked_wait_s: float | None = None
    ) -> datetime | None:
        """When to try again after so many failed attempts; None: it is given up.

        `asked_wait_s`: the least that the recipient asked for, of which up to a day is granted. Given up
        after `attempts_max`, or once the last day is over and it was tried often enough.
        """
        if attempts >= self.attempts_max:
            return None
        state = RetryCallState(Retrying(), None, (), {})
        state.attempt_number = attempts
        wait_s = max(self.wait(state), min(asked_wait_s or 0.0, 86_400.0))
        at = now + timedelta(seconds=wait_s)
        is_late = california_day(microseconds(at)) > due_on
        return None if is_late and attempts >= ATTEMPTS_MIN else at


def patient(initial_s: float, max_s: float, attempts_max: int) -> Schedule:
    """Waits that double from `initial_s` up to `max_s`, with up to `initial_s` of jitter."""
    return Schedule(wait_exponential_jitter(multiplier=initial_s, max=max_s, jitter=initial_s), attempts_max)
