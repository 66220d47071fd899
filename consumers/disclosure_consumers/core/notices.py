"""Step 6: the published notice is a promise; what it does not declare is sent back (legal 0.8)."""

from disclosure_consumers.core.question import Question, is_sensitive
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.registry import ALL, Notice, NoticeRow
from disclosure_schemas.events.disclosure import Item
from disclosure_schemas.events.vocabulary import Kind

NOTICE = 6


def undeclared(
    question: Question, item: Item, kinds: frozenset[Kind]
) -> tuple[Reason, frozenset[str]] | None:
    """What the notice in force, then the one at collection, does not declare; None if both declare all."""
    reason = _undeclared_by(question.notice, question, item, kinds)
    if reason is not None:
        return reason, frozenset()
    if question.occurrence.collected_us is None or not question.registry.policy.dual_notice_check:
        return None
    reason = _undeclared_by(question.notice_at_collection, question, item, kinds)
    return None if reason is None else (reason, frozenset({Flag.NOTICE_AT_COLLECTION}))


def _undeclared_by(
    notice: Notice | None, question: Question, item: Item, kinds: frozenset[Kind]
) -> Reason | None:
    row = notice.row(item.category) if notice else None
    if notice is None or row is None:
        return Reason.UNDECLARED_CATEGORY
    columns = _columns(row, kinds)
    if not any(columns):
        return Reason.UNDECLARED_KIND
    if not any(column == ALL or question.party.category in column for column in columns):
        return Reason.UNDECLARED_RECIPIENT
    if is_sensitive(item, question.registry) and not _sensitive_row_allows(notice, question, kinds):
        return Reason.ELEMENT_IS_SENSITIVE  # 1798.140(ae): sensitive wherever it appears
    if not notice.declares_purpose(question.disclosure.purpose):
        return Reason.UNDECLARED_PURPOSE  # 11 CCR 7002, legal 2.1.2
    return None


def _columns(row: NoticeRow, kinds: frozenset[Kind]) -> list[frozenset[str] | str]:
    """Columns that may declare these kinds: sale and share have one, `other` may stand in both."""
    columns: list[frozenset[str] | str] = []
    if kinds & {Kind.SALE, Kind.SHARE, Kind.OTHER}:
        columns.append(row.sale_or_share)
    if kinds & {Kind.BUSINESS_PURPOSE, Kind.OTHER}:
        columns.append(row.business_purpose)
    return columns


def _sensitive_row_allows(notice: Notice, question: Question, kinds: frozenset[Kind]) -> bool:
    row = notice.rows.get("sensitive")
    if row is None:
        return True
    return any(column == ALL or question.party.category in column for column in _columns(row, kinds))
