"""The command line against Apache Kafka, with a gate and a recorder of its own as processes."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from disclosure_consumers.kafka.topic_admin import TopicAdmin
from disclosure_consumers.settings import GateSettings
from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.door.client import DoorClient
from disclosure_ledger.door.sockets import SOCKET_FILE
from disclosure_ledger.entry import run
from disclosure_ledger.pipeline.children import ProgramChild, own_command
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.kafka import KafkaTransport
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested, Item
from disclosure_schemas.events.vocabulary import Consideration, Kind, Mode
from disclosure_schemas.subject_keys import IdentifierType, subject_key
from disclosure_schemas.topics import REQUESTED, TOPICS
from kafka_fixtures import fresh_name

pytestmark = pytest.mark.kafka

SECRET = "c1" * 32
WAIT_S = 60.0
SALE = ("--to", "harborlight", "--kind", "sale", "--item", "identifiers.email")


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds; fail when it does not within a generous time."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


class CommandLine:
    """Runs commands in this process and reads what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path, prefix: str) -> None:
        self._capsys = capsys
        self.folder = folder
        self.prefix = prefix
        self.code = 0
        self.errors = ""

    def __call__(self, *words: str) -> str:
        self._capsys.readouterr()
        self.code = run(list(words))
        printed = self._capsys.readouterr()
        self.errors = printed.err
        return printed.out

    def json(self, *words: str, code: int = 0) -> Any:
        printed = self(*words, "--json")
        assert self.code == code, self.errors
        return json.loads(printed)


@pytest.fixture
def cli(
    apache_kafka: ApacheKafka,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """Commands with topics and a ledger folder of their own; nothing runs yet."""
    prefix = f"{fresh_name('cli')}."
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "DISCLOSURE_KAFKA_BOOTSTRAP": apache_kafka.bootstrap,
        "DISCLOSURE_KAFKA_TOPIC_PREFIX": prefix,
        "DISCLOSURE_SUBJECT_SECRET": SECRET,
        "DISCLOSURE_LEDGER_DIR": str(tmp_path / "ledger"),
        "DISCLOSURE_PRODUCER_OUTBOX_DIR": str(tmp_path / "outbox"),
        "DISCLOSURE_PRODUCER_OUTBOX_AFTER_MS": "30000",
    }.items():
        monkeypatch.setenv(name, value)
    return CommandLine(capsys, tmp_path, prefix)


@pytest.fixture
def pipeline(cli: CommandLine) -> Iterator[CommandLine]:
    """Topics are there; a gate and a recorder run as `disclosures gate` and `disclosures recorder`."""
    assert [topic["result"] for topic in cli.json("topics", "create")["topics"]] == ["created"] * len(TOPICS)
    children = [
        ProgramChild(name, own_command(name), {}, cli.folder / "logs") for name in ("gate", "recorder")
    ]
    admin = TopicAdmin(KafkaSettings())
    door = DoorClient(cli.folder / "ledger" / SOCKET_FILE)
    try:
        for child in children:
            child.start()

        def serving() -> bool:
            for child in children:
                assert child.is_running, child.log_tail()
            return door.is_open() and admin.group_member_count(GateSettings().group) == 1

        until(serving, "gate and recorder are not ready")
        yield cli
    finally:
        for child in children:
            child.stop()


def test_topics_are_created_once_and_compared(cli: CommandLine) -> None:
    """Described before they are there, created, created again, described as they should be."""
    assert [topic["exists"] for topic in cli.json("topics", "describe", code=1)] == [False] * len(TOPICS)
    assert {topic["result"] for topic in cli.json("topics", "create")["topics"]} == {"created"}
    again = cli.json("topics", "create")
    assert {topic["result"] for topic in again["topics"]} == {"already_exists"}
    described = cli.json("topics", "describe")
    assert all(topic["exists"] and not topic["differences"] for topic in described)
    assert {topic["name"] for topic in described} == {
        f"{cli.prefix}{name}"
        for name in (
            "disclosures.requested",
            "disclosures.decided",
            "disclosures.dead-letter",
            "privacy.preferences",
            "privacy.identities",
            "privacy.notifications",
            "disclosures.bulks",
        )
    }


def test_a_topic_that_differs_is_named_and_left(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A topic kept for another time than the table says is named, and creating does not change it."""
    monkeypatch.setenv("DISCLOSURE_TOPICS_CONFIG", '{"retention.ms": "86400000"}')
    cli.json("topics", "create")
    monkeypatch.delenv("DISCLOSURE_TOPICS_CONFIG")
    requested = f"{cli.prefix}{REQUESTED.name}"
    assert requested in cli.json("topics", "create")["differing"]
    described = {topic["name"]: topic for topic in cli.json("topics", "describe", code=1)}
    assert described[requested]["differences"] == [
        {"setting": "retention.ms", "expected": str(REQUESTED.retention_ms), "got": "86400000"}
    ]


def test_an_opt_out_stops_the_next_sale(pipeline: CommandLine) -> None:
    """A sale is permitted, the person opts out, the same sale is suppressed; answer and audit agree."""
    sale = ("disclose", "--email", "a@example.com", *SALE, "--wait-decision", "--wait", str(WAIT_S))
    before = pipeline.json(*sale)
    assert before["delivered"] is True
    assert (before["decision"]["outcome"], before["decision"]["reason"]) == ("permit", "not_opted_out")
    assert pipeline.json("prefer", "opt-out", "--email", "A@Example.com")["delivered"] is True
    words = pipeline(*sale)
    assert pipeline.code == 0
    assert "SUPPRESS: sale to Harborlight Data Exchange" in words
    assert "The person opted out of the sale of personal information." in words

    audit = pipeline("audit", "--wait", str(WAIT_S))
    assert pipeline.code == 0, audit
    assert audit.splitlines()[-1].startswith("requested 2 = decided 2 + dead-lettered 0")
    answer = pipeline.json("to-whom", "--email", "a@example.com", "--last", "12m", "--blocked")
    (recipient,) = answer["sold_or_shared"]["recipients"]
    assert (recipient["recipient_id"], recipient["count"]) == ("harborlight", 1)
    assert [line["reason"]["code"] for line in answer["blocked"]] == ["opted_out_of_sale"]
    key = pipeline("subject-key", "--email", "a@example.com").strip()
    assert pipeline.json("to-whom", "--key", key)["sold_or_shared"] == answer["sold_or_shared"]
    assert "Harborlight Data Exchange" in pipeline("to-whom", "--email", "a@example.com")


def test_a_linked_device_carries_its_signal_to_the_account(pipeline: CommandLine) -> None:
    """A browser's signal stops the account it is linked to, and a report after it is told as such."""
    assert pipeline.json("link", "--account", "4711", "--device", "d1")["delivered"] is True
    assert pipeline.json("prefer", "gpc", "--device", "d1")["delivered"] is True
    share = ("--account", "4711", "--to", "pixelmarsh", "--kind", "share", "--item", "network_activity")
    waiting = ("--wait-decision", "--wait", str(WAIT_S))
    asked = pipeline.json("disclose", *share, *waiting)
    assert (asked["decision"]["outcome"], asked["decision"]["reason"]) == ("suppress", "linked_profile")
    long_ago = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    told = pipeline.json("disclose", *share, *waiting, "--report", "--occurred-at", long_ago)
    assert told["decision"]["outcome"] == "permit"
    assert pipeline.json("unlink", "--account", "4711", "--device", "d1")["delivered"] is True


def test_an_opt_out_that_arrives_late_is_counted_and_the_earlier_answer_kept(pipeline: CommandLine) -> None:
    """A permitted report is a notify once an opt-out from before it arrives; as known before, a permit."""
    person = ("--email", "late@example.com")
    day = timedelta(days=1)
    reported_at, opted_out_at = (datetime.now(UTC) - days for days in (2 * day, 3 * day))
    waiting = ("--wait-decision", "--wait", str(WAIT_S))
    at = ("--report", "--occurred-at", reported_at.isoformat())
    told = pipeline.json("disclose", *person, *SALE, *waiting, *at)
    assert told["decision"]["outcome"] == "permit"

    def outcomes(*words: str) -> list[str]:
        answer = pipeline.json("to-whom", *person, *words)
        lines = answer["sold_or_shared"]["recipients"]
        return [ground["outcome"] for line in lines for ground in line["grounds"]]

    until(lambda: outcomes() == ["permit"], "the report is not recorded")
    before = datetime.now(UTC).isoformat()
    said = pipeline.json("prefer", "opt-out", *person, "--occurred-at", opted_out_at.isoformat())
    assert said["delivered"] is True
    until(lambda: outcomes() == ["notify"], "the report is not decided again")
    assert outcomes("--known-at", before) == ["permit"]
    words = pipeline("explain", told["event_id"])
    assert "Decided again" in words
    assert "because of the opt out of" in words
    replayed = pipeline("replay")
    assert pipeline.code == 0, replayed


def sound_request(email: str) -> tuple[bytes, bytes]:
    """Key and value of a request that can be taken in."""
    key = subject_key(bytes.fromhex(SECRET), IdentifierType.EMAIL, email)
    now = datetime.now(UTC)
    request = DisclosureRequested(
        event_id=new_event_id(time.time_ns() // 1_000_000),
        subject_key=key,
        producer_id=new_event_id(time.time_ns() // 1_000_000),
        occurred_at=now,
        emitted_at=now,
        sequence=0,
        disclosure=Disclosure(
            mode=Mode.REQUEST,
            kind=Kind.SALE,
            recipient_id="harborlight",
            purpose="marketing",
            items=(Item.parse("identifiers.email"),),
            emitter="test",
            consideration=Consideration.MONETARY,
        ),
    )
    return key.bytes, EventCodec(DisclosureRequested).encode(request)


def test_a_dead_letter_is_found_repaired_and_replayed(pipeline: CommandLine) -> None:
    """Bytes cut short become a dead letter; the whole bytes, sent in their place, are recorded."""
    key, value = sound_request("b@example.com")
    transport = KafkaTransport(KafkaSettings(), KafkaSettings().topic(REQUESTED), DeliverySettings())
    delivered: list[object] = []
    transport.produce(
        transport.topic, value=value[:-5], key=key, on_delivery=lambda error, _: delivered.append(error)
    )
    until(lambda: transport.poll(0.05) >= 0 and bool(delivered), "the broken record was not delivered")
    assert delivered == [None]
    assert pipeline.json("audit", "--wait", str(WAIT_S))["dead_lettered"] == 1

    (letter,) = pipeline.json("dead-letters", "list")
    assert (letter["cause"], letter["topic"]) == ("malformed", f"{pipeline.prefix}{REQUESTED.name}")
    assert letter["value_bytes"] == len(value) - 5
    assert pipeline.json("dead-letters", "list", "--cause", "oversized") == []
    saved = pipeline.folder / "original"
    shown = pipeline("dead-letters", "show", letter["id"], "--save-value", str(saved))
    assert "malformed" in shown
    assert saved.read_bytes() == value[:-5]

    pipeline("dead-letters", "replay", letter["id"])
    assert pipeline.code == 2
    assert "--yes" in pipeline.errors
    repaired = pipeline.folder / "repaired"
    repaired.write_bytes(value)
    sent = pipeline.json("dead-letters", "replay", letter["id"], "--value-file", str(repaired), "--yes")
    assert sent["topic"] == letter["topic"]
    audit = pipeline.json("audit", "--wait", str(WAIT_S))
    assert (audit["requested"], audit["decided"], audit["dead_lettered"]) == (2, 1, 1)
    answer = pipeline.json("to-whom", "--email", "b@example.com")
    assert answer["sold_or_shared"]["disclosures"] == 1

    pipeline("dead-letters", "show", "0:99")
    assert pipeline.code == 2
    assert "no dead letter has the id" in pipeline.errors


def test_without_a_gate_nothing_is_balanced(cli: CommandLine) -> None:
    """With a recorder and no gate a request waits: no decision is exit 3, the audit exits 1 and names it."""
    cli.json("topics", "create")
    recorder = ProgramChild("recorder", own_command("recorder"), {}, cli.folder / "logs")
    try:
        recorder.start()
        until(DoorClient(cli.folder / "ledger" / SOCKET_FILE).is_open, "the recorder is not ready")
        asked = cli.json(
            "disclose", "--email", "c@example.com", *SALE, "--wait-decision", "--wait", "0.5", code=3
        )
        assert asked["decision"] is None
        assert "no decision came" in cli.errors
        audit = cli.json("audit", "--wait", "0", code=1)
    finally:
        recorder.stop()
    assert audit["is_balanced"] is False
    assert audit["equation"].endswith("NOT balanced")
    assert audit["waiting"] == {
        str(asked["partition"]): [{"first": asked["offset"], "last": asked["offset"]}]
    }
    assert audit["missing"] == {}
