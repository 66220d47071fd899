"""Periods: whole days in California, typed errors for everything else."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from disclosure_ledger.answers.periods import (
    InvalidPeriodError,
    Period,
    between,
    chosen,
    day_of,
    last,
    start_of_day,
)

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # noon in California


@pytest.mark.parametrize(
    ("text", "first_day"),
    [
        ("12m", date(2025, 11, 22)),
        ("1m", date(2026, 10, 22)),
        ("90d", date(2026, 8, 24)),
        ("6w", date(2026, 10, 11)),
        ("2y", date(2024, 11, 22)),
        (" 12M ", date(2025, 11, 22)),
    ],
)
def test_last_counts_calendar_units_back_from_today_and_includes_both_ends(
    text: str, first_day: date
) -> None:
    """`--last` reaches back so many calendar units, the day reached and today included (legal 9.11)."""
    period = last(text, NOW)

    assert Period(first_day=first_day, last_day=date(2026, 11, 22)) == period


def test_last_falls_back_to_the_end_of_a_shorter_month() -> None:
    """Twelve months before February 29 is February 28, so that no day is lost."""
    leap_day = datetime(2028, 2, 29, 20, 0, tzinfo=UTC)

    assert date(2027, 2, 28) == last("12m", leap_day).first_day
    assert date(2028, 1, 29) == last("1m", leap_day).first_day


def test_today_is_the_day_in_california() -> None:
    """At one o'clock in the night in UTC it is still the evening before in California."""
    evening = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    assert date(2026, 11, 22) == last("1d", evening).last_day


@pytest.mark.parametrize(
    "text", ["", "12", "m", "-3m", "0d", "1.5y", "12 months", "99999y", "１２m", "12m; drop"]
)
def test_last_rejects_what_is_no_period(text: str) -> None:
    """Garbage, nothing at all and times before the calendar are a typed error that says how to write it."""
    with pytest.raises(InvalidPeriodError, match="--last 12m"):
        last(text, NOW)


def test_between_includes_both_days_and_ends_today_by_default() -> None:
    """`--from` and `--to` name whole days; without `--to` the period ends today."""
    assert str(between("2026-01-01", "2026-03-31", NOW)) == "2026-01-01 to 2026-03-31"
    assert str(between("2026-01-01", None, NOW)) == "2026-01-01 to 2026-11-22"
    assert str(between("2026-11-22", "2026-11-22", NOW)) == "2026-11-22 to 2026-11-22"


@pytest.mark.parametrize(
    ("from_text", "to_text", "says"),
    [
        ("2026-03-31", "2026-01-01", "before it begins"),
        ("2026-01-01", "2026-11-23", "has not come yet"),
        ("2027-01-01", None, "has not come yet"),
        ("2026-02-30", None, "YYYY-MM-DD"),
        ("20260101", None, "YYYY-MM-DD"),
        ("2026-W01-1", None, "YYYY-MM-DD"),
        ("2026-1-1", None, "YYYY-MM-DD"),
        ("yesterday", None, "YYYY-MM-DD"),
        ("2026-01-01T00:00:00", None, "YYYY-MM-DD"),
    ],
)
def test_between_rejects_inverted_future_and_garbage_days(
    from_text: str, to_text: str | None, says: str
) -> None:
    """A period that ends before it begins, lies in the future or is no day is a typed error."""
    with pytest.raises(InvalidPeriodError, match=says):
        between(from_text, to_text, NOW)


def test_chosen_takes_twelve_months_where_nothing_is_said() -> None:
    """Without options the period is the law's twelve months (legal 1.5.5)."""
    assert last("12m", NOW) == chosen(None, None, None, NOW)
    assert last("90d", NOW) == chosen("90d", None, None, NOW)
    assert between("2026-01-01", "2026-02-01", NOW) == chosen(None, "2026-01-01", "2026-02-01", NOW)


@pytest.mark.parametrize(
    ("last_text", "from_text", "to_text"),
    [("12m", "2026-01-01", None), ("12m", None, "2026-01-01"), (None, None, "2026-01-01")],
)
def test_chosen_rejects_options_that_contradict_each_other(
    last_text: str | None, from_text: str | None, to_text: str | None
) -> None:
    """`--last` with `--from` or `--to`, and `--to` alone, are errors and never half obeyed."""
    with pytest.raises(InvalidPeriodError):
        chosen(last_text, from_text, to_text, NOW)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 7, 4), 24)]
)
def test_a_day_is_as_long_as_it_is_in_california(day: date, hours: int) -> None:
    """The days on which clocks change have 23 and 25 hours, all of them in the period."""
    period = Period(first_day=day, last_day=day)

    assert timedelta(hours=hours) == period.end - period.start
    assert period.contains(period.start)
    assert not period.contains(period.end)
    assert day == day_of(period.end - timedelta(microseconds=1))
    assert start_of_day(day) == period.start


def test_a_period_cannot_be_made_inverted() -> None:
    """The value itself refuses to end before it begins, also when it comes as JSON."""
    with pytest.raises(ValidationError, match="ends on or after"):
        Period.model_validate_json('{"first_day": "2026-02-02", "last_day": "2026-02-01"}')
