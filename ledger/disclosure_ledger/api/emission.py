"""Sending events for callers: one event for one id, and an answer only once the event is safe."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal
from uuid import UUID

from disclosure_ledger.api.sent_events import Known, SentEvents
from disclosure_ledger.store.ledger import Clock, utc_now
from disclosure_producers.client import DisclosureProducer, PreferenceProducer
from disclosure_producers.errors import NotAcknowledgedError
from disclosure_producers.receipts import Delivered, Outcome, Receipt
from disclosure_schemas.events.base import Value

_EMITTERS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Sending:
    """One event to send. `digest`: of all that it says; `send`: accepts it under an id, or one of its own."""

    event_id: UUID | None
    digest: bytes
    send: Callable[[UUID | None], Receipt]


class Accepted(Value):
    """An event that is safe: delivered to its topic, or stored in the outbox while the broker is away.

    `repeated`: it was sent before under the same id, and was not sent again.
    """

    event_id: UUID
    status: Literal["delivered", "stored"]
    partition: int | None = None
    offset: int | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Begun:
    event_id: UUID
    outcome: Receipt | Known
    repeated: bool
    is_claimed: bool


class Emission:
    """Sends for all callers of one process, through one producer of each kind."""

    def __init__(
        self,
        disclosures: DisclosureProducer,
        preferences: PreferenceProducer,
        sent: SentEvents,
        *,
        accept_wait_s: float,
        clock: Clock = utc_now,
    ) -> None:
        self.preferences = preferences
        self._disclosures = disclosures
        self._sent = sent
        self._accept_wait_s = accept_wait_s
        self._clock = clock
        self._lock = threading.Lock()
        self._in_flight: dict[UUID, Receipt] = {}
        self._emitters: dict[str, DisclosureProducer] = {}

    def disclosures(self, emitter: str) -> DisclosureProducer:
        """The producer of one emitter."""
        producer = self._emitters.get(emitter)
        if producer is None:
            if len(self._emitters) >= _EMITTERS_MAX:
                self._emitters.clear()
            producer = self._emitters[emitter] = self._disclosures.as_emitter(emitter)
        return producer

    async def send(self, sendings: Sequence[Sending]) -> list[Accepted]:
        """Send events in order and wait until each is delivered or stored.

        Raises InvalidEventError, EventConflictError, BackpressureError or EventRefusedError for the first
        that cannot be sent, and NotAcknowledgedError after `accept_wait_s`; sent again under the same ids,
        what was accepted before is not sent twice.
        """
        begun = await asyncio.to_thread(self._begin, sendings, self._clock())
        try:
            async with asyncio.timeout(self._accept_wait_s):
                outcomes = [await _outcome(entry) for entry in begun]
        except TimeoutError:
            raise NotAcknowledgedError(
                f"{len(begun)} events were accepted, but not all were delivered or stored within "
                f"{self._accept_wait_s:g} s. Send them again under the same event ids; without ids of "
                "your own "
                "look for them first."
            ) from None
        finally:
            if any(entry.is_claimed for entry in begun):
                await asyncio.to_thread(self._settle, begun)
        return [_accepted(entry, outcome) for entry, outcome in zip(begun, outcomes, strict=True)]

    def forget_old(self) -> None:
        """Drop event ids that were sent long ago."""
        self._sent.forget(self._clock())

    def close(self) -> None:
        """Deliver or store what is left; raises UndeliveredError."""
        try:
            self.preferences.close()
        finally:
            self._disclosures.close()
            self._sent.close()

    def _begin(self, sendings: Sequence[Sending], now: datetime) -> list[_Begun]:
        with self._lock:  # two that come with one id at a time must not both send
            return [self._begin_one(sending, now) for sending in sendings]

    def _begin_one(self, sending: Sending, now: datetime) -> _Begun:
        event_id = sending.event_id
        if event_id is None:
            receipt = sending.send(None)
            return _Begun(receipt.event_id, receipt, repeated=False, is_claimed=False)
        known = self._sent.claim(event_id, sending.digest, now)
        if known is not None and known.is_settled:
            return _Begun(event_id, known, repeated=True, is_claimed=False)
        if known is not None and event_id in self._in_flight:
            return _Begun(event_id, self._in_flight[event_id], repeated=True, is_claimed=False)
        try:
            receipt = sending.send(event_id)
        except BaseException:
            self._sent.release(event_id)
            raise
        self._in_flight[event_id] = receipt
        return _Begun(event_id, receipt, repeated=False, is_claimed=True)

    def _settle_late(self, entry: _Begun, _: Receipt) -> None:
        self._settle([entry])

    def _settle(self, begun: Sequence[_Begun]) -> None:
        for entry in begun:
            receipt = entry.outcome
            if not entry.is_claimed or not isinstance(receipt, Receipt):
                continue
            if receipt.error() is not None:
                self._sent.release(entry.event_id)
            elif receipt.done():
                outcome = receipt.result()
                place = (outcome.partition, outcome.offset) if isinstance(outcome, Delivered) else None
                self._sent.settle(entry.event_id, place)
            else:
                # It may still arrive: whoever sends it again meanwhile waits for this one.
                receipt.add_done_callback(partial(self._settle_late, entry))
                continue
            with self._lock:
                if self._in_flight.get(entry.event_id) is receipt:
                    del self._in_flight[entry.event_id]


async def _outcome(begun: _Begun) -> Outcome | Known:
    return begun.outcome if isinstance(begun.outcome, Known) else await begun.outcome


def _accepted(begun: _Begun, outcome: Outcome | Known) -> Accepted:
    place = (outcome.partition, outcome.offset) if isinstance(outcome, Delivered) else None
    if isinstance(outcome, Known):
        place = outcome.place
    return Accepted(
        event_id=begun.event_id,
        status="stored" if place is None else "delivered",
        partition=None if place is None else place[0],
        offset=None if place is None else place[1],
        repeated=begun.repeated,
    )
