"""Step 6: the published notice is a promise; what it does not declare is sent back (legal 0.8, 2.1.2)."""

from disclosure_consumers.core.question import Question, is_sensitive
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.registry import ALL, Notice, NoticeRow
from disclosure_consumers.core.subject.ages import is_under
from disclosure_consumers.core.verdict import NO_FLAGS
from disclosure_schemas.events.disclosure import Item
from disclosure_schemas.events.vocabulary import Kind

NOTICE = 6

CONSENTED_ENTITIES = "consented_entities"
_AT_COLLECTION = frozenset({Flag.NOTICE_AT_COLLECTION})
_SALE_OR_SHARE = frozenset({Kind.SALE, Kind.SHARE, Kind.OTHER})
_BUSINESS_PURPOSE = frozenset({Kind.BUSINESS_PURPOSE, Kind.OTHER})


def undeclared(
    question: Question, item: Item, kinds: frozenset[Kind]
) -> tuple[Reason, frozenset[str]] | None:
    """What the notice in force, then the one at collection, does not declare; None if both declare all."""
    reason = _undeclared_by(question.notice, question, item, kinds)
    if reason is not None:
        return reason, NO_FLAGS
    both = question.occurrence.collected_us is not None and question.registry.policy.dual_notice_check
    if both:
        reason = _undeclared_by(question.notice_at_collection, question, item, kinds)
        if reason is not None:
            return reason, _AT_COLLECTION
    if Kind.SALE not in kinds and Kind.SHARE not in kinds:
        return None
    if _excludes_minor(question.notice, question):
        return Reason.NOTICE_EXCLUDES_MINORS, NO_FLAGS
    if both and _excludes_minor(question.notice_at_collection, question):
        return Reason.NOTICE_EXCLUDES_MINORS, _AT_COLLECTION
    return None


def is_named_in_consent(question: Question) -> bool:
    """A sound opt-in names whoever counts as the recipient (1798.140(h))."""
    recipient_id = question.party.recipient.id
    return any(
        opt_in.fault is None and opt_in.recipients is not None and recipient_id in opt_in.recipients
        for opt_in in question.position.opt_ins
    )


def _undeclared_by(
    notice: Notice | None, question: Question, item: Item, kinds: frozenset[Kind]
) -> Reason | None:
    row = notice.row(item.category) if notice else None
    if notice is None or row is None:
        return Reason.UNDECLARED_CATEGORY
    columns = _columns(row, kinds)
    if not any(columns):
        return Reason.UNDECLARED_KIND
    if not _is_in(columns, question):
        return Reason.UNDECLARED_RECIPIENT
    if is_sensitive(item, question.registry.taxonomy):  # 1798.140(ae): sensitive wherever it appears
        sensitive_row = notice.rows.get("sensitive")
        if sensitive_row is not None and not _is_in(_columns(sensitive_row, kinds), question):
            return Reason.ELEMENT_IS_SENSITIVE
    purpose = question.disclosure.purpose
    if not notice.declares_purpose(purpose) and not _is_consented(purpose, question):
        return Reason.UNDECLARED_PURPOSE  # 11 CCR 7002
    return None


def _columns(row: NoticeRow, kinds: frozenset[Kind]) -> list[frozenset[str] | str]:
    """Columns that may declare these kinds: sale and share have one, `other` may stand in both."""
    columns: list[frozenset[str] | str] = []
    if kinds & _SALE_OR_SHARE:
        columns.append(row.sale_or_share)
    if kinds & _BUSINESS_PURPOSE:
        columns.append(row.business_purpose)
    return columns


def _is_in(columns: list[frozenset[str] | str], question: Question) -> bool:
    category = question.party.recipient.category
    if any(column == ALL or category in column for column in columns):
        return True
    return any(CONSENTED_ENTITIES in column for column in columns) and is_named_in_consent(question)


def _is_consented(purpose: str, question: Question) -> bool:
    return any(
        opt_in.fault is None and opt_in.purposes is not None and purpose in opt_in.purposes
        for opt_in in question.position.opt_ins
    )


def _excludes_minor(notice: Notice | None, question: Question) -> bool:
    """The notice promises never to sell or share data of those under some age, opt-in or not."""
    years = None if notice is None else notice.no_sale_or_share_under
    return years is not None and is_under(question.position.age.band, years)
