"""Dashboards, rules and runbooks: current, complete, and about series that exist."""

import re
import shlex
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard

from disclosure_dashboards.files import FOLDER, written_files
from disclosure_ledger.cli.app import build_app
from disclosure_ledger.monitoring.rules import RUNBOOKS, AlertRule, Severity
from disclosure_ledger.monitoring.tables import alert_rules, recording_rules
from disclosure_schemas.metrics.metric import Process
from disclosure_schemas.metrics.table import METRICS
from promql import grouping_labels, selectors, series_names
from repository import ROOT, settings_variables, text_of
from watched_expressions import Watched, boards, panel_expressions, panels, rule_expressions

ALERTS = list(alert_rules())
RECORDED = {rule.name: rule for rule in recording_rules()}
EXPRESSIONS = [*panel_expressions(), *rule_expressions()]
EACH_EXPRESSION = pytest.mark.parametrize("watched", EXPRESSIONS, ids=lambda watched: watched.place)
EACH_BOARD = pytest.mark.parametrize("board", boards().values(), ids=list(boards()))
EACH_ALERT = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
RUNBOOK_FILES = sorted((ROOT / RUNBOOKS).glob("*.md"))
OF_PROMETHEUS = {"up": {"job", "instance", "process"}, "ALERTS": {"alertname", "alertstate", "severity"}}
OF_TARGETS = {"job", "instance", "process"}
COMMAND = re.compile(r"^ {6}(disclosures .+)$|`(disclosures [^`]+)`", re.MULTILINE)
VARIABLE = re.compile(r"\bDISCLOSURE_[A-Z_]+\b")


def labels_of() -> dict[str, set[str]]:
    """Labels of every series that may be read, by its name."""
    known = {name: set(labels) for name, labels in OF_PROMETHEUS.items()}
    for metric in METRICS:
        for name in metric.series_names:
            known.setdefault(name, set(OF_TARGETS)).update(metric.label_names)
            if name.endswith("_bucket"):
                known[name].add("le")
    return known | {name: grouping_labels(rule.expr) for name, rule in RECORDED.items()}


def test_what_is_written_from_code_is_current() -> None:
    """Each dashboard and rule file is what `make dashboards` would write, and no other lies beside them."""
    written = written_files()
    assert [str(path) for path, text in written.items() if text_of(FOLDER / path) != text] == []
    there = {*(FOLDER / "grafana").glob("*.json"), *(FOLDER / "rules").iterdir()}
    assert {path.relative_to(FOLDER) for path in there} == set(written)


@EACH_BOARD
def test_a_dashboard_is_one_of_grafanas(board: dict[str, Any]) -> None:
    """Read into Grafana's own model and written again, a dashboard is the same: no field is ours."""
    read = dashboard.Dashboard.from_json(board)
    again = JSONEncoder(sort_keys=True).encode(read)
    assert yaml.safe_load(again) == board


@EACH_BOARD
def test_panels_explain_themselves(board: dict[str, Any]) -> None:
    """Each panel has a title of words, a unit, a description that is a sentence, and the one data source."""
    for panel in panels(board):
        assert len(panel["title"].split()) >= 3, panel["title"]
        assert panel["description"].rstrip(".)").strip(), panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]
        assert all(target["datasource"]["uid"] == "prometheus" for target in panel["targets"])
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    assert 0 not in ids


@EACH_BOARD
def test_panels_do_not_overlap(board: dict[str, Any]) -> None:
    """Each place of the grid belongs to one panel at most, and none is wider than the screen."""
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (column, line)
            for column in range(place["x"], place["x"] + place["w"])
            for line in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_dashboards_have_ids_of_their_own() -> None:
    """No two dashboards share a uid or a title."""
    for name in ("uid", "title"):
        values = [board[name] for board in boards().values()]
        assert len(set(values)) == len(values) == 6


@EACH_EXPRESSION
def test_expressions_read_series_and_labels_that_exist(watched: Watched) -> None:
    """Each series of an expression is in the table of metrics, recorded by a rule, or Prometheus' own."""
    known = labels_of()
    assert series_names(watched.expr) <= set(known)
    for selector in selectors(watched.expr):
        used = {matcher.name for matcher in selector.matchers.matchers}
        assert used <= known[str(selector.name)], selector.prettify()
    everything = set().union(*(known[name] for name in series_names(watched.expr)))
    assert grouping_labels(watched.expr) <= everything


def test_every_metric_is_looked_at() -> None:
    """Each metric of the table is read by a panel or a rule: what nobody looks at need not be counted."""
    read = {name for watched in EXPRESSIONS for name in series_names(watched.expr)}
    unread = [metric.name for metric in METRICS if not read.intersection(metric.series_names)]
    assert unread == []


def test_every_recorded_series_is_used() -> None:
    """Each recording rule is read by a panel or an alert."""
    read = {name for watched in EXPRESSIONS for name in series_names(watched.expr)}
    assert set(RECORDED) <= read


def test_jobs_are_those_of_the_table() -> None:
    """A job that a rule names is a process of the table of metrics."""
    named = {
        matcher.value
        for watched in EXPRESSIONS
        for selector in selectors(watched.expr)
        for matcher in selector.matchers.matchers
        if matcher.name == "job"
    }
    assert named <= set(Process)


@EACH_ALERT
def test_alerts_say_what_is_wrong(alert: AlertRule) -> None:
    """An alert has a severity, a summary that is one line, and a description that is a sentence."""
    assert alert.severity in Severity
    assert alert.summary.endswith(".")
    assert "\n" not in alert.summary
    assert alert.description.endswith(".")
    assert alert.for_s >= 0


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    """The files of dashboards/runbooks are those that alerts name."""
    assert {path.relative_to(ROOT).as_posix() for path in RUNBOOK_FILES} == {a.runbook for a in ALERTS}


@pytest.mark.parametrize("path", RUNBOOK_FILES, ids=lambda path: path.stem)
def test_runbooks_are_complete_and_short(path: Any) -> None:
    """A runbook says what the alert means, what to look at and what to do, on one page."""
    text = text_of(path)
    assert re.findall(r"^#+ (.*)$", text, re.MULTILINE) == [path.stem, "What it means", "Look at", "Do"]
    assert len(text.splitlines()) < 50
    assert all(part.strip() for part in re.split(r"^#+ .*$", text, flags=re.MULTILINE)[2:])
    known = {alert.name for alert in ALERTS}
    assert set(re.findall(r"\bDisclosure[A-Z]\w+", text)) <= known
    assert set(VARIABLE.findall(text)) <= set(settings_variables())


@pytest.mark.parametrize("path", RUNBOOK_FILES, ids=lambda path: path.stem)
def test_commands_of_runbooks_exist(path: Any) -> None:
    """Each command that a runbook names is one of the command line, with options it has."""
    for match in COMMAND.finditer(text_of(path)):
        words = shlex.split(match.group(1) or match.group(2))[1:]
        if "--help" in words:
            words.remove("--help")
            assert build_app()[words[0]] is not None
            continue
        command, bound, ignored = build_app().parse_args(words, print_error=False, exit_on_error=False)
        assert callable(command)
        assert bound is not None
        assert not ignored


def test_grafana_is_given_the_dashboards() -> None:
    """What compose mounts is what provisioning reads, and Prometheus is given the rules it names."""
    services = yaml.safe_load(text_of(ROOT / "docker-compose.yml"))["services"]
    (provider,) = yaml.safe_load(text_of(FOLDER / "grafana/provisioning/dashboards/disclosures.yml"))[
        "providers"
    ]
    assert f"./dashboards/grafana:{provider['options']['path']}:ro" in services["grafana"]["volumes"]
    rules = yaml.safe_load(text_of(FOLDER / "prometheus.yml"))["rule_files"]
    assert rules == ["rules/*.yml"]
    assert "./dashboards/rules:/etc/prometheus/rules:ro" in services["prometheus"]["volumes"]
