"""The double that application teams test with."""

import uuid

import pytest

from disclosure_producers.client import DisclosureProducer
from disclosure_producers.errors import OutboxFullError
from disclosure_producers.receipts import Delivered, Receipt, Stored
from disclosure_producers.testing import RecordingIdentityProducer, RecordingProducer

ALICE, LAPTOP = uuid.UUID(int=1), uuid.UUID(int=2)


def ask(producer: DisclosureProducer) -> Receipt:
    """An application's function, which knows the real producer's type only."""
    return producer.disclose(ALICE, to="harborlight", kind="sale", items=["identifiers.email"])


def test_events_are_kept_as_values() -> None:
    """A test can look at what its application disclosed."""
    producer = RecordingProducer("shop")
    ask(producer)

    [event] = producer.events
    assert (event.subject_key, event.disclosure.emitter) == (ALICE, "shop")
    assert [str(item) for item in event.disclosure.items] == ["identifiers.email"]


def test_an_outage_stores_and_then_delivers_in_order() -> None:
    """In the block receipts say Stored and nothing arrives; after it all has arrived in order."""
    producer = RecordingProducer()
    before = ask(producer)
    with producer.outage():
        during = ask(producer)
        assert producer.backlog().stored == 1
        assert [event.event_id for event in producer.arrived] == [before.event_id]
    after = ask(producer)

    assert (before.result(0), during.result(0), after.result(0)) == (
        Delivered(0, 0),
        Stored(),
        Delivered(0, 2),
    )
    assert [event.event_id for event in producer.arrived] == [
        before.event_id,
        during.event_id,
        after.event_id,
    ]
    assert producer.backlog().stored == 0


def test_a_full_outbox_can_be_tried() -> None:
    """An application's handling of OutboxFullError can be tested without filling a disk."""
    producer = RecordingProducer()
    with producer.outage(outbox_max_events=1):
        ask(producer)
        with pytest.raises(OutboxFullError):
            ask(producer)

    assert [event.sequence for event in producer.arrived] == [0]


def test_a_link_is_kept_with_both_subjects() -> None:
    """The identity double keeps who was linked with whom."""
    producer = RecordingIdentityProducer()
    producer.link(LAPTOP, ALICE)

    [event] = producer.events
    assert (event.subject_key, event.other_subject_key) == (LAPTOP, ALICE)
