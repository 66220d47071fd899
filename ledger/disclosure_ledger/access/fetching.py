"""Something fetched from elsewhere and kept: one fetch at a time, and no more than one in so long."""

import math
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from disclosure_ledger.access.errors import ProviderError

T = TypeVar("T")

PAUSE_S = 10.0
"""Least time between the end of one fetch, failed or not, and the next."""

_WAIT_S = 2.0
"""Longest wait for a fetch that another thread has begun."""


class Kept(Generic[T]):
    """A value that `fetch` brings; safe from several threads.

    It is fetched anew once it is older than `refresh_s`, and serves until it is older than `valid_s`, so a
    short outage is not noticed. `fetch` raises ProviderError. Times in seconds of `clock_s`.
    """

    def __init__(
        self,
        fetch: Callable[[], T],
        *,
        refresh_s: float,
        clock_s: Callable[[], float],
        valid_s: float = math.inf,
    ) -> None:
        self._fetch = fetch
        self._refresh_s = refresh_s
        self._valid_s = valid_s
        self._clock_s = clock_s
        self._changed = threading.Condition()
        self._is_fetching = False
        self._value: T | None = None
        self._fetched_s = self._tried_s = -math.inf
        self._failure = "the OpenID provider is being asked for the first time; try again."

    def at_hand(self) -> T | None:
        """The value where no fetch is due; never waits."""
        with self._changed:
            return self._value if self._is_valid() and not self._is_due(lambda _: True) else None

    def get(self, does: Callable[[T], bool] = lambda _: True) -> T:
        """The value, fetched if it is due or does not do; that of before where a fetch was just made.

        Waits for the network. Raises ProviderError where there is no valid value.
        """
        with self._changed:
            if not self._is_due(does):
                return self._usable()
            if self._is_fetching:
                if self._value is None or not does(self._value):
                    self._changed.wait_for(lambda: not self._is_fetching, _WAIT_S)
                return self._usable()
            self._is_fetching = True
        fetched: T | None = None
        try:
            fetched = self._fetch()
        except ProviderError as error:
            self._failure = str(error)
        finally:
            with self._changed:
                self._is_fetching = False
                self._tried_s = self._clock_s()
                if fetched is not None:
                    self._value, self._fetched_s = fetched, self._tried_s
                self._changed.notify_all()
        with self._changed:
            return self._usable()

    def _is_due(self, does: Callable[[T], bool]) -> bool:
        now_s = self._clock_s()
        if now_s - self._tried_s <= PAUSE_S:
            return False
        return self._value is None or now_s - self._fetched_s > self._refresh_s or not does(self._value)

    def _is_valid(self) -> bool:
        return self._clock_s() - self._fetched_s <= self._valid_s

    def _usable(self) -> T:
        if self._value is None or not self._is_valid():
            raise ProviderError(self._failure)
        return self._value
