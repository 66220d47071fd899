"""What the module of a law says of it: names, clocks, reach, and how its content is made."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from disclosure_consumers.core.days.calendars import Regime
from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.subject.standing import Standing
from disclosure_ledger.answers.answer import Gap
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.reports.coverage import Covered
from disclosure_ledger.reports.question import ReportQuestion
from disclosure_ledger.reports.registry_words import RegistryWords
from disclosure_ledger.reports.report import Content, LeftOutInternally
from disclosure_ledger.store.rows import DecisionRow


@dataclass(frozen=True, slots=True)
class Case:
    """All that a report is made of: the question, the person's rows, the registry's words.

    `received_on`: the day of receipt. `at_us`: the moment the report is as of. `gap_of`: days of a period of
    which records are no longer kept.
    """

    question: ReportQuestion
    rows: tuple[DecisionRow, ...]
    standings: tuple[Standing, ...]
    words: RegistryWords
    covered: Covered
    period: Period
    received_on: date
    at_us: int
    gap_of: Callable[[Period], Gap | None]


@dataclass(frozen=True, slots=True)
class Made:
    """Content of a report, whether it lists anything and that in words, what is said inside alone, notes."""

    content: Content
    listed: bool
    statement: str
    internal: tuple[LeftOutInternally, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegimeRule:
    """One law. `first_day`: the first day a report covers if none is named; None: all that is kept.

    `reaches_back_to`: the first day that may be asked for with `everything`. `exempting`: reasons that take
    a disclosure out of its scope. `confirms`: receipt must be confirmed in 10 business days.
    """

    title: str
    law: str
    clock: Regime
    exempting: frozenset[Reason] | None
    first_day: Callable[[date], date | None]
    reaches_back_to: Callable[[date], date | None]
    make: Callable[[Case], Made]
    confirms: bool = False


def all_that_is_kept(_: date) -> None:
    """No lookback is named: all that is kept."""
