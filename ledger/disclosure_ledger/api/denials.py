"""How often somebody was refused, by route and cause; for operators and their alarms."""

import threading
from collections import Counter


class Denials:
    """Counts refusals of this process; safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, route: str, cause: str) -> None:
        """Count one refusal; `cause`: unauthenticated, forbidden, rate_limited or csrf."""
        with self._lock:
            self._counts[route, cause] += 1

    def counts(self) -> dict[tuple[str, str], int]:
        """Refusals by (route, cause)."""
        with self._lock:
            return dict(self._counts)
