"""Deadlines as days: the vectors of the law, time zones, months, and what holidays may do."""

from datetime import UTC, date, datetime, timedelta

import pytest

from disclosure_consumers.core.days import calendars
from disclosure_consumers.core.days.calendars import (
    BusinessDates,
    Regime,
    accounting_start,
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
    days_to_respond,
    end_of_business_days_us,
    end_of_calendar_days_us,
    end_of_day_us,
    start_of_day_us,
)
from disclosure_consumers.holiday_calendar import california_holidays, holidays_around
from disclosure_schemas.moments import microseconds

# Legal 9.7: received | strict | target | outer | 10 business days by target and outer | 45 and 90 days
VECTORS = """
2026-01-02 Fri | 2026-01-20 | 2026-01-23 | 2026-01-26 | 2026-01-16 2026-01-16 | 2026-02-16 2026-04-02
2026-06-12 Fri | 2026-06-30 | 2026-07-03 | 2026-07-07 | 2026-06-26 2026-06-29 | 2026-07-27 2026-09-10
2026-06-26 Fri | 2026-07-14 | 2026-07-17 | 2026-07-20 | 2026-07-10 2026-07-13 | 2026-08-10 2026-09-24
2026-11-20 Fri | 2026-12-08 | 2026-12-11 | 2026-12-15 | 2026-12-04 2026-12-08 | 2027-01-04 2027-02-18
2026-11-22 Sun | 2026-12-09 | 2026-12-11 | 2026-12-15 | 2026-12-04 2026-12-08 | 2027-01-06 2027-02-20
2026-11-25 Wed | 2026-12-12 | 2026-12-16 | 2026-12-18 | 2026-12-09 2026-12-11 | 2027-01-09 2027-02-23
2026-12-14 Mon | 2026-12-31 | 2027-01-04 | 2027-01-06 | 2026-12-28 2026-12-29 | 2027-01-28 2027-03-14
2026-12-31 Thu | 2027-01-18 | 2027-01-21 | 2027-01-25 | 2027-01-14 2027-01-15 | 2027-02-14 2027-03-31
"""


def days(text: str) -> list[date]:
    """Every day in a text, in order."""
    return [date.fromisoformat(word) for word in text.split() if word[0].isdigit()]


ROWS = [pytest.param(days(line), id=line[:14]) for line in VECTORS.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS)
def test_the_vectors_of_the_law(row: list[date]) -> None:
    """Each date of the table comes out: 15 and 10 business days by each reading, 45 and 90 calendar days."""
    received, strict, target, outer, confirm_target, confirm_outer, respond, extended = row
    holidays = holidays_around(received)
    assert business_dates_after(received, 15, holidays) == (strict, target, outer)
    assert business_dates_after(received, 10, holidays)[1:] == (confirm_target, confirm_outer)
    assert response_dates(received) == (respond, extended)


def test_receipt_on_a_sunday_is_not_rolled_forward() -> None:
    """Received on Sunday 22 November 2026, day 15 is 11 December, and not the 14th of a rolled start."""
    assert business_day_after(date(2026, 11, 22), 15, "mon_fri") == date(2026, 12, 11)


@pytest.mark.parametrize("row", ROWS)
def test_the_alarm_is_the_strict_date(row: list[date]) -> None:
    """The earliest of the three dates is the strict one, in each row of the table."""
    assert business_dates_after(row[0], 15, holidays_around(row[0])).alarm == row[1]


def test_the_alarm_is_the_earliest_whatever_the_order() -> None:
    """The alarm is the earliest date even if another reading came out earlier than the strict one."""
    dates = BusinessDates(date(2026, 1, 3), date(2026, 1, 2), date(2026, 1, 5))
    assert dates.alarm == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("received", "day"),
    [
        ("2026-11-22T07:59:59.999999Z", date(2026, 11, 21)),
        ("2026-11-22T08:00:00Z", date(2026, 11, 22)),
        ("2026-11-22T23:30:00-08:00", date(2026, 11, 22)),
        ("2026-07-01T06:59:59Z", date(2026, 6, 30)),
        ("2026-07-01T07:00:00Z", date(2026, 7, 1)),
        ("2026-03-08T09:59:59Z", date(2026, 3, 8)),  # the hour before clocks go forward
        ("2026-03-08T10:00:00Z", date(2026, 3, 8)),
        ("2026-11-01T08:59:59Z", date(2026, 11, 1)),  # the hour that comes twice
        ("2026-11-01T09:59:59Z", date(2026, 11, 1)),
        ("2027-01-01T00:00:00Z", date(2026, 12, 31)),
    ],
)
def test_the_day_of_receipt_is_the_day_in_california(received: str, day: date) -> None:
    """A moment belongs to the day that clocks in Los Angeles show, in winter and in summer."""
    assert california_day(microseconds(datetime.fromisoformat(received))) == day


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 6, 1), 24)],
)
def test_days_on_which_clocks_change_have_other_lengths(day: date, hours: int) -> None:
    """The day on which clocks go forward has 23 hours and the one on which they go back has 25."""
    assert end_of_day_us(day) - start_of_day_us(day) == hours * 3_600_000_000


def test_a_deadline_ends_at_midnight_in_california_after_clocks_changed() -> None:
    """Fifteen business days over the end of daylight saving time end at 08:00 UTC, not at 07:00."""
    received_us = microseconds(datetime(2026, 10, 28, 19, 0, tzinfo=UTC))
    ends = datetime(2026, 11, 15, 8, 0, tzinfo=UTC)
    assert end_of_business_days_us(received_us, 15, "mon_sat") == microseconds(ends)
    assert end_of_calendar_days_us(received_us, 17) == microseconds(ends)


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_the_hour_of_receipt_does_not_matter(hour: int) -> None:
    """An opt-out of any hour of 6 April 2026 is due by 23 April, or 27 April without Saturdays."""
    received_us = microseconds(datetime.fromisoformat(f"2026-04-06T{hour:02}:00:00-07:00"))
    with_saturdays = microseconds(datetime.fromisoformat("2026-04-24T00:00:00-07:00"))
    without_saturdays = microseconds(datetime.fromisoformat("2026-04-28T00:00:00-07:00"))
    assert end_of_business_days_us(received_us, 15, "mon_sat") == with_saturdays
    assert end_of_business_days_us(received_us, 15, "mon_fri") == without_saturdays


def test_no_business_day_after_receipt_is_the_day_of_receipt() -> None:
    """Counting nothing stays on the day of receipt, even on a Sunday."""
    assert business_day_after(date(2026, 11, 22), 0, "mon_fri") == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 4, 6), date(2027, 4, 6)),
        (date(2024, 2, 29), date(2025, 3, 1)),
        (date(2023, 2, 28), date(2024, 2, 28)),
        (date(2023, 3, 1), date(2024, 3, 1)),
        (date(2026, 12, 31), date(2027, 12, 31)),
    ],
)
def test_twelve_months_after(day: date, later: date) -> None:
    """Twelve months end on the same date a year later; after 29 February on 1 March, never earlier."""
    assert twelve_months_after(day) == later


@pytest.mark.parametrize(
    ("requested", "extended", "first_day"),
    [
        (date(2026, 11, 22), False, date(2025, 11, 22)),
        (date(2024, 2, 29), False, date(2023, 2, 28)),
        (date(2026, 11, 22), True, date(2022, 1, 1)),
        (date(2022, 6, 1), True, date(2021, 6, 1)),
        (date(2022, 6, 1), False, date(2021, 6, 1)),
    ],
)
def test_how_far_an_answer_looks_back(requested: date, extended: bool, first_day: date) -> None:
    """Twelve months, or to the first day of 2022, and never less than twelve months."""
    assert lookback_start(requested, extended=extended) == first_day


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
    ],
)
def test_months_end_on_the_same_date_or_the_last_one(day: date, months: int, result: date) -> None:
    """A month later is the same date, or the last day of a month that has no such date."""
    assert months_after(day, months) == result


@pytest.mark.parametrize(
    ("received", "regime", "respond", "extended"),
    [
        (date(2026, 3, 2), Regime.OREGON, date(2026, 4, 16), date(2026, 5, 31)),
        (date(2026, 3, 2), Regime.MINNESOTA, date(2026, 4, 16), date(2026, 5, 31)),
        (date(2026, 3, 2), Regime.CONNECTICUT, date(2026, 4, 16), date(2026, 5, 31)),
        (date(2026, 3, 2), Regime.DELAWARE, date(2026, 4, 16), date(2026, 5, 31)),
        (date(2026, 3, 2), Regime.HIPAA, date(2026, 5, 1), date(2026, 5, 31)),
        (date(2026, 3, 2), Regime.GDPR, date(2026, 4, 2), date(2026, 6, 2)),
        (date(2026, 1, 31), Regime.GDPR, date(2026, 3, 2), date(2026, 4, 30)),  # 28 February is a Saturday
        (date(2026, 3, 25), Regime.GDPR, date(2026, 4, 27), date(2026, 6, 25)),  # 25 April is a Saturday
    ],
)
def test_answers_under_other_laws(received: date, regime: Regime, respond: date, extended: date) -> None:
    """Each law has its own time to answer, and only the European one moves on from a weekend."""
    assert response_dates(received, regime) == (respond, extended)


def test_a_european_month_does_not_end_on_a_holiday() -> None:
    """A month that would end on New Year's Day ends on the next working day, here after the weekend."""
    holidays = frozenset({date(2027, 1, 1)})
    assert response_dates(date(2026, 12, 1), Regime.GDPR, holidays).respond == date(2027, 1, 4)


def test_american_answers_are_due_on_holidays_too() -> None:
    """Forty-five days that end on a holiday are not moved on, whatever holidays are passed."""
    holidays = frozenset({date(2027, 1, 4)})
    assert response_dates(date(2026, 11, 20), Regime.CCPA, holidays).respond == date(2027, 1, 4)


def test_an_accounting_reaches_six_years_back() -> None:
    """The accounting of disclosures begins on the same date six years before, or on 28 February."""
    assert accounting_start(date(2026, 11, 22)) == date(2020, 11, 22)
    assert accounting_start(date(2024, 2, 29)) == date(2018, 2, 28)


@pytest.mark.parametrize(
    ("received", "responded", "count"),
    [
        ("2026-11-20T10:00:00-08:00", "2026-11-20T23:59:59-08:00", 0),
        ("2026-11-20T23:59:59-08:00", "2026-11-21T00:00:00-08:00", 1),
        ("2026-11-20T10:00:00-08:00", "2027-01-04T09:00:00-08:00", 45),
    ],
)
def test_days_to_respond_are_calendar_days(received: str, responded: str, count: int) -> None:
    """What is reported each year is the difference of the two days in California."""
    moments = (microseconds(datetime.fromisoformat(text)) for text in (received, responded))
    assert days_to_respond(*moments) == count


def test_the_holiday_calendar_is_that_of_california() -> None:
    """State holidays are in it, the observed ones too, and days of other states are not."""
    holidays = california_holidays([2026])
    assert {date(2026, 3, 31), date(2026, 7, 3), date(2026, 11, 27)} <= holidays
    assert date(2026, 4, 20) not in holidays  # a holiday in Maine and Massachusetts
    assert {day.year for day in holidays} == {2026}


def test_holidays_reach_into_the_next_year() -> None:
    """A deadline of December needs the holidays of January, so the year after is always there."""
    assert date(2027, 1, 1) in holidays_around(date(2026, 12, 31))


def test_the_next_download_of_the_deletion_lists() -> None:
    """Lists are downloaded again within 45 days, and planned early enough that a failure can be repeated."""
    downloaded = date(2026, 8, 1)
    assert calendar_day_after(downloaded, calendars.DROP_ACCESS_DAYS) == date(2026, 9, 15)
    assert timedelta(0) < timedelta(calendars.DROP_SCHEDULE_DAYS) < timedelta(calendars.DROP_ACCESS_DAYS)
