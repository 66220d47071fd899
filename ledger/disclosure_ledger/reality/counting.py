"""Observed groups counted into cells and lines: pure."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.registry import Notice
from disclosure_ledger.answers.parts import Fate, items_by_ruling
from disclosure_ledger.answers.rows import UNREGISTERED
from disclosure_ledger.reality.asked import SENSITIVE, Asked
from disclosure_ledger.reality.declared import UNDECLARED, Column, column_of_kind, undeclared
from disclosure_ledger.reality.observed import Observed
from disclosure_schemas.events.vocabulary import Kind, Outcome, RecipientRole

STOPPED_FOR = UNDECLARED | {
    Reason.NOTICE_EXCLUDES_MINORS,
    Reason.NO_THIRD_PARTY_CONTRACT,
    Reason.UNKNOWN_RECIPIENT,
}
"""Reasons of what was stopped because the registry does not cover it."""

_NEEDS_CONTRACT = frozenset({Column.SALE_OR_SHARE, Column.BUSINESS_PURPOSE})


@dataclass(frozen=True, slots=True)
class Piece:
    """Items of one observed group with the same fate: one part of each of its disclosures."""

    group: Observed
    fate: Fate
    kind: Kind
    outcome: Outcome
    reason: str
    items: tuple[str, ...]

    @property
    def column(self) -> Column:
        """Column of a notice that would have to declare it."""
        return column_of_kind(self.kind, self.reason)

    @property
    def recipient_category(self) -> str:
        """Category of the recipient, also where it was in no registry."""
        return self.group.recipient_category or UNREGISTERED

    @property
    def pi_categories(self) -> frozenset[str]:
        """Categories of personal information of the items."""
        return frozenset(item.partition(".")[0] for item in self.items)

    @property
    def lacks_contract(self) -> bool:
        """Whether it went without the contract it has to rest on (Civ. Code 1798.100(d))."""
        return (
            self.fate is Fate.DISCLOSED
            and not self.group.has_contract
            and self.column in _NEEDS_CONTRACT
            and self.group.recipient_role != RecipientRole.SAME_BUSINESS
        )


K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class Tally(Generic[K]):
    """Disclosures counted, with what varies among them. A group is counted once, whatever its items."""

    count: int = 0
    undeclared: int = 0
    blocked: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    reasons: Counter[Reason] = field(default_factory=Counter)
    purposes: set[str] = field(default_factory=set)
    recipient_ids: set[str] = field(default_factory=set)
    pi_categories: set[str] = field(default_factory=set)
    first_at: datetime | None = None
    last_at: datetime | None = None
    latest: Observed | None = None

    def see(self, group: Observed) -> None:
        """Widen what is known by one group; its count is added by the caller."""
        self.purposes.add(group.purpose)
        self.recipient_ids.add(group.recipient_id)
        self.first_at = group.first_at if self.first_at is None else min(self.first_at, group.first_at)
        self.last_at = group.last_at if self.last_at is None else max(self.last_at, group.last_at)
        self.latest = group if self.latest is None else max(self.latest, group, key=_lateness)

    def extent(self) -> tuple[Observed, datetime, datetime]:
        """The latest group, and when the first and the last disclosure were made."""
        assert self.latest is not None, "a tally counts at least one group"
        assert self.first_at is not None
        assert self.last_at is not None
        return self.latest, self.first_at, self.last_at


def _lateness(group: Observed) -> tuple[object, ...]:
    return group.last_at, group.recipient_name or "", group.recipient_category or "", group.recipient_role


CellKey = tuple[int, str, str, Column]
"""Stretch, category of information, category of recipients, column."""


def pieces_of(groups: Iterable[Observed]) -> list[Piece]:
    """Split every group by what became of its items, as the answers do."""
    return [
        Piece(group, fate, kind, outcome, reason, tuple(items))
        for group in groups
        for (fate, kind, outcome, reason), items in items_by_ruling(group).items()
    ]


def tallied(pieces: Iterable[Piece], key_of: Callable[[Piece], Iterable[K]]) -> dict[K, Tally[K]]:
    """Count the disclosures of pieces under each of their keys, each disclosure once a key."""
    tallies: dict[K, Tally[K]] = {}
    counted: set[tuple[K, int, object]] = set()
    for piece in pieces:
        for key in key_of(piece):
            tally = tallies.setdefault(key, Tally())
            tally.see(piece.group)
            tally.pi_categories |= piece.pi_categories
            if _is_new(counted, (key, id(piece.group), "count")):
                tally.count += piece.group.disclosures
            if _is_new(counted, (key, id(piece.group), piece.kind)):
                tally.kinds[piece.kind] += piece.group.disclosures
    return tallies


@dataclass(frozen=True, slots=True)
class CellTallies:
    """What was counted for the matrix: by cell, and how many disclosures a notice does not declare."""

    cells: Mapping[CellKey, Tally[CellKey]]
    undeclared: int


def cell_tallies(pieces: Iterable[Piece], asked: Asked) -> CellTallies:
    """Count disclosed and blocked pieces into cells, each by the notice of its stretch."""
    listed = list(pieces)
    went = [piece for piece in listed if piece.fate is Fate.DISCLOSED]
    stopped = [piece for piece in listed if piece.fate is Fate.BLOCKED and piece.reason in STOPPED_FOR]
    cells = tallied(went, lambda piece: _cells(piece, piece.items, asked))
    for key, tally in tallied(stopped, lambda piece: _cells(piece, piece.items, asked)).items():
        cells.setdefault(key, Tally()).blocked = tally.count
    counted: set[tuple[CellKey | None, int, object]] = set()
    undeclared_count = 0
    for piece in went:
        for key, reason in _undeclared(piece, asked):
            group, tally = piece.group, cells[key]
            tally.undeclared += group.disclosures * _is_new(counted, (key, id(group), "count"))
            tally.reasons[reason] += group.disclosures * _is_new(counted, (key, id(group), reason))
            undeclared_count += group.disclosures * _is_new(counted, (None, id(group), "count"))
    return CellTallies(cells, undeclared_count)


def _undeclared(piece: Piece, asked: Asked) -> list[tuple[CellKey, Reason]]:
    notice = _notice(piece, asked)
    found: list[tuple[CellKey, Reason]] = []
    for item in piece.items:
        reason = undeclared(
            notice,
            item,
            piece.column,
            piece.recipient_category,
            piece.group.purpose,
            is_sensitive=asked.is_sensitive(item),
            was_allowed=piece.outcome is Outcome.PERMIT,
            reason=piece.reason,
        )
        if reason is Reason.ELEMENT_IS_SENSITIVE:
            found.append((_key(piece, SENSITIVE), reason))
        elif reason is not None:
            found.append((_key(piece, item.partition(".")[0]), reason))
    return found


def _cells(piece: Piece, items: Iterable[str], asked: Asked) -> set[CellKey]:
    """Cells of items: their categories, and `sensitive` too where the notice tells it apart (legal 1.2.1)."""
    notice = _notice(piece, asked)
    tells_apart = notice is not None and SENSITIVE in notice.rows
    categories = {item.partition(".")[0] for item in items}
    if tells_apart and any(asked.is_sensitive(item) for item in items):
        categories.add(SENSITIVE)
    return {_key(piece, category) for category in categories}


def _key(piece: Piece, pi_category: str) -> CellKey:
    return piece.group.stretch, pi_category, piece.recipient_category, piece.column


def _notice(piece: Piece, asked: Asked) -> Notice | None:
    return asked.stretches[piece.group.stretch].notice


def _is_new(known: set[tuple[K, int, object]], entry: tuple[K, int, object]) -> bool:
    if entry in known:
        return False
    known.add(entry)
    return True
