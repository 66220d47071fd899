"""How often somebody was refused, by route and cause; for operators and their alarms."""

import threading
from collections import Counter
from collections.abc import Callable
from enum import StrEnum


class DenialCause(StrEnum):
    """Why a call was refused."""

    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    CSRF = "csrf"


class Denials:
    """Counts refusals of this process; safe from several threads.

    `also`: is told each cause, one call at a time.
    """

    def __init__(self, also: Callable[[DenialCause], None] = lambda _: None) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, DenialCause]] = Counter()
        self._also = also

    def count(self, route: str, cause: DenialCause) -> None:
        """Count one refusal."""
        with self._lock:
            self._counts[route, cause] += 1
            self._also(cause)

    def counts(self) -> dict[tuple[str, DenialCause], int]:
        """Refusals by (route, cause)."""
        with self._lock:
            return dict(self._counts)
