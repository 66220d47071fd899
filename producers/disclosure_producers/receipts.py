"""Receipts: what became of one accepted event. A caller may wait, await, be called back, or ignore it."""

import asyncio
import logging
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any

from disclosure_producers.errors import NotAcknowledgedError
from disclosure_schemas.errors import DisclosureError

_LOG = logging.getLogger(__name__)
# One lock for the lists of all receipts: only receipts somebody waits for ever take it.
_LISTENERS = threading.Lock()


@dataclass(frozen=True, slots=True)
class Delivered:
    """All in-sync replicas have the event; these are its coordinates in the topic."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Stored:
    """The event is safe in the outbox (synced to disk) and goes to the broker when it is back."""


STORED = Stored()

Outcome = Delivered | Stored
Listener = Callable[["Receipt"], None]


class Receipt:
    """The answer of a producer to one event it accepted.

    It is settled once: delivered, stored, or refused for good.
    """

    __slots__ = ("_id", "_listeners", "_settled")

    # Delivered, Stored, an error, or the broker's own report, from which Delivered is made when asked for.
    _settled: Any
    _listeners: list[Listener] | None

    def __init__(self, event_id: bytes) -> None:
        self._id = event_id
        self._settled = None
        self._listeners = None

    def __repr__(self) -> str:
        state = "waiting" if self._settled is None else type(self._settled).__name__.lower()
        return f"<Receipt {self.event_id} {state}>"

    @property
    def event_id(self) -> uuid.UUID:
        """Identity of the event."""
        return uuid.UUID(bytes=self._id)

    def done(self) -> bool:
        """Whether the event was delivered, stored or refused."""
        return self._settled is not None

    def is_stored(self) -> bool:
        """Whether the event went to the outbox when it was settled."""
        return self._settled is STORED

    def result(self, timeout_s: float | None = None) -> Outcome:
        """Wait until the event is delivered or stored.

        Raises EventRefusedError where the broker refused it for good, NotAcknowledgedError after
        `timeout_s` seconds (None: wait as long as it takes).
        """
        if not self._wait(timeout_s):
            raise NotAcknowledgedError(
                f"event {self.event_id} was neither delivered nor stored within {timeout_s} s. "
                "It is still accepted; wait longer, or look at the producer's backlog()."
            )
        return self._outcome()

    def error(self) -> DisclosureError | None:
        """Why the event was refused for good; None while waiting, and where it was not."""
        return self._settled if isinstance(self._settled, DisclosureError) else None

    def add_done_callback(self, listener: Listener) -> None:
        """Call `listener(receipt)` once settled: from the producer's own thread, or at once if it is already.

        Keep it short; while it runs the producer serves no other event. What it raises is logged.
        """
        with _LISTENERS:
            if self._listeners is None:
                self._listeners = []
            self._listeners.append(listener)
        if self._settled is not None:
            self._tell()

    def __await__(self) -> Generator[Any, None, Outcome]:
        """Await delivery or storage from asyncio."""
        return self.wait().__await__()

    async def wait(self) -> Outcome:
        """Await delivery or storage; raises EventRefusedError. Bound it with asyncio.timeout."""
        loop = asyncio.get_running_loop()
        settled = asyncio.Event()
        self.add_done_callback(lambda _: _wake(loop, settled))
        await settled.wait()
        return self._outcome()

    def _wait(self, timeout_s: float | None) -> bool:
        if self._settled is None:
            settled = threading.Event()
            self.add_done_callback(lambda _: settled.set())
            return settled.wait(timeout_s)
        return True

    def _outcome(self) -> Outcome:
        settled = self._settled
        if isinstance(settled, DisclosureError):
            raise settled
        if isinstance(settled, Delivered | Stored):
            return settled
        delivered = self._settled = Delivered(settled.partition(), settled.offset())
        return delivered

    def _settle(self, settled: Any) -> None:
        """Settle once; what comes later changes nothing."""
        if self._settled is None:
            self._settled = settled
            if self._listeners is not None:
                self._tell()

    def _tell(self) -> None:
        # Settling comes before the list is read, and adding to the list before what is settled is read: one
        # of the two sides always sees the other, and the lock lets only one take the list.
        with _LISTENERS:
            listeners, self._listeners = self._listeners or [], None
        for listener in listeners:
            try:
                listener(self)
            except Exception:  # noqa: BLE001 - a caller's fault must not stop the courier
                _LOG.exception("a callback of the receipt of event %s raised", self.event_id)


def _wake(loop: asyncio.AbstractEventLoop, settled: asyncio.Event) -> None:
    if not loop.is_closed():  # the application may have given up waiting
        loop.call_soon_threadsafe(settled.set)


def wait_for_all(receipts: Iterable[Receipt], timeout_s: float) -> list[Receipt]:
    """Wait until all are settled, `timeout_s` seconds in all; returns those that are not."""
    deadline_s = time.monotonic() + timeout_s
    return [receipt for receipt in receipts if not receipt._wait(max(0.0, deadline_s - time.monotonic()))]  # noqa: SLF001 - same module
