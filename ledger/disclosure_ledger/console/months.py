"""Figures of a time line for its chart: by day, week or month, whichever the period asks for. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from disclosure_ledger.answers.periods import Period, day_of
from disclosure_ledger.console.charts import Series
from disclosure_ledger.overview.timeline import Entry, What

_DAYS_MAX = 40
_WEEKS_MAX_DAYS = 200

LAYERS = (
    ("Disclosed", "disclosed", (What.DISCLOSED, What.PARTLY, What.EXEMPT)),
    ("Stopped", "stopped", (What.STOPPED,)),
    ("Should not have been", "wrong", (What.WRONGLY,)),
)
"""Name, tone and entries of each layer."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What a column chart shows; `of`: day, week or month."""

    of: str
    labels: tuple[str, ...]
    layers: tuple[Series, ...]


def of_entries(entries: Iterable[Entry], period: Period) -> Chart:
    """Columns of a time line over its period."""
    unit = unit_of(period)
    starts = starts_of(period, unit)
    by_start: dict[What, Counter[date]] = {what: Counter() for what in What}
    for entry in entries:
        by_start[entry.what][start_of(day_of(entry.at), unit, period)] += 1
    layers = tuple(
        Series(name, tone, [sum(by_start[what][start] for what in whats) for start in starts])
        for name, tone, whats in LAYERS
    )
    return Chart(unit.capitalize(), tuple(label_of(start, unit) for start in starts), layers)


def of_days(by_day: Mapping[str, Mapping[date, int]], period: Period, names: Mapping[str, str]) -> Chart:
    """Columns of figures by tone and day; `names`: tone -> name of its layer, the lowest first."""
    unit = unit_of(period)
    starts = starts_of(period, unit)
    layers = []
    for tone, name in names.items():
        found: Counter[date] = Counter()
        for day, figure in by_day.get(tone, {}).items():
            found[start_of(day, unit, period)] += figure
        layers.append(Series(name, tone, [found[start] for start in starts]))
    return Chart(unit.capitalize(), tuple(label_of(start, unit) for start in starts), tuple(layers))


def weeks_of(days: Mapping[date, int], period: Period) -> list[int]:
    """Figures by week, for a small chart of the course."""
    starts = starts_of(period, "week")
    found: Counter[date] = Counter()
    for day, figure in days.items():
        found[start_of(day, "week", period)] += figure
    return [found[start] for start in starts]


def counts(entries: Iterable[Entry]) -> dict[str, int]:
    """How many entries tell what."""
    found = Counter(entry.what.value for entry in entries)
    return {what.value: found[what.value] for what in What}


def unit_of(period: Period) -> str:
    """`day`, `week` or `month`."""
    days = (period.last_day - period.first_day).days + 1
    return "day" if days <= _DAYS_MAX else "week" if days <= _WEEKS_MAX_DAYS else "month"


def start_of(day: date, unit: str, period: Period) -> date:
    """First day of the unit that a day lies in; weeks are counted back from the end of the period."""
    if unit == "month":
        return day.replace(day=1)
    if unit == "week":
        behind = (period.last_day - day).days
        return period.last_day - timedelta(days=behind - behind % 7 + 6) if behind >= 0 else day
    return day


def starts_of(period: Period, unit: str) -> Sequence[date]:
    """First days of all units of a period, the earliest first."""
    days = (
        period.first_day + timedelta(days=n) for n in range((period.last_day - period.first_day).days + 1)
    )
    return list(dict.fromkeys(start_of(day, unit, period) for day in days))


def label_of(start: date, unit: str) -> str:
    """A unit as a chart labels it."""
    return f"{start:%b %Y}" if unit == "month" else f"{start.day} {start:%b}"
