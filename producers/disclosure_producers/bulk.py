"""One disclosure of many people to one recipient, such as a file upload: announced once, asked row by row.

    with BulkProducer("list-export") as producer:
        bulk = producer.prepare(keys, to="harborlight", kind="sale", items=["identifiers.email_hash"])
        producer.send(bulk)

A bulk is a producer run of its own: its rows are ordinary requests whose producer_id is the bulk's id, and
whose sequences are 0 to rows - 1. So each person is decided for, and nobody has to keep a list of what
belongs together. Ids, moments and bytes follow from what is in the bulk and when it was begun: sent again
with `resume`, after a kill, the same events arrive again and are recognised as repeats.
"""

import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

from disclosure_producers.checks import code
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.disclosure_content import Details, disclosure_of, encoded_disclosure
from disclosure_producers.errors import (
    BackpressureError,
    BulkMismatchError,
    NotAcknowledgedError,
    RepeatedPersonError,
)
from disclosure_producers.event_producer import Carrier, delivery_with, open_courier
from disclosure_producers.key_spool import KeySpool
from disclosure_producers.receipts import Receipt, Stored
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_schemas.bulk_ids import announcement_event_id, bulk_id, row_event_ids
from disclosure_schemas.codec import PartWriter
from disclosure_schemas.event_ids import unix_ms_of
from disclosure_schemas.events.base import Value
from disclosure_schemas.events.bulk import BulkAnnounced
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested, Item
from disclosure_schemas.events.vocabulary import DisclosureChannel, Mode
from disclosure_schemas.layout import NO_REFERENCES
from disclosure_schemas.topics import BULKS, REQUESTED, Topic

OpenCarrier = Callable[[Topic, uuid.UUID, int], Carrier]
"""(topic, producer id, moment of emission in microseconds) -> where the events of that run go"""

Progress = Callable[[int], None]
"""Told how many rows have been taken so far, now and then."""

_RECORDS: dict[str, type[Value]] = {BULKS.name: BulkAnnounced, REQUESTED.name: DisclosureRequested}
_ANNOUNCEMENT = PartWriter(BulkAnnounced.__name__, "rows", "disclosure")

IN_FLIGHT_MAX = 50_000
"""Most rows on their way; with more, sending waits for the oldest, so that memory stays bounded."""

REPEATS_MAX = 1_000
"""Most repeated rows that are named when a bulk is refused for them."""

OUTBOX_AFTER_MS = 5_000
"""Unless it is set, a row waits so long for the broker before it goes to the outbox: rows queue up behind
each other, which must not look like a broker that is away."""

PATIENCE_S = 60.0
"""Longest time in which nothing is taken or delivered before sending gives up."""

_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Bulk:
    """A bulk that can be sent: what is disclosed, to whom, and the keys of all people, in order."""

    id: uuid.UUID
    disclosure: Disclosure
    keys: KeySpool

    @property
    def rows(self) -> int:
        """How many requests it has."""
        return self.keys.rows

    @property
    def emitted_us(self) -> int:
        """Moment of the bulk and of all its events, in microseconds since 1970."""
        return unix_ms_of(self.id) * 1000


@dataclass(frozen=True, slots=True)
class BulkSent:
    """What became of the rows of a bulk: in the topic, or in the outbox because the broker is away."""

    bulk_id: uuid.UUID
    rows: int
    delivered: int
    stored: int


class BulkProducer:
    """Prepares bulks and sends them; for one thread. Settings as in DisclosureProducer.

    `open_carrier`: where events go instead of Kafka, for tests.
    """

    def __init__(
        self,
        emitter: str,
        *,
        kafka: KafkaSettings | None = None,
        outbox_dir: Path | str | None = None,
        delivery: DeliverySettings | None = None,
        registry: RegistrySettings | None = None,
        open_carrier: OpenCarrier | None = None,
    ) -> None:
        self.emitter = code(emitter, "emitter")
        self._open = open_carrier or _kafka_carriers(
            kafka or KafkaSettings(),
            _patient(delivery_with(delivery, outbox_dir)),
            registry or RegistrySettings(),
        )
        self._prepared: list[Bulk] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def prepare(
        self,
        keys: Iterable[uuid.UUID],
        *,
        to: str,
        kind: str,
        items: Sequence[str | Item],
        resume: uuid.UUID | None = None,
        **details: Unpack[Details],
    ) -> Bulk:
        """Read all keys, and give the bulk its id; nothing is sent yet.

        `resume`: id of a bulk that was sent in part, of the same keys in the same order and the same
        disclosure. All else as in `DisclosureProducer.disclose`; the channel is `batch` unless another is
        named.

        Raises SubjectKeyError, InvalidEventError, RepeatedPersonError, OutboxError for keys that do not fit
        on the disk, and BulkMismatchError where `resume` names another bulk.
        """
        said: dict[str, Any] = {"channel": DisclosureChannel.BATCH, **details}
        disclosure = disclosure_of(Mode.REQUEST, self.emitter, to=to, kind=kind, items=items, details=said)
        content = encoded_disclosure(disclosure)
        spool = KeySpool.of(keys)
        _refuse_repeats(spool)
        unix_ms = time.time_ns() // 1_000_000 if resume is None else unix_ms_of(resume)
        made = bulk_id(unix_ms, spool.rows, spool.sha256, content)
        if resume is not None and made != resume:
            spool.close()
            raise BulkMismatchError(
                f"the bulk {resume} was of other keys, of keys in another order, or of another disclosure: "
                f"this input has {spool.rows:,} rows and would be {made}. Pass the same input, secret and "
                "words as at first, or begin a new bulk."
            )
        bulk = Bulk(made, disclosure, spool)
        self._prepared.append(bulk)
        return bulk

    def send(self, bulk: Bulk, on_progress: Progress | None = None) -> BulkSent:
        """Announce a bulk, then ask for each of its rows; returns when all are delivered or stored.

        Raises EventRefusedError, OutboxFullError, NotAcknowledgedError after a minute without progress. What
        was sent until then stays sent: prepare the same bulk with `resume` and send it again.
        """
        # Open until the end: an announcement that has to wait on disk goes out when the broker is back.
        announcing = self._open(BULKS, bulk.id, bulk.emitted_us)
        try:
            _announce(announcing, bulk)
            stored = self._send_rows(bulk, on_progress)
        finally:
            announcing.close()
        if on_progress is not None:
            on_progress(bulk.rows)
        return BulkSent(bulk.id, bulk.rows, bulk.rows - stored, stored)

    def close(self) -> None:
        """Let go of what was prepared."""
        for bulk in self._prepared:
            bulk.keys.close()
        self._prepared.clear()

    def _send_rows(self, bulk: Bulk, on_progress: Progress | None) -> int:
        """Ask for every row; how many went to the outbox."""
        carrier = self._open(REQUESTED, bulk.id, bulk.emitted_us)
        rest = NO_REFERENCES + encoded_disclosure(bulk.disclosure)
        event_id = row_event_ids(bulk.id)
        waiting: deque[Receipt] = deque()
        stored = 0
        try:
            for sequence, key in enumerate(bulk.keys):
                waiting.append(_accepted(carrier, key, rest, event_id(sequence)))
                if len(waiting) >= IN_FLIGHT_MAX:
                    stored += _settled(waiting, IN_FLIGHT_MAX // 2)
                    if on_progress is not None:
                        on_progress(sequence + 1)
            stored += _settled(waiting, 0)
        finally:
            carrier.close()
        return stored


def _announce(carrier: Carrier, bulk: Bulk) -> None:
    """Say what is coming, before the first row of it."""
    said = {
        "rows": bulk.rows,
        "keys_sha256": bulk.keys.sha256,
        "disclosure": bulk.disclosure.model_dump(),
    }
    event_id = announcement_event_id(bulk.id).bytes
    _accepted(carrier, bulk.id.bytes, _ANNOUNCEMENT.write(said), event_id).result(PATIENCE_S)


def _refuse_repeats(spool: KeySpool) -> None:
    repeats = spool.repeats(REPEATS_MAX)
    if not repeats:
        return
    spool.close()
    row, first = min(repeats.items())
    many = f"{len(repeats):,} rows name a person again" if len(repeats) < REPEATS_MAX else "many rows do"
    raise RepeatedPersonError(
        f"the key of row {row} is that of row {first}, counted from 0; {many}. A bulk asks once for each "
        "person: pass each key once.",
        rows=repeats,
    )


def _kafka_carriers(
    kafka: KafkaSettings, delivery: DeliverySettings, registry: RegistrySettings
) -> OpenCarrier:
    def opened(topic: Topic, producer_id: uuid.UUID, emitted_us: int) -> Carrier:
        record = _RECORDS[topic.name]
        return open_courier(
            topic, record, kafka, delivery, registry, producer_id=producer_id, emitted_us=emitted_us
        )

    return opened


def _patient(delivery: DeliverySettings) -> DeliverySettings:
    if "outbox_after_ms" in delivery.model_fields_set:
        return delivery
    return delivery.model_copy(update={"outbox_after_ms": OUTBOX_AFTER_MS})


def _accepted(carrier: Carrier, key: bytes, rest: bytes, event_id: bytes) -> Receipt:
    """Hand over one event, waiting for room; a carrier numbers what it takes, so nothing is skipped."""
    give_up_s: float | None = None
    while True:
        try:
            return carrier.accept(key, rest, event_id, None)
        except BackpressureError:
            now_s = time.monotonic()
            give_up_s = now_s + PATIENCE_S if give_up_s is None else give_up_s
            if now_s >= give_up_s:
                raise
            time.sleep(_PAUSE_S)


def _settled(waiting: deque[Receipt], left: int) -> int:
    """Wait for the oldest until so many are left; how many of them went to the outbox."""
    stored = 0
    while len(waiting) > left:
        receipt = waiting.popleft()
        if receipt.done() and receipt.error() is None:
            stored += receipt.is_stored()  # the usual case, without making a value of where it is
            continue
        try:
            stored += isinstance(receipt.result(PATIENCE_S), Stored)
        except NotAcknowledgedError as error:
            raise NotAcknowledgedError(
                f"no row was delivered or stored for {PATIENCE_S:g} s; {len(waiting) + 1:,} are on their "
                "way. Look at the broker and at the outbox, then send the same bulk again with its id."
            ) from error
    return stored
