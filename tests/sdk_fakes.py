"""A Kafka client in memory, whose broker can be away, refuse and fail, for tests of the courier."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from confluent_kafka import KafkaError

from disclosure_producers.courier import Courier
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.disclosure_content import encoded_content
from disclosure_producers.producer_run import ProducerRun
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.vocabulary import Mode
from disclosure_schemas.layout import NO_REFERENCES

CODEC = EventCodec(DisclosureRequested)
REST = NO_REFERENCES + encoded_content(
    Mode.REQUEST, "crm", to="harborlight", kind="sale", items=("identifiers",), details=()
)
"""What follows the common fields of an ordinary request."""


@dataclass(frozen=True)
class FakeReport:
    """What a delivery report says of an acknowledged event."""

    at: tuple[int, int]

    def partition(self) -> int:
        """Partition of the event."""
        return self.at[0]

    def offset(self) -> int:
        """Offset of the event."""
        return self.at[1]


@dataclass
class FakeBroker:
    """One partition; `verdict` says which error, if any, an event meets."""

    is_away: bool = False
    log: list[tuple[bytes, bytes]] = field(default_factory=list)
    verdict: Callable[[bytes], int | None] = lambda _: None
    queue_max: int = 100_000
    clients: list["FakeClient"] = field(default_factory=list)

    def connect(self) -> "FakeClient":
        """A new client."""
        client = FakeClient(self)
        self.clients.append(client)
        return client

    def events(self) -> list[DisclosureRequested]:
        """What is in the topic."""
        return [CODEC.decode(value) for _, value in self.log]


class FakeClient:
    """Holds events until the broker is there, and reports on them when polled, in order."""

    topic = "fake"

    def __init__(self, broker: FakeBroker) -> None:
        self.is_fatal = False
        self.produce: Callable[..., None] = self._produce
        self._broker = broker
        self._queue: deque[tuple[bytes, bytes, Callable[[Any, Any], None]]] = deque()

    def _produce(
        self, topic: str, value: bytes, *, key: bytes, on_delivery: Callable[[Any, Any], None]
    ) -> None:
        """Queue an event."""
        if len(self._queue) >= self._broker.queue_max:
            raise BufferError
        self._queue.append((key, value, on_delivery))

    def poll(self, timeout_s: float) -> int:
        """Deliver and report; never waits."""
        reports = 0
        while self._queue and not self._broker.is_away and not self.is_fatal:
            key, value, on_delivery = self._queue.popleft()
            reports += 1
            code = self._broker.verdict(value)
            if code is None:
                self._broker.log.append((key, value))
                on_delivery(None, FakeReport((0, len(self._broker.log) - 1)))
            else:
                on_delivery(KafkaError(code), None)
        return reports

    def discard(self) -> None:
        """Report everything as given up."""
        while self._queue:
            _, _, on_delivery = self._queue.popleft()
            on_delivery(KafkaError(KafkaError._PURGE_QUEUE), None)


class ManualCourier:
    """A courier without a thread: the test says when it works and what time it is."""

    def __init__(self, broker: FakeBroker, folder: Path, **settings: Any) -> None:
        self.now_s = 0.0
        self.broker = broker
        delivery = DeliverySettings(outbox_dir=folder, **{"max_block_ms": 0, "first_ack_ms": 0, **settings})
        producer_id = (
            new_event_id(len(list(folder.glob("*.outbox"))) + 1) if folder.exists() else new_event_id(0)
        )
        run = ProducerRun(producer_id, CODEC.header, outbox=str(producer_id))
        self.courier = Courier(broker.connect, run, delivery, clock=lambda: self.now_s)

    def pass_time(self, seconds: float, steps: int = 4) -> None:
        """Let the courier work now and then while time passes."""
        for _ in range(steps):
            self.courier.step()
            self.now_s += seconds / steps
        self.courier.step()

    def crash(self) -> None:
        """End as kill -9 would: nothing is written, the system lets go of files and locks."""
        stored = self.courier._stored
        for source in stored._sources:
            source._database.close()
            source._lock.release(remove=False)


def key_of(subject: int) -> UUID:
    """A subject key."""
    return UUID(int=subject)
