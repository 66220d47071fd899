"""Replay and what-if on Apache Kafka: gates decide, the log is decided again."""

import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from command_line import with_commands
from disclosure_consumers.registry_files import example_registry
from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.entry import run
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import DisclosureChannel, Kind, Mode, PreferenceKind, SubjectType
from disclosure_schemas.topics import DECIDED, IDENTITIES, PREFERENCES, REQUESTED, Topic
from gate_events import (
    IDENTITY_CODEC,
    PREFERENCE_CODEC,
    REQUESTED_CODEC,
    disclosure,
    link,
    preference,
    request,
)
from gate_processes import fresh_pipeline, gates, read_all

pytestmark = pytest.mark.kafka

SUBJECTS = [uuid.uuid4() for _ in range(40)]
BANNERS = SUBJECTS[30:33]
"""Devices whose banner was rejected."""


@pytest.fixture
def kafka(apache_kafka: ApacheKafka, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> KafkaSettings:
    """Topics of a pipeline of their own, and the settings of commands that ask about it."""
    settings = fresh_pipeline(apache_kafka)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCLOSURE_KAFKA_BOOTSTRAP", settings.bootstrap)
    monkeypatch.setenv("DISCLOSURE_KAFKA_TOPIC_PREFIX", settings.topic_prefix)
    monkeypatch.setenv("DISCLOSURE_KAFKA_CONSUMER", json.dumps(dict(settings.consumer)))
    with_commands(monkeypatch, "replay:replay", "what_if:what_if")
    return settings


def said() -> Sequence[PreferenceRecorded | IdentityLinked]:
    """Opt-outs, banners, a link, an aged person; of a tenth of the subjects in all."""
    device = {"subject_type": SubjectType.DEVICE}
    return [
        *(preference(subject, PreferenceKind.OPT_OUT) for subject in SUBJECTS[:5]),
        *(preference(subject, PreferenceKind.COOKIE_REJECT, **device) for subject in BANNERS),
        link(SUBJECTS[5], SUBJECTS[0]),
        preference(SUBJECTS[6], PreferenceKind.AGE, age_band="13_to_15"),
    ]


def asked(number: int) -> list[DisclosureRequested]:
    """A sale by cookie, a service and a report of a sale about every subject."""
    by_cookie = disclosure(channel=DisclosureChannel.COOKIE)
    service = disclosure(kind=Kind.BUSINESS_PURPOSE, recipient_id="parcelmoor", purpose="provide_services")
    report = disclosure(mode=Mode.REPORT)
    return [
        request(subject, what, sequence=number)
        for subject in SUBJECTS
        for what in (by_cookie, service, report)
    ]


def send(kafka: KafkaSettings, events: Sequence[Any]) -> None:
    """Produce events to their topics, and wait until the broker has them."""
    places: dict[type, tuple[Topic, Any]] = {
        PreferenceRecorded: (PREFERENCES, PREFERENCE_CODEC),
        IdentityLinked: (IDENTITIES, IDENTITY_CODEC),
        DisclosureRequested: (REQUESTED, REQUESTED_CODEC),
    }
    producer = Producer({**kafka.client_config()})
    for event in events:
        topic, codec = places[type(event)]
        producer.produce(kafka.topic(topic), codec.encode(event), event.subject_key.bytes)
    assert producer.flush(30) == 0


def decide(kafka: KafkaSettings, folder: Path) -> int:
    """Let two gates decide before and after people said something; returns the number of decisions."""
    before, after = asked(1), asked(2)
    with gates(kafka, folder, 2):
        send(kafka, before)
        read_all(kafka, kafka.topic(DECIDED), len(before))
        send(kafka, said())
        send(kafka, after)
        read_all(kafka, kafka.topic(DECIDED), len(before) + len(after))
    return len(before) + len(after)


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    """Exit code and JSON of a command."""
    capsys.readouterr()
    code = run([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def without_banners(folder: Path) -> Path:
    """The example registry, in which rejecting a banner stops nothing."""
    copytree(example_registry(), folder)
    policy = folder / "policy.yaml"
    changed = policy.read_text().replace("toggles: {}", "toggles: {treat_cookie_reject_as_opt_out: false}")
    policy.write_text(changed)
    return folder


def test_the_log_of_two_gates_is_replayed_and_tried_with_another_setting(
    kafka: KafkaSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every decision is made again byte for byte; another setting changes what it is about, nothing else."""
    decided = decide(kafka, tmp_path)

    code, replayed = answer(capsys, "replay")
    assert (code, replayed["replayed"], replayed["identical"]) == (0, decided, decided)
    assert run(["replay", "--limit", "7"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "7 decisions replayed, 7 identical, 0 different"

    other = without_banners(tmp_path / "other")
    code, apart = answer(capsys, "replay", "--registry", str(other))
    assert (code, apart["replayed"], apart["other_registry"]) == (0, 0, decided)

    code, tried = answer(capsys, "what-if", "--registry", str(other))
    assert (code, tried["decisions"], tried["would_be_permitted"]) == (0, decided, len(BANNERS))
    assert tried["unchanged"] == decided - len(BANNERS)
    (change,) = tried["changes"]
    assert (change["was_reason"], change["would_be_reason"]) == ("cookie_reject", "not_opted_out")
    assert (change["recipient"], change["pi_category"]) == ("harborlight", "identifiers")
    assert len(change["examples"]) == 3


def test_a_control_topic_that_lost_records_is_named(
    kafka: KafkaSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where what people said was deleted, the decisions made with it are not taken for reproduced."""
    decide(kafka, tmp_path)
    admin = AdminClient({**kafka.client_config()})
    topic = kafka.topic(PREFERENCES)
    partitions = admin.list_topics(topic, timeout=10).topics[topic].partitions
    for done in admin.delete_records([TopicPartition(topic, number, 1) for number in partitions]).values():
        done.result(30)

    code, replayed = answer(capsys, "replay")

    assert code == 1
    assert replayed["no_history"] > 0
    assert replayed["identical"] == replayed["replayed"] > 0
    assert all("begins at offset 1" in obstacle for obstacle in replayed["obstacles"]["no_history"])
