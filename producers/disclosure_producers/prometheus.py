"""Metrics of an application's producers for Prometheus; needs the extra `metrics`.

    from prometheus_client import REGISTRY
    REGISTRY.register(ProducerCollector(producer, preferences))

Nothing is counted twice and nothing is added to a call: what the producers know anyway is read when
Prometheus asks. Of several producers of one topic the sum is told, of their oldest stored events the oldest.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from disclosure_producers.backlog import Statistics
from disclosure_producers.event_producer import EventProducer
from disclosure_schemas.metrics import application as metrics
from disclosure_schemas.metrics.metric import Metric, MetricType

Family = CounterMetricFamily | GaugeMetricFamily


def _clock_ms() -> int:
    return time.time_ns() // 1_000_000


class ProducerCollector(Collector):
    """Tells of some producers; they may be closed meanwhile and are then told of as they ended."""

    def __init__(self, *producers: EventProducer, now_ms: Callable[[], int] = _clock_ms) -> None:
        self._producers = producers
        self._now_ms = now_ms

    def collect(self) -> Iterator[Family]:
        """Every metric of the SDK, by topic."""
        by_topic: dict[str, list[Statistics]] = defaultdict(list)
        for producer in self._producers:
            by_topic[producer.topic.name].append(producer.statistics())
        for metric in metrics.APPLICATION_METRICS:
            kind = CounterMetricFamily if metric.type is MetricType.COUNTER else GaugeMetricFamily
            family = kind(metric.name, metric.help, labels=metric.label_names)
            for topic, statistics in sorted(by_topic.items()):
                family.add_metric([topic], _value(metric, statistics, self._now_ms()))
            yield family

    def describe(self) -> Iterable[Family]:
        """Nothing: what is there is known only when it is asked for."""
        return ()


class _OpenProducers(Collector):
    """Tells of the producers that are open when it is asked."""

    def __init__(self, producers: Callable[[], Iterable[EventProducer]]) -> None:
        self._producers = producers

    def collect(self) -> Iterator[Family]:
        """Every metric of the SDK, by topic."""
        return ProducerCollector(*self._producers()).collect()

    def describe(self) -> Iterable[Family]:
        """Nothing: what is there is known only when it is asked for."""
        return ()


@contextmanager
def serving(producers: Callable[[], Iterable[EventProducer]], *, host: str) -> Iterator[int]:
    """Serve /metrics meanwhile, for an application that serves nothing itself; yields the free port."""
    registry = CollectorRegistry()
    registry.register(_OpenProducers(producers))
    server, thread = start_http_server(0, addr=host, registry=registry)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _value(metric: Metric, statistics: list[Statistics], now_ms: int) -> float:
    if metric is metrics.OUTBOX_OLDEST_SECONDS:
        moments = [one.oldest_stored_ms for one in statistics if one.oldest_stored_ms is not None]
        return max(0.0, (now_ms - min(moments)) / 1000) if moments else 0.0
    return float(sum(_NUMBERS[metric.name](one) for one in statistics))


_NUMBERS: dict[str, Callable[[Statistics], int]] = {
    metrics.ACCEPTED.name: lambda one: one.accepted,
    metrics.REJECTED.name: lambda one: one.rejected,
    metrics.WAITING_EVENTS.name: lambda one: one.waiting,
    metrics.OUTBOX_EVENTS.name: lambda one: one.stored,
    metrics.OUTBOX_REFUSED_EVENTS.name: lambda one: one.refused,
    metrics.OUTBOX_DAMAGED.name: lambda one: one.damaged_outboxes,
}
