"""Sends the demo's stream the way applications do: through the SDK, one producer for each application."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from disclosure_ledger.demo.catalogue import SALE
from disclosure_ledger.demo.errors import DemoError
from disclosure_ledger.demo.flaws import broken_record
from disclosure_ledger.demo.stream import Broken, Disclose, LogIn, Prefer, Settle, Step, device_of, email_of
from disclosure_producers.client import DisclosureProducer, IdentityProducer, PreferenceProducer
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.disclosure_content import Details
from disclosure_producers.errors import BackpressureError
from disclosure_producers.event_producer import EventProducer
from disclosure_producers.kafka import KafkaTransport
from disclosure_producers.receipts import Receipt
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.vocabulary import Mode, PreferenceKind, SubjectType
from disclosure_schemas.subject_keys import IdentifierType, subject_key
from disclosure_schemas.topics import REQUESTED

_DELIVERY_WAIT_S = 30.0
_POLL_S = 0.01
_OUTBOX_AFTER_MS = 10_000
_Producer = TypeVar("_Producer", bound=EventProducer)


class Sender:
    """Takes steps of the stream to Kafka; for one thread. Close it, or use it in a `with` statement.

    `wait_until_decided` is called where the stream says so, once everything sent is in the topics; `pause`
    waits a given number of seconds, and may raise to end it all.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        secret: bytes,
        outbox_dir: Path,
        *,
        wait_until_decided: Callable[[], object],
        pause: Callable[[float], object],
        outbox_after_ms: int = _OUTBOX_AFTER_MS,
    ) -> None:
        self._kafka = kafka
        # The stream comes in one burst, so the last events wait long for a broker that is not away.
        self._delivery = DeliverySettings().model_copy(
            update={"outbox_dir": outbox_dir, "outbox_after_ms": outbox_after_ms}
        )
        self._wait_until_decided = wait_until_decided
        self._pause = pause
        self._open = ExitStack()
        self._applications: dict[str, DisclosureProducer] = {}
        self._preferences = self._opened(PreferenceProducer(kafka=kafka, delivery=self._delivery))
        self._identities = self._opened(IdentityProducer(kafka=kafka, delivery=self._delivery))
        self._careless = KafkaTransport(kafka, kafka.topic(REQUESTED), self._delivery)
        self._raw_sent = self._raw_delivered = 0
        self._codec = EventCodec(DisclosureRequested)
        self._person_key = cache(lambda person: subject_key(secret, IdentifierType.EMAIL, email_of(person)))
        self._device_key = cache(lambda person: subject_key(secret, IdentifierType.DEVICE, device_of(person)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def producers(self) -> tuple[EventProducer, ...]:
        """Every producer that is open, one for each application and two for preferences and links."""
        return (*self._applications.values(), self._preferences, self._identities)

    def take(self, step: Step) -> None:
        """Do one step; raises DemoError where an event does not reach the broker."""
        match step:
            case Disclose():
                self._disclose(step)
            case Prefer():
                self._prefer(step)
            case LogIn():
                self._identities.link(
                    self._device_key(step.person),
                    self._person_key(step.person),
                    subject_type=SubjectType.DEVICE,
                )
            case Broken():
                self._send_broken(step)
            case Settle():
                self.settle()

    def settle(self) -> None:
        """Wait until everything sent is in the topics and decided; raises DemoError."""
        deadline = time.monotonic() + _DELIVERY_WAIT_S
        while left := self._undelivered() + sum(_undelivered(producer) for producer in self.producers):
            if time.monotonic() > deadline:
                raise DemoError(
                    f"{left:,} events did not reach the broker within {_DELIVERY_WAIT_S:g} s. Expected all "
                    "of them in its topics. Read the broker's log in the demo's folder."
                )
            self._pause(_POLL_S)
        self._wait_until_decided()

    def _disclose(self, step: Disclose) -> None:
        habit = step.habit
        details = Details(
            purpose=habit.purpose,
            consideration=habit.consideration,
            cross_context_ads=habit.cross_context_ads,
            channel=habit.channel,
            signals=habit.signals,
        )
        application = self._application(habit.emitter)
        key, to, items = self._person_key(step.person), step.recipient_id, step.items

        def send() -> Receipt:
            if step.mode is Mode.REQUEST:
                return application.disclose(key, to=to, kind=habit.kind, items=items, **details)
            now = datetime.now(UTC)
            return application.report(key, to=to, kind=habit.kind, items=items, occurred_at=now, **details)

        _patiently(send)

    def _prefer(self, step: Prefer) -> None:
        if step.kind is PreferenceKind.SIGNAL:
            self._preferences.signal(
                self._device_key(step.person), gpc="1", account_key=self._person_key(step.person)
            )
            return
        self._preferences.opt_out(self._person_key(step.person), of=step.of, channel=step.channel)

    def _send_broken(self, step: Broken) -> None:
        key = self._person_key(step.person)
        now = datetime.now(UTC)
        event_id = new_event_id(time.time_ns() // 1_000_000)
        sound = DisclosureRequested(
            event_id=event_id,
            subject_key=key,
            producer_id=event_id,
            occurred_at=now,
            emitted_at=now,
            sequence=0,
            disclosure=SALE.disclosure(SALE.recipients[0], SALE.item_sets[0], mode=Mode.REQUEST),
        )
        raw_key, raw_value = broken_record(step.flaw, key.bytes, self._codec.encode(sound))
        self._send_raw(raw_key, raw_value)

    def send_event(self, event: DisclosureRequested) -> None:
        """Put an event on the topic as it is, past the SDK."""
        self._send_raw(event.subject_key.bytes, self._codec.encode(event))

    def _send_raw(self, key: bytes, value: bytes) -> None:
        self._raw_sent += 1
        self._careless.produce(self._careless.topic, value=value, key=key, on_delivery=self._raw_arrived)

    def _raw_arrived(self, error: object, _message: object) -> None:
        self._raw_delivered += error is None

    def _undelivered(self) -> int:
        self._careless.poll(0)
        return self._raw_sent - self._raw_delivered

    def _application(self, emitter: str) -> DisclosureProducer:
        if emitter not in self._applications:
            self._applications[emitter] = self._opened(
                DisclosureProducer(emitter, kafka=self._kafka, delivery=self._delivery)
            )
        return self._applications[emitter]

    def _opened(self, producer: _Producer) -> _Producer:
        self._open.callback(producer.close)
        return producer


def _undelivered(producer: EventProducer) -> int:
    backlog = producer.backlog()
    return backlog.waiting + backlog.stored


def _patiently(send: Callable[[], Receipt]) -> None:
    """Try again while the producer has no room, as an application does that has time."""
    deadline = time.monotonic() + _DELIVERY_WAIT_S
    while True:
        try:
            send()
        except BackpressureError:
            if time.monotonic() > deadline:
                raise
        else:
            return
