"""Where the processes of a pipeline tell how they are: a port each, and a file for Prometheus to find them.

The file has the form of Prometheus' `file_sd_configs`; each process has its own job.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from disclosure_ledger.brokers.local import LOOPBACK, free_port
from disclosure_schemas.metrics.metric import Process

FILE_NAME = "prometheus-targets.json"

_PORT, _HOST = "DISCLOSURE_METRICS_PORT", "DISCLOSURE_METRICS_HOST"


def chosen_ports(gates: int) -> dict[str, int]:
    """A free port for the recorder and for each gate, by the name of the child process."""
    ports: dict[str, int] = {}
    for name in ("recorder", *(f"gate {number}" for number in range(1, gates + 1))):
        ports[name] = free_port(tuple(ports.values()))
    return ports


def metrics_settings(port: int) -> dict[str, str]:
    """Environment variables of a process that serves metrics at a port."""
    return {_HOST: LOOPBACK, _PORT: str(port)}


def write_targets(folder: Path, ports: Mapping[str, int]) -> Path:
    """Write the file whole or not at all, and return its path."""
    groups = [
        {"targets": [f"{LOOPBACK}:{port}"], "labels": {"job": _job(name), "process": name.replace(" ", "-")}}
        for name, port in ports.items()
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    staging = path.with_suffix(".partial")
    staging.write_text(json.dumps(groups, indent=2) + "\n", encoding="utf-8")
    staging.replace(path)
    return path


def _job(name: str) -> str:
    return Process.GATE if name.startswith("gate") else Process.RECORDER
