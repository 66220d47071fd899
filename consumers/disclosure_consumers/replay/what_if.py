"""The same history under another registry: which decisions would have come out otherwise."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from disclosure_consumers.core.verdict import RULE_VERSION
from disclosure_consumers.replay.changes import EXAMPLES_MAX, Change, Effect, Seen, changes_of
from disclosure_consumers.replay.comparing import Comparison
from disclosure_consumers.replay.reading import OpenLog, Unreadable
from disclosure_consumers.replay.stored_decisions import SecondDecider, StoredDecision

WHAT_IF_SCHEMA = "disclosure-ledger/what-if/1"
"""Version of the JSON form; a key that is renamed or removed raises the number."""

COLUMNS = (
    "recipient",
    "pi_category",
    "was_outcome",
    "was_kind",
    "was_reason",
    "would_be_outcome",
    "would_be_kind",
    "would_be_reason",
    "decisions",
    "examples",
)
"""Columns of the table of changes."""

_WORDS = {
    Effect.STOPPED: "would have been stopped",
    Effect.PERMITTED: "would have been permitted",
    Effect.BOTH: "would have been stopped in part and permitted in part",
    Effect.OTHERWISE: "would have come out the same way, but as another kind or for another reason",
    Effect.UNCHANGED: "unchanged",
}


@dataclass(slots=True)
class WhatIfResult:
    """What another registry would have changed.

    `apart`: decisions that could not be decided again, by what is in the way. `other_rules`: decided again,
    but made by rules of another version at the time, by that version.
    """

    registry_hash: str
    effects: Counter[Effect] = field(default_factory=Counter)
    changes: dict[Change, Seen] = field(default_factory=dict)
    apart: dict[Comparison, Counter[str]] = field(default_factory=dict)
    other_rules: Counter[str] = field(default_factory=Counter)

    @property
    def decisions(self) -> int:
        """How many were decided again."""
        return self.effects.total()

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The table of changes, with the COLUMNS: those of most decisions first."""
        for change, seen in sorted(self.changes.items(), key=lambda entry: (-entry[1].decisions, entry[0])):
            names = (change.recipient_id, change.pi_category)
            yield (*names, *change.was, *change.would_be, seen.decisions, " ".join(seen.examples))

    def lines(self) -> Iterator[str]:
        """The totals in words."""
        for version, count in self.other_rules.most_common():
            yield (
                f"{count:,} of the decisions were made by rule version {version}; what changes of them may "
                f"come from the rules of version {RULE_VERSION}, and not from the registry"
            )
        for comparison, obstacles in self.apart.items():
            for obstacle, count in obstacles.most_common():
                yield f"{count:,} not decided again ({comparison.value.replace('_', ' ')}): {obstacle}"
        yield f"{self.decisions:,} decisions decided again by the registry {self.registry_hash[:12]}"
        for effect, words in _WORDS.items():
            if self.effects[effect] or effect is not Effect.BOTH:
                yield f"{self.effects[effect]:,} {words}"

    def as_json(self) -> dict[str, Any]:
        """The result as JSON-able values."""
        return {
            "schema": WHAT_IF_SCHEMA,
            "registry_hash": self.registry_hash,
            "rule_version": RULE_VERSION,
            "decisions": self.decisions,
            **{effect.value: self.effects[effect] for effect in Effect},
            "other_rules": dict(self.other_rules),
            "not_decided_again": {
                comparison.value: dict(obstacles) for comparison, obstacles in self.apart.items()
            },
            "changes": [
                {**dict(zip(COLUMNS, row, strict=True)), "examples": row[-1].split()} for row in self.rows()
            ],
        }


def what_if(
    found: Iterable[StoredDecision | Unreadable], opened: OpenLog, decider: SecondDecider
) -> WhatIfResult:
    """Decide each decision of the log again by another registry; what cannot be is told apart."""
    result = WhatIfResult(decider.registry.content_hash.hex())
    for stored in found:
        if isinstance(stored, Unreadable):
            _apart(result, Comparison.UNREADABLE, "the record is no decision that this version reads")
            continue
        obstacle = opened.coverage.obstacle(stored.vector)
        if obstacle is not None:
            _apart(result, Comparison.NO_HISTORY, obstacle)
            continue
        _take(result, stored, *changes_of(stored.decided, decider.verdict(stored, opened.history)))
    return result


def _apart(result: WhatIfResult, comparison: Comparison, obstacle: str) -> None:
    result.apart.setdefault(comparison, Counter())[obstacle] += 1


def _take(result: WhatIfResult, stored: StoredDecision, effect: Effect, changes: set[Change]) -> None:
    result.effects[effect] += 1
    if stored.decided.rule_version != RULE_VERSION:
        result.other_rules[stored.decided.rule_version] += 1
    for change in changes:
        seen = result.changes.setdefault(change, Seen())
        seen.decisions += 1
        if len(seen.examples) < EXAMPLES_MAX:
            seen.examples.append(str(stored.decided.request.event_id))
