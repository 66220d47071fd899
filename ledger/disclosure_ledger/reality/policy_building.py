"""From observed groups and the registry's own words to the tables of a privacy policy: pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.registry import ALL
from disclosure_consumers.registry_folder.contents import Contents
from disclosure_consumers.registry_folder.forms import NoticeForm, TaxonomyForm
from disclosure_ledger.answers.answer import Gap
from disclosure_ledger.answers.parts import Fate
from disclosure_ledger.answers.periods import day_of
from disclosure_ledger.answers.rows import UNREGISTERED
from disclosure_ledger.reality.asked import Asked
from disclosure_ledger.reality.counting import Piece, cell_tallies, pieces_of, tallied
from disclosure_ledger.reality.declared import Column
from disclosure_ledger.reality.observed import Observed
from disclosure_ledger.reality.policy_tables import (
    CategoryRow,
    PolicyTables,
    RecipientsRow,
    RecipientsTable,
    TableName,
    Word,
)

_TABLES = {
    Column.SALE_OR_SHARE: TableName.SOLD_OR_SHARED,
    Column.BUSINESS_PURPOSE: TableName.BUSINESS_PURPOSE,
}
_VERBS = {
    TableName.SOLD_OR_SHARED: "sold or shared",
    TableName.BUSINESS_PURPOSE: "disclosed for a business purpose",
    TableName.OTHER: "disclosed in any other way, such as by legal process or at the consumer's direction",
}
_OF_MINORS = frozenset(
    {
        Reason.MINOR_OPT_IN,
        Reason.MINOR_UNDER_13_WITHOUT_PARENT,
        Reason.MINOR_13_TO_15_WITHOUT_OPT_IN,
        Reason.WILLFUL_DISREGARD_OF_AGE,
        Reason.NOTICE_EXCLUDES_MINORS,
    }
)
"""Reasons given only where the consumer was known, or had to be known, to be under 16."""


def policy_tables(
    groups: Iterable[Observed], asked: Asked, contents: Contents, now: datetime, gap: Gap | None = None
) -> PolicyTables:
    """Make the tables; `contents`: the registry's files, for their words. `gap`: days no longer kept."""
    pieces = pieces_of(groups)
    went = [piece for piece in pieces if piece.fate is Fate.DISCLOSED]
    words = _Words(contents.taxonomy)
    notice = asked.stretches[-1].notice
    form = next((form for form in contents.notices.values() if notice and form.id == notice.id), None)
    seen = {category for piece in went for category in piece.pi_categories}
    declared = set(form.matrix) - {ALL} if form else set[str]()
    return PolicyTables(
        asked_at=now,
        known_at=asked.known_at,
        period=asked.period,
        last_updated=day_of(now),
        controller=_texts(form.controller) if form else (),
        notice_id=form.id if form else None,
        collected=tuple(words.category(category) for category in words.in_order(seen | declared)),
        sources=_texts(form.sources) if form else (),
        purposes=_declared_purposes(form, words),
        tables=tuple(_table(name, went, words, asked) for name in TableName),
        under_16=_under_16(went),
        sensitive=_sensitive(went, asked),
        warnings=_warnings(cell_tallies(pieces, asked).undeclared, form, gap),
        not_covered=gap,
    )


class _Words:
    """What the words of a taxonomy stand for; a word that is not in it stands for itself."""

    def __init__(self, taxonomy: TaxonomyForm | None) -> None:
        self._categories = {} if taxonomy is None else taxonomy.pi_categories
        self._recipients = {} if taxonomy is None else taxonomy.recipient_categories
        self._purposes = {} if taxonomy is None else taxonomy.purposes

    def in_order(self, categories: Iterable[str]) -> list[str]:
        """Categories in the order of the statute, as the taxonomy lists them."""
        order = {category: place for place, category in enumerate(self._categories)}
        return sorted(categories, key=lambda category: (order.get(category, len(order)), category))

    def category(self, category: str) -> CategoryRow:
        form = self._categories.get(category)
        return CategoryRow(pi_category=category, statute=form.statute if form else None)

    def recipient(self, category: str) -> Word:
        text = self._recipients.get(category)
        if category == UNREGISTERED:
            text = "recipients that are not in the registry"
        return Word(code=category, text=text or category.replace("_", " "))

    def purpose(self, purpose: str) -> Word:
        return Word(code=purpose, text=self._purposes.get(purpose) or purpose.replace("_", " "))

    def purposes(self) -> list[str]:
        return list(self._purposes)


def _declared_purposes(form: NoticeForm | None, words: _Words) -> tuple[Word, ...]:
    if form is None:
        return ()
    named = words.purposes() if isinstance(form.purposes, str) else form.purposes
    return tuple(words.purpose(purpose) for purpose in named if purpose not in form.purposes_excluded)


def _table(name: TableName, went: Sequence[Piece], words: _Words, asked: Asked) -> RecipientsTable:
    mine = [piece for piece in went if _TABLES.get(piece.column, TableName.OTHER) is name]
    by_category = tallied(mine, lambda piece: piece.pi_categories)
    recipients = {(category, piece.recipient_category) for piece in mine for category in piece.pi_categories}
    rows = [
        RecipientsRow(
            **dict(words.category(category)),
            recipients=tuple(
                words.recipient(recipient) for where, recipient in sorted(recipients) if where == category
            ),
            purposes=tuple(words.purpose(purpose) for purpose in sorted(by_category[category].purposes)),
            disclosures=by_category[category].count,
        )
        for category in words.in_order(by_category)
    ]
    listed = ", ".join(row.pi_category.replace("_", " ") for row in rows)
    statement = (
        f"In this period ({asked.period}) these categories of personal information were {_VERBS[name]}: "
        f"{listed}."
        if rows
        else f"In this period ({asked.period}) no personal information was {_VERBS[name]}."
    )
    return RecipientsTable(name=name, statement=statement, rows=tuple(rows))


def _under_16(went: Iterable[Piece]) -> str:
    """11 CCR 7011(e)(1)(G): actual knowledge of selling or sharing data of those under 16."""
    of_minors = [
        piece for piece in went if piece.column is Column.SALE_OR_SHARE and piece.reason in _OF_MINORS
    ]
    if not of_minors:
        return (
            "The business has no actual knowledge that it sells or shares the personal information of "
            "consumers under 16 years of age."
        )
    with_consent = [piece for piece in of_minors if piece.reason == Reason.MINOR_OPT_IN]
    said = (
        "The business has actual knowledge that it sells or shares the personal information of consumers "
        "under 16 years of age"
    )
    if len(with_consent) == len(of_minors):
        return f"{said}, and did so only where the consumer, or a parent or guardian, had authorized it."
    return f"{said}, in part without the authorization the law requires."


def _sensitive(went: Iterable[Piece], asked: Asked) -> str:
    """11 CCR 7011(e)(1)(K): whether sensitive information goes beyond the purposes of 7027(m).

    A sale or sharing does; a disclosure for a business purpose keeps within them where it names one.
    """
    beyond = {
        piece.group.purpose
        for piece in went
        if any(asked.is_sensitive(item) for item in piece.items)
        and (
            piece.column is Column.SALE_OR_SHARE
            or (piece.column is Column.BUSINESS_PURPOSE and piece.group.limit_exception is None)
        )
    }
    if not beyond:
        return (
            "The business does not disclose sensitive personal information for purposes other than those of "
            "11 CCR 7027(m)."
        )
    purposes = ", ".join(purpose.replace("_", " ") for purpose in sorted(beyond))
    return (
        "The business discloses sensitive personal information for purposes other than those of 11 CCR "
        f"7027(m), or without naming one of them: {purposes}. Consumers have the right to limit this."
    )


def _warnings(undeclared: int, form: NoticeForm | None, gap: Gap | None) -> tuple[str, ...]:
    found = []
    if form is None:
        found.append("No notice is in force at the end of the period: sources and purposes are missing.")
    elif not _texts(form.sources):
        found.append(f"The notice {form.id} names no sources; 11 CCR 7011(e)(1)(B) wants them listed.")
    if undeclared:
        counted = "One disclosure is" if undeclared == 1 else f"{undeclared:,} disclosures are"
        found.append(
            f"{counted} not declared by the notice then in force: see `disclosures matrix`, and settle that "
            "before you publish these tables."
        )
    if gap is not None:
        found.append(
            f"Records from {gap.first_day} to {gap.last_day} are no longer kept in full; the tables cover "
            "that part only as far as records are left."
        )
    return tuple(found)


def _texts(said: list[str] | str | None) -> tuple[str, ...]:
    if said is None:
        return ()
    return (said,) if isinstance(said, str) else tuple(said)
