"""Properties of deadlines: the direction in which an error may go."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from disclosure_consumers.core.days.calendars import (
    BusinessDays,
    Regime,
    business_dates_after,
    business_day_after,
    calendar_day_after,
    lookback_start,
    months_after,
    response_dates,
    twelve_months_after,
)
from disclosure_consumers.core.days.deadlines import (
    california_day,
    end_of_business_days_us,
    end_of_day_us,
    start_of_day_us,
)
from disclosure_consumers.holiday_calendar import california_holidays
from disclosure_schemas.moments import microseconds

DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
COUNTS = st.integers(0, 60)
WEEKDAYS = st.sampled_from(["mon_sat", "mon_fri"])
HOLIDAYS = st.frozensets(st.dates(date(2020, 1, 1), date(2061, 12, 31)), max_size=40)
_FIRST, _LAST = datetime(2020, 1, 1), datetime(2061, 1, 1)  # noqa: DTZ001 - hypothesis adds the time zone
MOMENTS_US = st.datetimes(_FIRST, _LAST, timezones=st.just(UTC)).map(microseconds)
CALIFORNIA_HOLIDAYS = california_holidays(range(2020, 2063))


@st.composite
def holidays_near(draw: st.DrawFn, day: date) -> frozenset[date]:
    """Holidays that can bear on a deadline counted from a day."""
    return frozenset(
        day + timedelta(days=offset) for offset in draw(st.sets(st.integers(0, 90), max_size=30))
    )


@given(received=DAYS, count=COUNTS, data=st.data())
def test_strict_is_never_after_target_nor_target_after_outer(
    received: date, count: int, data: st.DataObject
) -> None:
    """The three readings come in one order whatever the holidays are, and the alarm is the strict one."""
    dates = business_dates_after(received, count, data.draw(holidays_near(received)))
    assert dates.strict <= dates.target <= dates.outer
    assert dates.alarm == dates.strict


@given(received=DAYS, count=COUNTS)
def test_the_order_holds_for_the_real_holidays(received: date, count: int) -> None:
    """With the holidays of California the three readings come in the same order."""
    dates = business_dates_after(received, count, CALIFORNIA_HOLIDAYS)
    assert dates.strict <= dates.target <= dates.outer


@given(received=DAYS, count=COUNTS, data=st.data())
def test_holidays_never_move_the_dates_that_bind(received: date, count: int, data: st.DataObject) -> None:
    """Whatever a calendar claims to be a holiday, the strict date and the target stay where they are."""
    without = business_dates_after(received, count, frozenset())
    with_holidays = business_dates_after(received, count, data.draw(holidays_near(received)))
    assert with_holidays[:2] == without[:2]


@given(received=DAYS, count=COUNTS, data=st.data())
def test_one_more_holiday_never_makes_a_deadline_earlier(
    received: date, count: int, data: st.DataObject
) -> None:
    """More holidays make the outer date later or leave it, never earlier."""
    some, more = data.draw(holidays_near(received)), data.draw(holidays_near(received))
    assert (
        business_dates_after(received, count, some).outer
        <= business_dates_after(received, count, some | more).outer
    )


@given(received=DAYS, count=st.integers(1, 60), business_days=WEEKDAYS, holidays=HOLIDAYS)
def test_a_deadline_is_a_business_day_with_the_right_number_up_to_it(
    received: date, count: int, business_days: BusinessDays, holidays: frozenset[date]
) -> None:
    """The day found is a business day, and it is exactly the nth one after the day of receipt."""
    found = business_day_after(received, count, business_days, holidays)
    last_weekday = 5 if business_days == "mon_sat" else 4
    between = (received + timedelta(days=n) for n in range(1, (found - received).days + 1))
    counted = [day for day in between if day.weekday() <= last_weekday and day not in holidays]
    assert len(counted) == count
    assert counted[-1] == found


@given(received=DAYS, count=st.integers(0, 59), business_days=WEEKDAYS)
def test_a_later_count_is_a_later_day(received: date, count: int, business_days: BusinessDays) -> None:
    """One business day more is always at least one day later."""
    first = business_day_after(received, count, business_days)
    assert business_day_after(received, count + 1, business_days) > first


@given(first=DAYS, second=DAYS, count=COUNTS, business_days=WEEKDAYS)
def test_a_later_receipt_is_never_due_earlier(
    first: date, second: date, count: int, business_days: BusinessDays
) -> None:
    """Of two requests the one received later is due on the same day or later."""
    earlier, later = sorted((first, second))
    assert business_day_after(earlier, count, business_days) <= business_day_after(
        later, count, business_days
    )


@given(received=DAYS, count=COUNTS, business_days=WEEKDAYS)
def test_business_days_are_never_fewer_than_calendar_days(
    received: date, count: int, business_days: BusinessDays
) -> None:
    """So many calendar days, as a notice may promise, are over no later than as many business days."""
    assert calendar_day_after(received, count) <= business_day_after(received, count, business_days)


@given(at_us=MOMENTS_US)
def test_a_moment_lies_in_its_day_in_california(at_us: int) -> None:
    """The day of a moment begins at or before it and ends after it."""
    day = california_day(at_us)
    assert start_of_day_us(day) <= at_us < end_of_day_us(day)


@given(at_us=MOMENTS_US, count=st.integers(0, 20), business_days=WEEKDAYS)
def test_a_deadline_as_a_moment_is_the_end_of_its_day(
    at_us: int, count: int, business_days: BusinessDays
) -> None:
    """The first moment after a deadline is the first of the day after its last day."""
    ends_us = end_of_business_days_us(at_us, count, business_days)
    last_day = business_day_after(california_day(at_us), count, business_days)
    assert california_day(ends_us) == last_day + timedelta(days=1)
    assert california_day(ends_us - 1) == last_day


@given(day=DAYS)
def test_twelve_months_are_never_shorter_than_a_year(day: date) -> None:
    """After twelve months the same date has come round, and at least 365 days have passed."""
    later = twelve_months_after(day)
    assert (later - day).days in {365, 366}
    assert (later.month, later.day) in {(day.month, day.day), (3, 1)}


@given(day=DAYS, months=st.integers(0, 400))
def test_months_forward_and_back_end_no_later_than_they_began(day: date, months: int) -> None:
    """Going forward and back again loses at most three days, at the end of a short month."""
    back = months_after(months_after(day, months), -months)
    assert timedelta(0) <= day - back <= timedelta(days=3)


@given(requested=DAYS)
def test_an_extended_lookback_is_never_shorter(requested: date) -> None:
    """Asking for more than twelve months never gets less."""
    assert lookback_start(requested, extended=True) <= lookback_start(requested)


@given(received=DAYS, regime=st.sampled_from(list(Regime)), holidays=HOLIDAYS)
def test_an_extension_is_later(received: date, regime: Regime, holidays: frozenset[date]) -> None:
    """Under every law the answer is due after receipt, and with an extension later still."""
    dates = response_dates(received, regime, holidays)
    assert received < dates.respond < dates.extended
