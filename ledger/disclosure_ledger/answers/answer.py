"""The answer to "to whom did you disclose my data?" as values (content: legal 8.1.1)."""

import uuid
from datetime import date
from enum import StrEnum

from disclosure_ledger.answers.parts import ListName
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.answers.wording import Reason
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome


class Finding(StrEnum):
    """What the answer comes to; the four ways of being empty are told apart (legal 8.5.4)."""

    DISCLOSED = "disclosed"
    NONE_DISCLOSED = "none_disclosed"
    UNKNOWN_SUBJECT = "unknown_subject"
    EXEMPT = "exempt"
    RETENTION_ENDED = "retention_ended"


class Ground(Value):
    """On what ground disclosures were made: outcome, reason, and how many."""

    outcome: Outcome
    reason: Reason
    count: int


class RecipientLine(Value):
    """What one recipient received on one list; `first_at` and `last_at` are moments in UTC."""

    recipient_id: str
    name: str | None
    category: str
    role: str
    kinds: tuple[Kind, ...]
    pi_categories: tuple[str, ...]
    items: tuple[str, ...]
    purposes: tuple[str, ...]
    count: int
    first_at: Moment
    last_at: Moment
    grounds: tuple[Ground, ...]

    @property
    def not_allowed(self) -> int:
        """How many of the disclosures should not have been made."""
        return sum(ground.count for ground in self.grounds if ground.outcome is Outcome.VIOLATION)


class ByPiCategory(Value):
    """One category of personal information and the categories of recipients that received it."""

    pi_category: str
    recipient_categories: tuple[str, ...]
    purposes: tuple[str, ...]


class ByRecipientCategory(Value):
    """One category of recipients and the categories of personal information it received."""

    recipient_category: str
    pi_categories: tuple[str, ...]
    purposes: tuple[str, ...]


class DisclosureList(Value):
    """One of the separate lists; `statement` says in words what it has, also that it has nothing."""

    name: ListName
    statement: str
    disclosures: int
    recipients: tuple[RecipientLine, ...]
    by_pi_category: tuple[ByPiCategory, ...]
    by_recipient_category: tuple[ByRecipientCategory, ...]


class BlockedLine(Value):
    """Attempts to disclose to one recipient that were stopped for one reason."""

    recipient_id: str
    name: str | None
    category: str
    mode: Mode
    kind: Kind
    outcome: Outcome
    reason: Reason
    pi_categories: tuple[str, ...]
    items: tuple[str, ...]
    purposes: tuple[str, ...]
    count: int
    first_at: Moment
    last_at: Moment


class ExemptLine(Value):
    """Disclosures that the law exempts, for one reason; they are on no list."""

    reason: Reason
    pi_categories: tuple[str, ...]
    count: int
    first_at: Moment
    last_at: Moment


class Gap(Value):
    """Days of the period, both included, of which records are no longer kept."""

    first_day: date
    last_day: date


class Answer(Value):
    """To whom one person's data was disclosed in a period.

    `blocked` is None where blocked attempts were not asked for; `not_covered` is None where records of the
    whole period are kept. `known_at`: what we would have said then; None for all that is known.
    """

    asked_at: Moment
    subject_keys: tuple[uuid.UUID, ...]
    period: Period
    finding: Finding
    statement: str
    sold_or_shared: DisclosureList
    business_purpose: DisclosureList
    other: DisclosureList
    exempt: tuple[ExemptLine, ...]
    blocked: tuple[BlockedLine, ...] | None
    not_covered: Gap | None
    notes: tuple[str, ...]
    known_at: Moment | None = None

    @property
    def lists(self) -> tuple[DisclosureList, DisclosureList, DisclosureList]:
        """The three lists in their order."""
        return self.sold_or_shared, self.business_purpose, self.other
