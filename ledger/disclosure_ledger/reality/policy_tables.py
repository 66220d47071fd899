"""The tables a privacy policy needs (11 CCR 7011(e)(1), legal 2.2), as values."""

from datetime import date
from enum import StrEnum

from disclosure_ledger.answers.answer import Gap
from disclosure_ledger.answers.periods import Period
from disclosure_schemas.events.base import Moment, Value


class TableName(StrEnum):
    """The tables of recipients; the law wants the first two apart (Civ. Code 1798.130(a)(5)(C))."""

    SOLD_OR_SHARED = "sold_or_shared"
    BUSINESS_PURPOSE = "business_purpose"
    OTHER = "other"


class Word(Value):
    """A word of the registry, and what it stands for in the registry's own words."""

    code: str
    text: str


class CategoryRow(Value):
    """One category of personal information, and where the statute has it (as `(v)(1)(A)`)."""

    pi_category: str
    statute: str | None


class RecipientsRow(CategoryRow):
    """A category that was disclosed, the categories of recipients that received it, and what for."""

    recipients: tuple[Word, ...]
    purposes: tuple[Word, ...]
    disclosures: int


class RecipientsTable(Value):
    """One table; `statement` says in words what it has, also that it has nothing."""

    name: TableName
    statement: str
    rows: tuple[RecipientsRow, ...]


class PolicyTables(Value):
    """What 11 CCR 7011(e)(1) wants listed, from what was disclosed in the period and from the notice.

    `last_updated`: day in California. `warnings`: what is to be settled before this is published; empty where
    nothing is. `not_covered`: days of the period whose records are no longer kept in full.
    """

    asked_at: Moment
    known_at: Moment | None
    period: Period
    last_updated: date
    controller: tuple[str, ...]
    notice_id: str | None
    collected: tuple[CategoryRow, ...]
    sources: tuple[str, ...]
    purposes: tuple[Word, ...]
    tables: tuple[RecipientsTable, ...]
    under_16: str
    sensitive: str
    warnings: tuple[str, ...]
    not_covered: Gap | None
