"""Parts of disclosures gathered into the lines of an answer."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TypeVar

from disclosure_ledger.answers.answer import (
    BlockedLine,
    ByPiCategory,
    ByRecipientCategory,
    DisclosureList,
    ExemptLine,
    Ground,
    RecipientLine,
)
from disclosure_ledger.answers.parts import ListName, Part
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.answers.rows import UNREGISTERED, happened_at
from disclosure_ledger.answers.wording import explain
from disclosure_schemas.events.vocabulary import Mode, Outcome

K = TypeVar("K", bound=Hashable)

_VERBS = {
    ListName.SOLD_OR_SHARED: "sold or shared",
    ListName.BUSINESS_PURPOSE: "disclosed for a business purpose",
    ListName.OTHER: "disclosed in any other way",
}


def disclosure_list(name: ListName, parts: Iterable[Part], period: Period) -> DisclosureList:
    """Gather the disclosed parts that belong to a list, recipients by name."""
    mine = [part for part in parts if part.list_name is name]
    lines = recipient_lines(mine)
    disclosures = _events(mine)
    return DisclosureList(
        name=name,
        statement=_statement(name, disclosures, len(lines), period),
        disclosures=disclosures,
        recipients=lines,
        by_pi_category=tuple(
            ByPiCategory(
                pi_category=category,
                recipient_categories=_sorted(_category(part) for part in group),
                purposes=_purposes(group),
            )
            for category, group in _keyed(
                (category, part) for part in mine for category in part.pi_categories
            )
        ),
        by_recipient_category=tuple(
            ByRecipientCategory(
                recipient_category=category, pi_categories=_pi_categories(group), purposes=_purposes(group)
            )
            for category, group in _keyed((_category(part), part) for part in mine)
        ),
    )


def recipient_lines(parts: Iterable[Part]) -> tuple[RecipientLine, ...]:
    """Gather disclosed parts by recipient, in the order of names."""
    lines = [_recipient_line(group) for group in _grouped((part.row.recipient_id, part) for part in parts)]
    return tuple(sorted(lines, key=lambda line: (line.name or line.recipient_id, line.recipient_id)))


def blocked_lines(parts: Iterable[Part]) -> tuple[BlockedLine, ...]:
    """Gather what was held back, by recipient, kind and reason, the latest first."""
    groups = _grouped(
        ((part.row.recipient_id, part.row.mode, part.kind, part.outcome, part.reason), part) for part in parts
    )
    lines = [
        BlockedLine(
            recipient_id=group[0].row.recipient_id,
            name=_latest(group).row.recipient_name,
            category=_category(_latest(group)),
            mode=Mode(group[0].row.mode),
            kind=group[0].kind,
            outcome=group[0].outcome,
            reason=explain(group[0].reason),
            pi_categories=_pi_categories(group),
            items=_sorted(item for part in group for item in part.items),
            purposes=_purposes(group),
            count=_events(group),
            first_at=_first_at(group),
            last_at=_last_at(group),
        )
        for group in groups
    ]
    return tuple(sorted(lines, key=attrgetter("last_at"), reverse=True))


def exempt_lines(parts: Iterable[Part]) -> tuple[ExemptLine, ...]:
    """Gather what the law exempts, by reason."""
    return tuple(
        ExemptLine(
            reason=explain(reason),
            pi_categories=_pi_categories(group),
            count=_events(group),
            first_at=_first_at(group),
            last_at=_last_at(group),
        )
        for reason, group in _keyed((part.reason, part) for part in parts)
    )


def _recipient_line(group: Sequence[Part]) -> RecipientLine:
    latest = _latest(group)
    grounds: Counter[tuple[Outcome, str]] = Counter()
    for key in {(part.row.event_id, part.outcome, part.reason) for part in group}:
        grounds[key[1], key[2]] += 1
    return RecipientLine(
        recipient_id=latest.row.recipient_id,
        name=latest.row.recipient_name,
        category=_category(latest),
        role=latest.row.recipient_role,
        kinds=_sorted(part.kind for part in group),
        pi_categories=_pi_categories(group),
        items=_sorted(item for part in group for item in part.items),
        purposes=_purposes(group),
        count=_events(group),
        first_at=_first_at(group),
        last_at=_last_at(group),
        grounds=tuple(
            Ground(outcome=outcome, reason=explain(reason), count=count)
            for (outcome, reason), count in sorted(grounds.items())
        ),
    )


def _statement(name: ListName, disclosures: int, recipients: int, period: Period) -> str:
    """Say it in words; the law wants an empty list said outright (legal 8.1.1 (vii))."""
    if not disclosures:
        return f"Nothing was {_VERBS[name]} in this period ({period})."
    times = "once" if disclosures == 1 else f"{disclosures:,} times"
    whom = "one recipient" if recipients == 1 else f"{recipients:,} recipients"
    return f"Personal information was {_VERBS[name]} {times} to {whom} in this period ({period})."


def _grouped(pairs: Iterable[tuple[K, Part]]) -> list[list[Part]]:
    groups: dict[K, list[Part]] = {}
    for key, part in pairs:
        groups.setdefault(key, []).append(part)
    return list(groups.values())


def _keyed(pairs: Iterable[tuple[str, Part]]) -> list[tuple[str, list[Part]]]:
    groups: dict[str, list[Part]] = {}
    for key, part in pairs:
        groups.setdefault(key, []).append(part)
    return sorted(groups.items())


S = TypeVar("S", bound=str)


def _sorted(texts: Iterable[S]) -> tuple[S, ...]:
    return tuple(sorted(set(texts)))


def _category(part: Part) -> str:
    return part.row.recipient_category or UNREGISTERED


def _pi_categories(group: Iterable[Part]) -> tuple[str, ...]:
    return _sorted(category for part in group for category in part.pi_categories)


def _purposes(group: Iterable[Part]) -> tuple[str, ...]:
    return _sorted(part.row.purpose for part in group)


def _events(group: Iterable[Part]) -> int:
    return len({part.row.event_id for part in group})


def _latest(group: Iterable[Part]) -> Part:
    return max(group, key=lambda part: (happened_at(part.row), part.row.event_id))


def _first_at(group: Iterable[Part]) -> datetime:
    return min(happened_at(part.row) for part in group)


def _last_at(group: Iterable[Part]) -> datetime:
    return max(happened_at(part.row) for part in group)
