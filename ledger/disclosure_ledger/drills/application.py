"""The applications of a drill tell how they are: the SDK's metrics of this process, and a file of targets."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.registry import Collector

from disclosure_ledger.brokers.local import LOOPBACK
from disclosure_ledger.demo.sender import Sender
from disclosure_producers.prometheus import Family, ProducerCollector
from disclosure_schemas.metrics.metric import Process

APPLICATION_FILE = "application-targets.json"


class _SenderCollector(Collector):
    """Tells of the producers that a sender has open when it is asked."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def collect(self) -> Iterator[Family]:
        return ProducerCollector(*self._sender.producers).collect()

    def describe(self) -> Iterable[Family]:
        return ()


@contextmanager
def application_metrics(folder: Path, sender: Sender) -> Iterator[None]:
    """Serve the SDK's metrics at a port that the system chooses, named in a file of targets in the folder."""
    registry = CollectorRegistry()
    registry.register(_SenderCollector(sender))
    server, thread = start_http_server(0, addr=LOOPBACK, registry=registry)
    labels = {"job": str(Process.APPLICATION), "process": "drill"}
    groups = [{"targets": [f"{LOOPBACK}:{server.server_port}"], "labels": labels}]
    (folder / APPLICATION_FILE).write_text(json.dumps(groups) + "\n", encoding="utf-8")
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
