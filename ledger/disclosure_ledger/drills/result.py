"""What came out of a drill."""

from disclosure_ledger.audit.result import AuditResult
from disclosure_schemas.events.base import Value

DRILL_SCHEMA = "disclosure-ledger/drill/1"
"""Version of the JSON form; a key that is renamed or removed raises the number."""


class FiredAlert(Value):
    """The alert a drill waited for; `after_s`: seconds from the breaking to its firing."""

    name: str
    severity: str
    summary: str
    description: str
    runbook: str
    after_s: float


class DrillResult(Value):
    """Whether the alert fired and the audit balanced, and what happened on the way.

    `told`: each step in words. `expected`: name of the alert; `fired` is None where it did not fire in time.
    `others`: alerts that fired as well. `before`: alerts that fired before anything was broken.
    """

    drill: str
    told: tuple[str, ...]
    expected: str
    fired: FiredAlert | None
    others: tuple[str, ...]
    before: tuple[str, ...]
    audit: AuditResult

    @property
    def passed(self) -> bool:
        """The alert fired because something was broken, and afterwards everything adds up."""
        return self.fired is not None and not self.before and self.audit.is_balanced
