"""Time to comply with an opt-out or limit: days in California, as moments (legal 9.4, 9.5).

The days themselves are counted in `calendars`; a day ends with the first moment of the next one.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from disclosure_consumers.core.days.calendars import (
    OPT_OUT_BUSINESS_DAYS,
    BusinessDays,
    business_day_after,
    calendar_day_after,
)
from disclosure_schemas.moments import from_microseconds, microseconds

__all__ = [
    "CALIFORNIA",
    "OPT_OUT_BUSINESS_DAYS",
    "california_day",
    "days_to_respond",
    "end_of_business_days_us",
    "end_of_calendar_days_us",
    "end_of_day_us",
    "start_of_day_us",
]

CALIFORNIA = ZoneInfo("America/Los_Angeles")

# Events may say any moment that Python can hold; a deadline must still be one, decades after it.
_FIRST_US = microseconds(datetime(1900, 1, 1, tzinfo=UTC))
_LAST_US = microseconds(datetime(9900, 1, 1, tzinfo=UTC))


def start_of_day_us(day: date) -> int:
    """First moment of a day in California."""
    return microseconds(datetime.combine(day, time.min, CALIFORNIA))


def end_of_day_us(day: date) -> int:
    """First moment after a day in California, which has 23, 24 or 25 hours."""
    return start_of_day_us(day + timedelta(days=1))


def california_day(at_us: int) -> date:
    """Day in California of a moment; a clock that is wrong by centuries is taken for one of these years."""
    return from_microseconds(min(max(at_us, _FIRST_US), _LAST_US)).astimezone(CALIFORNIA).date()


def end_of_business_days_us(received_us: int, count: int, business_days: BusinessDays) -> int:
    """First moment after the `count`th business day that follows the day of receipt.

    Holidays are never taken off: that could only make a deadline later (legal 9.3).
    """
    return end_of_day_us(business_day_after(california_day(received_us), count, business_days))


def end_of_calendar_days_us(received_us: int, count: int) -> int:
    """First moment after the `count`th calendar day that follows the day of receipt."""
    return end_of_day_us(calendar_day_after(california_day(received_us), count))


def days_to_respond(received_us: int, responded_us: int) -> int:
    """Calendar days from receipt to the substantive response; 0 on the same day (legal 9.14)."""
    return (california_day(responded_us) - california_day(received_us)).days
