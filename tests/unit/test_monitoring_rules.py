"""Rules against Prometheus' own tool: each alert fires and does not fire, each has a runbook."""

import subprocess
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from disclosure_ledger.monitoring.rules import RUNBOOKS, AlertRule, RecordingRule
from disclosure_ledger.monitoring.tables import alert_rules, recording_rules
from disclosure_ledger.monitoring.writing import written_rules
from disclosure_schemas.metrics.table import METRICS
from repository import ROOT
from rule_cases import ALERT_CASES, RECORDING_CASES, Series

RULES = ROOT / "dashboards/rules"
ALERTS = list(alert_rules())


def promtool(*words: str) -> str:
    """Output of Debian's promtool; it fails the test where it is not satisfied."""
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def series(values: Series) -> list[dict[str, str]]:
    """Input series of a test file."""
    return [{"series": name, "values": samples} for name, samples in values.items()]


def run_tests(folder: Path, tests: list[dict[str, Any]]) -> None:
    """Run unit tests of the rules with promtool."""
    file = folder / "tests.yml"
    document = {
        "rule_files": [str(path) for path in sorted(RULES.glob("*.yml"))],
        "evaluation_interval": "1m",
        "tests": tests,
    }
    file.write_text(yaml.safe_dump(document))
    promtool("test", "rules", str(file))


def firing(name: str, values: Series, at_m: int, *, expected: bool) -> dict[str, Any]:
    """A test that an alert fires, or does not, after so many minutes."""
    return {
        "name": f"{name} {'fires' if expected else 'is quiet'}",
        "interval": "1m",
        "input_series": series(values),
        "promql_expr_test": [
            {
                "expr": f'count(ALERTS{{alertname="{name}", alertstate="firing"}}) > 0 or vector(0)',
                "eval_time": f"{at_m}m",
                "exp_samples": [{"labels": "{}", "value": 1 if expected else 0}],
            }
        ],
    }


def test_the_rule_files_are_what_the_code_says() -> None:
    """`make rules` writes them anew; Prometheus takes them and its configuration."""
    assert {path.name: path.read_text() for path in RULES.glob("*.yml")} == written_rules()
    promtool("check", "rules", *map(str, RULES.glob("*.yml")))


def test_every_rule_has_a_case() -> None:
    """No alert and no recorded series is without a test, and no test without one."""
    assert {rule.name for rule in ALERTS} == set(ALERT_CASES)
    assert {rule.name for rule in recording_rules()} == set(RECORDING_CASES)


def test_every_alert_fires_and_does_not_fire(tmp_path: Path) -> None:
    """Under the series of its case each alert fires once, and under the others it stays quiet."""
    tests = [
        firing(name, values, case.at_m, expected=expected)
        for name, case in ALERT_CASES.items()
        for values, expected in ((case.fires, True), (case.quiet, False))
    ]
    run_tests(tmp_path, tests)


def test_every_recorded_series_is_what_it_is_called(tmp_path: Path) -> None:
    """Rates, ratios and percentiles of series whose values are known."""
    tests = [
        {
            "name": name,
            "interval": "1m",
            "input_series": series(values),
            "promql_expr_test": [
                {
                    "expr": name,
                    "eval_time": "30m",
                    "exp_samples": [
                        {"labels": f"{name}{labels}", "value": value} for labels, value in expected.items()
                    ],
                }
            ],
        }
        for name, (values, expected) in RECORDING_CASES.items()
    ]
    run_tests(tmp_path, tests)


def test_a_rule_that_cannot_fire_fails_its_test(tmp_path: Path) -> None:
    """The test of alerts finds an alert that stays quiet."""
    case = ALERT_CASES["DisclosureAuditImbalance"]
    with pytest.raises(AssertionError, match="FAILED"):
        run_tests(tmp_path, [firing("DisclosureAuditImbalance", case.quiet, 30, expected=True)])


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule.name)
def test_every_alert_has_a_runbook(rule: AlertRule) -> None:
    """What it means, where to look, what to do; the alert links to it."""
    text = (ROOT / rule.runbook).read_text()
    assert text.startswith(f"# {rule.name}\n")
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## What it means",
        "## Look at",
        "## Do",
    ]


def test_every_runbook_has_an_alert() -> None:
    """No page is about an alert that is gone."""
    pages = {path.stem for path in (ROOT / RUNBOOKS).glob("*.md")}
    assert pages == {rule.name for rule in ALERTS}


def metric_names(expression: str) -> set[str]:
    """Names of the series that an expression reads."""
    found: set[str] = set()

    def visit(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.add(str(node.name))
        for part in ("expr", "lhs", "rhs", "vector_selector", "param"):
            inner = getattr(node, part, None)
            if inner is not None and not isinstance(inner, str):
                visit(inner)
        for argument in getattr(node, "args", None) or ():
            visit(argument)

    visit(promql_parser.parse(expression))
    return found


def test_every_name_in_a_rule_exists() -> None:
    """Rules read metrics of the table, series that other rules compute, and `up`."""
    known = {name for metric in METRICS for name in metric.series_names}
    known |= {rule.name for rule in recording_rules()} | {"up"}
    rules: list[AlertRule | RecordingRule] = [*ALERTS, *recording_rules()]
    for rule in rules:
        names = metric_names(rule.expr)
        assert names, rule.name
        assert names <= known, rule.name


def test_the_configuration_reads_the_rules() -> None:
    """Prometheus in containers is given the folder of the rules."""
    configuration = yaml.safe_load((ROOT / "dashboards/prometheus.yml").read_text())
    assert configuration["rule_files"] == ["/etc/prometheus/rules/*.yml"]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert "./dashboards/rules:/etc/prometheus/rules:ro" in compose["services"]["prometheus"]["volumes"]
