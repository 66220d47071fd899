"""A running pipeline that a real Prometheus watches, for tests of what it then knows."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from disclosure_consumers.settings import GateSettings
from disclosure_ledger.demo.sender import Sender
from disclosure_ledger.drills.application import APPLICATION_FILE, application_metrics
from disclosure_ledger.monitoring.prometheus import Prometheus
from disclosure_ledger.monitoring.tables import GROUPS
from disclosure_ledger.pipeline.metrics_targets import FILE_NAME
from disclosure_ledger.pipeline.pipeline import Pipeline
from disclosure_ledger.pipeline.plan import Plan
from disclosure_schemas.topics import REQUESTED

WAIT_S = 60.0


@dataclass(frozen=True)
class LivePipeline:
    """What a test may use."""

    pipeline: Pipeline
    prometheus: Prometheus
    sender: Sender

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Wait until it is so; fails the test where it never is."""
        deadline = time.monotonic() + WAIT_S
        pause = threading.Event()
        while not is_so():
            assert time.monotonic() < deadline, f"{what} did not come within {WAIT_S:g} s"
            pause.wait(0.2)

    def until_data(self, expression: str) -> None:
        """Wait until Prometheus has data of an expression."""
        self.until(lambda: bool(self.prometheus.query(expression)), f"data of {expression}")

    def is_decided(self) -> bool:
        """Whether no request waits for a gate."""
        return self.pipeline.topic_admin().lag(GateSettings().group, REQUESTED) == 0


@contextmanager
def live_pipeline(folder: Path) -> Iterator[LivePipeline]:
    """Embedded broker, gate, recorder, applications and Prometheus; from the main thread."""
    pipeline = Pipeline(Plan(folder=folder), tell=lambda _: None, environment={**os.environ})
    prometheus = Prometheus(
        folder / "prometheus",
        targets=[folder / FILE_NAME, folder / APPLICATION_FILE],
        groups=GROUPS,
        interval_s=0.5,
    )
    with ExitStack() as stack:
        stack.callback(pipeline.stop)
        pipeline.start()
        pause = threading.Event()

        def wait_until_decided() -> None:
            live.until(live.is_decided, "the decision of every request")

        sender = stack.enter_context(
            Sender(
                pipeline.kafka,
                bytes.fromhex(pipeline.settings["DISCLOSURE_SUBJECT_SECRET"]),
                folder / "outbox",
                wait_until_decided=wait_until_decided,
                pause=pause.wait,
                outbox_after_ms=1_000,
            )
        )
        live = LivePipeline(pipeline, prometheus, sender)
        stack.enter_context(application_metrics(folder, sender))
        stack.callback(prometheus.stop)
        prometheus.start()
        yield live


def targets_in(folder: Path) -> set[str]:
    """Addresses in the two files of targets."""
    return {
        target
        for name in (FILE_NAME, APPLICATION_FILE)
        for group in json.loads((folder / name).read_text())
        for target in group["targets"]
    }
