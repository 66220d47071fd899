"""A replay: every decision of the log is made again and must come out the same, byte for byte (G5)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from disclosure_consumers.core.verdict import RULE_VERSION
from disclosure_consumers.replay.comparing import Compared, Comparison, compare
from disclosure_consumers.replay.reading import OpenLog, Unreadable
from disclosure_consumers.replay.stored_decisions import SecondDecider, StoredDecision

REPLAY_SCHEMA = "disclosure-ledger/replay/1"
"""Version of the JSON form; a key that is renamed or removed raises the number."""

LISTED_MAX = 100
"""Most decisions that differ, or cannot be read, that are listed; all are counted."""


def replayed(
    found: Iterable[StoredDecision | Unreadable], opened: OpenLog, decider: SecondDecider
) -> Iterator[Compared]:
    """Compare each decision with itself made again; what cannot be is told apart, nothing is left out."""
    for stored in found:
        if isinstance(stored, Unreadable):
            yield Compared(Comparison.UNREADABLE, stored.partition, stored.offset, obstacle=stored.why)
        else:
            yield compare(stored, decider, opened.history, opened.coverage)


@dataclass(slots=True)
class ReplayResult:
    """What a replay came to; `obstacles`: why decisions were not compared, and how many."""

    registry_hash: str
    counts: Counter[Comparison] = field(default_factory=Counter)
    obstacles: dict[Comparison, Counter[str]] = field(default_factory=dict)
    listed: list[Compared] = field(default_factory=list)

    def take(self, compared: Compared) -> bool:
        """Count one decision; returns whether it is to be listed."""
        self.counts[compared.comparison] += 1
        if compared.comparison not in {Comparison.DIFFERENT, Comparison.UNREADABLE}:
            if compared.obstacle is not None:
                self.obstacles.setdefault(compared.comparison, Counter())[compared.obstacle] += 1
            return False
        if len(self.listed) >= LISTED_MAX:
            return False
        self.listed.append(compared)
        return True

    @property
    def is_reproduced(self) -> bool:
        """Whether nothing differs, and nothing stands in the way that should not."""
        found = (Comparison.DIFFERENT, Comparison.NO_HISTORY, Comparison.UNREADABLE)
        return not any(self.counts[comparison] for comparison in found)

    def lines(self) -> Iterator[str]:
        """The result in words; the last line has the counts."""
        more = self.counts[Comparison.DIFFERENT] + self.counts[Comparison.UNREADABLE] - len(self.listed)
        if more:
            yield f"and {more:,} more that are not listed"
        for registry_hash, count in self._apart(Comparison.OTHER_REGISTRY):
            yield (
                f"{_decisions(count)} made by the registry {registry_hash[:12]}, not by this one "
                f"({self.registry_hash[:12]}), and not compared: replay them with --registry"
            )
        for version, count in self._apart(Comparison.OTHER_RULES):
            yield (
                f"{_decisions(count)} made by rule version {version}, not by {RULE_VERSION}, and not compared"
                ": replay them with the release of that version"
            )
        for obstacle, count in self._apart(Comparison.NO_HISTORY):
            yield f"{_decisions(count)} not replayed, for {obstacle}"
        identical, different = self.counts[Comparison.IDENTICAL], self.counts[Comparison.DIFFERENT]
        replayed = "1 decision" if identical + different == 1 else f"{identical + different:,} decisions"
        yield f"{replayed} replayed, {identical:,} identical, {different:,} different"

    def as_json(self) -> dict[str, Any]:
        """The result as JSON-able values."""
        return {
            "schema": REPLAY_SCHEMA,
            "registry_hash": self.registry_hash,
            "rule_version": RULE_VERSION,
            "replayed": self.counts[Comparison.IDENTICAL] + self.counts[Comparison.DIFFERENT],
            **{comparison.value: self.counts[comparison] for comparison in Comparison},
            "obstacles": {
                comparison.value: dict(counts.most_common()) for comparison, counts in self.obstacles.items()
            },
            "listed": [listed_as_json(compared) for compared in self.listed],
        }

    def _apart(self, comparison: Comparison) -> list[tuple[str, int]]:
        return self.obstacles.get(comparison, Counter[str]()).most_common()


def listed_as_json(compared: Compared) -> dict[str, Any]:
    """One decision that differs, or cannot be read."""
    return {
        "comparison": compared.comparison.value,
        "partition": compared.partition,
        "offset": compared.offset,
        "event_id": compared.event_id,
        "differences": [difference._asdict() for difference in compared.differences],
        "obstacle": compared.obstacle,
    }


def listed_lines(compared: Compared) -> Iterator[str]:
    """One decision that differs, or cannot be read, in words."""
    where = f"partition {compared.partition}, offset {compared.offset}"
    if compared.comparison is Comparison.UNREADABLE:
        yield f"UNREADABLE {where}: {compared.obstacle}"
        return
    yield f"DIFFERENT {compared.event_id} ({where})"
    for difference in compared.differences:
        yield f"  {difference.field}: {difference.stored} -> {difference.replayed}"


def _decisions(count: int) -> str:
    return f"{count:,} decision was" if count == 1 else f"{count:,} decisions were"
