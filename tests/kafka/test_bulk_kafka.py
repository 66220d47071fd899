"""A bulk of 200,000 people on Apache Kafka, its sender killed once: all but who opted out may go."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from disclosure_consumers.kafka.topic_admin import TopicAdmin
from disclosure_consumers.settings import GateSettings
from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.door.client import DoorClient
from disclosure_ledger.door.sockets import SOCKET_FILE
from disclosure_ledger.entry import run
from disclosure_ledger.kafka_offsets import BrokerOffsets
from disclosure_ledger.pipeline.children import ProgramChild, own_command
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.events.vocabulary import PreferenceKind
from disclosure_schemas.subject_keys import IdentifierType, subject_key
from disclosure_schemas.topics import PREFERENCES, REQUESTED
from gate_events import PREFERENCE_CODEC, preference
from kafka_fixtures import fresh_name

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

PEOPLE, OPTED_OUT_EVERY, BAD_LINES = 200_000, 7, 3
KILL_AFTER_ROWS = 20_000
SECRET = "c1" * 32
WAIT_S = 120.0
SALE = ("--to", "harborlight", "--kind", "sale", "--item", "identifiers.email_hash")


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds; fail when it does not within a generous time."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def email(number: int) -> str:
    """Address of a person."""
    return f"person{number}@example.com"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A CSV file of all people, with some lines that name nobody."""
    path = tmp_path / "people.csv"
    lines = [f"{number},{email(number)}" for number in range(PEOPLE)]
    for number in range(BAD_LINES):
        lines.insert(PEOPLE // 2, f"bad{number},nobody")
    path.write_text("number,email\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def pipeline(
    apache_kafka: ApacheKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[KafkaSettings]:
    """A gate and a recorder with topics and a ledger of their own."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "DISCLOSURE_KAFKA_BOOTSTRAP": apache_kafka.bootstrap,
        "DISCLOSURE_KAFKA_TOPIC_PREFIX": f"{fresh_name('bulk')}.",
        "DISCLOSURE_SUBJECT_SECRET": SECRET,
        "DISCLOSURE_LEDGER_DIR": str(tmp_path / "ledger"),
        "DISCLOSURE_LEDGER_SEAL_ROWS": "120000",
        "DISCLOSURE_PRODUCER_OUTBOX_DIR": str(tmp_path / "outbox"),
        "DISCLOSURE_GATE_PERMIT_TTL_S": "3600",
    }.items():
        monkeypatch.setenv(name, value)
    assert run(["topics", "create"]) == 0
    kafka = KafkaSettings()
    opt_out_some(kafka)
    children = [ProgramChild(name, own_command(name), {}, tmp_path / "logs") for name in ("gate", "recorder")]
    admin, door = TopicAdmin(kafka), DoorClient(tmp_path / "ledger" / SOCKET_FILE)
    try:
        for child in children:
            child.start()

        def serving() -> bool:
            for child in children:
                assert child.is_running, child.log_tail()
            return door.is_open() and admin.group_member_count(GateSettings().group) == 1

        until(serving, "gate and recorder are not ready")
        yield kafka
    finally:
        for child in children:
            child.stop()


def opt_out_some(kafka: KafkaSettings) -> None:
    """One in seven people opted out before."""
    client = Producer({**kafka.client_config(), "queue.buffering.max.messages": 1_000_000})
    for number in range(0, PEOPLE, OPTED_OUT_EVERY):
        key = subject_key(bytes.fromhex(SECRET), IdentifierType.EMAIL, email(number))
        event = preference(key, PreferenceKind.OPT_OUT)
        client.produce(kafka.topic(PREFERENCES), PREFERENCE_CODEC.encode(event), key.bytes)
    assert client.flush(60) == 0


def requested(kafka: KafkaSettings) -> int:
    """How many requests are in the topic."""
    with BrokerOffsets(kafka) as broker:
        return sum(extent.high for extent in broker.extents(REQUESTED).values())


def send_and_kill(kafka: KafkaSettings, people: Path) -> str:
    """Send the file in a process that is killed -9 once some rows are in the topic; the bulk's id."""
    words = ["bulk", "send", str(people), *SALE, "--skip-rejects"]
    command = [sys.executable, "-m", "disclosure_ledger.entry", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ}) as sender:
        assert sender.stderr is not None
        announced = re.match(r"bulk (\S+): 200,000 people", sender.stderr.readline())
        assert announced is not None
        until(lambda: requested(kafka) >= KILL_AFTER_ROWS, "no rows are in the topic")
        sender.send_signal(signal.SIGKILL)
        assert sender.wait() == -signal.SIGKILL, "it was killed before it had sent everything"
    return announced[1]


def printed(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    """What a command prints as JSON."""
    capsys.readouterr()
    assert run([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_exactly_those_may_go_who_did_not_opt_out(
    pipeline: KafkaSettings, people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed and resumed, every row is decided once, and the list is all but who opted out (G1 to G3)."""
    bulk_id = send_and_kill(pipeline, people)
    assert requested(pipeline) < PEOPLE

    sent = printed(capsys, "bulk", "send", str(people), *SALE, "--skip-rejects", "--resume", bulk_id)
    state = printed(capsys, "bulk", "status", bulk_id, "--wait", str(WAIT_S))
    out = tmp_path / "may-go.csv"
    handed_out = printed(capsys, "bulk", "permitted", bulk_id, "--out", str(out), "--input", str(people))
    keys = tmp_path / "keys.csv"
    assert printed(capsys, "bulk", "permitted", bulk_id, "--out", str(keys))["permitted"] > 0

    may_go = [number for number in range(PEOPLE) if number % OPTED_OUT_EVERY]
    assert (sent["rows"], sent["rejected"]) == (PEOPLE, BAD_LINES)
    assert (state["decided"], state["waiting"], state["announced"]["announcements"]) == (PEOPLE, 0, 2)
    assert [(entry["outcome"], entry["rows"]) for entry in state["outcomes"]] == [
        ("permit", len(may_go)),
        ("suppress", PEOPLE - len(may_go)),
    ]
    assert handed_out["permitted"] == len(may_go)
    assert out.read_text().splitlines() == ["number,email", *(f"{n},{email(n)}" for n in may_go)]
    secret = bytes.fromhex(SECRET)
    assert keys.read_text().splitlines()[1:] == [
        str(subject_key(secret, IdentifierType.EMAIL, email(number))) for number in may_go
    ]
    rejects = people.with_name("people.csv.rejects.csv").read_text()
    assert rejects.count("an e-mail address was expected") == BAD_LINES
    assert "nobody" not in rejects

    audited = printed(capsys, "audit", "--wait", str(WAIT_S))
    assert audited["is_balanced"], audited["equation"]
    assert audited["bulks"]["announced"] == audited["bulks"]["found"] == PEOPLE
    assert audited["repeats"] == requested(pipeline) - PEOPLE
    with capsys.disabled():
        repeats = DoorClient(tmp_path / "ledger" / SOCKET_FILE).stats()["repeats"]
    assert repeats == {"already_recorded": audited["repeats"]}
