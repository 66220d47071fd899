"""The applications of a drill tell how they are: the SDK's metrics of this process, and a file of targets."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from disclosure_ledger.brokers.local import LOOPBACK
from disclosure_ledger.demo.sender import Sender
from disclosure_producers.prometheus import serving
from disclosure_schemas.metrics.metric import Process

APPLICATION_FILE = "application-targets.json"


@contextmanager
def application_metrics(folder: Path, sender: Sender) -> Iterator[None]:
    """Serve the SDK's metrics at a free port meanwhile, and name it in a file of targets in the folder."""
    with serving(lambda: sender.producers, host=LOOPBACK) as port:
        labels = {"job": str(Process.APPLICATION), "process": "drill"}
        groups = [{"targets": [f"{LOOPBACK}:{port}"], "labels": labels}]
        (folder / APPLICATION_FILE).write_text(json.dumps(groups) + "\n", encoding="utf-8")
        yield
