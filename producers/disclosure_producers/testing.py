"""Doubles for the tests of applications: the same calls and checks, no broker, every event kept as a value.

    producer = RecordingProducer("crm")
    my_application(producer)
    assert [event.disclosure.recipient_id for event in producer.events] == ["harborlight"]

An event is encoded by the SDK's own code and decoded again as the gate decodes it, so what is recorded is
what would have arrived.
"""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from disclosure_producers.backlog import Backlog, Statistics
from disclosure_producers.bulk import BulkProducer
from disclosure_producers.client import DisclosureProducer, IdentityProducer, PreferenceProducer
from disclosure_producers.errors import ClosedProducerError, OutboxFullError
from disclosure_producers.event_head import EventHead
from disclosure_producers.event_producer import Carrier
from disclosure_producers.receipts import STORED, Delivered, Receipt
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.event_ids import new_event_id, unix_ms_of
from disclosure_schemas.events.base import Value
from disclosure_schemas.events.bulk import BulkAnnounced
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.topics import BULKS, Topic

E = TypeVar("E", bound=Value)


class RecordingCarrier(Generic[E]):
    """Takes events like a courier and keeps them; one partition, offsets from 0.

    During an outage events are stored; when it ends they arrive in the order in which they were accepted.
    `producer_id` and `emitted_us`: of the run, where they are not its own affair.
    """

    def __init__(
        self, record: type[E], *, producer_id: uuid.UUID | None = None, emitted_us: int | None = None
    ) -> None:
        self.producer_id = producer_id or new_event_id(time.time_ns() // 1_000_000)
        self._emitted_us = emitted_us
        self._codec = EventCodec(record)
        self._head = EventHead(self._codec.header, self.producer_id.bytes)
        self._lock = threading.Lock()
        self._is_closed = False
        self._is_away = False
        self._outbox_max_events = 0
        self.rejected = 0
        self.accepted: list[E] = []
        self.arrived: list[E] = []
        self.arrived_keys: list[bytes] = []
        self._stored: list[tuple[bytes, E]] = []

    def accept(
        self,
        subject_key: bytes,
        rest: bytes,
        event_id: bytes | None = None,
        occurred_us: int | None = None,
        /,
    ) -> Receipt:
        """Take one event; raises ClosedProducerError, OutboxFullError."""
        with self._lock:
            if self._is_closed:
                raise ClosedProducerError("this producer is closed and takes no more events. Open a new one.")
            if self._is_away and len(self._stored) >= self._outbox_max_events:
                self.rejected += 1
                raise OutboxFullError(
                    f"the simulated outbox is full: {self._outbox_max_events} events; nothing was accepted."
                )
            emitted_us = time.time_ns() // 1000 if self._emitted_us is None else self._emitted_us
            chosen = event_id or self._head.new_event_id(emitted_us)
            sequence = len(self.accepted)
            value = self._head.event(chosen, subject_key, occurred_us, emitted_us, sequence, rest)
            event = self._codec.decode(value)
            receipt = Receipt(chosen)
            self.accepted.append(event)
            if self._is_away:
                self._stored.append((subject_key, event))
                receipt._settle(STORED)  # noqa: SLF001 - the receipt's own package
            else:
                receipt._settle(Delivered(0, len(self.arrived)))  # noqa: SLF001
                self._arrive(subject_key, event)
            return receipt

    def backlog(self) -> Backlog:
        """What has not arrived."""
        return Backlog(waiting=0, stored=len(self._stored), refused=0, damaged_outboxes=())

    def statistics(self) -> Statistics:
        """What was accepted and is stored."""
        oldest = self._stored[0][1].event_id if self._stored else None  # type: ignore[attr-defined]
        return Statistics(
            accepted=len(self.accepted),
            rejected=self.rejected,
            waiting=0,
            stored=len(self._stored),
            refused=0,
            oldest_stored_ms=None if oldest is None else unix_ms_of(oldest),
            damaged_outboxes=0,
        )

    def flush(self, timeout_s: float) -> Backlog:  # noqa: ARG002 - nothing waits here
        """Return at once: everything accepted has arrived or is stored."""
        return self.backlog()

    def close(self, timeout_s: float | None = None) -> None:  # noqa: ARG002
        """Take no more events."""
        self._is_closed = True

    @contextmanager
    def outage(self, outbox_max_events: int) -> Iterator[None]:
        """The broker is away in this block."""
        self._is_away, self._outbox_max_events = True, outbox_max_events
        try:
            yield
        finally:
            with self._lock:
                self._is_away = False
                stored, self._stored = self._stored, []
                for subject_key, event in stored:
                    self._arrive(subject_key, event)

    def _arrive(self, subject_key: bytes, event: E) -> None:
        self.arrived.append(event)
        self.arrived_keys.append(subject_key)


class _Recording(Generic[E]):
    """What the doubles add to their producers."""

    recorded: RecordingCarrier[E]

    @property
    def events(self) -> list[E]:
        """Every event accepted, in order."""
        return list(self.recorded.accepted)

    @property
    def arrived(self) -> list[E]:
        """Every event that reached the topic, in order; without outages the same as `events`."""
        return list(self.recorded.arrived)

    @contextmanager
    def outage(self, *, outbox_max_events: int = 1_000_000) -> Iterator[None]:
        """Let the broker be away in a `with` block: receipts say Stored, and events arrive when it ends.

        With more than `outbox_max_events` stored, calls raise OutboxFullError as with a full outbox.
        """
        with self.recorded.outage(outbox_max_events):
            yield


class RecordingProducer(_Recording[DisclosureRequested], DisclosureProducer):
    """A DisclosureProducer that keeps what it is told."""

    def __init__(self, emitter: str = "application") -> None:
        self.recorded = RecordingCarrier(DisclosureRequested)
        super().__init__(emitter, carrier=self.recorded)


class RecordingBulkProducer(BulkProducer):
    """A BulkProducer that keeps what it is told: `events` of all bulks in order, `announcements` of each."""

    def __init__(self, emitter: str = "application") -> None:
        self.runs: list[RecordingCarrier[DisclosureRequested]] = []
        self.announced: list[RecordingCarrier[BulkAnnounced]] = []
        super().__init__(emitter, open_carrier=self._open)

    @property
    def events(self) -> list[DisclosureRequested]:
        """Every request of every run, in order."""
        return [event for run in self.runs for event in run.accepted]

    @property
    def announcements(self) -> list[BulkAnnounced]:
        """The announcement of every run, in order."""
        return [event for run in self.announced for event in run.accepted]

    def _open(self, topic: Topic, producer_id: uuid.UUID, emitted_us: int) -> Carrier:
        if topic is BULKS:
            announcing = RecordingCarrier(BulkAnnounced, producer_id=producer_id, emitted_us=emitted_us)
            self.announced.append(announcing)
            return announcing
        run = RecordingCarrier(DisclosureRequested, producer_id=producer_id, emitted_us=emitted_us)
        self.runs.append(run)
        return run


class RecordingPreferenceProducer(_Recording[PreferenceRecorded], PreferenceProducer):
    """A PreferenceProducer that keeps what it is told."""

    def __init__(self) -> None:
        self.recorded = RecordingCarrier(PreferenceRecorded)
        super().__init__(carrier=self.recorded)


class RecordingIdentityProducer(_Recording[IdentityLinked], IdentityProducer):
    """An IdentityProducer that keeps what it is told."""

    def __init__(self) -> None:
        self.recorded = RecordingCarrier(IdentityLinked)
        super().__init__(carrier=self.recorded)
