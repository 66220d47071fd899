"""The table of metrics as a page of documentation."""

import sys
from collections.abc import Iterable
from pathlib import Path

from disclosure_schemas.metrics.metric import Metric, Process
from disclosure_schemas.metrics.table import METRICS

_TITLES = {
    Process.GATE: "Gate",
    Process.RECORDER: "Recorder and ledger",
    Process.APPLICATION: "SDK, in an application",
}


def as_markdown(metrics: Iterable[Metric]) -> str:
    """A table for each process, in the order of the metrics."""
    rows = list(metrics)
    parts = [
        "# Metrics\n",
        "Made of the table in `schemas/disclosure_schemas/metrics/` by `make metrics-docs`.\n",
        "No label names a person or holds free text; what bounds each is beside it.\n",
    ]
    for process, title in _TITLES.items():
        parts.append(f"## {title}\n")
        parts.append("| metric | type | labels | what it tells |\n|---|---|---|---|")
        parts += [_row(metric) for metric in rows if metric.process is process]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label.name}` ({label.bound})" for label in metric.labels) or "none"
    return f"| `{metric.name}` | {metric.type} | {labels} | {metric.help} |"


def main() -> None:
    """Write the page to the file named on the command line."""
    Path(sys.argv[1]).write_text(as_markdown(METRICS), encoding="utf-8")


if __name__ == "__main__":
    main()
