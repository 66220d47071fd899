"""What another verdict changes of a decision."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from disclosure_consumers.core.telling.findings import Finding, findings_of, findings_of_verdict
from disclosure_consumers.core.verdict import Verdict
from disclosure_schemas.events.decision import DisclosureDecided

EXAMPLES_MAX = 3
"""Most event ids named for one change."""


class Effect(StrEnum):
    """What becomes of a decision."""

    UNCHANGED = "unchanged"
    STOPPED = "would_be_stopped"
    PERMITTED = "would_be_permitted"
    BOTH = "partly_stopped_partly_permitted"
    OTHERWISE = "otherwise_changed"


class Change(NamedTuple):
    """One kind of change: to whom, of which category of information, from what to what."""

    recipient_id: str
    pi_category: str
    was: Finding
    would_be: Finding


@dataclass(slots=True)
class Seen:
    """How often a change was met, and examples of events."""

    decisions: int = 0
    examples: list[str] = field(default_factory=list)


def changes_of(decided: DisclosureDecided, verdict: Verdict) -> tuple[Effect, set[Change]]:
    """The effect of another verdict, and each change once for each category of information."""
    disclosure = decided.request.disclosure
    was, would_be = findings_of(decided), findings_of_verdict(verdict, len(disclosure.items))
    changes = {
        Change(disclosure.recipient_id, item.category, before, after)
        for item, before, after in zip(disclosure.items, was, would_be, strict=True)
        if before != after
    }
    return effect_of(was, would_be), changes


def effect_of(was: Sequence[Finding], would_be: Sequence[Finding]) -> Effect:
    """What the change of a decision comes to."""
    pairs = list(zip(was, would_be, strict=True))
    if all(before == after for before, after in pairs):
        return Effect.UNCHANGED
    stopped = any(before.goes and not after.goes for before, after in pairs)
    permitted = any(after.goes and not before.goes for before, after in pairs)
    if stopped and permitted:
        return Effect.BOTH
    if stopped:
        return Effect.STOPPED
    return Effect.PERMITTED if permitted else Effect.OTHERWISE
