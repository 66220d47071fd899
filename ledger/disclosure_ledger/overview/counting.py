"""Decisions counted by recipient, reason and day: the rows of one query, folded for each overview. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeVar

from disclosure_ledger.answers.periods import Period
from disclosure_ledger.answers.wording import Reason, explain
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.vocabulary import Kind, Outcome

K = TypeVar("K")

STOPPED = frozenset({Outcome.SUPPRESS, Outcome.REJECT})
WRONG = frozenset({Outcome.NOTIFY, Outcome.VIOLATION})
SOLD = frozenset({Kind.SALE, Kind.SHARE})


class Count(Value):
    """How many decisions about one recipient came to the same on one day in California."""

    recipient_id: str
    recipient_name: str | None
    recipient_category: str | None
    recipient_role: str
    kind: Kind
    outcome: Outcome
    reason: str
    day: date
    events: int
    last_at: Moment

    @property
    def is_stopped(self) -> bool:
        """Whether nothing went out."""
        return self.outcome in STOPPED

    @property
    def is_wrong(self) -> bool:
        """Whether it went out and should not have."""
        return self.outcome in WRONG

    @property
    def fate(self) -> str:
        """`stopped`, `wrong` or `disclosed`; an answer in part is disclosed."""
        return "stopped" if self.is_stopped else "wrong" if self.is_wrong else "disclosed"


class Counts(Value):
    """Every count of a period."""

    as_of: Moment
    period: Period
    counts: tuple[Count, ...]

    def by_day(self) -> Mapping[str, Counter[date]]:
        """Fate -> day -> decisions."""
        found: dict[str, Counter[date]] = {fate: Counter() for fate in ("disclosed", "stopped", "wrong")}
        for count in self.counts:
            found[count.fate][count.day] += count.events
        return found

    def total(self, fate: str) -> int:
        """All decisions of a fate."""
        return sum(count.events for count in self.counts if count.fate == fate)


class RecipientRow(Value):
    """One recipient in a period. `days`: what it received by day; `sold`: sales and sharing among it."""

    recipient_id: str
    name: str | None
    category: str | None
    role: str
    kinds: tuple[Kind, ...]
    disclosed: int
    sold: int
    stopped: int
    wrong: int
    days: dict[date, int]
    last_at: Moment


class ReasonRow(Value):
    """One reason why something was stopped, or should have been."""

    reason: Reason
    outcome: Outcome
    events: int
    recipients: int
    last_at: Moment


def recipient_rows(counts: Iterable[Count]) -> tuple[RecipientRow, ...]:
    """Counts by recipient, those that received most first."""
    rows = []
    for recipient_id, group in _grouped(counts, lambda count: count.recipient_id):
        latest = max(group, key=lambda count: count.last_at)
        days: Counter[date] = Counter()
        for count in group:
            if not count.is_stopped:
                days[count.day] += count.events
        rows.append(
            RecipientRow(
                recipient_id=recipient_id,
                name=latest.recipient_name,
                category=latest.recipient_category,
                role=latest.recipient_role,
                kinds=tuple(sorted({count.kind for count in group})),
                disclosed=sum(days.values()),
                sold=sum(c.events for c in group if not c.is_stopped and c.kind in SOLD),
                stopped=sum(c.events for c in group if c.is_stopped),
                wrong=sum(c.events for c in group if c.is_wrong),
                days=dict(days),
                last_at=latest.last_at,
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.disclosed, row.name or row.recipient_id)))


def reason_rows(counts: Iterable[Count]) -> tuple[ReasonRow, ...]:
    """Counts of what was stopped or wrong by reason, the most frequent first."""
    held = [count for count in counts if count.is_stopped or count.is_wrong]
    rows = [
        ReasonRow(
            reason=explain(reason),
            outcome=outcome,
            events=sum(count.events for count in group),
            recipients=len({count.recipient_id for count in group}),
            last_at=max(count.last_at for count in group),
        )
        for (reason, outcome), group in _grouped(held, lambda count: (count.reason, count.outcome))
    ]
    return tuple(sorted(rows, key=lambda row: (-row.events, row.reason.code)))


def _grouped(counts: Iterable[Count], key: Callable[[Count], K]) -> list[tuple[K, list[Count]]]:
    groups: dict[K, list[Count]] = defaultdict(list)
    for count in counts:
        groups[key(count)].append(count)
    return list(groups.items())
