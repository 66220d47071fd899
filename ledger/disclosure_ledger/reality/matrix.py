"""The matrix of declared against observed, as values."""

from enum import StrEnum

from disclosure_ledger.answers.answer import Gap
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.answers.wording import Reason
from disclosure_ledger.reality.declared import Column
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.vocabulary import Kind


class Status(StrEnum):
    """What a cell comes to."""

    DECLARED_AND_SEEN = "declared_and_seen"
    DECLARED_AND_UNSEEN = "declared_and_unseen"
    SEEN_AND_UNDECLARED = "seen_and_undeclared"
    SEEN_NO_NOTICE_NEEDED = "seen_no_notice_needed"
    STOPPED_AND_UNDECLARED = "stopped_and_undeclared"


class KindCount(Value):
    """How many disclosures were of a kind."""

    kind: Kind
    count: int


class ReasonCount(Value):
    """How many disclosures the notice does not declare, and why."""

    reason: Reason
    count: int


class Cell(Value):
    """One category of information, one category of recipients, one column of the notice.

    `count`: disclosures with such items, `undeclared` how many of them the notice does not declare, `blocked`
    attempts that were stopped because it does not, or for want of a contract. Moments are in UTC; None where
    nothing was seen. A category `all` is the notice's word for any.
    """

    pi_category: str
    recipient_category: str
    column: Column
    status: Status
    count: int
    undeclared: int
    blocked: int
    kinds: tuple[KindCount, ...] = ()
    purposes: tuple[str, ...] = ()
    recipient_ids: tuple[str, ...] = ()
    why_undeclared: tuple[ReasonCount, ...] = ()
    first_at: Moment | None = None
    last_at: Moment | None = None


class Stretch(Value):
    """A part of the period, half-open, and the notice in force in it; `notice_id` is None for none."""

    from_at: Moment
    until_at: Moment
    notice_id: str | None
    cells: tuple[Cell, ...]


class WithoutContract(Value):
    """Disclosures to one recipient that rested on no valid contract when they were made (legal 1.4.3)."""

    recipient_id: str
    name: str | None
    category: str
    role: str
    kinds: tuple[KindCount, ...]
    pi_categories: tuple[str, ...]
    count: int
    first_at: Moment
    last_at: Moment


class Stopped(Value):
    """What was stopped because the notice does not declare it or there is no contract, by recipient."""

    recipient_id: str
    name: str | None
    category: str
    column: Column
    kind: Kind
    reason: Reason
    pi_categories: tuple[str, ...]
    purposes: tuple[str, ...]
    count: int
    first_at: Moment
    last_at: Moment


class Matrix(Value):
    """Declared against observed in a period, each stretch by the notice then in force.

    `disclosures`: made in the period and not exempt; `undeclared`: how many of them a notice does not declare
    in some item. `known_at`: as of what the ledger had recorded by then; None for all of it. `not_covered`:
    days whose records are no longer kept in full.
    """

    asked_at: Moment
    known_at: Moment | None
    period: Period
    statement: str
    disclosures: int
    undeclared: int
    exempt: int
    stretches: tuple[Stretch, ...]
    without_contract: tuple[WithoutContract, ...]
    stopped: tuple[Stopped, ...]
    not_covered: Gap | None

    def cells(self, status: Status) -> list[tuple[Stretch, Cell]]:
        """Every cell of a status, with the stretch it lies in."""
        return [(entry, cell) for entry in self.stretches for cell in entry.cells if cell.status is status]
