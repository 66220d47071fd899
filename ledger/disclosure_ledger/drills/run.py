"""Runs a drill: start, load, calm, break, alert, repair, audit. Printing is the command's."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from disclosure_consumers.settings import GateSettings
from disclosure_ledger.audit.result import AuditResult
from disclosure_ledger.audit.run import audit
from disclosure_ledger.demo.sender import Sender
from disclosure_ledger.door.brief import BriefReader
from disclosure_ledger.drills.application import APPLICATION_FILE, application_metrics
from disclosure_ledger.drills.drill import Drill
from disclosure_ledger.drills.errors import DrillError
from disclosure_ledger.drills.load import Load
from disclosure_ledger.drills.result import DrillResult, FiredAlert
from disclosure_ledger.drills.stage import Stage
from disclosure_ledger.kafka_offsets import BrokerOffsets
from disclosure_ledger.monitoring.prometheus import Alert, Prometheus
from disclosure_ledger.monitoring.rules import hurried
from disclosure_ledger.monitoring.tables import GROUPS
from disclosure_ledger.pipeline.metrics_targets import FILE_NAME
from disclosure_ledger.pipeline.pipeline import Pipeline
from disclosure_ledger.pipeline.plan import KafkaName, Plan
from disclosure_ledger.pipeline.signals import interrupted_by_signal, signals_held_back, stop_on_signal
from disclosure_schemas.topics import REQUESTED

_CALM_WAIT_S = 60.0
_ALERT_WAIT_S = 90.0
_DECIDE_WAIT_S = 120.0
_AUDIT_WAIT_S = 90.0
_CALM_STEPS = 5
"""Looks in a row without an alert before anything is broken."""
_POLL_S = 0.05
_STEPS_AT_ONCE = 20
_OUTBOX_AFTER_MS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class DrillOptions:
    """Where and how to run: an empty folder, the broker, by what the waits of alerts are divided."""

    folder: Path
    kafka: KafkaName = "embedded"
    hurry: float = 60.0
    jar_cache: Path | None = None


def run_drill(drill: Drill, options: DrillOptions, tell: Callable[[str], object]) -> DrillResult:
    """Run a drill in its folder and stop everything again, whatever happens.

    Raises BrokerNotInstalledError where Prometheus is not installed, PipelineError, BrokerError,
    KeyboardInterrupt.
    """
    told: list[str] = []

    def say(text: str) -> None:
        told.append(text)
        tell(text)

    with _stage(options, say) as stage:
        before = _calm(stage)
        drill.breaks(stage)
        after_s = _wait_for(stage, drill)
        fired = stage.alert(drill.alert)
        drill.repairs(stage)
        balance = _audit(stage)
        others = tuple(name for name in stage.fired if name != drill.alert)
    return DrillResult(
        drill=drill.name,
        told=tuple(told),
        expected=drill.alert,
        fired=_fired(fired, after_s) if fired is not None and after_s is not None else None,
        others=others,
        before=before,
        audit=balance,
    )


@contextmanager
def _stage(options: DrillOptions, tell: Callable[[str], object]) -> Iterator[Stage]:
    plan = Plan(folder=options.folder, kafka=options.kafka, jar_cache=options.jar_cache)
    pipeline = Pipeline(plan, tell=tell)
    prometheus = Prometheus(
        options.folder / "prometheus",
        targets=[options.folder / FILE_NAME, options.folder / APPLICATION_FILE],
        groups=hurried(GROUPS, options.hurry),
    )
    prometheus.install()
    try:
        with interrupted_by_signal():
            pipeline.start()
            prometheus.start()
        tell(f"Prometheus at {prometheus.address}, waiting times of alerts divided by {options.hurry:g}")
        with (
            stop_on_signal() as stop,
            _sender(pipeline, stop) as sender,
            application_metrics(options.folder, sender),
        ):
            yield Stage(pipeline, prometheus, sender, Load(sender, _STEPS_AT_ONCE), tell=tell, stop=stop)
    finally:
        with signals_held_back():
            prometheus.stop()
            pipeline.stop()


def _sender(pipeline: Pipeline, stop: threading.Event) -> Sender:
    def pause(seconds: float) -> None:
        if stop.wait(seconds):
            raise KeyboardInterrupt

    return Sender(
        pipeline.kafka,
        bytes.fromhex(pipeline.settings["DISCLOSURE_SUBJECT_SECRET"]),
        pipeline.plan.folder / "outbox",
        wait_until_decided=lambda: _wait_until_decided(pipeline, pause),
        pause=pause,
        outbox_after_ms=_OUTBOX_AFTER_MS,
    )


def _calm(stage: Stage) -> tuple[str, ...]:
    """Load the pipeline until nothing fires for a while; what fired in the end all the same."""
    quiet = 0

    def is_calm() -> bool:
        nonlocal quiet
        health = stage.prometheus.target_health().values()
        quiet = quiet + 1 if health and set(health) == {"up"} and not stage.fired else 0
        if stage.fired:
            stage.forget()
        return quiet >= _CALM_STEPS

    if stage.until(is_calm, _CALM_WAIT_S) is None:
        stage.look()
        if not stage.fired:
            raise DrillError(
                f"the pipeline did not become calm within {_CALM_WAIT_S:g} s. Expected every target up and "
                f"no alert, got {stage.prometheus.target_health()}. Read the logs in "
                f"{stage.pipeline.plan.log_folder}."
            )
        stage.tell(f"Before anything is broken these fire: {', '.join(stage.fired)}.")
        return stage.fired
    stage.tell("The pipeline works under load: every target is up, no alert fires.")
    return ()


def _wait_for(stage: Stage, drill: Drill) -> float | None:
    after_s = stage.until(
        lambda: stage.alert(drill.alert) is not None,
        _ALERT_WAIT_S,
        meanwhile=lambda: drill.keeps_breaking(stage),
    )
    if after_s is None:
        stage.tell(f"{drill.alert} did not fire within {_ALERT_WAIT_S:g} s.")
    else:
        stage.tell(f"ALERT {drill.alert} fires after {after_s:.1f} s.")
    return after_s


def _audit(stage: Stage) -> AuditResult:
    """Let everything be decided and recorded, then add up."""
    stage.sender.settle()
    stage.look()
    stage.tell(
        "Everything that was sent is decided. Now the audit, from broker offsets and the ledger alone."
    )
    pipeline = stage.pipeline
    with BrokerOffsets(pipeline.kafka) as broker:
        return audit(
            BriefReader(pipeline.plan.ledger_folder), broker, wait_s=_AUDIT_WAIT_S, sleep=stage.pause
        )


def _wait_until_decided(pipeline: Pipeline, pause: Callable[[float], object]) -> None:
    admin, group = pipeline.topic_admin(), GateSettings().group
    waited_s = 0.0
    while lag := admin.lag(group, REQUESTED):
        pipeline.require_all_running()
        if waited_s > _DECIDE_WAIT_S:
            raise DrillError(
                f"the gate left {lag:,} requests undecided for {_DECIDE_WAIT_S:g} s after the repair. Read "
                f"its log in {pipeline.plan.log_folder}."
            )
        pause(_POLL_S)
        waited_s += _POLL_S


def _fired(alert: Alert, after_s: float) -> FiredAlert:
    notes = alert.annotations
    return FiredAlert(
        name=alert.name,
        severity=alert.labels["severity"],
        summary=notes["summary"],
        description=notes["description"],
        runbook=notes["runbook"],
        after_s=round(after_s, 1),
    )
