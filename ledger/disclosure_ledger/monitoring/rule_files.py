"""Rules as the files that Prometheus reads, and as test files of promtool."""

import io
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from disclosure_ledger.monitoring.rules import AlertRule, RecordingRule, RuleGroup

_WIDTH = 4096
"""No line is broken: a broken expression is hard to copy."""


def rule_file(groups: Sequence[RuleGroup], *, written_by: str) -> str:
    """Text of a rule file; its first line says what wrote it."""
    document = {
        "groups": [{"name": group.name, "rules": [_rule(r) for r in group.rules]} for group in groups]
    }
    return f"# Written by {written_by}; change the rules there.\n{as_yaml(document)}"


def duration(seconds: int) -> str:
    """A duration as Prometheus writes it: 90 is `1m30s`."""
    parts = ((seconds // 3600, "h"), (seconds % 3600 // 60, "m"), (seconds % 60, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def as_yaml(document: Any) -> str:
    """YAML without anchors, in the order of the document."""
    yaml = YAML()
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(document, text)
    return text.getvalue()


def _rule(rule: RecordingRule | AlertRule) -> dict[str, Any]:
    if isinstance(rule, RecordingRule):
        return {"record": rule.name, "expr": _expression(rule.expr)}
    return {
        "alert": rule.name,
        "expr": _expression(rule.expr),
        **({"for": duration(rule.for_s)} if rule.for_s else {}),
        "labels": {"severity": rule.severity.value},
        "annotations": {
            "summary": rule.summary,
            "description": rule.description,
            "runbook": rule.runbook,
        },
    }


def _expression(text: str) -> str:
    return LiteralScalarString(text) if "\n" in text else text
