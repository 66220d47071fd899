"""Sessions of people who signed in, kept in memory: they end with the process, by time, or by signing out."""

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Generic, TypeVar

IDLE_MAX = timedelta(minutes=30)
"""A session that nobody uses ends after this."""

AGE_MAX = timedelta(hours=8)
"""Every session ends after this; roles may have changed since."""

T = TypeVar("T")


@dataclass(slots=True)
class _Session(Generic[T]):
    held: T
    begun_at: datetime
    used_at: datetime


class Sessions(Generic[T]):
    """What is held for each session, by a random id that only the browser has; its digest is kept here."""

    def __init__(
        self, *, idle_max: timedelta = IDLE_MAX, age_max: timedelta = AGE_MAX, most: int = 10_000
    ) -> None:
        self._idle_max = idle_max
        self._age_max = age_max
        self._most = most
        self._lock = threading.Lock()
        self._sessions: dict[bytes, _Session[T]] = {}

    def begin(self, held: T, now: datetime) -> str:
        """Begin a session under a new id, so that no id from before can be that of somebody signed in."""
        text = secrets.token_urlsafe(32)
        with self._lock:
            for digest in [
                digest for digest, session in self._sessions.items() if self._is_over(session, now)
            ]:
                del self._sessions[digest]
            while len(self._sessions) >= self._most:
                del self._sessions[next(iter(self._sessions))]
            self._sessions[_digest(text)] = _Session(held, now, now)
        return text

    def get(self, text: str, now: datetime) -> T | None:
        """What a session holds; None where it is over or never was."""
        with self._lock:
            session = self._sessions.get(_digest(text))
            if session is None or self._is_over(session, now):
                return None
            session.used_at = now
            return session.held

    def end(self, text: str) -> T | None:
        """End a session and return what it held; one that is over already is fine."""
        with self._lock:
            session = self._sessions.pop(_digest(text), None)
            return None if session is None else session.held

    def _is_over(self, session: _Session[T], now: datetime) -> bool:
        return now - session.used_at >= self._idle_max or now - session.begun_at >= self._age_max


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()
