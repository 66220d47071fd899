"""Days by which a request must be answered: pure arithmetic on days (legal 9).

The day of receipt is the day in California, whatever day of the week it is; it is never counted, and day 1 is
the next day that counts (Civ. Code 10; legal 9.2, 9.5). Holidays are an argument: this module knows none.
"""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

BusinessDays = Literal["mon_sat", "mon_fri"]
NO_HOLIDAYS: frozenset[date] = frozenset()

OPT_OUT_BUSINESS_DAYS = 15
"""11 CCR 7026(f)(1): no later than 15 business days from the date of receipt (legal 2.4.3)."""

LIMIT_BUSINESS_DAYS = 15
"""11 CCR 7027: the same for a request to limit (legal 2.5.1)."""

CONFIRM_BUSINESS_DAYS = 10
"""11 CCR 7021: to confirm receipt of a request to know, delete or correct (legal 2.8.1, 9.9)."""

EXTENDED_LOOKBACK_FLOOR = date(2022, 1, 1)
"""Civ. Code 1798.130(a)(2)(B): how far the extended right to know reaches back (legal 1.5.5)."""

DROP_ACCESS_DAYS = 45
"""Civ. Code 1798.99.86(c): most calendar days between two downloads of the deletion lists (legal 3.2)."""

DROP_SCHEDULE_DAYS = 40
"""When to plan the next download, so that a failed one can still be repeated (legal 9.12)."""

_SATURDAY, _SUNDAY = 5, 6
_RESTING = {"mon_sat": frozenset({_SUNDAY}), "mon_fri": frozenset({_SATURDAY, _SUNDAY})}


class BusinessDates(NamedTuple):
    """One deadline by three readings of "business day", which the regulations do not define (legal 9.4)."""

    strict: date
    """Monday to Saturday, no holidays: under Civ. Code 7 and 9 a Saturday is a business day (legal 9.1)."""
    target: date
    """Monday to Friday, no holidays."""
    outer: date
    """Monday to Friday without holidays: what most firms count."""

    @property
    def alarm(self) -> date:
        """The earliest: keeping it keeps all three. Holidays cannot move it, they only make one later."""
        return min(self)


class Regime(StrEnum):
    """Laws under which a person may ask to whom data was disclosed (legal 4)."""

    CCPA = "ccpa"
    OREGON = "oregon"
    MINNESOTA = "minnesota"
    CONNECTICUT = "connecticut"
    DELAWARE = "delaware"
    HIPAA = "hipaa"
    GDPR = "gdpr"


class ResponseDates(NamedTuple):
    """Last days on which an answer is in time."""

    respond: date
    """Without an extension; a notice of extension must be sent by this day too."""
    extended: date
    """With one. Counted from receipt, not from that notice (legal 9.8)."""


_RESPONSE_DAYS = {
    Regime.CCPA: (45, 45),
    Regime.OREGON: (45, 45),
    Regime.MINNESOTA: (45, 45),
    Regime.CONNECTICUT: (45, 45),
    Regime.DELAWARE: (45, 45),
    Regime.HIPAA: (60, 30),
}
_GDPR_MONTHS, _GDPR_EXTENSION_MONTHS = 1, 2


def business_day_after(
    received: date, count: int, business_days: BusinessDays, holidays: frozenset[date] = NO_HOLIDAYS
) -> date:
    """The `count`th business day that follows the day of receipt; 0 is the day of receipt itself.

    `holidays` must reach as far as the answer. Every holiday makes it later, which is the risky direction: a
    deadline that binds is counted without them (legal 9.3).
    """
    resting = _RESTING[business_days]
    day = received
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() not in resting and day not in holidays
    return day


def business_dates_after(received: date, count: int, holidays: frozenset[date]) -> BusinessDates:
    """The `count`th business day after receipt by each of the three readings."""
    return BusinessDates(
        strict=business_day_after(received, count, "mon_sat"),
        target=business_day_after(received, count, "mon_fri"),
        outer=business_day_after(received, count, "mon_fri", holidays),
    )


def calendar_day_after(received: date, count: int) -> date:
    """The `count`th calendar day after receipt; never moved on from a weekend or holiday (legal 9.8)."""
    return received + timedelta(days=count)


def months_after(day: date, months: int) -> date:
    """The same date some months later, or the last day of that month where it has none (legal 9.13).

    Negative months count back; the day is then the earlier one, which makes a lookback longer.
    """
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def twelve_months_after(day: date) -> date:
    """The same date in the next year; 1 March after a 29 February (legal 9.10).

    The first day on which a business may ask again to opt in; counted from receipt (1798.135(c)(4)).
    """
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(day.year + 1, 3, 1) if is_leap_day else day.replace(year=day.year + 1)


def lookback_start(requested: date, *, extended: bool = False) -> date:
    """First day that an answer under the CCPA covers, included (legal 1.5.5, 9.11).

    Twelve months back; `extended`: back to 2022-01-01, and never less than twelve months.
    """
    twelve_months_back = months_after(requested, -12)
    return min(twelve_months_back, EXTENDED_LOOKBACK_FLOOR) if extended else twelve_months_back


def accounting_start(requested: date) -> date:
    """First day of an accounting of disclosures: six years back (45 CFR 164.528; legal 4.11, 9.13)."""
    return months_after(requested, -6 * 12)


def response_dates(
    received: date, regime: Regime = Regime.CCPA, holidays: frozenset[date] = NO_HOLIDAYS
) -> ResponseDates:
    """Last days on which a request to know is answered in time (legal 9.8, 9.13).

    `holidays`: those of the person's country, for the GDPR alone, whose periods do not end on a weekend or
    holiday (Regulation 1182/71, Article 3); the others are calendar days.
    """
    if regime is Regime.GDPR:
        ends = (_GDPR_MONTHS, _GDPR_MONTHS + _GDPR_EXTENSION_MONTHS)
        return ResponseDates(*(_working_day_from(months_after(received, end), holidays) for end in ends))
    first, more = _RESPONSE_DAYS[regime]
    return ResponseDates(calendar_day_after(received, first), calendar_day_after(received, first + more))


def _working_day_from(day: date, holidays: frozenset[date]) -> date:
    """This day, or the next one that is neither weekend nor holiday."""
    while day.weekday() in _RESTING["mon_fri"] or day in holidays:
        day += timedelta(days=1)
    return day
