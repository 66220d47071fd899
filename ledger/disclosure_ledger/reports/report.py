"""A report as values: what every law wants, and what each wants by itself (legal 8)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from disclosure_ledger.answers.answer import ExemptLine, Finding, Gap
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.reports.categories import CategoryList
from disclosure_ledger.reports.preferences import AgeKnowledge, OptOutStatus
from disclosure_ledger.reports.question import ReportRegime, Verification
from disclosure_ledger.reports.recipients import EuropeanRecipient, NamedRecipient
from disclosure_schemas.events.base import Moment, Value


class Said(Value):
    """A sentence, and the rule it rests on."""

    sentence: str
    citation: str | None = None


class Business(Value):
    """Who answers; None where the registry does not say."""

    name: str | None
    address: str | None
    contact: str | None
    data_protection_officer: str | None
    supervisory_authority: str | None
    appeals: str | None


class Deadlines(Value):
    """Last days of an answer, counted from the day of receipt, which is not counted (legal 9.8, 9.13).

    `confirm_by`: to confirm receipt, where the law wants that; by the strictest reading of "business day".
    `extended_to`: if the person is told why by `respond_by`.
    """

    received_on: date
    confirm_by: date | None
    respond_by: date
    extended_to: date


class CollectedCategory(Value):
    """A category of personal information that is collected, as the notices say (legal 8.1.1 (i) to (iii)).

    `disclosed_only`: no notice of the period names it, but disclosures of it are on record.
    """

    pi_category: str
    title: str
    statute: str | None
    disclosed_only: bool


class ShineTheLight(Value):
    """Third parties that received data for their own direct marketing in the last calendar year (1798.83)."""

    calendar_year: int
    respond_by: date
    third_parties: tuple[NamedRecipient, ...]
    statement: Said
    not_covered: Gap | None


class CaliforniaContent(Value):
    """What 11 CCR 7024(k) asks for (legal 8.1)."""

    form: Literal["california"] = "california"
    notice_ids: tuple[str, ...]
    collected: tuple[CollectedCategory, ...]
    sources: tuple[str, ...]
    collection_purposes: tuple[str, ...]
    sold_or_shared: CategoryList
    business_purpose: CategoryList
    other: CategoryList
    under_16: Said
    age: AgeKnowledge
    exemptions: tuple[ExemptLine, ...]
    opt_out_status: OptOutStatus
    names: tuple[NamedRecipient, ...] | None
    shine_the_light: ShineTheLight | None


class CategoriesContent(Value):
    """Categories of third parties to whom data was disclosed (legal 4.4, 4.5)."""

    form: Literal["categories"] = "categories"
    third_parties: CategoryList
    left_out: tuple["LeftOut", ...]
    exemptions: tuple[ExemptLine, ...]
    appeals: str | None


class LeftOut(Value):
    """Recipients that the law does not want on the list, by reason."""

    reason: Said
    recipients: int
    disclosures: int


class NamedContent(Value):
    """Third parties by name (legal 8.2). `only_sold`: only those to whom data was sold are asked for."""

    form: Literal["named"] = "named"
    scope: Literal["consumer_specific"] = "consumer_specific"
    only_sold: bool
    only_health: bool
    statement: Said
    third_parties: tuple[NamedRecipient, ...]
    left_out: tuple[LeftOut, ...]
    exemptions: tuple[ExemptLine, ...]
    appeals: str | None


class FutureRecipients(Value):
    """A category of recipients to whom data may still go, and why no names can be given (legal 8.3)."""

    recipient_category: str
    description: str
    reason: str


class EuropeContent(Value):
    """What GDPR Art. 15(1)(c) and 15(2) ask for (legal 8.3)."""

    form: Literal["europe"] = "europe"
    statement: Said
    recipients: tuple[EuropeanRecipient, ...]
    future_recipients: tuple[FutureRecipients, ...]
    sources: tuple[str, ...]
    rights: tuple[Said, ...]
    exemptions: tuple[ExemptLine, ...]


class AccountedDisclosure(Value):
    """One entry of an accounting, or a series of equal ones (45 CFR 164.528(b)(2), (b)(3); legal 4.14).

    `count` 1: one disclosure, on `first_on`. More: a series to one recipient for one purpose, from `first_on`
    to `last_on`, `every_days` apart on average.
    """

    recipient_id: str
    recipient_name: str | None
    recipient_address: str | None
    information: tuple[str, ...]
    purpose: str
    purpose_statement: str
    made_by: Literal["covered_entity", "business_associate"]
    first_on: date
    last_on: date
    count: int
    every_days: float | None
    legal_process: bool


class AccountingContent(Value):
    """An accounting of disclosures (45 CFR 164.528; legal 8.4)."""

    form: Literal["accounting"] = "accounting"
    statement: Said
    disclosures: int
    entries: tuple[AccountedDisclosure, ...]
    fee: Said


class LeftOutInternally(Value):
    """What the person is not told: disclosures left out, by code of the reason."""

    code: str
    recipient_id: str | None
    until: date | None
    disclosures: int


Content = Annotated[
    CaliforniaContent | CategoriesContent | NamedContent | EuropeContent | AccountingContent,
    Field(discriminator="form"),
]


class Report(Value):
    """One person's report under one law.

    `statement`: what it comes to, in a sentence. `not_covered`: days of the period of which records are no
    longer kept in full. `internal`: not for the person; None unless it was asked for.
    """

    regime: ReportRegime
    title: str
    law: str
    made_at: Moment
    known_at: Moment | None
    request_id: str | None
    received_at: Moment
    verification: Verification | None
    deadlines: Deadlines
    business: Business
    period: Period
    finding: Finding
    statement: str
    not_covered: Gap | None
    content: Content
    notes: tuple[str, ...]
    internal: tuple[LeftOutInternally, ...] | None
