"""Recording and alerting rules as values. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum

RUNBOOKS = "dashboards/runbooks"
"""Folder of the runbooks in the repository; each alert has one of its name."""


class Severity(StrEnum):
    """Who must do something, and when."""

    PAGE = "page"
    """Somebody now: a choice may be violated, something may be lost, or nothing is decided."""
    TICKET = "ticket"
    """Somebody today: it becomes a page if it is left alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingRule:
    """A series that Prometheus computes; the name follows `level:metric:operation`."""

    name: str
    expr: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertRule:
    """A warning. It fires once `expr` has had a result for `for_s` seconds.

    `summary`: one line with what is wrong. `description`: what that means, with the numbers of the result.
    """

    name: str
    expr: str
    for_s: int
    severity: Severity
    summary: str
    description: str

    @property
    def runbook(self) -> str:
        """Path of the runbook in the repository."""
        return f"{RUNBOOKS}/{self.name}.md"

    def hurried(self, factor: float) -> "AlertRule":
        """The same alert with its waiting time divided, at least one second where there is one."""
        return replace(self, for_s=max(1, round(self.for_s / factor)) if self.for_s else 0)


Rule = RecordingRule | AlertRule


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that Prometheus evaluates together, in order."""

    name: str
    rules: tuple[Rule, ...]


def hurried(groups: tuple[RuleGroup, ...], factor: float) -> tuple[RuleGroup, ...]:
    """The same groups with the waiting times of alerts divided by a factor."""
    return tuple(
        RuleGroup(
            group.name,
            tuple(rule.hurried(factor) if isinstance(rule, AlertRule) else rule for rule in group.rules),
        )
        for group in groups
    )
