"""Prometheus' form of a meter, and the port where it is asked for: the import of prometheus_client."""

import threading
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Self
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from disclosure_consumers.metering.meter import Meter, Reading
from disclosure_producers.settings import MetricsSettings
from disclosure_schemas.errors import DisclosureError
from disclosure_schemas.metrics.metric import MetricType

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


class MetricsPortError(DisclosureError):
    """The port for metrics cannot be listened at."""


class MeterCollector(Collector):
    """Turns the numbers of a meter into Prometheus' form when it is asked."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def collect(self) -> Iterator[Family]:
        """Every metric of the meter."""
        for reading in self._meter.readings():
            yield _family(reading)

    def describe(self) -> Iterable[Family]:
        """Nothing: what is there is known only when it is asked for."""
        return ()


def _family(reading: Reading) -> Family:
    metric = reading.metric
    names = metric.label_names
    if metric.type is MetricType.HISTOGRAM:
        histogram = HistogramMetricFamily(metric.name, metric.help, labels=names)
        bounds = [*(repr(bound) for bound in metric.buckets), "+Inf"]
        for labels, counted in sorted(reading.histograms.items()):
            at_most = list(accumulate(counted.counts))
            histogram.add_metric(labels, list(zip(bounds, at_most, strict=True)), counted.sum)
        return histogram
    kind = CounterMetricFamily if metric.type is MetricType.COUNTER else GaugeMetricFamily
    family = kind(metric.name, metric.help, labels=names)
    for labels, value in sorted(reading.values.items()):
        family.add_metric(labels, value)
    return family


class MetricsServer:
    """Answers /metrics on a port, on a thread of its own, from entering to leaving the `with` block.

    `port` is the one listened at. Without a port in the settings nothing is opened. Raises MetricsPortError.
    """

    def __init__(self, settings: MetricsSettings, *meters: Meter) -> None:
        self._settings = settings
        self._meters = meters
        self._serving: tuple[WSGIServer, threading.Thread] | None = None
        self.port: int | None = None

    def __enter__(self) -> Self:
        if self._settings.port is None:
            return self
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        for meter in self._meters:
            registry.register(MeterCollector(meter))
        host, port = self._settings.host, self._settings.port
        try:
            self._serving = start_http_server(port, host, registry)
        except OSError as error:
            raise MetricsPortError(
                f"metrics cannot be served at {host}:{port}: {error.strerror}. Set "
                "DISCLOSURE_METRICS_PORT to a free port (0: the system chooses), or unset it to serve none."
            ) from error
        self.port = self._serving[0].server_port
        return self

    def __exit__(self, *_: object) -> None:
        if self._serving is not None:
            server, thread = self._serving
            self._serving = None
            server.shutdown()
            server.server_close()
            thread.join()
