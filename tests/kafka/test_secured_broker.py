"""Every process against a broker with TLS, passwords and access rules: each can do its work and no more."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclOperation
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from certificates import new_certificate
from disclosure_ledger.answers.answer import Finding
from disclosure_ledger.answers.periods import last
from disclosure_ledger.door.opening import open_reader
from disclosure_ledger.door.reader import LedgerReader
from disclosure_ledger.store.errors import LedgerError
from disclosure_ledger.store.ledger import utc_now
from disclosure_producers.client import DisclosureProducer, PreferenceProducer
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.errors import NotAuthorisedError
from disclosure_producers.receipts import Delivered
from disclosure_schemas.topics import (
    BULKS,
    DEAD_LETTER,
    DECIDED,
    IDENTITIES,
    PREFERENCES,
    REQUESTED,
    TOPICS,
)
from gate_processes import GateProcess, pipeline_environment
from kafka_fixtures import need
from secured_kafka import Rule, SecuredKafka

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

WAIT_S = 60.0
PATIENT = DeliverySettings(outbox_after_ms=30_000, first_ack_ms=30_000)
READ = (AclOperation.READ, AclOperation.DESCRIBE)
WRITE = (AclOperation.WRITE, AclOperation.DESCRIBE)
LOOK = (AclOperation.DESCRIBE,)
SELLER, SOLD = UUID(int=0x5E11), UUID(int=0x501D)

RULES: list[Rule] = [
    ("app", ResourceType.TOPIC, REQUESTED.name, WRITE),
    ("app", ResourceType.TOPIC, BULKS.name, WRITE),
    ("centre", ResourceType.TOPIC, PREFERENCES.name, WRITE),
    ("centre", ResourceType.TOPIC, IDENTITIES.name, WRITE),
    ("gate", ResourceType.TOPIC, REQUESTED.name, READ),
    ("gate", ResourceType.TOPIC, PREFERENCES.name, READ),
    ("gate", ResourceType.TOPIC, IDENTITIES.name, READ),
    ("gate", ResourceType.TOPIC, DECIDED.name, WRITE),
    ("gate", ResourceType.TOPIC, DEAD_LETTER.name, WRITE),
    ("gate", ResourceType.GROUP, "gate", READ),
    ("gate", ResourceType.GROUP, "gate-control", LOOK),
    ("gate", ResourceType.TRANSACTIONAL_ID, "gate-", WRITE),
    ("recorder", ResourceType.TOPIC, DECIDED.name, READ),
    ("recorder", ResourceType.TOPIC, PREFERENCES.name, READ),
    ("recorder", ResourceType.TOPIC, IDENTITIES.name, READ),
    ("recorder", ResourceType.TOPIC, DEAD_LETTER.name, READ),
    ("recorder", ResourceType.TOPIC, BULKS.name, READ),
    ("recorder", ResourceType.TOPIC, REQUESTED.name, LOOK),
    ("recorder", ResourceType.GROUP, "disclosure-", LOOK),
]
"""The table of the README."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    """A secured broker with the topics, and the rules of the table."""
    folder = tmp_path_factory.mktemp("secured-kafka")
    secured = SecuredKafka(folder / "kafka", new_certificate(folder / "tls"))
    need(secured.name, secured.missing_requirements())
    with secured:
        admin = AdminClient({**secured.settings("admin").client_config()})
        new = [NewTopic(topic.name, num_partitions=1, replication_factor=1) for topic in TOPICS]
        for made in admin.create_topics(new).values():
            made.result(WAIT_S)
        secured.allow(RULES)
        yield secured


def ask(producer: DisclosureProducer, subject: UUID) -> object:
    """Ask to sell an address; where the request was delivered."""
    receipt = producer.disclose(subject, to="harborlight", kind="sale", items=["identifiers.email"])
    return receipt.result(WAIT_S)


def recorder_environment(broker: SecuredKafka, folder: Path) -> dict[str, str]:
    """Environment of a recorder's process."""
    return pipeline_environment(
        broker.settings("recorder"),
        DISCLOSURE_KAFKA_CLIENT=json.dumps(broker.client("recorder")),
        DISCLOSURE_LEDGER_DIR=str(folder / "ledger"),
    )


@contextmanager
def recorder(broker: SecuredKafka, folder: Path) -> Iterator[LedgerReader]:
    """A recorder as its own process and user, and a reader at its door."""
    with (folder / "recorder.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "disclosure_ledger.entry", "recorder"],
            env=recorder_environment(broker, folder),
            stdout=log,
            stderr=log,
        )
        try:
            with opened(folder / "ledger") as reader:
                yield reader
        finally:
            process.terminate()
            process.wait(WAIT_S)


def opened(folder: Path) -> LedgerReader:
    """The door of a recorder that is starting."""
    deadline = time.monotonic() + WAIT_S
    while not (folder / "door.sock").exists():
        assert time.monotonic() < deadline, "the recorder did not open its door"
        time.sleep(0.1)
    try:
        return open_reader(folder)
    except LedgerError as error:
        raise AssertionError("the recorder ended") from error


def audit(broker: SecuredKafka, folder: Path) -> dict[str, Any]:
    """What `disclosures audit` says, with the recorder's rights."""
    done = subprocess.run(
        [sys.executable, "-m", "disclosure_ledger.entry", "audit", "--json"],
        env=recorder_environment(broker, folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S * 2,
    )
    assert done.returncode in {0, 1}, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_each_process_does_its_work_with_its_own_rights(broker: SecuredKafka, tmp_path: Path) -> None:
    """A preference stops a sale that the application asks for, the gate decides and the recorder records."""
    client = {"DISCLOSURE_KAFKA_CLIENT": json.dumps(broker.client("gate"))}
    gate = GateProcess(broker.settings("gate"), "one", tmp_path / "gate.log", **client)
    try:
        gate.wait_until_ready()
        with PreferenceProducer(
            kafka=broker.settings("centre"), outbox_dir=tmp_path / "centre", delivery=PATIENT
        ) as centre:
            assert isinstance(centre.opt_out(SOLD).result(WAIT_S), Delivered)
        with DisclosureProducer(
            "crm", kafka=broker.settings("app"), outbox_dir=tmp_path / "app", delivery=PATIENT
        ) as app:
            assert isinstance(ask(app, SELLER), Delivered)
            assert isinstance(ask(app, SOLD), Delivered)
        with recorder(broker, tmp_path) as reader:
            deadline = time.monotonic() + WAIT_S
            while reader.stats()["decisions"] < 2:
                assert time.monotonic() < deadline, (tmp_path / "recorder.log").read_text()[-3000:]
                time.sleep(0.2)
            year = last("12m", utc_now())
            sold = reader.to_whom([SOLD], year, include_blocked=True)
            assert reader.to_whom([SELLER], year).finding is Finding.DISCLOSED
            assert [line.reason.code for line in sold.blocked or ()] == ["opted_out_of_sale"]
            audited = audit(broker, tmp_path)
            assert audited["is_balanced"], audited["equation"]
    finally:
        gate.terminate()


def test_an_application_may_write_requests_only(broker: SecuredKafka, tmp_path: Path) -> None:
    """Its attempt to record a preference is a clear error, at once and again, and is stored nowhere."""
    with PreferenceProducer(
        kafka=broker.settings("app"), outbox_dir=tmp_path / "outbox", delivery=PATIENT
    ) as producer:
        for _ in range(2):
            with pytest.raises(NotAuthorisedError, match=PREFERENCES.name):
                producer.opt_out(SELLER).result(WAIT_S)
        assert producer.backlog().stored == 0


def test_an_application_sees_its_topics_alone_and_reads_nothing(broker: SecuredKafka) -> None:
    """The other topics are not even listed, and what others have asked for is not read."""
    config = broker.settings("app").client_config()
    admin = AdminClient({**config})
    assert set(admin.list_topics(timeout=WAIT_S).topics) == {REQUESTED.name, BULKS.name}
    broker.allow([("app", ResourceType.GROUP, "app", LOOK)])
    consumer = Consumer({**config, "group.id": "app", "enable.auto.commit": False})
    try:
        consumer.assign([TopicPartition(REQUESTED.name, 0, 0)])
        message = consumer.poll(WAIT_S)
        assert message is not None
        error = message.error()
        assert error is not None
        assert error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
    finally:
        consumer.close()


@pytest.mark.parametrize("change", [{"sasl.password": "wrong"}, {"security.protocol": "PLAINTEXT"}])
def test_nobody_comes_in_without_password_and_tls(broker: SecuredKafka, change: dict[str, str]) -> None:
    """A wrong password and a connection without TLS get no answer from the broker."""
    admin = AdminClient({**broker.settings("app").client_config(), **change, "log_level": 0})
    with pytest.raises(KafkaException):
        admin.list_topics(timeout=3)


def test_settings_do_not_show_their_passwords(broker: SecuredKafka) -> None:
    """What is printed or logged of settings has no password in it."""
    settings = broker.settings("app")
    assert "of-the-tests" not in f"{settings!r} {settings}"
