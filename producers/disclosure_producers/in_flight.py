"""Events on their way: handed to the Kafka client and not yet acknowledged by the broker."""

import math
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from disclosure_producers.receipts import STORED, Receipt
from disclosure_producers.trace_context import TraceHeaders

if TYPE_CHECKING:
    from disclosure_producers.outbox import Outbox


class Place(NamedTuple):
    """Where an event is on disk."""

    outbox: "Outbox"
    row: int
    size_bytes: int


class DeliverySink(Protocol):
    """Who decides what becomes of an event after its delivery report."""

    def delivery_failed(self, event: "InFlight", error: Any) -> None:
        """The client gave the event up with this error."""
        ...

    def stored_event_delivered(self, place: Place) -> None:
        """The broker acknowledged an event that is also in an outbox."""
        ...


class InFlight(Receipt):
    """One accepted event, which is its own delivery callback: one object an event keeps the hot path short.

    `value` is None once the client is done with it. `headers`: trace context; an event that comes back
    from disk is sent without.
    """

    __slots__ = ("_sink", "headers", "key", "place", "value")

    def __init__(self, event_id: bytes, key: bytes, value: bytes, sink: DeliverySink) -> None:
        # Receipt's part is written out: a call of super().__init__ costs as much as the rest together.
        self._id = event_id
        self._settled = None
        self._listeners = None
        self.key = key
        self.value: bytes | None = value
        self.place: Place | None = None
        self.headers: TraceHeaders | None = None
        self._sink = sink

    @classmethod
    def from_outbox(cls, place: Place, key: bytes, value: bytes, sink: DeliverySink) -> "InFlight":
        """An event read back from disk; nobody waits for its receipt."""
        event = cls(b"", key, value, sink)
        event.place = place
        event._settled = STORED
        return event

    def __call__(self, error: Any, message: Any) -> None:
        """Take the client's delivery report."""
        if error is not None:
            self._sink.delivery_failed(self, error)
            return
        self.value = None
        if self.place is not None:
            self._sink.stored_event_delivered(self.place)
        if self._settled is None:
            self._settled = message
            if self._listeners is not None:
                self._tell()

    def is_stored_at(self, place: Place) -> None:
        """The event is on disk: the receipt may say so."""
        self.place = place
        self._settle(STORED)

    def is_refused(self, error: Exception) -> None:
        """The client is done with the event, and it is in no topic."""
        self.value = None
        self._settle(error)


class Waiting:
    """The events in flight, oldest first, and whether the broker seems to be away.

    It does when the oldest event stays the oldest for as long as the patience. A long queue to a broker that
    answers is no outage: there the oldest is soon another one.

    Hand-overs append at the right from any thread; all else belongs to one thread. Ages come from marks
    (moment, number of events handed over until then), so that no event needs a clock of its own.
    """

    def __init__(self, patience_s: float, first_patience_s: float = 0.0) -> None:
        self._events: deque[InFlight] = deque()
        self.add: Callable[[InFlight], None] = self._events.append
        self._patience_s = patience_s
        # A new client connects and is given its producer id before anything can be acknowledged.
        self._first_patience_s = max(patience_s, first_patience_s)
        self._gone = 0
        self._marks: deque[tuple[float, int]] = deque()
        self._moved_s = -math.inf

    def __len__(self) -> int:
        return len(self._events)

    def snapshot(self) -> list[InFlight]:
        """The events as of now; may be called from any thread."""
        return list(self._events)

    def drop_finished(self, now_s: float) -> None:
        """Forget the oldest events as far as the client is done with them, and mark the moment."""
        events = self._events
        gone = 0
        while events and events[0].value is None:
            events.popleft()
            gone += 1
        if gone:
            self._gone += gone
            self._moved_s = now_s
        marks = self._marks
        while marks and marks[0][1] <= self._gone:
            marks.popleft()
        if events and (not marks or now_s - marks[-1][0] >= self._patience_s / 8):
            marks.append((now_s, self._gone + len(events)))

    def is_overdue(self, now_s: float) -> bool:
        """Whether the broker seems to be away, as of the last `drop_finished`."""
        patience_s = self._patience_s if self._gone else self._first_patience_s
        return bool(self._marks) and now_s - max(self._marks[0][0], self._moved_s) >= patience_s

    def take_all(self) -> list[InFlight]:
        """Forget and return every event the client is not done with."""
        left = [event for event in self._events if event.value is not None]
        self._gone += len(self._events)
        self._events.clear()
        self._marks.clear()
        return left
