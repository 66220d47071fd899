"""Bulks of the SDK: what is announced and sent, resumed and refused; on the double, without a broker."""

import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from disclosure_producers import bulk as sdk
from disclosure_producers import key_spool
from disclosure_producers.errors import (
    BulkMismatchError,
    EventRefusedError,
    NotAcknowledgedError,
    OutboxFullError,
    RepeatedPersonError,
    SubjectKeyError,
)
from disclosure_producers.receipts import Receipt
from disclosure_producers.testing import RecordingBulkProducer
from disclosure_schemas.bulk_ids import announcement_event_id, bulk_id, row_event_id_range, row_event_ids
from disclosure_schemas.errors import InvalidEventError
from disclosure_schemas.event_ids import unix_ms_of
from disclosure_schemas.events.vocabulary import DisclosureChannel, Mode

KEYS = [uuid.uuid5(uuid.NAMESPACE_OID, str(number)) for number in range(10)]
SALE: dict[str, Any] = {"to": "harborlight", "kind": "sale", "items": ["identifiers.email_hash"]}


@pytest.fixture
def producer() -> Iterator[RecordingBulkProducer]:
    """A producer that keeps what it is told."""
    with RecordingBulkProducer("list-export") as made:
        yield made


def test_a_bulk_is_announced_before_its_rows_which_are_ordinary_requests(
    producer: RecordingBulkProducer,
) -> None:
    """One announcement says how many; the rows are requests of the run that is the bulk, numbered from 0."""
    made = producer.prepare(KEYS, **SALE)
    sent = producer.send(made)

    (announced,) = producer.announcements
    assert (announced.bulk_id, announced.rows) == (made.id, 10)
    assert announced.keys_sha256 == hashlib.sha256(b"".join(key.bytes for key in KEYS)).digest()
    assert [event.subject_key for event in producer.events] == KEYS
    assert [event.sequence for event in producer.events] == list(range(10))
    assert {event.producer_id for event in producer.events} == {made.id}
    assert {event.disclosure for event in producer.events} == {announced.disclosure}
    assert announced.disclosure.mode is Mode.REQUEST
    assert announced.disclosure.channel is DisclosureChannel.BATCH
    assert (sent.rows, sent.delivered, sent.stored) == (10, 10, 0)


def test_a_person_is_asked_for_once(producer: RecordingBulkProducer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that comes again is refused with the rows it stands in, however many passes it takes."""
    again = [*KEYS, KEYS[3], KEYS[0], KEYS[3]]
    for share_keys in (100, 5, 1):
        monkeypatch.setattr(key_spool, "_SHARE_KEYS", share_keys)
        with pytest.raises(RepeatedPersonError, match="the key of row 10 is that of row 3") as refused:
            producer.prepare(again, **SALE)
        assert refused.value.rows == {10: 3, 11: 0, 12: 3}
        assert producer.prepare(KEYS, **SALE).rows == len(KEYS)
    assert producer.announcements == []


def test_the_announcement_is_carried_until_the_last_row_is_sent(
    producer: RecordingBulkProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its carrier stays open while rows go, so that it goes out when a broker that was away is back."""
    closed: list[list[bool]] = []

    def on_progress(_: int) -> None:
        closed.append([run._is_closed for run in producer.announced])

    monkeypatch.setattr(sdk, "IN_FLIGHT_MAX", 4)
    producer.send(producer.prepare(KEYS, **SALE), on_progress)
    assert closed[0] == [False]
    assert [run._is_closed for run in producer.announced] == [True]


def test_a_resumed_bulk_is_the_same_events_again(producer: RecordingBulkProducer) -> None:
    """The same keys and words, and the bulk's id: every field of every event is equal (G2)."""
    first = producer.prepare(iter(KEYS), **SALE)
    producer.send(first)
    producer.send(producer.prepare(iter(KEYS), resume=first.id, **SALE))

    assert producer.announcements[0] == producer.announcements[1]
    assert producer.events[:10] == producer.events[10:]


def test_the_same_input_without_its_id_is_another_bulk(producer: RecordingBulkProducer) -> None:
    """Asking again next month is no repeat: ids begin with the moment of the bulk."""
    clock = iter([1_770_000_000_000_000_000, 1_780_000_000_000_000_000])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time_ns", lambda: next(clock))
        one, other = producer.prepare(KEYS, **SALE), producer.prepare(KEYS, **SALE)

    assert (unix_ms_of(one.id), unix_ms_of(other.id)) == (1_770_000_000_000, 1_780_000_000_000)
    assert one.id != other.id


@pytest.mark.parametrize(
    ("keys", "changes"),
    [
        (KEYS[:9], {}),
        (KEYS[::-1], {}),
        ([*KEYS, uuid.uuid5(uuid.NAMESPACE_OID, "another")], {}),
        (KEYS, {"to": "copperkite"}),
        (KEYS, {"items": ["identifiers.email"]}),
        (KEYS, {"purpose": "research"}),
    ],
    ids=["fewer", "other order", "more", "other recipient", "other items", "other purpose"],
)
def test_going_on_with_another_input_is_refused(
    producer: RecordingBulkProducer, keys: list[uuid.UUID], changes: dict[str, Any]
) -> None:
    """A bulk's id names its content: what differs is no resumption, and nothing is sent."""
    first = producer.prepare(KEYS, **SALE)

    with pytest.raises(BulkMismatchError, match=f"the bulk {first.id} was of other keys"):
        producer.prepare(keys, resume=first.id, **(SALE | changes))
    assert (producer.events, producer.announcements) == ([], [])


def test_bad_input_prepares_nothing(producer: RecordingBulkProducer) -> None:
    """No row, something that is no key, and a kind that does not exist: each its own error."""
    with pytest.raises(InvalidEventError, match="got 0"):
        producer.prepare([], **SALE)
    with pytest.raises(SubjectKeyError, match="got a str"):
        producer.prepare(["a@example.com"], **SALE)  # type: ignore[list-item]
    with pytest.raises(InvalidEventError, match="kind"):
        producer.prepare(KEYS, **(SALE | {"kind": "gift"}))


def test_ids_of_rows_grow_and_the_range_holds_them_all() -> None:
    """Ids are of version 7, different, in the order of their numbers, also beyond 22 bits of them."""
    bulk = bulk_id(1_770_000_000_000, 5, bytes(32), b"content")
    make = row_event_ids(bulk)
    numbers = [0, 1, 2**21, 2**22 - 1, 2**22, 2**30, 2**34 - 2]
    ids = [uuid.UUID(bytes=make(number)) for number in numbers]

    assert ids == sorted(set(ids))
    assert {(made.version, made.variant) for made in ids} == {(7, uuid.RFC_4122)}
    assert row_event_id_range(bulk, 2**34 - 1) == (ids[0], ids[-1])
    assert announcement_event_id(bulk) > ids[-1]


def test_during_an_outage_rows_are_stored_and_a_full_outbox_gives_up_in_time(
    producer: RecordingBulkProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the outbox takes is stored; when it takes no more for long, the caller is told, and may resume."""
    monkeypatch.setattr(sdk, "PATIENCE_S", 0.05)
    made = producer.prepare(KEYS, **SALE)
    opened = producer._open

    def open_away(*run: Any) -> Any:
        carrier: Any = opened(*run)
        carrier._is_away, carrier._outbox_max_events = True, 4
        return carrier

    monkeypatch.setattr(producer, "_open", open_away)
    with pytest.raises(OutboxFullError):
        producer.send(made)
    assert len(producer.events) == 4

    monkeypatch.setattr(producer, "_open", opened)
    sent = producer.send(producer.prepare(KEYS, resume=made.id, **SALE))
    assert sent.delivered == 10
    assert producer.events[:4] == producer.events[4:8]


def test_rows_on_their_way_are_bounded_and_progress_is_told(
    producer: RecordingBulkProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With many on their way the oldest are waited for; the last word is that all were taken."""
    monkeypatch.setattr(sdk, "IN_FLIGHT_MAX", 4)
    told: list[int] = []
    producer.send(producer.prepare(KEYS, **SALE), told.append)

    assert told == [4, 6, 8, 10, 10]


@pytest.mark.parametrize(
    ("settles", "expected"), [(EventRefusedError("refused"), EventRefusedError), (None, NotAcknowledgedError)]
)
def test_a_row_that_is_refused_or_never_acknowledged_is_no_success(
    producer: RecordingBulkProducer,
    monkeypatch: pytest.MonkeyPatch,
    settles: Exception | None,
    expected: type[Exception],
) -> None:
    """The error of any row ends the sending, whatever became of the others."""
    monkeypatch.setattr(sdk, "PATIENCE_S", 0.05)
    made = producer.prepare(KEYS, **SALE)

    class Silent:
        """A carrier whose events come to nothing."""

        producer_id = made.id

        def accept(self, *_: object) -> Receipt:
            """Take it."""
            receipt = Receipt(bytes(16))
            if settles is not None:
                receipt._settle(settles)
            return receipt

        def close(self, timeout_s: float | None = None) -> None:
            """End."""

    monkeypatch.setattr(producer, "_open", lambda *_: Silent())
    with pytest.raises(expected):
        producer.send(made)
