"""Whether the API can be relied on: reasons against it, in words."""

from collections.abc import Callable
from dataclasses import dataclass

from disclosure_schemas.events.base import Value


class Ready(Value):
    """Whether the process can be relied on, and why not. Times in seconds; None: not known yet."""

    ready: bool
    reasons: tuple[str, ...]
    preference_state_age_s: float | None
    recorder_lag_s: float | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the recorder is behind. `at_s`: monotonic time at which it was last known to be at the end."""

    at_s: float | None


class Readiness:
    """Judges the ages of the preference state and of the recorder against their bounds, in seconds."""

    def __init__(
        self,
        *,
        state_age_s: Callable[[], float | None],
        recorder_lag_s: Callable[[], float | None],
        state_age_max_s: float,
        lag_max_s: float,
    ) -> None:
        self._state_age_s = state_age_s
        self._recorder_lag_s = recorder_lag_s
        self._state_age_max_s = state_age_max_s
        self._lag_max_s = lag_max_s

    def ready(self) -> Ready:
        """Look now."""
        age_s, lag_s = self._state_age_s(), self._recorder_lag_s()
        reasons = []
        if age_s is None:
            reasons.append(
                "the preference state was never read to its end; /v1/check fails closed meanwhile."
            )
        elif age_s > self._state_age_max_s:
            reasons.append(
                f"the preference state was last confirmed {age_s:.1f} s ago, at most "
                f"{self._state_age_max_s:g} s are allowed; /v1/check fails closed meanwhile."
            )
        if lag_s is None:
            reasons.append("the recorder has not reached the end of its topics yet.")
        elif lag_s > self._lag_max_s:
            reasons.append(
                f"the recorder is {lag_s:.1f} s behind, at most {self._lag_max_s:g} s are allowed; "
                "answers may miss what came since."
            )
        return Ready(
            ready=not reasons,
            reasons=tuple(reasons),
            preference_state_age_s=age_s,
            recorder_lag_s=lag_s,
        )
