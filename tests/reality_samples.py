"""Notices, questions and observed groups for tests of notice against reality."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from answer_rows import YEAR
from disclosure_consumers.core.registry import (
    ALL,
    ALWAYS,
    Notice,
    NoticeRow,
    Period,
    Policy,
    Registry,
    Taxonomy,
)
from disclosure_ledger.answers.rows import happened_at
from disclosure_ledger.answers.standing import standing_rows
from disclosure_ledger.reality.asked import Asked, asked
from disclosure_ledger.reality.observed import Observed
from disclosure_ledger.store.rows import DecisionRow

TAXONOMY = Taxonomy(
    elements={
        "identifiers": frozenset({"email", "ssn"}),
        "commercial": frozenset({"purchase_history"}),
        "sensitive": frozenset({"ssn", "health"}),
    },
    sensitive_elements=frozenset({"ssn", "health"}),
    unique_identifiers=frozenset({"email", "ssn"}),
    recipient_categories=frozenset({"commercial_data_partners", "service_providers", "consented_entities"}),
    purposes=frozenset({"marketing", "provide_services"}),
)


def microseconds(moment: datetime) -> int:
    """Since 1970."""
    return round(moment.timestamp() * 1_000_000)


def notice(
    name: str = "notice",
    *,
    rows: Mapping[str, tuple[Iterable[str], Iterable[str]]] | None = None,
    purposes: Iterable[str] = ("marketing", "provide_services"),
    period: Period = ALWAYS,
) -> Notice:
    """A notice with rows of (business purpose, sale or share)."""
    chosen = rows or {"identifiers": (["service_providers"], ["commercial_data_partners"])}
    return Notice(
        id=name,
        period=period,
        purposes=frozenset(purposes),
        purposes_excluded=frozenset(),
        rows={
            category: NoticeRow(business_purpose=_words(business), sale_or_share=_words(sold))
            for category, (business, sold) in chosen.items()
        },
    )


def _words(words: Iterable[str]) -> frozenset[str]:
    return ALL if words == ALL else frozenset(words)  # type: ignore[return-value]


def question(*notices: Notice) -> Asked:
    """The last twelve months under these notices."""
    registry = Registry(
        taxonomy=TAXONOMY, recipients={}, notices=notices, policy=Policy(), content_hash=bytes(32)
    )
    return asked(YEAR, None, registry)


def observed_one_by_one(rows: Sequence[DecisionRow], at: Asked) -> list[Observed]:
    """What is observed of these rows, person by person and each row a group of its own: the plain way."""
    people: dict[object, list[DecisionRow]] = {}
    for row in rows:
        people.setdefault(row.subject_key, []).append(row)
    standing = [row for own in people.values() for row in standing_rows(own)]
    return [_observed(row, at) for row in standing if at.period.contains(happened_at(row))]


def _observed(row: DecisionRow, at: Asked) -> Observed:
    moment = happened_at(row)
    stretch = next(index for index, part in enumerate(at.stretches) if part.from_at <= moment < part.until_at)
    is_sensitive = any(at.is_sensitive(item) for item in row.items)
    return Observed(
        stretch=stretch,
        mode=row.mode,
        recipient_id=row.recipient_id,
        recipient_name=row.recipient_name,
        recipient_category=row.recipient_category,
        recipient_role=row.recipient_role,
        has_contract=row.contract_id is not None,
        purpose=row.purpose,
        outcome=row.outcome,
        kind=row.kind,
        reason=row.reason,
        items=row.items,
        item_decisions=row.item_decisions,
        limit_exception=row.what().limit_exception if is_sensitive else None,
        disclosures=1,
        first_at=moment,
        last_at=moment,
    )
