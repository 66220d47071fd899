"""The rules under promtool, Prometheus' own judge: valid, and each does what it should and nothing else."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from disclosure_ledger.monitoring.rule_files import duration
from disclosure_ledger.monitoring.rules import AlertRule, RecordingRule, hurried
from disclosure_ledger.monitoring.tables import GROUPS, alert_rules, recording_rules
from kafka_fixtures import need
from repository import ROOT
from rule_cases import ALERT_CASES, RECORDING_CASES, STEPS, AlertCase, RecordingCase, Series

ALERTS = {rule.name: rule for rule in alert_rules()}
RECORDED = {rule.name: rule for rule in recording_rules()}
STEP_S = 15
WINDOW_S = 15 * 60
"""Longest range of an alert's expression: from then on it has seen all it looks at."""


@pytest.fixture(scope="module", autouse=True)
def _promtool() -> None:
    need("promtool", [] if shutil.which("promtool") else ["prometheus"])


def promtool(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run promtool."""
    return subprocess.run(
        ["promtool", *map(str, words)], capture_output=True, text=True, check=False, timeout=120
    )


def test_prometheus_takes_the_configuration_and_the_rules() -> None:
    """`promtool check config` finds nothing wrong with what compose gives to Prometheus, lint included."""
    done = promtool("check", "config", "--lint=all", "--lint-fatal", ROOT / "dashboards/prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"SUCCESS: {len(ALERTS)} rules found" in done.stdout
    assert f"SUCCESS: {len(RECORDED)} rules found" in done.stdout


def test_every_rule_has_a_case() -> None:
    """No alert and no recorded series is without a test, and no test is about one that is gone."""
    assert set(ALERT_CASES) == set(ALERTS)
    assert set(RECORDING_CASES) == set(RECORDED)


def inputs(series: Series) -> list[dict[str, str]]:
    """Series as promtool reads them."""
    return [{"series": name, "values": values} for name, values in series.items()]


def firing(alert: AlertRule, case: AlertCase, at_s: int, *, is_firing: bool) -> dict[str, Any]:
    """A question to promtool: does the alert fire then, with these labels and no others?"""
    labels = {"alertname": alert.name, "alertstate": "firing", "severity": alert.severity, **case.labels}
    listed = ",".join(f'{name}="{value}"' for name, value in sorted(labels.items()))
    return {
        "expr": f'ALERTS{{alertname="{alert.name}",alertstate="firing"}}',
        "eval_time": duration(at_s),
        "exp_samples": [{"labels": f"ALERTS{{{listed}}}", "value": 1}] if is_firing else [],
    }


def alert_tests(alert: AlertRule, case: AlertCase) -> list[dict[str, Any]]:
    """It fires once it has waited, not before, and never beside its limit."""
    late_s = WINDOW_S + alert.for_s + 2 * STEP_S
    assert late_s <= STEPS * STEP_S, "the series of the cases are too short for this alert"
    fires = [firing(alert, case, late_s, is_firing=True)]
    if alert.for_s:
        fires.append(firing(alert, case, alert.for_s - STEP_S, is_firing=False))
    return [
        {"interval": "15s", "input_series": inputs(case.fires), "promql_expr_test": fires},
        {
            "interval": "15s",
            "input_series": inputs(case.quiet),
            "promql_expr_test": [firing(alert, case, late_s, is_firing=False)],
        },
    ]


def recording_test(rule: RecordingRule, case: RecordingCase) -> dict[str, Any]:
    """After half an hour the series has these values."""
    thousandths = [{"labels": labels, "value": round(1000 * v)} for labels, v in case.results.items()]
    question = {"expr": f"round(1000 * {rule.name})", "eval_time": "30m", "exp_samples": thousandths}
    return {"interval": "15s", "input_series": inputs(case.series), "promql_expr_test": [question]}


def run_tests(tmp_path: Path, tests: list[dict[str, Any]]) -> "subprocess.CompletedProcess[str]":
    """Run promtool's unit tests on the rule files of the repository."""
    rules = [str(path) for path in sorted((ROOT / "dashboards/rules").glob("*.yml"))]
    file = tmp_path / "tests.yml"
    document = {"rule_files": rules, "evaluation_interval": "30s", "tests": tests}
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return promtool("test", "rules", file)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_fires_when_it_should_and_only_then(tmp_path: Path, name: str) -> None:
    """Under its series an alert fires after its waiting time, with its labels; at its limit it does not."""
    done = run_tests(tmp_path, alert_tests(ALERTS[name], ALERT_CASES[name]))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_series_has_the_right_value(tmp_path: Path, name: str) -> None:
    """From known series the rule computes what was computed by hand."""
    done = run_tests(tmp_path, [recording_test(RECORDED[name], RECORDING_CASES[name])])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("job", ["gate", "recorder"])
def test_a_process_that_prometheus_does_not_know_is_down(tmp_path: Path, job: str) -> None:
    """Without any target of a job its alert fires too: an empty list of targets is no health."""
    alert = ALERTS[f"Disclosure{job.capitalize()}Down"]
    case = AlertCase(fires={'up{job="other",instance="a"}': f"1+0x{STEPS}"}, quiet={}, labels={"job": job})
    question = firing(alert, case, 600, is_firing=True)
    tests = [{"interval": "15s", "input_series": inputs(case.fires), "promql_expr_test": [question]}]
    done = run_tests(tmp_path, tests)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_rule_that_is_wrong_is_found(tmp_path: Path) -> None:
    """The judge judges: the case of an alert beside its limit, said to fire, fails."""
    alert, case = ALERTS["DisclosureAuditOld"], ALERT_CASES["DisclosureAuditOld"]
    swapped = AlertCase(fires=case.quiet, quiet=case.fires, labels=case.labels)
    assert run_tests(tmp_path, alert_tests(alert, swapped)).returncode == 1


def test_hurried_alerts_wait_less_and_are_otherwise_the_same() -> None:
    """A drill divides waiting times, rounds to a second at least, and changes nothing else."""
    for group, quick in zip(GROUPS, hurried(GROUPS, 60), strict=True):
        for rule, hurry in zip(group.rules, quick.rules, strict=True):
            if isinstance(rule, AlertRule):
                assert isinstance(hurry, AlertRule)
                assert hurry.for_s == (max(1, round(rule.for_s / 60)) if rule.for_s else 0)
                assert (hurry.name, hurry.expr, hurry.severity) == (rule.name, rule.expr, rule.severity)
            else:
                assert hurry == rule


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (15, "15s"), (60, "1m"), (90, "1m30s"), (3600, "1h"), (3661, "1h1m1s")]
)
def test_durations_are_written_as_prometheus_reads_them(seconds: int, text: str) -> None:
    """Hours, minutes and seconds, none of them where it is zero."""
    assert duration(seconds) == text
