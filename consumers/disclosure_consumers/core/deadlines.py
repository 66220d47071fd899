"""Time to comply with an opt-out: days in California, counted in the safe direction (legal 9.4)."""

from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from disclosure_schemas.moments import from_microseconds, microseconds

CALIFORNIA = ZoneInfo("America/Los_Angeles")
OPT_OUT_BUSINESS_DAYS = 15
"""11 CCR 7026(f)(1): no later than 15 business days from the date of receipt (legal 2.4.3)."""

_SATURDAY, _SUNDAY = 5, 6


def start_of_day_us(day: date) -> int:
    """First moment of a day in California."""
    return microseconds(datetime.combine(day, time.min, CALIFORNIA))


def california_day(at_us: int) -> date:
    """Day in California of a moment."""
    return from_microseconds(at_us).astimezone(CALIFORNIA).date()


def end_of_business_days_us(
    received_us: int, count: int, business_days: Literal["mon_sat", "mon_fri"]
) -> int:
    """First moment after the `count`th business day that follows the day of receipt.

    Holidays are never taken off: that could only make a deadline later (legal 9.3).
    """
    resting = {_SUNDAY} if business_days == "mon_sat" else {_SATURDAY, _SUNDAY}
    day = california_day(received_us)
    while count:
        day += timedelta(days=1)
        count -= day.weekday() not in resting
    return start_of_day_us(day + timedelta(days=1))


def end_of_calendar_days_us(received_us: int, count: int) -> int:
    """First moment after the `count`th calendar day that follows the day of receipt."""
    return start_of_day_us(california_day(received_us) + timedelta(days=count + 1))
