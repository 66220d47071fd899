"""Metering: numbers while working, Prometheus' form when asked."""

import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from disclosure_consumers.metering.exposition import MetricsPortError, MetricsServer
from disclosure_consumers.metering.meter import Meter, UnknownMetricError
from disclosure_producers.settings import MetricsSettings
from disclosure_schemas.metrics.metric import Label, Metric, MetricType, Process

REQUESTS = Metric(
    name="test_requests_total",
    type=MetricType.COUNTER,
    process=Process.GATE,
    help="Requests.",
    labels=(Label(name="result", bound="two", values=("good", "bad")),),
)
EVENTS = Metric(name="test_events_total", type=MetricType.COUNTER, process=Process.GATE, help="Events.")
AGE = Metric(name="test_age_seconds", type=MetricType.GAUGE, process=Process.GATE, help="Age.")
WAIT = Metric(
    name="test_wait_seconds",
    type=MetricType.HISTOGRAM,
    process=Process.GATE,
    help="Wait.",
    buckets=(0.1, 1.0),
)
ALL = (REQUESTS, EVENTS, AGE, WAIT)


def asked(*meters: Meter) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What a Prometheus reads of these meters: value by name and labels."""
    with (
        MetricsServer(MetricsSettings(port=0), *meters) as server,
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics") as response,
    ):
        text = response.read().decode()
    families = text_string_to_metric_families(text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
        if sample.name.startswith("test_")
    }


def test_what_was_counted_is_what_prometheus_reads() -> None:
    """Counters, gauges and cumulative buckets come out under their names, weights included."""
    meter = Meter(ALL)
    meter.start_at_zero(REQUESTS, [("good",), ("bad",)])
    meter.add(REQUESTS, 3, ("good",))
    meter.gauge(AGE, lambda: {(): 1.5})
    for value, weight in ((0.1, 1.0), (0.5, 10.0), (7.0, 2.0)):
        meter.observe(WAIT, value, weight)

    assert asked(meter) == {
        ("test_requests_total", (("result", "bad"),)): 0,
        ("test_requests_total", (("result", "good"),)): 3,
        ("test_events_total", ()): 0,
        ("test_age_seconds", ()): 1.5,
        ("test_wait_seconds_bucket", (("le", "0.1"),)): 1,
        ("test_wait_seconds_bucket", (("le", "1.0"),)): 11,
        ("test_wait_seconds_bucket", (("le", "+Inf"),)): 13,
        ("test_wait_seconds_count", ()): 13,
        ("test_wait_seconds_sum", ()): pytest.approx(0.1 + 5 + 14),
    }


def test_a_gauge_nobody_feeds_is_not_told() -> None:
    """Nothing is made up: a gauge without a reader has no value, not 0."""
    assert ("test_age_seconds", ()) not in asked(Meter(ALL))


def test_a_metric_outside_the_table_is_a_mistake() -> None:
    """Counting what the meter does not have, or with other labels, is refused at once."""
    meter = Meter([EVENTS])

    with pytest.raises(UnknownMetricError):
        meter.add(REQUESTS, 1, ("good",))
    with pytest.raises(UnknownMetricError):
        meter.add(EVENTS, 1, ("extra",))
    with pytest.raises(UnknownMetricError):
        meter.observe(WAIT, 1.0)
    with pytest.raises(UnknownMetricError):
        meter.gauge(EVENTS, dict)


def test_a_port_in_use_is_named() -> None:
    """Two processes that were given one port: the second says which, and what to set."""
    with MetricsServer(MetricsSettings(port=0), Meter(ALL)) as first:
        taken = MetricsSettings(port=first.port)
        with pytest.raises(MetricsPortError, match=rf"{first.port}.*DISCLOSURE_METRICS_PORT"):
            MetricsServer(taken, Meter(ALL)).__enter__()


def test_without_a_port_nothing_is_opened() -> None:
    """Metrics are served only where somebody asked for it."""
    with MetricsServer(MetricsSettings(port=None), Meter(ALL)) as server:
        assert server.port is None
