"""What all producers have in common: how one is opened, flushed and closed."""

import time
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Protocol, Self

from disclosure_producers.backlog import Backlog, Statistics
from disclosure_producers.checks import event_id_bytes, key_bytes, past_us
from disclosure_producers.courier import Courier
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.kafka import KafkaTransport
from disclosure_producers.producer_run import ProducerRun
from disclosure_producers.receipts import Receipt
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.base import Value
from disclosure_schemas.topics import Topic

Accept = Callable[[bytes, bytes, bytes | None, int | None], Receipt]
"""(subject key, bytes after the common fields, event id or None, occurred_at in microseconds or None)"""


class Carrier(Protocol):
    """Where a producer's events go."""

    producer_id: uuid.UUID

    @property
    def accept(self) -> Accept:
        """Take one event; see Intake.accept."""
        ...

    def backlog(self) -> Backlog:
        """What is not known to be in the topic."""
        ...

    def statistics(self) -> Statistics:
        """What was done and what is held."""
        ...

    def flush(self, timeout_s: float) -> Backlog:
        """Wait until everything accepted so far is delivered or stored."""
        ...

    def close(self, timeout_s: float | None = None) -> None:
        """Take no more events; deliver or store what is left."""
        ...


class EventProducer:
    """One run of a producer of one kind of event. Thread-safe; close it, or use it in a `with` statement.

    `kafka`, `delivery`, `registry`: settings, from the environment where left out. `outbox_dir`: folder of
    the outbox, on a disk that outlives the process. `carrier`: where events go instead of Kafka, for tests.

    Raises SettingsError, OutboxError, and RegistryUnavailableError where a registry is configured and away. A
    broker that is away is no error: events go to the outbox until it is there.
    """

    topic: ClassVar[Topic]
    record: ClassVar[type[Value]]

    def __init__(
        self,
        *,
        kafka: KafkaSettings | None = None,
        outbox_dir: Path | str | None = None,
        delivery: DeliverySettings | None = None,
        registry: RegistrySettings | None = None,
        carrier: Carrier | None = None,
    ) -> None:
        if carrier is None:
            carrier = open_courier(
                self.topic,
                self.record,
                kafka or KafkaSettings(),
                delivery_with(delivery, outbox_dir),
                registry or RegistrySettings(),
            )
        self._carrier = carrier
        self._accept = carrier.accept

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def producer_id(self) -> uuid.UUID:
        """Identity of this run; sequence numbers count within it."""
        return self._carrier.producer_id

    def backlog(self) -> Backlog:
        """Events that are not known to be in the topic now."""
        return self._carrier.backlog()

    def statistics(self) -> Statistics:
        """What this producer has done and holds, for metrics; from any thread."""
        return self._carrier.statistics()

    def flush(self, timeout_s: float = 10.0) -> Backlog:
        """Wait until every event accepted before this call is delivered or stored; returns what is left."""
        return self._carrier.flush(timeout_s)

    def close(self, timeout_s: float | None = None) -> None:
        """Take no more events, deliver what can be delivered in time, store the rest in the outbox.

        Raises UndeliveredError where events are neither delivered nor stored, which takes a broker and a disk
        that fail together. A second call does nothing.
        """
        self._carrier.close(timeout_s)

    def _send(
        self, subject_key: uuid.UUID, rest: bytes, occurred_at: datetime | None, event_id: uuid.UUID | None
    ) -> Receipt:
        return self._accept(
            key_bytes(subject_key),
            rest,
            None if event_id is None else event_id_bytes(event_id),
            None if occurred_at is None else past_us(occurred_at),
        )


def delivery_with(given: DeliverySettings | None, outbox_dir: Path | str | None) -> DeliverySettings:
    """Delivery settings as given, or from the environment, with this folder of the outbox if one is named."""
    delivery = given or DeliverySettings()
    return delivery if outbox_dir is None else delivery.model_copy(update={"outbox_dir": Path(outbox_dir)})


def open_courier(
    to: Topic,
    record: type[Value],
    kafka: KafkaSettings,
    delivery: DeliverySettings,
    registry: RegistrySettings,
    *,
    producer_id: uuid.UUID | None = None,
    emitted_us: int | None = None,
) -> Courier:
    """Start a run of a producer; without a `producer_id` a new one. `emitted_us` as in `ProducerRun`."""
    topic = kafka.topic(to)
    registry_id = None
    if registry.url is not None:
        # The registry's client needs the extra `registry`.
        from disclosure_producers.schema_registry import ConfluentRegistry  # noqa: PLC0415

        with ConfluentRegistry(registry.url) as schemas:
            registry_id = schemas.register(topic, record.__name__)
    # Time-ordered, so that the outboxes of dead runs sort by age.
    fresh = new_event_id(time.time_ns() // 1_000_000)
    courier = Courier(
        lambda: KafkaTransport(kafka, topic, delivery),
        ProducerRun(
            producer_id or fresh,
            EventCodec(record, registry_id=registry_id).header,
            outbox=str(fresh),
            emitted_us=emitted_us,
        ),
        delivery,
    )
    courier.start()
    return courier
