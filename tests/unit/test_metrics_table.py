"""The table of metrics: named as Prometheus wants it, bounded, and what the processes really expose."""

import re
from pathlib import Path

import pytest

from disclosure_consumers.gate_meter import GateMeter
from disclosure_consumers.metering.meter import Meter
from disclosure_ledger.recorder_meter import RecorderMeter
from disclosure_schemas.metrics.document import as_markdown
from disclosure_schemas.metrics.gate import DECISIONS
from disclosure_schemas.metrics.metric import Metric, MetricType, Process
from disclosure_schemas.metrics.table import METRICS, metrics_of
from repository import ROOT

_UNITS = ("seconds", "bytes", "events", "records", "subjects", "topics", "rows", "info", "items", "imbalance",
          "waiting", "gaps", "expiring", "broken", "damaged")  # fmt: skip
_NO_LABELS = {"subject", "subject_key", "event_id", "recipient", "recipient_id", "email", "detail", "error"}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: f"{metric.process}-{metric.name}")
def test_names_follow_the_conventions(metric: Metric) -> None:
    """Prefix, snake case, `_total` for counters and for them alone, the unit last otherwise."""
    assert re.fullmatch(r"disclosure_[a-z]+(_[a-z]+)+", metric.name)
    assert metric.name.endswith("_total") is (metric.type is MetricType.COUNTER)
    if metric.type is not MetricType.COUNTER:
        assert metric.name.rsplit("_", 1)[1] in _UNITS
    assert metric.help.endswith(".")
    assert (metric.type is MetricType.HISTOGRAM) is bool(metric.buckets)
    assert list(metric.buckets) == sorted(set(metric.buckets))


def test_no_label_can_name_a_person_or_hold_free_text() -> None:
    """Labels are words of closed lists; each says what bounds it."""
    labels = [label for metric in METRICS for label in metric.labels]
    assert not {label.name for label in labels} & _NO_LABELS
    assert all(label.bound and re.fullmatch(r"[a-z_]+", label.name) for label in labels)


def test_a_process_has_each_name_once() -> None:
    """A name stands in the table once for each process."""
    names = [(metric.process, metric.name) for metric in METRICS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("meter", [GateMeter().meter, RecorderMeter().meter], ids=["gate", "recorder"])
def test_what_is_always_there_begins_at_zero(meter: Meter) -> None:
    """Counters with closed labels have all their series at the start, so a first event is an increase."""
    for reading in meter.readings():
        if reading.metric.type is MetricType.COUNTER and reading.metric is not DECISIONS:
            assert reading.values
            assert set(reading.values.values()) == {0.0}


def test_the_document_is_made_of_the_table() -> None:
    """`dashboards/METRICS.md` is what the table says; `make metrics-docs` writes it anew."""
    assert (ROOT / "dashboards/METRICS.md").read_text(encoding="utf-8") == as_markdown(METRICS)


def test_every_process_has_build_information() -> None:
    """The gate and the recorder tell which version runs."""
    for process in (Process.GATE, Process.RECORDER):
        assert "disclosure_build_info" in {metric.name for metric in metrics_of(process)}


def test_the_document_names_every_label() -> None:
    """Whoever writes a query finds each label with its bound."""
    text = Path(ROOT / "dashboards/METRICS.md").read_text(encoding="utf-8")
    assert all(f"`{label.name}`" in text for metric in METRICS for label in metric.labels)
