"""Every expression of every dashboard and rule, with where it stands."""

import json
from dataclasses import dataclass
from typing import Any

from disclosure_ledger.monitoring.tables import alert_rules, recording_rules
from repository import ROOT, text_of

BOARD_FILES = sorted((ROOT / "dashboards/grafana").glob("*.json"))


@dataclass(frozen=True)
class Watched:
    """An expression and its place."""

    place: str
    expr: str


def boards() -> dict[str, dict[str, Any]]:
    """Every dashboard's JSON, by name."""
    return {path.stem: json.loads(text_of(path)) for path in BOARD_FILES}


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    """Panels of a dashboard that show something."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def panel_expressions() -> list[Watched]:
    """Expressions of panels."""
    return [
        Watched(f"{name}: {panel['title']}", target["expr"])
        for name, board in boards().items()
        for panel in panels(board)
        for target in panel["targets"]
    ]


def rule_expressions() -> list[Watched]:
    """Expressions of rules."""
    recorded = [Watched(rule.name, rule.expr) for rule in recording_rules()]
    return recorded + [Watched(rule.name, rule.expr) for rule in alert_rules()]
