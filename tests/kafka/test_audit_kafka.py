"""The audit on Apache Kafka: ends, transactional holes, a missing request by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from audit_doubles import HandMadeLedger
from broker_clients import WAIT_S, BrokerClients
from disclosure_ledger.audit.errors import AuditBrokerError
from disclosure_ledger.audit.facts import Extent
from disclosure_ledger.audit.result import AuditResult
from disclosure_ledger.audit.run import audit
from disclosure_ledger.audit.spans import spans_of
from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.kafka_offsets import BrokerOffsets
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.topics import DEAD_LETTER, DECIDED, REQUESTED
from kafka_fixtures import create_topic, fresh_name

pytestmark = pytest.mark.kafka

PARTITIONS = 2


@pytest.fixture
def kafka(apache_kafka: ApacheKafka) -> KafkaSettings:
    """Fresh topics of a pipeline of their own."""
    settings = KafkaSettings(bootstrap=apache_kafka.bootstrap, topic_prefix=f"{fresh_name('audit')}.")
    for topic in (REQUESTED, DECIDED, DEAD_LETTER):
        create_topic(apache_kafka, PARTITIONS, settings.topic(topic))
    return settings


@pytest.fixture
def clients(apache_kafka: ApacheKafka) -> Iterator[BrokerClients]:
    """Producers."""
    with BrokerClients(apache_kafka) as made:
        yield made


@pytest.fixture
def broker(kafka: KafkaSettings) -> Iterator[BrokerOffsets]:
    """The audit's half of the broker."""
    with BrokerOffsets(kafka) as offsets:
        yield offsets


@pytest.fixture
def ledger(tmp_path: Path, kafka: KafkaSettings) -> Iterator[HandMadeLedger]:
    """An empty ledger."""
    with HandMadeLedger(tmp_path, topic=kafka.topic(REQUESTED)) as made:
        yield made


def in_transactions(producer: Producer, topic: str, *batches: int, partition: int = 0) -> None:
    """Produce batches, one transaction each; a negative one is aborted."""
    for size in batches:
        producer.begin_transaction()
        for _ in range(abs(size)):
            producer.produce(topic, b"value", partition=partition)
        producer.flush(WAIT_S)
        if size < 0:
            producer.abort_transaction(WAIT_S)
        else:
            producer.commit_transaction(WAIT_S)


def offsets_with_records(kafka: KafkaSettings, topic: str, partition: int) -> list[int]:
    """Every offset of a partition that a reader of committed records is given."""
    consumer = Consumer(
        {
            **kafka.consumer_config(),
            "group.id": fresh_name("group"),
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }
    )
    consumer.assign([TopicPartition(topic, partition, 0)])
    offsets = []
    with consumer:
        while (message := consumer.poll(WAIT_S)) is not None and message.error() is None:
            offsets.append(message.offset())
    return [offset for offset in offsets if offset is not None]


def audited(ledger: HandMadeLedger, broker: BrokerOffsets, **options: object) -> AuditResult:
    """Audit without waiting."""
    return audit(ledger.reader, broker, wait_s=0, **options)  # type: ignore[arg-type]


def record_as_decided(
    kafka: KafkaSettings, clients: BrokerClients, ledger: HandMadeLedger
) -> list[tuple[int, int]]:
    """Requests of plain and transactional emitters; two are set aside, the others decided and returned."""
    topic = kafka.topic(REQUESTED)
    clients.publish(topic, ["value"] * 30, partition=1)
    in_transactions(clients.transactional_producer(), topic, 5, 1, -4, 1, 1, 7)
    requests = [(p, offset) for p in range(PARTITIONS) for offset in offsets_with_records(kafka, topic, p)]
    set_aside, decided = [requests[3], requests[-1]], [*requests[:3], *requests[4:-1]]
    gate = clients.transactional_producer()
    for partition in range(PARTITIONS):
        mine = [entry for entry in decided if entry[0] == partition]
        in_transactions(gate, kafka.topic(DECIDED), len(mine), partition=partition)
    in_transactions(gate, kafka.topic(DEAD_LETTER), 1, partition=0)
    in_transactions(gate, kafka.topic(DEAD_LETTER), 1, partition=1)
    ledger.decide(decided)
    ledger.set_aside(set_aside)
    return decided


def test_a_pipeline_with_transactions_and_aborts_is_balanced(
    kafka: KafkaSettings, clients: BrokerClients, ledger: HandMadeLedger, broker: BrokerOffsets
) -> None:
    """Markers and aborted records are no requests, and no record is left for the recorder to read."""
    record_as_decided(kafka, clients, ledger)
    result = audited(ledger, broker, deep=True)

    assert result.lines()[-1] == (
        "requested 45 = decided 43 + dead-lettered 2; ledger rows 43 = decisions 43; balanced"
    )
    assert result.not_on_broker == 6 + 4  # a marker for each transaction, and the aborted records
    assert not result.recorder_is_behind
    assert result.deep is not None
    assert (result.deep.on_broker, result.deep.recorded) == (43, 43)


def test_one_request_without_a_row_is_named(
    kafka: KafkaSettings, clients: BrokerClients, ledger: HandMadeLedger, broker: BrokerOffsets
) -> None:
    """A row that is lost from the ledger is found, between holes that are none, and the audit fails."""
    partition, offset = record_as_decided(kafka, clients, ledger)[8]
    with ledger.ledger.cursor() as cursor:
        cursor.execute(
            "DELETE FROM hot_decision_row WHERE request_partition = ? AND request_offset = ?",
            [partition, offset],
        )
    result = audited(ledger, broker)

    assert not result.is_balanced
    assert result.missing == {partition: spans_of([offset])}
    assert result.lines()[0].endswith(f"partition {partition}: {offset} (1 in all)")
    assert result.lines()[-1].endswith("NOT balanced")


def test_requests_not_yet_decided_are_waiting(
    kafka: KafkaSettings, clients: BrokerClients, ledger: HandMadeLedger, broker: BrokerOffsets
) -> None:
    """Requests after the last decided one are reported as waiting, and not those of an open transaction."""
    clients.publish(kafka.topic(REQUESTED), ["value"] * 4, partition=1)
    clients.publish(kafka.topic(DECIDED), ["value"] * 2, partition=1)
    ledger.decide([(1, 0), (1, 1)])
    emitter = clients.transactional_producer()
    emitter.begin_transaction()
    emitter.produce(kafka.topic(REQUESTED), b"value", partition=1)
    emitter.flush(WAIT_S)
    result = audited(ledger, broker)
    emitter.abort_transaction(WAIT_S)

    assert result.waiting == {1: spans_of([2, 3])}
    assert result.requested == 4


def test_a_recorder_that_is_behind_is_said_to_be(
    kafka: KafkaSettings, clients: BrokerClients, ledger: HandMadeLedger, broker: BrokerOffsets
) -> None:
    """Decisions on the broker that the ledger has not read make its gaps waiting ones."""
    clients.publish(kafka.topic(REQUESTED), ["value"] * 3)
    clients.publish(kafka.topic(DECIDED), ["value"] * 3)
    ledger.decide([(0, 0), (0, 2)])
    result = audited(ledger, broker)

    assert result.recorder_is_behind
    assert (result.missing, result.waiting) == ({}, {0: spans_of([1])})


def test_requests_the_broker_deleted_are_counted_from_the_ledger(
    kafka: KafkaSettings, clients: BrokerClients, ledger: HandMadeLedger, broker: BrokerOffsets
) -> None:
    """Below the log start the ledger's rows are all there is; the audit balances and says so."""
    topic = kafka.topic(REQUESTED)
    clients.publish(topic, ["value"] * 10)
    clients.publish(kafka.topic(DECIDED), ["value"] * 9)
    ledger.decide([(0, offset) for offset in range(10) if offset != 2])
    deleted = clients.admin.delete_records([TopicPartition(topic, 0, 6)])
    assert [done.result(WAIT_S).low_watermark for done in deleted.values()] == [6]
    result = audited(ledger, broker)

    assert broker.extents(REQUESTED)[0] == Extent(low=6, high=10)
    assert result.is_balanced
    assert (result.requested, result.requested_from_ledger, result.gone) == (9, 5, 1)


def test_only_offsets_with_committed_records_are_found(
    kafka: KafkaSettings, clients: BrokerClients, broker: BrokerOffsets
) -> None:
    """Looking offsets up finds what a reader of committed records is given, near and far apart."""
    topic = kafka.topic(REQUESTED)
    in_transactions(clients.transactional_producer(), topic, 3, -2, 2)
    clients.publish(topic, ["value"] * 6_000)
    present = offsets_with_records(kafka, topic, 0)
    end = broker.extents(REQUESTED)[0].high
    asked = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 3_000, end - 1]

    assert broker.records_among(REQUESTED, {0: spans_of(asked)}) == {0: spans_of({*asked} & {*present})}
    assert broker.count_records(REQUESTED, broker.extents(REQUESTED)) == len(present)
    assert broker.has_records(REQUESTED, {0: Extent(low=3, high=5)}) is False
    assert broker.has_records(REQUESTED, {0: Extent(low=3, high=9), 1: Extent(low=0, high=0)}) is True


def test_a_topic_that_is_not_there_is_an_error_and_is_not_made(apache_kafka: ApacheKafka) -> None:
    """Auditing a broker without the topics says how to create them and creates none."""
    settings = KafkaSettings(bootstrap=apache_kafka.bootstrap, topic_prefix=f"{fresh_name('none')}.")
    with BrokerOffsets(settings) as broker, pytest.raises(AuditBrokerError, match="topics create"):
        broker.extents(REQUESTED)

    topics = AdminClient({**settings.client_config()}).list_topics(timeout=WAIT_S).topics
    assert settings.topic(REQUESTED) not in topics


def test_a_broker_that_is_not_there_is_an_error() -> None:
    """Where nobody listens the audit ends with a typed error instead of waiting for ever."""
    nowhere = KafkaSettings(bootstrap="127.0.0.1:1", client={"log_level": 0})
    with (
        BrokerOffsets(nowhere, request_timeout_s=1) as broker,
        pytest.raises(AuditBrokerError, match="running"),
    ):
        broker.extents(REQUESTED)
