"""What a notice declares, and what it does not declare of a disclosure that was made (legal 0.8; step 6)."""

from enum import StrEnum

from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.registry import ALL, Notice, NoticeRow
from disclosure_consumers.core.steps.notices import CONSENTED_ENTITIES
from disclosure_ledger.reality.asked import SENSITIVE
from disclosure_schemas.events.vocabulary import Kind

Words = frozenset[str] | str
"""Recipient categories, or ALL."""


class Column(StrEnum):
    """Where a notice declares a kind: sale and sharing are one column (legal 6.5.5).

    `other` stands for a disclosure that is neither; either column may declare it. `no_notice_needed` is what
    the law allows whatever the notice says: legal process, a transfer of the business, what the consumer
    directed, the relay of an opt-out, and what stays within the same business.
    """

    SALE_OR_SHARE = "sale_or_share"
    BUSINESS_PURPOSE = "business_purpose"
    OTHER = "other"
    NO_NOTICE_NEEDED = "no_notice_needed"


Declaration = tuple[str, Column, str]
"""Category of information, column, category of recipients; ALL stands for any."""

_COLUMNS = {
    Kind.SALE: Column.SALE_OR_SHARE,
    Kind.SHARE: Column.SALE_OR_SHARE,
    Kind.BUSINESS_PURPOSE: Column.BUSINESS_PURPOSE,
    Kind.OTHER: Column.OTHER,
    Kind.UNKNOWN: Column.SALE_OR_SHARE,  # decided as if it were the strictest
}

UNDECLARED = frozenset(
    {
        Reason.UNDECLARED_CATEGORY,
        Reason.UNDECLARED_KIND,
        Reason.UNDECLARED_RECIPIENT,
        Reason.UNDECLARED_PURPOSE,
        Reason.ELEMENT_IS_SENSITIVE,
    }
)
"""Reasons of what a notice does not declare."""

_BY_CONSENT = frozenset({Reason.OPT_IN_VALID, Reason.MINOR_OPT_IN, Reason.CONSENTED_ENTITY})


def column_of_kind(kind: Kind, reason: str) -> Column:
    """Column that would have to declare a disclosure of this kind, decided for this reason."""
    if reason == Reason.SAME_BUSINESS:
        return Column.NO_NOTICE_NEEDED
    return _COLUMNS.get(kind, Column.NO_NOTICE_NEEDED)


def undeclared(
    notice: Notice | None,
    item: str,
    column: Column,
    recipient_category: str,
    purpose: str,
    *,
    is_sensitive: bool,
    was_allowed: bool,
    reason: str,
) -> Reason | None:
    """What the notice does not declare of an item that went; None if it declares all, or need not.

    `was_allowed`: the decision let it go. Where the notice names consented entities, a consent then named the
    recipient. `reason`: of the decision; a consent may have named the purpose only where it rests on one.
    """
    if column is Column.NO_NOTICE_NEEDED:
        return None
    row = notice.row(item.partition(".")[0]) if notice else None
    if notice is None or row is None:
        return Reason.UNDECLARED_CATEGORY
    if not any(columns_of(row, column)):
        return Reason.UNDECLARED_KIND
    if not _is_in(columns_of(row, column), recipient_category, was_allowed):
        return Reason.UNDECLARED_RECIPIENT
    sensitive_row = notice.rows.get(SENSITIVE) if is_sensitive else None
    if sensitive_row is not None:
        columns = columns_of(sensitive_row, column)
        if not _is_in(columns, recipient_category, was_allowed):
            return Reason.ELEMENT_IS_SENSITIVE
    if not notice.declares_purpose(purpose) and not (was_allowed and reason in _BY_CONSENT):
        return Reason.UNDECLARED_PURPOSE
    return None


def columns_of(row: NoticeRow, column: Column) -> list[Words]:
    """The columns of a row that may declare what stands in this column."""
    columns: list[Words] = []
    if column in {Column.SALE_OR_SHARE, Column.OTHER}:
        columns.append(row.sale_or_share)
    if column in {Column.BUSINESS_PURPOSE, Column.OTHER}:
        columns.append(row.business_purpose)
    return columns


def declarations(notice: Notice | None) -> list[Declaration]:
    """Everything a notice declares."""
    rows = notice.rows.items() if notice else ()
    return [
        (category, column, recipient_category)
        for category, row in rows
        for column in (Column.SALE_OR_SHARE, Column.BUSINESS_PURPOSE)
        for words in columns_of(row, column)
        for recipient_category in ([ALL] if words == ALL else sorted(words))
    ]


def _is_in(columns: list[Words], recipient_category: str, was_allowed: bool) -> bool:
    if any(words == ALL or recipient_category in words for words in columns):
        return True
    return was_allowed and any(CONSENTED_ENTITIES in words for words in columns)
