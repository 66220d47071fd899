"""Takes events from any thread: numbers them, and hands them to the Kafka client or to the outbox's queue."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.errors import (
    BackpressureError,
    ClosedProducerError,
    EventRefusedError,
    OutboxFullError,
)
from disclosure_producers.event_head import EventHead
from disclosure_producers.in_flight import DeliverySink, InFlight, Waiting
from disclosure_producers.kafka import ClientError, refusal
from disclosure_producers.producer_run import ProducerRun
from disclosure_producers.trace_context import current_trace_headers


class Transport(Protocol):
    """What is needed of a Kafka client."""

    topic: str
    is_fatal: bool
    produce: Callable[..., None]

    def poll(self, timeout_s: float) -> int:
        """Serve delivery reports; returns how many there were."""
        ...

    def discard(self) -> None:
        """Forget all events that are not delivered."""
        ...


class Intake:
    """The accepting side of a courier.

    *Direct*: an event goes straight to the Kafka client. Otherwise it is queued for the outbox. Sequence
    numbers, queue and client are in one order because all three happen under one lock.
    """

    def __init__(
        self,
        run: ProducerRun,
        transport: Transport,
        waiting: Waiting,
        delivery: DeliverySettings,
        *,
        sink: DeliverySink,
        outbox_has_room: Callable[[int], bool],
    ) -> None:
        self._head = EventHead(run.header, run.producer_id.bytes)
        self._emitted_us = run.emitted_us
        self._waiting = waiting
        self._max_block_s = delivery.max_block_ms / 1000
        self._sink = sink
        self._outbox_has_room = outbox_has_room
        # The lock itself, for entering it through the condition costs a call.
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._blocked_callers = 0
        self._queued: deque[InFlight] = deque()
        self._queued_bytes = 0
        self._queued_max = delivery.queue_max_events
        self._sequence = 0
        self._closed = False
        self.is_direct = False
        self.rejected = 0
        self.use(transport)

    def use(self, transport: Transport) -> None:
        """Hand events to this client from now on."""
        self._produce = transport.produce
        self._topic = transport.topic

    def accept(
        self, subject_key: bytes, rest: bytes, event_id: bytes | None = None, occurred_us: int | None = None
    ) -> InFlight:
        """Take one event, as the bytes that follow the common fields; returns within `max_block_ms`.

        Raises BackpressureError, ClosedProducerError or EventRefusedError; then nothing was accepted and no
        sequence number was used.
        """
        headers = current_trace_headers()
        with self._lock:
            event = self._event(subject_key, rest, event_id, occurred_us)
            if self.is_direct:
                try:
                    if headers is None:
                        self._produce(self._topic, event.value, key=subject_key, on_delivery=event)
                    else:
                        self._produce(
                            self._topic, event.value, key=subject_key, on_delivery=event, headers=headers
                        )
                except BufferError:
                    pass
                except ClientError as error:
                    raise self._explained(error) from error
                else:
                    self._sequence += 1
                    self._waiting.add(event)
                    return event
            give_up_s = time.monotonic() + self._max_block_s
            event.headers = headers
            while not self._take(event):
                self._wait_for_room(event, give_up_s)
                # Others may have been numbered meanwhile.
                event = self._event(subject_key, rest, event_id, occurred_us)
                event.headers = headers
            self._sequence += 1
            return event

    @property
    def accepted(self) -> int:
        """Events taken so far."""
        return self._sequence

    def stop_direct(self) -> None:
        """Queue events for the outbox from now on."""
        with self._room:
            self.is_direct = False

    def resume_direct(self, limit: int) -> None:
        """Hand queued events to the client as they are, at most `limit`, and go direct once none is left."""
        with self._room:
            while self._queued and limit > 0:
                event = self._queued[0]
                try:
                    if not self._hand_over(event):
                        return
                    self._forget_first()
                except EventRefusedError as error:
                    self._forget_first()
                    event.is_refused(error)
                limit -= 1
            self.is_direct = not self._queued and not self._closed
            self._room.notify_all()

    def queued(self) -> list[InFlight]:
        """The events that wait for the outbox."""
        with self._room:
            return list(self._queued)

    def first_queued(self, limit: int) -> list[InFlight]:
        """The oldest of the queued events that fit into the outbox; they stay queued."""
        chosen: list[InFlight] = []
        size = 0
        with self._room:
            for event in self._queued:
                size += len(event.value or b"")
                if len(chosen) == limit or not self._outbox_has_room(size):
                    break
                chosen.append(event)
        return chosen

    def drop_queued(self, count: int) -> None:
        """The oldest queued events are in the outbox now."""
        with self._room:
            for _ in range(count):
                self._forget_first()

    def requeue(self, events: Iterable[InFlight]) -> None:
        """Put events that the client gave back before all queued ones."""
        with self._room:
            back = list(events)
            self._queued.extendleft(reversed(back))
            self._queued_bytes += sum(len(event.value or b"") for event in back)

    def tell_blocked_callers(self) -> None:
        """There may be room now."""
        if self._blocked_callers:
            with self._room:
                self._room.notify_all()

    def close(self) -> None:
        """Take nothing from now on."""
        with self._room:
            self._closed = True
            self.is_direct = False
            self._room.notify_all()

    def _event(
        self, subject_key: bytes, rest: bytes, event_id: bytes | None, occurred_us: int | None
    ) -> InFlight:
        emitted_us = time.time_ns() // 1000 if self._emitted_us is None else self._emitted_us
        if event_id is None:
            event_id = self._head.new_event_id(emitted_us)
        value = self._head.event(event_id, subject_key, occurred_us, emitted_us, self._sequence, rest)
        return InFlight(event_id, subject_key, value, self._sink)

    def _take(self, event: InFlight) -> bool:
        if self._closed:
            raise ClosedProducerError("this producer is closed and takes no more events. Open a new one.")
        if self.is_direct:
            return self._hand_over(event)
        size = len(event.value or b"")
        if len(self._queued) >= self._queued_max or not self._outbox_has_room(self._queued_bytes + size):
            return False
        self._queued.append(event)
        self._queued_bytes += size
        return True

    def _hand_over(self, event: InFlight) -> bool:
        more = {} if event.headers is None else {"headers": event.headers}
        try:
            self._produce(self._topic, event.value, key=event.key, on_delivery=event, **more)
        except BufferError:
            return False
        except ClientError as error:
            raise self._explained(error) from error
        self._waiting.add(event)
        return True

    def _forget_first(self) -> None:
        self._queued_bytes -= len(self._queued.popleft().value or b"")

    def _wait_for_room(self, event: InFlight, give_up_s: float) -> None:
        remaining_s = give_up_s - time.monotonic()
        if remaining_s > 0:
            self._blocked_callers += 1
            self._room.wait(remaining_s)
            self._blocked_callers -= 1
        elif self.is_direct:
            # The broker answers, but not fast enough: from here on the rest of the queue is on disk.
            self.is_direct = False
        else:
            raise self._no_room(len(event.value or b""))

    def _no_room(self, size: int) -> BackpressureError:
        self.rejected += 1
        if not self._outbox_has_room(self._queued_bytes + size):
            return OutboxFullError(
                "the broker does not answer and the outbox is full; the event was not accepted. "
                "Bring the broker back, or raise DISCLOSURE_PRODUCER_OUTBOX_MAX_BYTES."
            )
        return BackpressureError(
            f"no room for the event within {self._max_block_s * 1000:.0f} ms: {len(self._queued)} events "
            "wait for the outbox; the event was not accepted. Send more slowly, or use a faster disk."
        )

    def _explained(self, error: Exception) -> EventRefusedError:
        self.rejected += 1
        verdict = refusal(error, self._topic)
        return verdict[0] if verdict else EventRefusedError(f"the Kafka client refused the event: {error}")
