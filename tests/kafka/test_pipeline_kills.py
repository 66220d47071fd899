"""G2 and G3 on Apache Kafka: gate and recorder are killed at random; nothing is lost or doubled."""

import random
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from disclosure_ledger.answers.answer import Answer
from disclosure_ledger.answers.periods import last
from disclosure_ledger.audit.result import AuditResult
from disclosure_ledger.audit.run import audit
from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.door.brief import BriefReader
from disclosure_ledger.door.opening import open_reader
from disclosure_ledger.kafka_offsets import BrokerOffsets
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas import layout
from disclosure_schemas.event_ids import event_id_source
from disclosure_schemas.events.vocabulary import Kind, PreferenceKind
from disclosure_schemas.topics import PREFERENCES, REQUESTED
from gate_events import PREFERENCE_CODEC, REQUESTED_CODEC, disclosure, preference, request
from gate_processes import GateProcess, fresh_pipeline, pipeline_environment

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(900)]

EVENTS, KILLS, SUBJECTS, POISON = 200_000, 30, 2_003, 50  # subjects and contents share no factor: all get all
EMISSION_S = 45.0
SEED = 20_261_122
"""Printed by pytest when a test fails: it is the seed of the moments at which processes are killed."""


def recorded_events() -> list[tuple[bytes, bytes]]:
    """Key and value of every request, the same for each pipeline of this test; some are poison."""
    contents = [
        disclosure(),
        disclosure(kind=Kind.SHARE, recipient_id="pixelmarsh", items=("network_activity",)),
        disclosure(kind=Kind.BUSINESS_PURPOSE, recipient_id="parcelmoor", purpose="provide_services"),
        disclosure(items=("customer_records",)),
    ]
    now = datetime.now(UTC) - timedelta(minutes=5)
    subjects = [uuid.UUID(int=number + 1, version=4) for number in range(SUBJECTS)]
    bodies = [
        REQUESTED_CODEC.encode_body(request(subjects[0], c, occurred_at=now, emitted_at=now))
        for c in contents
    ]
    ends = [body[layout.disclosure_start(body) :] for body in bodies]
    make_id, unix_ms = event_id_source(), int(now.timestamp() * 1000)
    events = []
    for number in range(EVENTS):
        key = subjects[number * 7919 % SUBJECTS].bytes
        head = make_id(unix_ms + number // 100) + key + bodies[0][32:64] + layout.zigzag_varint(number)
        events.append((key, REQUESTED_CODEC.header + head + layout.NO_REFERENCES + ends[number % 4]))
    for number in range(0, EVENTS, EVENTS // POISON):
        events[number] = (events[number][0], b"poison %d" % number)
    return events


def opt_out_some(kafka: KafkaSettings) -> None:
    """One in ten subjects opted out before everything, so that both pipelines decide alike."""
    client = Producer({**kafka.client_config()})
    for number in range(0, SUBJECTS, 10):
        subject = uuid.UUID(int=number + 1, version=4)
        event = preference(subject, PreferenceKind.OPT_OUT)
        client.produce(kafka.topic(PREFERENCES), PREFERENCE_CODEC.encode(event), subject.bytes)
    assert client.flush(30) == 0


def emit(kafka: KafkaSettings, events: list[tuple[bytes, bytes]], over_s: float) -> None:
    """Send all events, spread over a time."""
    client = Producer({**kafka.client_config(), "queue.buffering.max.messages": 1_000_000, "linger.ms": 10})
    began, chunk = time.monotonic(), 1_000
    for number, (key, value) in enumerate(events):
        client.produce(kafka.topic(REQUESTED), value, key)
        if number % chunk == 0:
            client.poll(max(0.0, began + over_s * number / len(events) - time.monotonic()))
    assert client.flush(60) == 0


class RecorderProcess:
    """The recorder as a process."""

    def __init__(self, kafka: KafkaSettings, folder: Path, log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "disclosure_ledger.entry", "recorder"],
            env=pipeline_environment(
                kafka, DISCLOSURE_LEDGER_DIR=str(folder), DISCLOSURE_LEDGER_SEAL_ROWS="60000"
            ),
            stdout=self._log,
            stderr=self._log,
        )

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()
        self._log.close()

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()
        try:
            self._process.wait(60)
        finally:
            self._process.kill()
            self._process.wait()
            self._log.close()


def killing(
    start_gate: Callable[[], GateProcess], start_recorder: Callable[[], RecorderProcess], kills: int
) -> tuple[GateProcess, RecorderProcess]:
    """Kill and restart gate or recorder at random moments; returns the last ones, running."""
    chance = random.Random(SEED)
    gate, recorder = start_gate(), start_recorder()
    pause = threading.Event()  # never set: a wait that no other thread can disturb
    for number in range(kills):
        pause.wait(chance.uniform(0.6, 2.4))
        if number % 2:
            gate.kill()
            gate = start_gate()
        else:
            recorder.kill()
            recorder = start_recorder()
    return gate, recorder


def wait_for(path: Path, within_s: float = 60.0) -> None:
    """Wait until a file is there."""
    deadline, pause = time.monotonic() + within_s, threading.Event()
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} is not there after {within_s} s"
        pause.wait(0.1)


def without_moments(answer: Answer) -> dict[str, Any]:
    """An answer without the moments of asking and deciding, which differ from run to run."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(entry) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return sorted(
                (strip(entry) for entry in value), key=repr
            )  # some lists are in the order of moments
        return None if isinstance(value, datetime) else value

    stripped: dict[str, Any] = strip(answer.model_dump())
    return stripped


def run_pipeline(
    broker: ApacheKafka, events: list[tuple[bytes, bytes]], folder: Path, kills: int
) -> tuple[AuditResult, list[Answer]]:
    """Run all events through a pipeline of its own, with kills; returns the audit and some answers."""
    kafka = fresh_pipeline(broker)
    folder.mkdir()
    opt_out_some(kafka)
    emitting = threading.Thread(target=emit, args=(kafka, events, EMISSION_S if kills else 0.0))
    emitting.start()
    with ExitStack() as stack:
        gate, recorder = killing(
            lambda: GateProcess(kafka, "gate-0", folder / "gate.log"),
            lambda: RecorderProcess(kafka, folder / "ledger", folder / "recorder.log"),
            kills,
        )
        stack.callback(gate.terminate)
        stack.callback(recorder.terminate)
        emitting.join()
        wait_for(folder / "ledger" / "door.sock")
        broker_offsets = stack.enter_context(BrokerOffsets(kafka))
        # The socket may be that of a killed recorder: the audit asks whoever has the ledger at each question.
        result = audit(BriefReader(folder / "ledger", patience_s=30), broker_offsets, wait_s=120, deep=True)
    now = datetime.now(UTC)
    asked = [uuid.UUID(int=number + 1, version=4) for number in range(0, SUBJECTS, 7)]
    with open_reader(folder / "ledger") as ledger:
        answers = [ledger.to_whom([subject], last("12m", now), include_blocked=True) for subject in asked]
    return result, answers


def test_kills_lose_and_double_nothing(apache_kafka: ApacheKafka, tmp_path: Path) -> None:
    """After 30 kills during 200,000 events the audit balances and the answers are those of a calm run."""
    events = recorded_events()

    killed, answers = run_pipeline(apache_kafka, events, tmp_path / "killed", KILLS)
    calm, expected = run_pipeline(apache_kafka, events, tmp_path / "calm", 0)

    for result in (killed, calm):
        assert result.is_balanced, result.lines()
        assert result.requested == EVENTS
        assert (result.decided, result.dead_lettered) == (EVENTS - POISON, POISON)
        assert result.deep is not None
        assert not result.deep.event_ids_twice
    assert any(answer.sold_or_shared.recipients and answer.blocked for answer in answers)
    for answer, calm_answer in zip(answers, expected, strict=True):
        assert without_moments(answer) == without_moments(calm_answer)
