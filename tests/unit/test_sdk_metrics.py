"""What an application's Prometheus reads of the SDK: each metric moves, and none is told but the table's."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from confluent_kafka import KafkaError
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from disclosure_producers.client import DisclosureProducer
from disclosure_producers.errors import OutboxFullError
from disclosure_producers.prometheus import ProducerCollector
from disclosure_producers.testing import (
    RecordingIdentityProducer,
    RecordingPreferenceProducer,
    RecordingProducer,
)
from disclosure_schemas.metrics import application as metrics
from disclosure_schemas.metrics.metric import Metric, Process
from disclosure_schemas.metrics.table import metrics_of
from disclosure_schemas.topics import IDENTITIES, PREFERENCES, REQUESTED
from sdk_fakes import FakeBroker, ManualCourier, key_of

ALICE, LAPTOP = key_of(1), key_of(2)
PAST = datetime(2026, 4, 6, tzinfo=UTC)


def ask(producer: DisclosureProducer) -> None:
    """An ordinary request."""
    producer.disclose(ALICE, to="harborlight", kind="sale", items=["identifiers.email"])


def exposed(collector: ProducerCollector) -> str:
    """The text that Prometheus gets."""
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry).decode()


def told(collector: ProducerCollector, metric: Metric, topic: str = REQUESTED.name) -> float:
    """Value of one series, as Prometheus reads it."""
    (value,) = [
        sample.value
        for family in text_string_to_metric_families(exposed(collector))
        for sample in family.samples
        if sample.name == metric.name and sample.labels == {"topic": topic}
    ]
    return float(value)


@pytest.fixture
def broker() -> FakeBroker:
    """A broker that is there."""
    return FakeBroker()


@pytest.fixture
def manual(broker: FakeBroker, tmp_path: Path) -> Iterator[ManualCourier]:
    """A courier that works when the test says so."""
    made = ManualCourier(broker, tmp_path)
    yield made
    broker.is_away = False
    made.courier.close(0)
    made.courier.step()


def test_the_sdk_exposes_what_its_table_says() -> None:
    """Names, types and labels are the rows of the table, for every topic that applications write."""
    collector = ProducerCollector(
        RecordingProducer(), RecordingPreferenceProducer(), RecordingIdentityProducer()
    )
    found = {
        (sample.name, family.type, tuple(sample.labels))
        for family in text_string_to_metric_families(exposed(collector))
        for sample in family.samples
    }
    assert found == {(m.name, m.type.value, m.label_names) for m in metrics_of(Process.APPLICATION)}
    for metric in metrics_of(Process.APPLICATION):
        for topic in (REQUESTED, PREFERENCES, IDENTITIES):
            assert told(collector, metric, topic.name) == 0


def test_accepted_and_rejected_calls_are_counted() -> None:
    """A call that raised for a full outbox is rejected, the others are accepted."""
    producer = RecordingProducer()
    collector = ProducerCollector(producer)

    ask(producer)
    with producer.outage(outbox_max_events=1):
        ask(producer)
        with pytest.raises(OutboxFullError):
            ask(producer)

    assert told(collector, metrics.ACCEPTED) == 2
    assert told(collector, metrics.REJECTED) == 1


def test_an_outage_is_seen_and_its_end_too() -> None:
    """Stored events and the age of the oldest go up while the broker is away, and back to 0 after it."""
    producer = RecordingProducer()
    moment_ms = 0
    collector = ProducerCollector(producer, now_ms=lambda: moment_ms)

    with producer.outage():
        ask(producer)
        ask(producer)
        moment_ms = (producer.events[0].event_id.int >> 80) + 90_000
        assert told(collector, metrics.OUTBOX_EVENTS) == 2
        assert told(collector, metrics.OUTBOX_OLDEST_SECONDS) == 90

    assert told(collector, metrics.OUTBOX_EVENTS) == 0
    assert told(collector, metrics.OUTBOX_OLDEST_SECONDS) == 0


def test_several_producers_of_a_topic_add_up_and_topics_stay_apart() -> None:
    """Two producers of requests are one series; that of identities has its own."""
    one, other, identities = RecordingProducer(), RecordingProducer(), RecordingIdentityProducer()
    collector = ProducerCollector(one, other, identities)

    for producer in (one, one, other):
        ask(producer)
    identities.link(LAPTOP, ALICE, subject_type="device", other_subject_type="account", occurred_at=PAST)

    assert told(collector, metrics.ACCEPTED) == 3
    assert told(collector, metrics.ACCEPTED, IDENTITIES.name) == 1


def test_what_the_couriers_hold_is_told(broker: FakeBroker, manual: ManualCourier) -> None:
    """An event waits, is stored when the broker stays away, and is gone when it comes back."""
    producer = DisclosureProducer("crm", carrier=manual.courier)
    collector = ProducerCollector(producer)
    broker.is_away = True
    ask(producer)
    manual.courier.step()
    assert (told(collector, metrics.WAITING_EVENTS), told(collector, metrics.OUTBOX_EVENTS)) == (1, 0)

    manual.pass_time(1)
    assert (told(collector, metrics.WAITING_EVENTS), told(collector, metrics.OUTBOX_EVENTS)) == (0, 1)

    broker.is_away = False
    manual.pass_time(1)
    assert (told(collector, metrics.WAITING_EVENTS), told(collector, metrics.OUTBOX_EVENTS)) == (0, 0)
    assert told(collector, metrics.ACCEPTED) == 1


def test_the_age_of_what_is_stored_is_told(broker: FakeBroker, manual: ManualCourier) -> None:
    """The age counts from when the oldest stored event was made."""
    producer = DisclosureProducer("crm", carrier=manual.courier)
    broker.is_away = True
    ask(producer)
    manual.pass_time(1)

    oldest_ms = manual.courier.statistics().oldest_stored_ms
    assert oldest_ms is not None
    collector = ProducerCollector(producer, now_ms=lambda: oldest_ms + 2_500)
    assert told(collector, metrics.OUTBOX_OLDEST_SECONDS) == 2.5


def test_a_stored_event_that_is_refused_is_told(broker: FakeBroker, manual: ManualCourier) -> None:
    """What the broker refuses for good after it was stored is set aside and counted."""
    producer = DisclosureProducer("crm", carrier=manual.courier)
    collector = ProducerCollector(producer)
    broker.is_away = True
    ask(producer)
    manual.pass_time(1)
    assert told(collector, metrics.OUTBOX_REFUSED_EVENTS) == 0

    broker.verdict = lambda _: KafkaError.MSG_SIZE_TOO_LARGE
    broker.is_away = False
    manual.pass_time(1)

    assert told(collector, metrics.OUTBOX_REFUSED_EVENTS) == 1
    assert told(collector, metrics.OUTBOX_EVENTS) == 0


def test_an_outbox_that_cannot_be_read_is_told(broker: FakeBroker, tmp_path: Path) -> None:
    """A file of an earlier run that is no database counts as damaged."""
    dead = ManualCourier(broker, tmp_path)
    broker.is_away = True
    ask(DisclosureProducer("crm", carrier=dead.courier))
    dead.pass_time(1)
    dead.crash()
    (path,) = tmp_path.glob("*.outbox")
    path.write_bytes(b"no database" * 1000)

    broker.is_away = False
    later = ManualCourier(broker, tmp_path)
    later.pass_time(1)

    assert (
        told(ProducerCollector(DisclosureProducer("crm", carrier=later.courier)), metrics.OUTBOX_DAMAGED) == 1
    )
    later.courier.close(0)
    later.courier.step()
