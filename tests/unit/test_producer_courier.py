"""The courier step by step, with a broker in memory and a clock in the test's hand."""

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest
from confluent_kafka import KafkaError

from disclosure_producers.errors import (
    BackpressureError,
    ClosedProducerError,
    EventRefusedError,
    EventTooLargeError,
    NotAcknowledgedError,
    NotAuthorisedError,
    OutboxError,
    OutboxFullError,
    UndeliveredError,
    UnknownTopicError,
)
from disclosure_producers.receipts import Delivered, Receipt, Stored
from sdk_fakes import REST, FakeBroker, ManualCourier, key_of

ALICE = key_of(1).bytes


@pytest.fixture
def broker() -> FakeBroker:
    """A broker that is there."""
    return FakeBroker()


def emit(manual: ManualCourier, count: int = 1) -> list[Receipt]:
    """Some events of one subject."""
    return [manual.courier.accept(ALICE, REST) for _ in range(count)]


def arrived(broker: FakeBroker) -> list[int]:
    """Sequence numbers in the topic, in its order."""
    return [event.sequence for event in broker.events()]


def fail_the_disk(manual: ManualCourier, patch: pytest.MonkeyPatch) -> None:
    """Let every write to the outbox fail from now on."""

    def add(events: Sequence[tuple[bytes, bytes]]) -> int:
        raise OutboxError("database or disk is full")

    patch.setattr(manual.courier._stored._own, "add", add)


def test_an_event_is_delivered_without_the_disk(broker: FakeBroker, tmp_path: Path) -> None:
    """While the broker answers, a receipt says Delivered and the outbox stays empty."""
    manual = ManualCourier(broker, tmp_path)
    [receipt] = emit(manual)
    manual.pass_time(0)

    assert receipt.result(0) == Delivered(0, 0)
    assert manual.courier.backlog().stored == 0


def test_an_event_that_waits_too_long_is_stored(broker: FakeBroker, tmp_path: Path) -> None:
    """After outbox_after_ms without acknowledgement a receipt says Stored; before, it waits."""
    broker.is_away = True
    manual = ManualCourier(broker, tmp_path, outbox_after_ms=500)
    [receipt] = emit(manual)
    manual.pass_time(0.4)
    assert not receipt.done()

    manual.pass_time(0.2)

    assert receipt.result(0) == Stored()
    assert manual.courier.backlog().stored == 1


def test_in_a_known_outage_an_event_is_stored_at_once(broker: FakeBroker, tmp_path: Path) -> None:
    """Later events of an outage do not wait for outbox_after_ms."""
    broker.is_away = True
    manual = ManualCourier(broker, tmp_path)
    emit(manual)
    manual.pass_time(1)

    [receipt] = emit(manual)
    manual.courier.step()

    assert receipt.result(0) == Stored()


def test_a_long_queue_to_a_broker_that_answers_is_no_outage(tmp_path: Path) -> None:
    """While the oldest event keeps changing, none is stored however long each one waits."""
    broker = FakeBroker()
    manual = ManualCourier(broker, tmp_path)
    receipts = emit(manual, 20)
    broker.verdict = lambda _: setattr(broker, "is_away", True)  # one event a poll, then silence
    for _ in receipts:
        broker.is_away = False
        manual.courier.step()
        manual.now_s += 0.4

    assert {type(receipt.result(0)) for receipt in receipts} == {Delivered}


def test_one_outage_after_the_other_keeps_the_order(broker: FakeBroker, tmp_path: Path) -> None:
    """Events before, in and after two outages arrive once, in the order of emission."""
    manual = ManualCourier(broker, tmp_path)
    for _ in range(2):
        emit(manual, 3)
        manual.pass_time(0.1)
        broker.is_away = True
        emit(manual, 3)
        manual.pass_time(1)
        emit(manual, 3)
        manual.pass_time(1)
        broker.is_away = False
        emit(manual, 3)
        manual.pass_time(1)

    assert arrived(broker) == list(range(24))
    assert manual.courier.backlog().stored == 0


def test_events_go_straight_again_after_an_outage(broker: FakeBroker, tmp_path: Path) -> None:
    """Once the outbox is drained, a receipt says Delivered again."""
    broker.is_away = True
    manual = ManualCourier(broker, tmp_path)
    emit(manual)
    manual.pass_time(1)
    broker.is_away = False
    manual.pass_time(1)

    [receipt] = emit(manual)
    manual.courier.step()

    assert receipt.result(0) == Delivered(0, 1)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (KafkaError.MSG_SIZE_TOO_LARGE, EventTooLargeError),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, UnknownTopicError),
        (KafkaError._UNKNOWN_TOPIC, UnknownTopicError),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, NotAuthorisedError),
        (KafkaError.CLUSTER_AUTHORIZATION_FAILED, NotAuthorisedError),
        (KafkaError.INVALID_RECORD, EventRefusedError),
    ],
)
def test_a_refusal_settles_the_receipt(
    broker: FakeBroker, tmp_path: Path, code: int, error: type[EventRefusedError]
) -> None:
    """An event the broker refuses for good gives its typed error, and leaves nothing behind."""
    broker.verdict = lambda _: code
    manual = ManualCourier(broker, tmp_path)
    [receipt] = emit(manual)
    manual.courier.step()

    with pytest.raises(error):
        receipt.result(0)
    assert type(receipt.error()) is error
    assert manual.courier.backlog() == manual.courier.flush(0)
    assert (manual.courier.backlog().waiting, manual.courier.backlog().stored) == (0, 0)


def test_a_stored_event_that_is_refused_is_set_aside(
    broker: FakeBroker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What a receipt called Stored is never dropped: refused later, it is kept with the reason and logged."""
    broker.is_away = True
    manual = ManualCourier(broker, tmp_path)
    emit(manual, 2)
    manual.pass_time(1)
    refused = manual.courier._stored.next_events  # the queue is handed out already
    assert refused(10) == []
    broker.verdict = lambda value: None if b"\x02" + REST in value else KafkaError.MSG_SIZE_TOO_LARGE
    broker.is_away = False
    with caplog.at_level(logging.ERROR):
        manual.pass_time(1)

    backlog = manual.courier.backlog()
    assert arrived(broker) == [1]
    assert (backlog.stored, backlog.refused) == (0, 1)
    assert "is in the table `refused`" in caplog.text
    manual.courier.close(0)
    manual.courier.step()
    assert len(list(tmp_path.glob("*.outbox"))) == 1


def test_stored_events_wait_for_a_topic_that_is_missing(broker: FakeBroker, tmp_path: Path) -> None:
    """Stored events refused because of their topic are sent again, in order, until it is there."""
    broker.is_away = True
    manual = ManualCourier(broker, tmp_path)
    emit(manual, 3)
    manual.pass_time(1)
    broker.is_away = False
    broker.verdict = lambda _: KafkaError.UNKNOWN_TOPIC_OR_PART
    manual.pass_time(3)
    assert manual.courier.backlog().stored == 3

    broker.verdict = lambda _: None
    manual.pass_time(3)

    assert arrived(broker) == [0, 1, 2]
    assert manual.courier.backlog().stored == 0


def test_a_client_that_fails_for_good_is_replaced(broker: FakeBroker, tmp_path: Path) -> None:
    """After a fatal error a new client sends everything undelivered, in order."""
    manual = ManualCourier(broker, tmp_path)
    broker.is_away = True
    receipts = emit(manual, 3)
    broker.clients[-1].is_fatal = True
    broker.is_away = False
    manual.pass_time(3)

    assert len(broker.clients) == 2
    assert arrived(broker) == [0, 1, 2]
    assert all(receipt.done() for receipt in receipts)


def test_a_full_disk_does_not_stop_deliveries(
    broker: FakeBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events the outbox cannot take stay in memory, unacknowledged, and arrive in order with the broker."""
    manual = ManualCourier(broker, tmp_path)
    fail_the_disk(manual, monkeypatch)
    broker.is_away = True
    receipts = emit(manual, 2)
    manual.pass_time(1)
    receipts += emit(manual, 2)
    manual.pass_time(1)
    assert not any(receipt.done() for receipt in receipts)
    broker.clients[-1].is_fatal = True
    manual.pass_time(2)
    broker.is_away = False
    manual.pass_time(3)

    assert arrived(broker) == [0, 1, 2, 3]
    assert [type(receipt.result(0)) for receipt in receipts] == [Delivered] * 4


def test_a_full_outbox_is_an_error_that_uses_no_number(broker: FakeBroker, tmp_path: Path) -> None:
    """Beyond outbox_max_bytes a call raises OutboxFullError; what was accepted keeps its numbers."""
    broker.is_away = True
    manual = ManualCourier(broker, tmp_path, outbox_max_bytes=400)
    emit(manual, 2)
    manual.pass_time(1)
    with pytest.raises(OutboxFullError):
        emit(manual, 10)

    broker.is_away = False
    manual.pass_time(1)
    emit(manual)
    manual.pass_time(0)

    assert arrived(broker) == list(range(len(broker.log)))


def test_a_full_queue_spills_into_the_outbox(tmp_path: Path) -> None:
    """When the client's queue is full, an event is stored instead, and order is kept."""
    broker = FakeBroker(queue_max=2)
    manual = ManualCourier(broker, tmp_path)
    receipts = emit(manual, 5)
    manual.pass_time(1)

    assert arrived(broker) == [0, 1, 2, 3, 4]
    assert all(receipt.done() for receipt in receipts)
    assert manual.courier.backlog().stored == 0


def test_no_room_anywhere_is_backpressure(tmp_path: Path) -> None:
    """With queue and outbox's queue full a call raises BackpressureError and accepts nothing."""
    broker = FakeBroker(queue_max=2)
    manual = ManualCourier(broker, tmp_path, queue_max_events=3, max_block_ms=1)

    with pytest.raises(BackpressureError, match="within 1 ms"):
        emit(manual, 6)

    manual.pass_time(1)
    assert arrived(broker) == [0, 1, 2, 3, 4]


def test_closing_in_an_outage_stores_what_is_left(broker: FakeBroker, tmp_path: Path) -> None:
    """close() leaves undelivered events in a file that the next producer sends first."""
    broker.is_away = True
    manual = ManualCourier(broker, tmp_path)
    receipts = emit(manual, 3)
    manual.courier.close(0)
    manual.courier.step()
    assert [receipt.result(0) for receipt in receipts] == [Stored()] * 3

    broker.is_away = False
    successor = ManualCourier(broker, tmp_path)
    emit(successor)
    successor.pass_time(1)
    successor.courier.close(0)
    successor.courier.step()

    assert arrived(broker) == [0, 1, 2, 0]
    assert list(tmp_path.iterdir()) == []


def test_closing_with_broker_and_disk_away_names_the_lost(
    broker: FakeBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events that can go nowhere at close() are named in UndeliveredError."""
    broker.is_away = True
    manual = ManualCourier(broker, tmp_path)
    receipts = emit(manual, 2)
    fail_the_disk(manual, monkeypatch)
    manual.courier.close(0)
    manual.courier.step()

    with pytest.raises(UndeliveredError) as lost:
        manual.courier.close(0)

    assert lost.value.event_ids == tuple(str(receipt.event_id) for receipt in receipts)


def test_closing_does_not_wait_for_a_broker_that_is_away(broker: FakeBroker, tmp_path: Path) -> None:
    """Once all is stored, close() ends, however long its timeout."""
    broker.is_away = True
    manual = ManualCourier(broker, tmp_path)
    emit(manual)
    manual.courier.close(3600)
    manual.pass_time(1)

    assert manual.courier._is_ended


def test_a_living_process_keeps_its_outbox(broker: FakeBroker, tmp_path: Path) -> None:
    """Another producer in the same folder neither sends nor removes what a living one stored."""
    broker.is_away = True
    manual = ManualCourier(broker, tmp_path)
    emit(manual, 2)
    manual.pass_time(1)

    other = ManualCourier(FakeBroker(), tmp_path)
    other.pass_time(60)

    assert other.broker.log == []
    assert manual.courier.backlog().stored == 2


def test_a_producer_adopts_what_dies_later(broker: FakeBroker, tmp_path: Path) -> None:
    """A process that dies while another runs has its outbox sent by that one."""
    broker.is_away = True
    manual = ManualCourier(broker, tmp_path)
    emit(manual, 2)
    manual.pass_time(1)
    other = ManualCourier(broker, tmp_path)
    manual.crash()
    broker.is_away = False
    other.pass_time(60)

    assert arrived(broker) == [0, 1]


def test_waiting_in_vain_is_an_error(broker: FakeBroker, tmp_path: Path) -> None:
    """result() with a timeout raises NotAcknowledgedError, which is a TimeoutError, and the event goes on."""
    broker.is_away = True
    manual = ManualCourier(broker, tmp_path)
    [receipt] = emit(manual)

    with pytest.raises(NotAcknowledgedError) as waited:
        receipt.result(0)

    assert isinstance(waited.value, TimeoutError)
    assert manual.courier.flush(0).waiting == 1
    broker.is_away = False
    manual.courier.step()
    assert receipt.result(0) == Delivered(0, 0)


def test_a_callback_that_raises_is_logged(
    broker: FakeBroker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A caller's mistake in a callback stops neither other callbacks nor deliveries."""
    manual = ManualCourier(broker, tmp_path)
    first, second = emit(manual, 2)
    told: list[Receipt] = []
    first.add_done_callback(lambda _: 1 / 0)  # type: ignore[arg-type]
    first.add_done_callback(told.append)
    second.add_done_callback(told.append)
    manual.courier.step()

    assert told == [first, second]
    assert "ZeroDivisionError" in caplog.text


def test_closed_is_closed(broker: FakeBroker, tmp_path: Path) -> None:
    """After close() nothing is accepted, before and after the work has ended."""
    manual = ManualCourier(broker, tmp_path)
    manual.courier.close(0)
    with pytest.raises(ClosedProducerError):
        emit(manual)
    manual.courier.step()
    with pytest.raises(ClosedProducerError):
        emit(manual)
