"""Runs the demo: pipeline, stream, audit, answer. Printing is the command's."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from disclosure_consumers.settings import GateSettings
from disclosure_ledger.audit.result import AuditResult
from disclosure_ledger.audit.run import audit
from disclosure_ledger.demo.errors import DemoError
from disclosure_ledger.demo.findings import Findings, read_findings
from disclosure_ledger.demo.folder import fresh_folder
from disclosure_ledger.demo.sender import Sender
from disclosure_ledger.demo.stream import email_of, steps, story_person
from disclosure_ledger.door.brief import BriefReader
from disclosure_ledger.kafka_offsets import BrokerOffsets
from disclosure_ledger.pipeline.pipeline import Pipeline
from disclosure_ledger.pipeline.plan import KafkaName, Plan
from disclosure_ledger.pipeline.signals import interrupted_by_signal, signals_held_back, stop_on_signal
from disclosure_schemas.subject_keys import IdentifierType, subject_key
from disclosure_schemas.topics import REQUESTED

_SETTLE_WAIT_S = 60.0
_AUDIT_WAIT_S = 60.0
_POLL_S = 0.02
_BACKLOG_MAX = 20_000
"""Most steps ahead of the gate: the embedded broker wants small backlogs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoOptions:
    """What to run; `events` disclosures of `people` people."""

    folder: Path
    kafka: KafkaName = "embedded"
    events: int = 30_000
    people: int = 3_000
    seed: int = 42
    port: int | None = None
    jar_cache: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoResult:
    """What came out; seconds from the start of each part to its end."""

    email: str
    findings: Findings
    audit: AuditResult
    start_s: float
    stream_s: float
    record_s: float
    total_s: float

    @property
    def events_per_s(self) -> int:
        """Requests sent, decided and committed in a second, from the first to the last."""
        return round(self.audit.requested / self.stream_s)


@dataclass(frozen=True, slots=True)
class Watcher:
    """Is told what happens: lines for people, and how many of all steps are done."""

    tell: Callable[[str], object]
    progress: Callable[[int, int], object]


def run_demo(options: DemoOptions, watcher: Watcher) -> DemoResult:
    """Run everything in the folder and stop it again, whatever happens.

    Raises PipelineError with the end of the failing process's log, BrokerError, KeyboardInterrupt.
    """
    began_s = time.monotonic()
    with fresh_folder(options.folder):
        plan = Plan(
            folder=options.folder, kafka=options.kafka, port=options.port, jar_cache=options.jar_cache
        )
        pipeline = Pipeline(plan, tell=watcher.tell)
        try:
            with interrupted_by_signal():
                pipeline.start()
            started_s = time.monotonic()
            with stop_on_signal() as stop:
                send_stream(options, pipeline, watcher, stop)
                streamed_s = time.monotonic()
                balance = _audit(pipeline, stop)
                recorded_s = time.monotonic()
        finally:
            with signals_held_back():
                pipeline.stop()
        email = email_of(story_person(options.people))
        findings = read_findings(
            plan.ledger_folder, subject_key(_secret(pipeline.settings), IdentifierType.EMAIL, email)
        )
    return DemoResult(
        email=email,
        findings=findings,
        audit=balance,
        start_s=started_s - began_s,
        stream_s=streamed_s - started_s,
        record_s=recorded_s - streamed_s,
        total_s=time.monotonic() - began_s,
    )


def send_stream(options: DemoOptions, pipeline: Pipeline, watcher: Watcher, stop: threading.Event) -> None:
    """Send the stream to a pipeline that runs, and return once all of it is decided.

    Raises ChildFailedError, DemoError, KeyboardInterrupt once `stop` is set.
    """
    stream = list(steps(seed=options.seed, events=options.events, people=options.people))
    admin, group = pipeline.topic_admin(), GateSettings().group

    def wait_until_decided() -> None:
        deadline = time.monotonic() + _SETTLE_WAIT_S
        while lag := admin.lag(group, REQUESTED):
            pipeline.require_all_running()
            _pause(stop, _POLL_S)
            if time.monotonic() > deadline:
                raise DemoError(
                    f"the gate left {lag:,} requests undecided for {_SETTLE_WAIT_S:g} s. Read its log in "
                    f"{pipeline.plan.log_folder}."
                )

    outbox = pipeline.plan.folder / "outbox"
    with Sender(
        pipeline.kafka,
        _secret(pipeline.settings),
        outbox,
        wait_until_decided=wait_until_decided,
        pause=lambda seconds: _watch(pipeline, stop, seconds),
    ) as sender:
        for done, step in enumerate(stream, start=1):
            sender.take(step)
            _pause(stop, 0)
            if done % _BACKLOG_MAX == 0:
                sender.settle()
            watcher.progress(done, len(stream))
        sender.settle()


def _audit(pipeline: Pipeline, stop: threading.Event) -> AuditResult:
    pipeline.require_all_running()
    with BrokerOffsets(pipeline.kafka) as broker:
        return audit(
            BriefReader(pipeline.plan.ledger_folder),
            broker,
            wait_s=_AUDIT_WAIT_S,
            sleep=lambda seconds: _watch(pipeline, stop, seconds),
        )


def _watch(pipeline: Pipeline, stop: threading.Event, seconds: float) -> None:
    pipeline.require_all_running()
    _pause(stop, seconds)


def _pause(stop: threading.Event, seconds: float) -> None:
    """Wait; raises KeyboardInterrupt once a signal came.

    Not from the signal's handler: an exception out of nowhere is lost within calls of the Kafka client.
    """
    if stop.is_set() or (seconds and stop.wait(seconds)):
        raise KeyboardInterrupt


def _secret(settings: Mapping[str, str]) -> bytes:
    return bytes.fromhex(settings["DISCLOSURE_SUBJECT_SECRET"])
