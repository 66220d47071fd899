"""Every metric. Docs, dashboards and tests are held to this table."""

from disclosure_schemas.metrics.application import APPLICATION_METRICS
from disclosure_schemas.metrics.gate import GATE_METRICS
from disclosure_schemas.metrics.metric import Label, Metric, MetricType, Process
from disclosure_schemas.metrics.recorder import RECORDER_METRICS


def build_info(process: Process) -> Metric:
    """What runs: 1, with its version as a label. Every process has one."""
    return Metric(
        name="disclosure_build_info",
        type=MetricType.GAUGE,
        process=process,
        help="1; the labels say which version of the product, rules and schemas runs.",
        labels=(
            Label(name="version", bound="one of a process"),
            Label(name="rule_version", bound="one of a process"),
        ),
    )


METRICS: tuple[Metric, ...] = (
    *GATE_METRICS,
    build_info(Process.GATE),
    *RECORDER_METRICS,
    build_info(Process.RECORDER),
    *APPLICATION_METRICS,
)


def metrics_of(process: Process) -> tuple[Metric, ...]:
    """Rows of one process, in order."""
    return tuple(metric for metric in METRICS if metric.process is process)
