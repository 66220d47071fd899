"""Both pivots of a list: by category of information, and by category of recipients (legal 2.2.5)."""

from collections.abc import Iterable, Sequence

from disclosure_ledger.answers.parts import ListName, Part
from disclosure_ledger.answers.rows import UNREGISTERED, happened_at
from disclosure_ledger.reports.coverage import events_of
from disclosure_ledger.reports.registry_words import RegistryWords
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.vocabulary import Kind, Outcome


class InformationRow(Value):
    """One category of personal information and who received it, by category."""

    pi_category: str
    title: str
    statute: str | None
    items: tuple[str, ...]
    kinds: tuple[Kind, ...]
    recipient_categories: tuple[str, ...]
    purposes: tuple[str, ...]
    disclosures: int
    first_at: Moment
    last_at: Moment


class RecipientsRow(Value):
    """One category of recipients and what it received, by category of personal information."""

    recipient_category: str
    description: str
    kinds: tuple[Kind, ...]
    pi_categories: tuple[str, ...]
    purposes: tuple[str, ...]
    disclosures: int


class CategoryList(Value):
    """One of the separate lists; `statement` says outright where it has nothing (legal 8.1.1 (vii)).

    `not_allowed`: how many of the disclosures should not have been made.
    """

    name: ListName
    statement: str
    citation: str
    disclosures: int
    not_allowed: int
    by_pi_category: tuple[InformationRow, ...]
    by_recipient_category: tuple[RecipientsRow, ...]


def category_list(
    name: ListName,
    parts: Sequence[Part],
    words: RegistryWords,
    *,
    nothing: str,
    something: str,
    citation: str,
) -> CategoryList:
    """Gather parts, all of one list. `nothing`, `something`: what an empty list says, and another."""
    return CategoryList(
        name=name,
        statement=something if parts else nothing,
        citation=citation,
        disclosures=events_of(parts),
        not_allowed=events_of(part for part in parts if part.outcome is Outcome.VIOLATION),
        by_pi_category=tuple(
            InformationRow(
                pi_category=category,
                title=words.title(category),
                statute=words.statute(category),
                items=_sorted(
                    item for part in group for item in part.items if item.partition(".")[0] == category
                ),
                kinds=_kinds(group),
                recipient_categories=_sorted(map(recipient_category, group)),
                purposes=_sorted(part.row.purpose for part in group),
                disclosures=events_of(group),
                first_at=min(happened_at(part.row) for part in group),
                last_at=max(happened_at(part.row) for part in group),
            )
            for category, group in _grouped((c, part) for part in parts for c in part.pi_categories)
        ),
        by_recipient_category=tuple(
            RecipientsRow(
                recipient_category=category,
                description=words.recipient_category(category),
                kinds=_kinds(group),
                pi_categories=_sorted(c for part in group for c in part.pi_categories),
                purposes=_sorted(part.row.purpose for part in group),
                disclosures=events_of(group),
            )
            for category, group in _grouped((recipient_category(part), part) for part in parts)
        ),
    )


def recipient_category(part: Part) -> str:
    """Category of a part's recipient, as of the disclosure."""
    return part.row.recipient_category or UNREGISTERED


def _grouped(pairs: Iterable[tuple[str, Part]]) -> list[tuple[str, list[Part]]]:
    groups: dict[str, list[Part]] = {}
    for key, part in pairs:
        groups.setdefault(key, []).append(part)
    return sorted(groups.items())


def _kinds(group: Iterable[Part]) -> tuple[Kind, ...]:
    return tuple(sorted({part.kind for part in group}))


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(texts)))
