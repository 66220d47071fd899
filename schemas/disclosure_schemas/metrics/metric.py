"""What a metric is: name, type, help, labels with their bound, buckets. Names as Prometheus wants them."""

from dataclasses import dataclass, field
from enum import StrEnum


class MetricType(StrEnum):
    """How a metric moves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Process(StrEnum):
    """Which process exposes a metric; also the job that Prometheus scrapes it under."""

    GATE = "gate"
    RECORDER = "recorder"
    APPLICATION = "application"


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """One label of a metric and what bounds its values: never a subject, never free text.

    `values`: all there are, where they are known here. `bound`: in words, what keeps them few.
    """

    name: str
    bound: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One row of the table.

    `name`: as exposed, with `_total` for counters and the base unit otherwise. `buckets`: upper bounds of a
    histogram in its unit, +Inf left out.
    """

    name: str
    type: MetricType
    process: Process
    help: str
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = field(default=(), repr=False)

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of the labels, in order."""
        return tuple(label.name for label in self.labels)

    @property
    def series_names(self) -> tuple[str, ...]:
        """Names under which its samples are stored."""
        if self.type is MetricType.HISTOGRAM:
            return tuple(f"{self.name}_{part}" for part in ("bucket", "sum", "count"))
        return (self.name,)


LATENCY_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
"""From one batch to an outage."""

WAIT_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Of one call to a broker or a disk; a gate gives up a barrier after five seconds."""

SIZE_BUCKETS = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
"""Of batches, in records."""
