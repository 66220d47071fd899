"""What a Prometheus reads of a process, compared with the table of metrics."""

import urllib.request
from collections.abc import Iterable
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from disclosure_consumers.metering.exposition import MetricsServer
from disclosure_consumers.metering.meter import Histogram, Meter
from disclosure_producers.settings import MetricsSettings
from disclosure_schemas.metrics.metric import Metric, MetricType


class Exposed(NamedTuple):
    """One metric as it is exposed, labels sorted; without a sample its label is `?`, which no row has."""

    name: str
    type: str
    labels: tuple[str, ...]


def exposed(meter: Meter) -> set[Exposed]:
    """This project's metrics in what the process answers at /metrics."""
    with (
        MetricsServer(MetricsSettings(port=0), meter) as server,
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics") as response,
    ):
        text = response.read().decode()
    found = set()
    for family in text_string_to_metric_families(text):
        if family.name.startswith("disclosure_"):
            suffix = "_total" if family.type == MetricType.COUNTER else ""
            names = {tuple(sorted(sample.labels.keys() - {"le"})) for sample in family.samples}
            found |= {Exposed(family.name + suffix, family.type, labels) for labels in names or {("?",)}}
    return found


def rows(metrics: Iterable[Metric]) -> set[Exposed]:
    """Rows of the table in the same form."""
    return {Exposed(metric.name, metric.type.value, tuple(sorted(metric.label_names))) for metric in metrics}


def histogram(meter: Meter, metric: Metric) -> Histogram:
    """The one series of a histogram."""
    (reading,) = [reading for reading in meter.readings() if reading.metric is metric]
    return reading.histograms[()]
