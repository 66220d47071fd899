"""One contract for producers: what holds for the double holds on Apache Kafka, and the other way round."""

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broker_clients import BrokerClients
from disclosure_ledger.brokers.local import LocalBroker
from disclosure_producers.client import DisclosureProducer, IdentityProducer, PreferenceProducer
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.errors import ClosedProducerError, SubjectKeyError
from disclosure_producers.event_producer import EventProducer
from disclosure_producers.receipts import Delivered, Receipt
from disclosure_producers.settings import KafkaSettings
from disclosure_producers.testing import (
    RecordingIdentityProducer,
    RecordingPreferenceProducer,
    RecordingProducer,
)
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.errors import DisclosureError, InvalidEventError
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.disclosure import DisclosureRequested, Item, Signals
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import Exemption, Kind, LinkAction, Mode, PreferenceKind
from kafka_fixtures import create_topic, fresh_name

WAIT_S = 30.0
ALICE = uuid.UUID(int=0xA11CE)
BOB = uuid.UUID(int=0xB0B)
MINUTE = timedelta(minutes=1)
PATIENT = DeliverySettings(outbox_after_ms=20_000)
"""A busy machine must not make a slow answer look like an outage."""


@dataclass
class Rig:
    """The three producers of one kind, and how to read what arrived."""

    disclosures: DisclosureProducer
    preferences: PreferenceProducer
    identities: IdentityProducer
    read: Callable[[EventProducer], list[tuple[bytes, Any]]]

    def requests(self) -> list[DisclosureRequested]:
        """Disclosure events in the topic, once all is delivered."""
        assert self.disclosures.flush(WAIT_S).waiting == 0
        return [event for _, event in self.read(self.disclosures)]


def _double() -> Iterator[Rig]:
    def read(producer: EventProducer) -> list[tuple[bytes, Any]]:
        assert isinstance(
            producer, RecordingProducer | RecordingPreferenceProducer | RecordingIdentityProducer
        )
        return list(zip(producer.recorded.arrived_keys, producer.arrived, strict=True))

    yield Rig(RecordingProducer("crm"), RecordingPreferenceProducer(), RecordingIdentityProducer(), read)


def _kafka(broker: LocalBroker, outbox_dir: Path) -> Iterator[Rig]:
    kafka = KafkaSettings(bootstrap=broker.bootstrap, topic_prefix=fresh_name("contract") + ".")
    for producer_type in (DisclosureProducer, PreferenceProducer, IdentityProducer):
        create_topic(broker, 1, kafka.topic(producer_type.topic))

    def read(producer: EventProducer) -> list[tuple[bytes, Any]]:
        producer.flush(WAIT_S)
        codec: EventCodec[Any] = EventCodec(producer.record)
        with BrokerClients(broker) as clients:
            records = clients.read_all(kafka.topic(producer.topic))
        return [(record.key() or b"", codec.decode(record.value() or b"")) for record in records]

    with (
        DisclosureProducer("crm", kafka=kafka, outbox_dir=outbox_dir, delivery=PATIENT) as disclosures,
        PreferenceProducer(kafka=kafka, outbox_dir=outbox_dir, delivery=PATIENT) as preferences,
        IdentityProducer(kafka=kafka, outbox_dir=outbox_dir, delivery=PATIENT) as identities,
    ):
        yield Rig(disclosures, preferences, identities, read)


@pytest.fixture(params=["double", pytest.param("apache", marks=pytest.mark.kafka)])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """The double, then the SDK on Apache Kafka."""
    if request.param == "double":
        yield from _double()
    else:
        yield from _kafka(request.getfixturevalue("apache_kafka"), tmp_path / "outbox")


def ask(rig: Rig, subject_key: uuid.UUID = ALICE, **said: Any) -> Receipt:
    """An ordinary request, with what the test is about."""
    return rig.disclosures.disclose(
        subject_key, **{"to": "harborlight", "kind": "sale", "items": ["identifiers"], **said}
    )


def test_a_request_arrives_as_it_was_said(rig: Rig) -> None:
    """Every argument of disclose() is in the event, keyed by the subject key."""
    event_id = new_event_id(1_700_000_000_000)
    collected_at = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    ask(
        rig,
        kind=Kind.BUSINESS_PURPOSE,
        items=["identifiers.email", Item(category="health", exemption=Exemption.HIPAA)],
        purpose="security",
        consideration="other",
        cross_context_ads=True,
        subject_type="device",
        combines_data=True,
        limit_exception="resist_fraud",
        channel="cookie",
        program="gold",
        control_transferred=True,
        onward_to="brook",
        acting_as="broker",
        bought="with_notice",
        wholly_outside_california=True,
        residency="US-OR",
        signals=Signals(gpc=("1",), dnt="0"),
        transaction_id="t-1",
        linked_subject_keys=[BOB],
        collected_at=collected_at,
        event_id=event_id,
    )

    rig.disclosures.flush(WAIT_S)
    [(key, event)] = rig.read(rig.disclosures)
    said = event.disclosure

    assert key == ALICE.bytes
    assert event.subject_key == ALICE
    assert event.event_id == event_id
    assert event.producer_id == rig.disclosures.producer_id
    assert event.occurred_at == event.emitted_at
    assert (event.collected_at, event.transaction_id, event.linked_subject_keys) == (
        collected_at,
        "t-1",
        (BOB,),
    )
    assert (said.mode, said.kind, said.recipient_id, said.emitter) == (
        Mode.REQUEST,
        Kind.BUSINESS_PURPOSE,
        "harborlight",
        "crm",
    )
    assert [str(item) for item in said.items] == ["identifiers.email", "health"]
    assert said.items[1].exemption is Exemption.HIPAA
    assert (said.purpose, said.consideration, said.cross_context_ads) == ("security", "other", True)
    assert (said.subject_type, said.combines_data, said.limit_exception) == ("device", True, "resist_fraud")
    assert (said.channel, said.program, said.control_transferred) == ("cookie", "gold", True)
    assert (said.onward_recipient_id, said.acting_as, said.bought) == ("brook", "broker", "with_notice")
    assert (said.wholly_outside_california, said.residency) == (True, "US-OR")
    assert (said.signals.gpc, said.signals.dnt) == (("1",), "0")


@pytest.mark.parametrize(
    ("kind", "purpose", "consideration", "cross_context_ads"),
    [
        ("sale", "marketing", "monetary", False),
        ("share", "marketing", "none", True),
        ("business_purpose", "provide_services", "none", False),
        ("consumer_directed", "provide_services", "none", False),
        ("legal_process", "legal_and_security", "none", False),
        ("corporate_transaction", "corporate_transaction", "none", False),
        ("opt_out_relay", "opt_out_notice", "none", False),
        ("other", "provide_services", "none", False),
    ],
)
def test_what_is_not_said_follows_from_the_kind(
    rig: Rig, kind: str, purpose: str, consideration: str, *, cross_context_ads: bool
) -> None:
    """Purpose, consideration and use for advertising have the defaults of their kind."""
    ask(rig, kind=kind)

    [event] = rig.requests()
    said = event.disclosure
    assert (said.purpose, said.consideration, said.cross_context_ads) == (
        purpose,
        consideration,
        cross_context_ads,
    )


def test_a_report_says_when_it_happened_and_what_it_refers_to(rig: Rig) -> None:
    """A report carries its own time, and the ids of the events it follows, corrects or retracts."""
    happened = datetime.now(UTC) - MINUTE
    asked, corrected, retracted = (new_event_id(n) for n in (1, 2, 3))
    rig.disclosures.report(
        ALICE,
        to="harborlight",
        kind="sale",
        items=["identifiers"],
        occurred_at=happened,
        decision_event_id=asked,
        corrects_event_id=corrected,
        retracts_event_id=retracted,
    )
    rig.disclosures.report(ALICE, to="harborlight", kind="sale", items=["identifiers"], occurred_at=happened)

    first, second = rig.requests()
    assert first.disclosure.mode is Mode.REPORT
    assert first.occurred_at == happened < first.emitted_at
    assert (first.decision_event_id, first.corrects_event_id, first.retracts_event_id) == (
        asked,
        corrected,
        retracted,
    )
    assert (second.decision_event_id, second.corrects_event_id, second.retracts_event_id) == (None,) * 3


def test_a_receipt_tells_where_the_event_is(rig: Rig) -> None:
    """Waiting, awaiting and being called back all give the coordinates of the event."""
    first, second, third = ask(rig), ask(rig), ask(rig)
    told: list[Receipt] = []
    called = threading.Event()

    third.add_done_callback(told.append)
    third.add_done_callback(lambda _: called.set())

    async def wait_for(receipt: Receipt) -> object:
        return await receipt

    assert first.result(WAIT_S) == Delivered(0, 0)
    assert asyncio.run(wait_for(second)) == Delivered(0, 1)
    assert called.wait(WAIT_S)
    assert told == [third]
    assert third.result(0) == Delivered(0, 2)
    assert first.done()
    assert first.error() is None
    assert [event.event_id for event in rig.requests()] == [
        first.event_id,
        second.event_id,
        third.event_id,
    ]


BAD_REQUESTS: dict[str, tuple[type[DisclosureError], dict[str, Any]]] = {
    "unknown kind": (InvalidEventError, {"kind": "gift"}),
    "the kind kept for newer words": (InvalidEventError, {"kind": "unknown"}),
    "a kind that is no text": (InvalidEventError, {"kind": 7}),
    "an unhashable kind": (InvalidEventError, {"kind": ["sale"]}),
    "no items": (InvalidEventError, {"items": []}),
    "items as one text": (InvalidEventError, {"items": "identifiers"}),
    "an item that is a number": (InvalidEventError, {"items": [7]}),
    "an item that is a dict": (InvalidEventError, {"items": [{"category": "identifiers"}]}),
    "an item without element": (InvalidEventError, {"items": ["identifiers."]}),
    "an item without category": (InvalidEventError, {"items": [".email"]}),
    "an item with an empty name": (InvalidEventError, {"items": [""]}),
    "too many items": (InvalidEventError, {"items": ["identifiers"] * 257}),
    "2 MB of items": (InvalidEventError, {"items": ["x" * 2_000_000]}),
    "2 MB of many items": (InvalidEventError, {"items": ["ü" * 512 + "." + "ü" * 512] * 256}),
    "a raw e-mail as key": (SubjectKeyError, {"subject_key": "alice@example.com"}),
    "a key as text": (SubjectKeyError, {"subject_key": str(ALICE)}),
    "a key as bytes": (SubjectKeyError, {"subject_key": ALICE.bytes}),
    "a raw e-mail as linked key": (SubjectKeyError, {"linked_subject_keys": ["alice@example.com"]}),
    "a raw e-mail as recipient": (InvalidEventError, {"to": "alice@example.com"}),
    "a raw e-mail as item": (InvalidEventError, {"items": ["alice@example.com"]}),
    "a raw e-mail as transaction": (InvalidEventError, {"transaction_id": "alice@example.com"}),
    "no recipient": (InvalidEventError, {"to": ""}),
    "an event id of version 4": (InvalidEventError, {"event_id": uuid.uuid4()}),
    "an event id as text": (InvalidEventError, {"event_id": str(new_event_id(1))}),
    "a naive time": (InvalidEventError, {"occurred_at": datetime(2026, 1, 1)}),  # noqa: DTZ001
    "a time as text": (InvalidEventError, {"occurred_at": "2026-01-01T00:00:00Z"}),
    "a naive time of collection": (InvalidEventError, {"collected_at": datetime(2026, 1, 1)}),  # noqa: DTZ001
    "a word nobody knows": (InvalidEventError, {"recipient": "harborlight"}),
    "an unknown consideration": (InvalidEventError, {"consideration": "shells"}),
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_bad_input_is_refused_before_anything_is_sent(rig: Rig, name: str) -> None:
    """Each is a typed error that repeats no identifier; no event arrives and no sequence number is used."""
    expected, said = BAD_REQUESTS[name]

    with pytest.raises(expected) as refused:
        ask(rig, **said)

    assert "alice" not in str(refused.value)
    assert "alice" not in repr(refused.value.__cause__)
    ask(rig)
    assert [event.sequence for event in rig.requests()] == [0]


@pytest.mark.parametrize("name", ["naive", "future", "text", "missing"])
def test_a_report_without_a_time_that_has_come_is_refused(rig: Rig, name: str) -> None:
    """A report happened at a moment with a time zone, before it was emitted."""
    moments: dict[str, Any] = {
        "naive": datetime(2026, 1, 1),  # noqa: DTZ001
        "future": datetime.now(UTC) + MINUTE,
        "text": "yesterday",
        "missing": None,
    }

    with pytest.raises(InvalidEventError, match="occurred_at"):
        rig.disclosures.report(
            ALICE, to="harborlight", kind="sale", items=["identifiers"], occurred_at=moments[name]
        )

    assert rig.requests() == []


def test_a_report_may_be_ahead_by_the_difference_of_two_clocks(rig: Rig) -> None:
    """Half a second in the future is no mistake of the caller."""
    happened = datetime.now(UTC) + timedelta(milliseconds=500)
    rig.disclosures.report(ALICE, to="harborlight", kind="sale", items=["identifiers"], occurred_at=happened)

    assert [event.occurred_at for event in rig.requests()] == [happened]


def test_threads_share_a_producer(rig: Rig) -> None:
    """Sequence numbers have no gaps over all threads, and each thread's events keep their order."""

    def emit(subject: int) -> None:
        for number in range(200):
            ask(rig, uuid.UUID(int=subject), transaction_id=str(number) if number % 3 == 0 else None)

    threads = [threading.Thread(target=emit, args=(subject,)) for subject in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    events = rig.requests()
    assert [event.sequence for event in events] == list(range(800))
    assert len({event.event_id for event in events}) == 800
    for subject in range(4):
        of_subject = [event for event in events if event.subject_key.int == subject]
        assert [event.transaction_id for event in of_subject] == [
            str(number) if number % 3 == 0 else None for number in range(200)
        ]


def test_a_closed_producer_takes_nothing(rig: Rig) -> None:
    """After close() a call is a typed error, and a second close() is none."""
    ask(rig)
    rig.disclosures.close()
    rig.disclosures.close()

    with pytest.raises(ClosedProducerError):
        ask(rig)


def test_preferences_arrive_as_they_were_said(rig: Rig) -> None:
    """Each verb is an event of its kind with the fields it was given."""
    asked_at = datetime.now(UTC) - MINUTE
    rig.preferences.opt_out(
        ALICE, of=["sale"], channel="agent", agent_permission="signed", occurred_at=asked_at
    )
    rig.preferences.direction(ALICE, to="harborlight", items=["identifiers"])
    rig.preferences.signal(BOB, gpc="1", usp="1YYN", account_key=ALICE)

    assert rig.preferences.flush(WAIT_S).waiting == 0
    records = rig.read(rig.preferences)
    opt_out, direction, signal = (event for _, event in records)

    assert [key for key, _ in records] == [ALICE.bytes, ALICE.bytes, BOB.bytes]
    assert all(isinstance(event, PreferenceRecorded) for _, event in records)
    assert (opt_out.kind, opt_out.of, opt_out.channel) == (PreferenceKind.OPT_OUT, ("sale",), "agent")
    assert (opt_out.agent_permission, opt_out.occurred_at) == ("signed", asked_at)
    assert (direction.kind, direction.recipient_ids, direction.elements, direction.action) == (
        PreferenceKind.DIRECTION,
        ("harborlight",),
        ("identifiers",),
        "click",
    )
    assert (signal.kind, signal.subject_type, signal.channel) == (PreferenceKind.SIGNAL, "device", "browser")
    assert (signal.signals.gpc, signal.signals.usp, signal.account_key) == (("1",), "1YYN", ALICE)


def test_links_arrive_as_they_were_said(rig: Rig) -> None:
    """A link, its end and its denial are events about both subjects, keyed by the first."""
    rig.identities.link(BOB, ALICE)
    rig.identities.unlink(BOB, ALICE, cause="logout")
    rig.identities.mistaken(BOB, ALICE, subject_type="household")

    assert rig.identities.flush(WAIT_S).waiting == 0
    records = rig.read(rig.identities)

    assert [key for key, _ in records] == [BOB.bytes] * 3
    events = [event for _, event in records]
    assert all(isinstance(event, IdentityLinked) and event.other_subject_key == ALICE for event in events)
    assert [event.action for event in events] == [LinkAction.LINK, LinkAction.UNLINK, LinkAction.MISTAKEN]
    assert [event.cause for event in events] == ["login", "logout", "login"]
    assert [event.subject_type for event in events] == ["device", "device", "household"]


def test_a_link_of_a_subject_to_itself_is_refused(rig: Rig) -> None:
    """Two subjects are linked, not one."""
    with pytest.raises(InvalidEventError, match="same subject key"):
        rig.identities.link(ALICE, ALICE)
