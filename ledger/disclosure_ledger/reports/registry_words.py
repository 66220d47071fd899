"""What the registry says for a report: words, recipients, notices of a period, the business itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from disclosure_consumers.core.registry import ALL, Contract, Registry
from disclosure_consumers.registry_folder.answer_forms import AnswersForm
from disclosure_consumers.registry_folder.forms import NoticeForm, RecipientForm, TaxonomyForm
from disclosure_consumers.registry_folder.values import column_of
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.published_registry import PublishedRegistry
from disclosure_schemas.moments import microseconds

STATUTE = "Civ. Code 1798.140"

TITLES: Mapping[str, str] = {
    "(v)(1)(A)": "Identifiers",
    "(v)(1)(B)": "Customer records described in Civ. Code 1798.80(e)",
    "(v)(1)(C)": "Characteristics of protected classifications under California or federal law",
    "(v)(1)(D)": "Commercial information",
    "(v)(1)(E)": "Biometric information",
    "(v)(1)(F)": "Internet or other electronic network activity information",
    "(v)(1)(G)": "Geolocation data",
    "(v)(1)(H)": "Audio, electronic, visual, thermal, olfactory or similar information",
    "(v)(1)(I)": "Professional or employment-related information",
    "(v)(1)(J)": "Education information",
    "(v)(1)(K)": "Inferences drawn to create a profile",
    "(v)(1)(L)": "Sensitive personal information",
}
"""Names of the categories in Civ. Code 1798.140(v)(1), by place (legal 1.2, 1.2.5)."""


@dataclass(frozen=True, slots=True)
class RegistryWords:
    """A registry as reports read it. `notices`: those published, by id."""

    taxonomy: TaxonomyForm
    recipients: Mapping[str, RecipientForm]
    notices: Mapping[str, NoticeForm]
    answers: AnswersForm
    registry: Registry

    def title(self, pi_category: str) -> str:
        """Statutory name of a category of personal information; the registry's own word without one."""
        statute = self._statute(pi_category)
        return TITLES.get(statute or "", in_words(pi_category).capitalize())

    def statute(self, pi_category: str) -> str | None:
        """Where the law has the category; None where the registry does not say."""
        statute = self._statute(pi_category)
        return None if statute is None else f"{STATUTE}{statute}"

    def recipient_category(self, code: str) -> str:
        """What a category of recipients stands for."""
        return self.taxonomy.recipient_categories.get(code, in_words(code))

    def purpose(self, code: str) -> str:
        """What a purpose stands for."""
        return self.taxonomy.purposes.get(code, in_words(code))

    def contract(self, recipient_id: str, contract_id: str | None) -> Contract | None:
        """A contract of a recipient, if the registry still has it."""
        recipient = self.registry.recipients.get(recipient_id)
        found = recipient.contracts if recipient else ()
        return next((contract for contract in found if contract.id == contract_id), None)

    def notices_in(self, period: Period) -> tuple[NoticeForm, ...]:
        """Published notices that were in force in a period, the oldest first."""
        from_us, until_us = microseconds(period.start), microseconds(period.end)
        return tuple(
            self.notices[notice.id]
            for notice in sorted(self.registry.notices, key=lambda notice: notice.period.from_us)
            if notice.period.from_us < until_us and from_us < notice.period.until_us
        )

    def collected(self, notices: tuple[NoticeForm, ...]) -> frozenset[str]:
        """Categories of personal information these notices speak of."""
        named = {category for notice in notices for category in notice.matrix}
        return frozenset(self.taxonomy.pi_categories if ALL in named else named)

    def declared_recipients(self, notices: tuple[NoticeForm, ...]) -> frozenset[str]:
        """Categories of recipients these notices declare."""
        columns: list[frozenset[str] | Literal["all"]] = [
            column_of(notice, column)
            for notice in notices
            for row in notice.matrix.values()
            for column in (row.business_purpose, row.sale_or_share)
        ]
        if ALL in columns:
            return frozenset(self.taxonomy.recipient_categories)
        return frozenset(category for column in columns for category in column)

    def _statute(self, pi_category: str) -> str | None:
        category = self.taxonomy.pi_categories.get(pi_category)
        return category.statute if category else None


def registry_words(published: PublishedRegistry) -> RegistryWords:
    """The words of a registry folder that was read without errors."""
    contents, registry = published.contents, published.registry
    in_force = {notice.id for notice in registry.notices}
    assert contents.taxonomy is not None, "a folder that was read has a taxonomy"
    return RegistryWords(
        taxonomy=contents.taxonomy,
        recipients=contents.recipients,
        notices={form.id: form for form in contents.notices.values() if form.id in in_force},
        answers=contents.policy.answers,
        registry=registry,
    )


def in_words(code: str) -> str:
    """A code as a person reads it."""
    return code.replace("_", " ")


def day_text(day: date) -> str:
    """A day as a person reads it."""
    return f"{day.day} {day:%B %Y}"


def days_between(period: Period) -> str:
    """A period within a sentence."""
    return f"from {day_text(period.first_day)} to {day_text(period.last_day)}"


def as_list(value: list[str] | str | None) -> tuple[str, ...]:
    """What a notice says in one text or in a list."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
