"""Values of metrics as plain numbers. Written by the thread that works, read by the one that is asked.

Every change is one step of the interpreter on a dictionary that only grows, so nothing is locked; a reader
may see a batch half counted, never a wrong number for good.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from disclosure_schemas.metrics.metric import Metric, MetricType

T = TypeVar("T")

LabelValues = tuple[str, ...]
ReadGauge = Callable[[], Mapping[LabelValues, float]]
"""Values of a gauge by label values, asked for at every scrape; `()` for a metric without labels."""


@dataclass(slots=True)
class Histogram:
    """Counts of one series of a histogram: a count for each bucket and one above them all."""

    counts: list[float]
    sum: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """All series of one metric at one moment; `histograms` for a histogram, else `values`."""

    metric: Metric
    values: Mapping[LabelValues, float] = field(default_factory=dict)
    histograms: Mapping[LabelValues, Histogram] = field(default_factory=dict)


class UnknownMetricError(KeyError):
    """A metric that is not in the meter's part of the table, or of another type: a mistake in the program."""


class Meter:
    """The metrics of one process. Counters without labels, and histograms without, begin at 0."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = {metric.name: metric for metric in metrics}
        self._counters: dict[str, dict[LabelValues, float]] = {}
        self._histograms: dict[str, dict[LabelValues, Histogram]] = {}
        self._gauges: dict[str, ReadGauge] = {}
        for metric in self._metrics.values():
            if metric.type is MetricType.COUNTER:
                self._counters[metric.name] = {} if metric.labels else {(): 0.0}
            elif metric.type is MetricType.HISTOGRAM:
                self._histograms[metric.name] = {} if metric.labels else {(): _empty(metric)}

    def add(self, metric: Metric, amount: float = 1.0, labels: LabelValues = ()) -> None:
        """Count something."""
        series = self._of(self._counters, metric, labels)
        series[labels] = series.get(labels, 0.0) + amount

    def start_at_zero(self, metric: Metric, labels: Iterable[LabelValues]) -> None:
        """Have these series from the beginning, so that the first event of each is an increase."""
        for values in labels:
            self.add(metric, 0.0, values)

    def observe(self, metric: Metric, value: float, weight: float = 1.0, labels: LabelValues = ()) -> None:
        """Put a value into a histogram; `weight`: for how many it stands."""
        series = self._of(self._histograms, metric, labels)
        histogram = series.get(labels)
        if histogram is None:
            histogram = series[labels] = _empty(metric)
        histogram.counts[bisect_left(metric.buckets, value)] += weight
        histogram.sum += value * weight

    def gauge(self, metric: Metric, read: ReadGauge) -> None:
        """Ask for a gauge's values at every scrape; called on the thread that is asked."""
        if metric.type is not MetricType.GAUGE or metric.name not in self._metrics:
            raise UnknownMetricError(metric.name)
        self._gauges[metric.name] = read

    def value(self, metric: Metric, labels: LabelValues = ()) -> float:
        """Value of one counter or gauge; 0 for a series that is not there."""
        if metric.type is MetricType.GAUGE:
            return self._gauges[metric.name]().get(labels, 0.0)
        return self._counters[metric.name].get(labels, 0.0)

    def readings(self) -> Iterator[Reading]:
        """Every metric in the order of the table; gauges that nobody feeds are left out."""
        for name, metric in self._metrics.items():
            if metric.type is MetricType.COUNTER:
                yield Reading(metric, values=dict(self._counters[name]))
            elif metric.type is MetricType.HISTOGRAM:
                yield Reading(metric, histograms=dict(self._histograms[name]))
            elif name in self._gauges:
                yield Reading(metric, values=self._gauges[name]())

    @staticmethod
    def _of(
        kept: Mapping[str, dict[LabelValues, T]], metric: Metric, labels: LabelValues
    ) -> dict[LabelValues, T]:
        series = kept.get(metric.name)
        if series is None or len(labels) != len(metric.labels):
            raise UnknownMetricError(metric.name)
        return series


def _empty(metric: Metric) -> Histogram:
    return Histogram([0.0] * (len(metric.buckets) + 1))
