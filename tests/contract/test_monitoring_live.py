"""A running pipeline and a real Prometheus: every expression of every dashboard and rule has data."""

from collections.abc import Iterator

import pytest

from disclosure_ledger.demo.stream import Disclose, steps
from disclosure_ledger.monitoring.prometheus import Prometheus
from disclosure_ledger.monitoring.rules import AlertRule, RecordingRule
from disclosure_ledger.monitoring.tables import GROUPS, alert_rules, recording_rules
from disclosure_schemas.metrics.table import METRICS
from kafka_fixtures import need
from live_pipeline import LivePipeline, live_pipeline, targets_in
from promql import judged
from watched_expressions import Watched, panel_expressions

EVENTS, PEOPLE = 600, 60


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePipeline]:
    """The pipeline after the demo's stream: opt-outs, blocks, violations, dead letters, links."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("live")
        need("Prometheus", Prometheus(folder / "unused", targets=()).missing_requirements())
        patch.setenv("DISCLOSURE_LEDGER_AUDIT_EVERY_S", "2")
        with live_pipeline(folder) as made:
            first_looks = "min(up) == 1 and count(up) == 4 and count(disclosure_audit_imbalance) == 1"
            made.until_data(first_looks)
            # In two parts: a rate is told only of a counter that Prometheus saw before it rose.
            for part, seed in enumerate((3, 5), start=1):
                for step in steps(seed=seed, events=EVENTS, people=PEOPLE):
                    made.sender.take(step)
                made.sender.settle()
                made.until_data(f"sum(disclosure_ledger_rows) > {part * EVENTS * 0.98}")
                made.until_data("sum(disclosure_gate_decisions_total{outcome!='permit'}) > 0")
            yield made


def test_prometheus_asks_every_process(live: LivePipeline) -> None:
    """The files of targets name gate, recorder and applications, and each of them answers."""
    health = live.prometheus.target_health()
    addresses = {url.split("/")[2] for url, state in health.items() if state == "up"}
    assert addresses == targets_in(live.pipeline.plan.folder) | {live.prometheus.address}
    jobs = {sample.labels["job"] for sample in live.prometheus.query("up")}
    assert jobs == {"gate", "recorder", "application", "prometheus"}


def test_every_metric_of_the_table_is_there(live: LivePipeline) -> None:
    """Each row of the table has samples, under the job of its process, with the labels it says."""
    for metric in METRICS:
        for name in metric.series_names:
            samples = live.prometheus.query(f'{name}{{job="{metric.process}"}}')
            assert samples, f"{name} has no sample in {metric.process}"
            labels = set(samples[0].labels) - {"__name__", "instance", "job", "process", "le"}
            assert labels == set(metric.label_names), name


@pytest.mark.parametrize("watched", panel_expressions(), ids=lambda watched: watched.place)
def test_every_panel_has_data(live: LivePipeline, watched: Watched) -> None:
    """Each expression of each panel is taken by Prometheus and has data after the demo's stream."""
    expression = watched.expr
    live.until_data(expression)


@pytest.mark.parametrize("rule", [*recording_rules()], ids=lambda rule: rule.name)
def test_every_recorded_series_is_computed(live: LivePipeline, rule: RecordingRule) -> None:
    """Each recording rule gives its series without an error."""
    name = rule.name
    live.until_data(name)


@pytest.mark.parametrize("alert", [*alert_rules()], ids=lambda alert: alert.name)
def test_every_alert_judges_something(live: LivePipeline, alert: AlertRule) -> None:
    """What an alert compares with its limit has data, so that its silence means that all is well."""
    expression = judged(alert.expr)
    live.until_data(expression)


def test_rules_are_evaluated_without_error(live: LivePipeline) -> None:
    """Prometheus has evaluated every rule, and none of them failed."""
    assert live.prometheus.rule_errors() == {}
    assert live.prometheus.rule_names() == {rule.name for group in GROUPS for rule in group.rules}


def test_the_alerts_that_fire_are_those_of_the_stream(live: LivePipeline) -> None:
    """The stream has violations and dead letters: their alerts fire, with their numbers, and no other."""
    wanted = {"DisclosureViolation", "DisclosureDeadLetters"}

    def firing() -> set[str]:
        return {alert.name for alert in live.prometheus.alerts() if alert.is_firing}

    live.until(lambda: wanted <= firing(), "the alerts of the stream")
    assert firing() == wanted
    for alert in live.prometheus.alerts():
        told = " ".join(alert.annotations.values())
        assert "<error" not in told
        assert "{{" not in told
        assert "<no value>" not in told


def test_an_outage_fills_the_outbox_that_the_alert_judges(live: LivePipeline) -> None:
    """Without a broker what applications say is in the outbox, and Prometheus knows how much and how old."""
    for name in live.pipeline.fall_with_broker():
        live.pipeline.child(name).stop()
    live.pipeline.child("broker").stop()
    sent = [step for step in steps(seed=4, events=100, people=PEOPLE) if isinstance(step, Disclose)][:30]
    for step in sent:
        live.sender.take(step)
    waiting = "sum(disclosure_sdk_outbox_events) >= 30 and max(disclosure_sdk_outbox_oldest_seconds) > 0"
    live.until_data(waiting)
    live.pipeline.child("broker").start()
    for name in reversed(live.pipeline.fall_with_broker()):
        live.pipeline.child(name).start()
    live.until_data("sum(disclosure_sdk_outbox_events) == 0")
