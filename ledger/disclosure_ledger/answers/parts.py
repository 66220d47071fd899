"""What became of the items of one event: disclosed, held back, or outside the law's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.events.decision import ItemDecision
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome

_STOPPED = frozenset({Outcome.SUPPRESS, Outcome.REJECT})


class Fate(StrEnum):
    """What became of some items."""

    DISCLOSED = "disclosed"
    BLOCKED = "blocked"
    EXEMPT = "exempt"
    UNKNOWN = "unknown"


class ListName(StrEnum):
    """The lists of an answer; the law wants the first two apart (legal 1.5.6)."""

    SOLD_OR_SHARED = "sold_or_shared"
    BUSINESS_PURPOSE = "business_purpose"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Items of one event with the same fate, kind, outcome and reason."""

    row: DecisionRow
    fate: Fate
    kind: Kind
    outcome: Outcome
    reason: str
    items: tuple[str, ...]

    @property
    def pi_categories(self) -> frozenset[str]:
        """Categories of personal information of the items."""
        return frozenset(item.partition(".")[0] for item in self.items)

    @property
    def list_name(self) -> ListName:
        """List the part belongs to; giving data to oneself is no sale, whatever its name (legal 1.1.9)."""
        if self.kind in {Kind.SALE, Kind.SHARE}:
            return ListName.OTHER if self.reason == "same_business" else ListName.SOLD_OR_SHARED
        return ListName.BUSINESS_PURPOSE if self.kind is Kind.BUSINESS_PURPOSE else ListName.OTHER


class Ruled(Protocol):
    """What was decided of the items of one event; see DecisionRow for the fields."""

    @property
    def mode(self) -> str:
        """Request or report."""
        ...

    @property
    def outcome(self) -> str:
        """Outcome of the whole event."""
        ...

    @property
    def kind(self) -> str:
        """Kind of the whole event."""
        ...

    @property
    def reason(self) -> str:
        """Reason of the whole event."""
        ...

    @property
    def items(self) -> Sequence[str]:
        """Items, as `category` or `category.element`."""
        ...

    @property
    def item_decisions(self) -> Sequence[ItemDecision]:
        """Decisions of items that differ from the event's, or that are named."""
        ...


Ruling = tuple[Fate, Kind, Outcome, str]
"""Fate, kind, outcome and reason of items."""


def parts_of(row: DecisionRow) -> list[Part]:
    """Split an event into its parts; a repeated or retracted event has none."""
    return [
        Part(row=row, fate=fate, kind=kind, outcome=outcome, reason=reason, items=tuple(items))
        for (fate, kind, outcome, reason), items in items_by_ruling(row).items()
    ]


def items_by_ruling(row: Ruled) -> dict[Ruling, list[str]]:
    """The items of an event by what was decided of them; none of a repeated or retracted event."""
    findings = {finding.item: finding for finding in row.item_decisions}
    groups: dict[Ruling, list[str]] = {}
    for index, item in enumerate(row.items):
        finding = findings.get(index)
        outcome = Outcome(row.outcome) if finding is None else finding.outcome
        kind, reason = (Kind(row.kind), row.reason) if finding is None else (finding.kind, finding.reason)
        fate = _fate(row, outcome)
        if fate is Fate.DISCLOSED and outcome in _STOPPED:
            outcome = Outcome(row.outcome)  # what should have been stopped and was not is what the event is
        if fate is not None:
            groups.setdefault((fate, kind, outcome, reason), []).append(item)
    return groups


def _fate(row: Ruled, item_outcome: Outcome) -> Fate | None:
    """Fate of an item with this outcome; an item that is not listed shares the event's.

    Nothing went where the whole event was stopped (G7). In a partial answer every item that may go is listed,
    the others were held back. In a report everything went, rightly or not: to the person a violation is a
    disclosure too (legal 7.3.7). What an exemption covers is on no list (legal 8.5.1).
    """
    if row.outcome in {Outcome.DUPLICATE, Outcome.RETRACTED}:
        return None
    if row.outcome in _STOPPED:
        return Fate.BLOCKED
    if Outcome.UNKNOWN in {row.outcome, item_outcome}:
        return Fate.UNKNOWN
    if item_outcome is Outcome.OUT_OF_SCOPE:
        return Fate.EXEMPT
    if row.mode == Mode.REQUEST and item_outcome in _STOPPED | {Outcome.PARTIAL}:
        return Fate.BLOCKED
    return Fate.DISCLOSED
