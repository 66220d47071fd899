"""The period a person asks about: whole days in California, the first and the last included (legal 9.11)."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from disclosure_schemas.errors import DisclosureError
from disclosure_schemas.events.base import Value

CALIFORNIA = ZoneInfo("America/Los_Angeles")
LAW_FLOOR = date(2022, 1, 1)
"""First day the extended right to know reaches back to (legal 1.5.5); earlier days may be asked for."""

DEFAULT_LAST = "12m"
"""The twelve months before the request (legal 1.5.5)."""

_LAST = re.compile(r"([0-9]{1,5})\s*([dwmy])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HOW = "Say `--last 12m` (also 90d, 6w, 2y), or `--from 2026-01-01 --to 2026-03-31`."


class InvalidPeriodError(DisclosureError):
    """A period cannot be understood, lies in the future, or ends before it begins."""


class Period(Value):
    """Days in California from `first_day` to `last_day`, both included."""

    first_day: date
    last_day: date

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError(
                f"a period ends on or after its first day, got {self.first_day} to {self.last_day}"
            )
        return self

    @property
    def start(self) -> datetime:
        """First instant of the period, in UTC."""
        return start_of_day(self.first_day)

    @property
    def end(self) -> datetime:
        """First instant after the period, in UTC."""
        return start_of_day(self.last_day + timedelta(days=1))

    def contains(self, moment: datetime) -> bool:
        """Whether a moment with a time zone lies in the period."""
        return self.start <= moment < self.end

    def __str__(self) -> str:
        return f"{self.first_day} to {self.last_day}"


def start_of_day(day: date) -> datetime:
    """Midnight in California at which a day begins, in UTC; a day has 23, 24 or 25 hours."""
    return datetime.combine(day, time(), CALIFORNIA).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """Day in California of a moment with a time zone; raises InvalidPeriodError before the year 1."""
    try:
        return moment.astimezone(CALIFORNIA).date()
    except OverflowError as error:
        raise InvalidPeriodError(
            f"{moment.isoformat()} is before the calendar begins in California."
        ) from error


def minus_months(day: date, months: int) -> date:
    """Same day of the month some months earlier, or the last day of that month where it has none.

    Raises InvalidPeriodError before the year 1.
    """
    year, month0 = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        raise InvalidPeriodError(f"{months} months before {day} is before the calendar begins. {_HOW}")
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def last(text: str, now: datetime) -> Period:
    """Return the period of `12m`, `90d`, `6w` or `2y` up to and including today, counted in calendar units.

    The day so many units before today is included (legal 9.11). Raises InvalidPeriodError.
    """
    match = _LAST.fullmatch(text.strip().lower())
    if match is None:
        raise InvalidPeriodError(f"a period is a number and one of d, w, m, y, got {text!r}. {_HOW}")
    count, unit = int(match[1]), match[2]
    if count == 0:
        raise InvalidPeriodError(f"a period has at least one day, got {text!r}. {_HOW}")
    today = day_of(now)
    if unit in "my":
        return Period(first_day=minus_months(today, count * (12 if unit == "y" else 1)), last_day=today)
    try:
        first_day = today - timedelta(days=count * (7 if unit == "w" else 1))
    except OverflowError as error:
        raise InvalidPeriodError(f"{text!r} before today is before the calendar begins. {_HOW}") from error
    return Period(first_day=first_day, last_day=today)


def between(from_text: str, to_text: str | None, now: datetime) -> Period:
    """Return the period of two days `YYYY-MM-DD`, both included; without the second one, up to today.

    Raises InvalidPeriodError for anything else, a period that ends before it begins, or a day to come.
    """
    today = day_of(now)
    first_day = _day(from_text)
    last_day = today if to_text is None else _day(to_text)
    for day in (first_day, last_day):
        if day > today:
            raise InvalidPeriodError(
                f"{day} has not come yet in California, where it is {today}; only what happened can be "
                f"answered. {_HOW}"
            )
    if last_day < first_day:
        raise InvalidPeriodError(f"the period ends on {last_day}, before it begins on {first_day}. {_HOW}")
    return Period(first_day=first_day, last_day=last_day)


def chosen(last_text: str | None, from_text: str | None, to_text: str | None, now: datetime) -> Period:
    """Return the period that the options `--last`, `--from` and `--to` name; without any, twelve months.

    Raises InvalidPeriodError where they contradict each other or one of them is wrong.
    """
    if last_text is not None and (from_text is not None or to_text is not None):
        raise InvalidPeriodError(f"--last and --from/--to exclude each other. {_HOW}")
    if from_text is not None:
        return between(from_text, to_text, now)
    if to_text is not None:
        raise InvalidPeriodError(f"--to needs --from: a period has a first day. {_HOW}")
    return last(last_text or DEFAULT_LAST, now)


def _day(text: str) -> date:
    try:
        if _DAY.fullmatch(text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass  # a day such as 2026-02-30; the message below fits it too
    raise InvalidPeriodError(f"a day is written YYYY-MM-DD and exists in the calendar, got {text!r}. {_HOW}")
