"""Verdicts: what the core answers, as values."""

from dataclasses import dataclass

from disclosure_consumers.core.registry import FOREVER_US, Period
from disclosure_schemas.events.vocabulary import Kind, Outcome, RecipientRole

ALWAYS = Period(-FOREVER_US, FOREVER_US)

RULE_VERSION = "1"
"""Raised with every change that can change a decision; stamped on each (G5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemVerdict:
    """Decision of one item; `step` is the step of the algorithm that decided it."""

    outcome: Outcome
    kind: Kind
    reason: str
    step: int
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Decision of one disclosure.

    `items` holds (index, verdict) of the items that are decided otherwise than the whole. The same
    disclosure with a standing of the same signature is decided alike at any moment of `holds` (requests).
    """

    outcome: Outcome
    kind: Kind
    reason: str
    flags: tuple[str, ...] = ()
    items: tuple[tuple[int, ItemVerdict], ...] = ()
    recipient_name: str | None = None
    recipient_category: str | None = None
    recipient_role: RecipientRole = RecipientRole.UNKNOWN
    notice_id: str | None = None
    contract_id: str | None = None
    stopped_by: tuple[bytes, ...] = ()
    holds: Period = ALWAYS
