"""Carries accepted events to the broker, over the disk while the broker is away.

An event goes straight to the Kafka client. When one has waited too long for its acknowledgement, all that
the client holds is copied to the outbox, and later events go there first; stored events are handed to the
client in order. The client sends what it is handed in order for each partition, so one rule keeps a
subject's events in order: nothing goes straight to the client while an older event is only on disk.

One thread does everything but accepting; a receipt's callbacks run there.
"""

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from disclosure_producers.backlog import Backlog, Statistics
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.errors import OutboxError, UndeliveredError
from disclosure_producers.in_flight import InFlight, Place, Waiting
from disclosure_producers.intake import Intake, Transport
from disclosure_producers.kafka import ClientError, refusal
from disclosure_producers.producer_run import ProducerRun
from disclosure_producers.receipts import wait_for_all
from disclosure_producers.stored_queue import StoredQueue

_LOG = logging.getLogger(__name__)

_DIRECT_POLL_S = 0.05
_STORING_POLL_S = 0.005  # also the time in which events gather for one commit
_CHUNK = 2_000
_HANDED_OUT_MAX = 20_000
_ADOPT_EVERY_S = 15.0
_PAUSE_S = 1.0
_JOIN_GRACE_S = 60.0


class Courier:
    """One producer run: accepts events, numbers them, delivers or stores them.

    `connect` makes a Kafka client; it is called again where a client failed for good.
    """

    def __init__(
        self,
        connect: Callable[[], Transport],
        run: ProducerRun,
        delivery: DeliverySettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.producer_id = run.producer_id
        self._connect = connect
        self._clock = clock
        self._close_timeout_s = delivery.close_timeout_s
        self._transport = connect()
        self._waiting = Waiting(delivery.outbox_after_ms / 1000, delivery.first_ack_ms / 1000)
        self._stored = StoredQueue(
            delivery.outbox_dir, self._transport.topic, run.outbox, delivery.outbox_max_bytes, self
        )
        self._intake = Intake(
            run, self._transport, self._waiting, delivery, sink=self, outbox_has_room=self._stored.has_room
        )
        self.accept = self._intake.accept
        self._uncopied: deque[InFlight] = deque()
        self._failed: list[tuple[InFlight, Any]] = []
        self._is_discarding = False
        self._start_over_at_s: float | None = None
        self._adopt_at_s = clock() + _ADOPT_EVERY_S
        self._store_at_s = 0.0
        self._is_storing = False
        self._has_copied = False
        self._close_by_s: float | None = None
        self._is_ended = False
        self._lost: tuple[str, ...] = ()
        self._thread: threading.Thread | None = None
        self._stored.adopt()
        # What a dead run left is older than anything this run emits, and goes first.
        self._intake.is_direct = self._stored.events == 0
        self._at_exit = self.close

    def start(self) -> None:
        """Start the thread that does the work. The interpreter closes the courier if nobody else does."""
        self._thread = threading.Thread(target=self._run, name="disclosure-courier", daemon=True)
        self._thread.start()
        atexit.register(self._at_exit)

    def backlog(self) -> Backlog:
        """What is not known to be in the topic now."""
        now = self.statistics()
        return Backlog(now.waiting, now.stored, now.refused, tuple(self._stored.damaged))

    def statistics(self) -> Statistics:
        """What was done and what is held; from any thread."""
        stored = self._stored.events
        return Statistics(
            accepted=self._intake.accepted,
            rejected=self._intake.rejected,
            waiting=sum(not event.done() for event in self._unfinished()),
            stored=stored,
            refused=self._stored.refused,
            oldest_stored_ms=self._stored.oldest_ms if stored else None,
            damaged_outboxes=len(self._stored.damaged),
        )

    def flush(self, timeout_s: float) -> Backlog:
        """Wait until every event accepted before this call is delivered or stored."""
        wait_for_all(self._unfinished(), timeout_s)
        return self.backlog()

    def close(self, timeout_s: float | None = None) -> None:
        """Take no more events, deliver what can be delivered, store the rest; raises UndeliveredError."""
        atexit.unregister(self._at_exit)
        self._intake.close()
        if self._close_by_s is None:
            self._close_by_s = self._clock() + (self._close_timeout_s if timeout_s is None else timeout_s)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(max(0.0, self._close_by_s - self._clock()) + _JOIN_GRACE_S)
        lost, self._lost = self._lost, ()
        if lost:
            raise UndeliveredError(
                f"{len(lost)} accepted events are neither in the topic nor in the outbox, which could not "
                "take them. Send those in event_ids again; with the same event ids that is safe.",
                event_ids=lost,
            )

    # What follows runs in the courier's thread.

    def delivery_failed(self, event: InFlight, error: Any) -> None:
        """See DeliverySink."""
        if not self._is_discarding:
            self._failed.append((event, error))

    def stored_event_delivered(self, place: Place) -> None:
        """See DeliverySink."""
        self._stored.delivered(place)

    def step(self) -> None:
        """Do what there is to do now; waits for delivery reports for some milliseconds at most."""
        served = self._transport.poll(_STORING_POLL_S if self._is_storing else _DIRECT_POLL_S)
        now_s = self._clock()
        self._waiting.drop_finished(now_s)
        self._look_into_failures(now_s)
        if self._start_over_at_s is not None and now_s >= self._start_over_at_s:
            self._start_over()
        self._store_and_resume(now_s)
        if now_s >= self._adopt_at_s and self._close_by_s is None:
            self._adopt_at_s = now_s + _ADOPT_EVERY_S
            self._stored.adopt()
            if not self._stored.is_handed_out():
                self._intake.stop_direct()
        self._stored.look_at_oldest(now_s)
        if served:
            self._intake.tell_blocked_callers()
        if self._close_by_s is not None and self._may_end(now_s, self._close_by_s):
            self._end()

    def _run(self) -> None:
        while not self._is_ended:
            try:
                self.step()
            except Exception:  # noqa: BLE001 - it must outlive every error; events wait meanwhile
                _LOG.exception("the courier failed and goes on")
                time.sleep(_PAUSE_S)

    def _unfinished(self) -> list[InFlight]:
        return [*self._waiting.snapshot(), *self._intake.queued()]

    def _store_and_resume(self, now_s: float) -> None:
        """Keep undelivered events on disk while need be, and go back to the direct way when it is over."""
        overdue = self._waiting.is_overdue(now_s)
        if self._intake.is_direct and overdue:
            self._intake.stop_direct()
            _LOG.warning("the broker does not acknowledge; events go to the outbox until it does")
        if self._intake.is_direct:
            if self._is_storing:
                self._is_storing = self._has_copied = False
                _LOG.info("events go straight to the broker again")
        else:
            self._is_storing = True
            self._copy_once(overdue=overdue)
            if now_s >= self._store_at_s:
                self._store(now_s)
            if self._start_over_at_s is None:
                self._hand_over(overdue=overdue)
        self._stored.remove_delivered()

    def _copy_once(self, *, overdue: bool) -> None:
        """When the direct way ends, note what the client has: older than what is queued, so stored first."""
        if not self._has_copied and (overdue or self._close_by_s is None):
            self._has_copied = True
            self._uncopied = deque(event for event in self._waiting.snapshot() if not event.done())

    def _store(self, now_s: float) -> None:
        """Write one chunk: first what the client has, then what is queued."""
        try:
            while self._uncopied:
                chunk = [event for event in islice(self._uncopied, _CHUNK) if not event.done()]
                if not self._stored.has_room(sum(len(event.value or b"") for event in chunk)):
                    return
                if chunk:
                    self._stored.add_handed_over(chunk)
                for _ in range(min(_CHUNK, len(self._uncopied))):
                    self._uncopied.popleft()
            queued = self._intake.first_queued(_CHUNK)
            if queued:
                self._stored.add(queued)
                self._intake.drop_queued(len(queued))
                self._intake.tell_blocked_callers()
        except OutboxError as error:
            _LOG.error("%s It is tried again; events wait in memory meanwhile.", error)
            self._store_at_s = now_s + _PAUSE_S

    def _hand_over(self, *, overdue: bool) -> None:
        """Give stored events to the client, and go direct when none is left and the broker answers."""
        try:
            while len(self._waiting) < _HANDED_OUT_MAX:
                events = self._stored.next_events(_CHUNK)
                if not events:
                    break
                for event in events:
                    self._transport.produce(
                        self._transport.topic, event.value, key=event.key, on_delivery=event
                    )
                    assert event.place is not None, "it comes from an outbox"
                    self._stored.handed_out(event.place)
                    self._waiting.add(event)
        except BufferError:
            return
        except ClientError as error:
            self._pause(error)
            return
        if not overdue and not self._uncopied and self._stored.is_handed_out():
            self._intake.resume_direct(_CHUNK)

    def _look_into_failures(self, now_s: float) -> None:
        """Refuse what is refused for good; anything else is sent again, after a pause, by a new client."""
        failed, self._failed = self._failed, []
        for event, error in failed:
            verdict = refusal(error, self._transport.topic)
            if verdict and event.place is None:
                event.is_refused(verdict[0])
            elif verdict and event.place and not verdict[1]:
                self._stored.set_aside(event.place, str(verdict[0]))
                event.value = None
            else:
                self._pause(error, now_s)
        if self._transport.is_fatal and self._start_over_at_s is None:
            self._pause("the client reports a fatal error", now_s)

    def _pause(self, error: Any, now_s: float | None = None) -> None:
        if self._start_over_at_s is None:
            _LOG.error(
                "sending stops for %s s and starts over with all undelivered events: %s", _PAUSE_S, error
            )
            self._start_over_at_s = (self._clock() if now_s is None else now_s) + _PAUSE_S
            self._intake.stop_direct()

    def _start_over(self) -> None:
        """Replace the client; bring back what is undelivered in its order: stored first, then the rest."""
        self._is_discarding = True
        self._transport.discard()
        self._is_discarding = False
        self._transport = self._connect()
        self._intake.use(self._transport)
        self._uncopied.clear()
        self._has_copied = True
        self._intake.requeue(event for event in self._waiting.take_all() if event.place is None)
        self._stored.remove_delivered()
        self._stored.rewind()
        self._start_over_at_s = None

    def _may_end(self, now_s: float, close_by_s: float) -> bool:
        if now_s >= close_by_s:
            return True
        unfinished = self._unfinished()
        if not unfinished and self._stored.events == 0:
            return True
        away = self._waiting.is_overdue(now_s) or self._start_over_at_s is not None
        return away and all(event.done() for event in unfinished)

    def _end(self) -> None:
        left = [event for event in self._unfinished() if not event.done()]
        try:
            chunks = iter(left)
            while chunk := list(islice(chunks, _CHUNK)):
                self._stored.add(chunk)
        except OutboxError as error:
            _LOG.error("%s", error)
        self._lost = tuple(str(event.event_id) for event in left if not event.done())
        self._is_discarding = True
        self._transport.discard()
        self._stored.close()
        self._is_ended = True
