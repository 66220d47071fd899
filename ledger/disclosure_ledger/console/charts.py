"""Where the parts of a chart stand, as values; templates draw them as SVG. Pure.

Colours come from classes, so they follow light and dark. Every chart has a name for those who do not see it,
and the page has its figures as a table beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH, HEIGHT = 760, 220
"""Size of a column chart, in its own units."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 24, 10, 26
_PLOT_W, _PLOT_H = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
_LABELS_MAX = 12
_SPARK_STEP, _SPARK_H = 6, 22


@dataclass(frozen=True, slots=True)
class Series:
    """One layer of columns. `tone`: class of its colour, such as disclosed, stopped, wrong."""

    name: str
    tone: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Rect:
    """One rectangle."""

    x: float
    y: float
    width: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the scale: its height and its figure."""

    y: float
    value: float


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it tells, the area that can be pointed at, its layers, the middle of its label."""

    told: str
    reach: Rect
    rects: tuple[Rect, ...]
    middle: float
    label: str | None


@dataclass(frozen=True, slots=True)
class Columns:
    """A chart of stacked columns."""

    left: float
    right: float
    ticks: tuple[Tick, ...]
    columns: tuple[Column, ...]


def columns(labels: Sequence[str], layers: Sequence[Series]) -> Columns:
    """Stacked columns with a scale; of many labels some are shown."""
    totals = [sum(layer.values[index] for layer in layers) for index in range(len(labels))]
    top = scale_top(max(totals, default=0))
    step = _PLOT_W / max(1, len(labels))
    gap = min(8.0, step * 0.22)
    shown_every = ceil(len(labels) / _LABELS_MAX) or 1
    drawn = []
    for index, label in enumerate(labels):
        x, width = _LEFT + index * step + gap / 2, step - gap
        drawn.append(
            Column(
                told=f"{label}: " + ", ".join(f"{layer.name} {layer.values[index]:,}" for layer in layers),
                reach=Rect(x, _TOP, width, _PLOT_H, "reach"),
                rects=tuple(_stack(x, width, top, [(layer.values[index], layer.tone) for layer in layers])),
                middle=_LEFT + (index + 0.5) * step,
                label=label if index % shown_every == 0 else None,
            )
        )
    count = 4 if top >= 4 else max(1, int(top))
    ticks = tuple(Tick(_TOP + _PLOT_H * (1 - tick / count), top * tick / count) for tick in range(count + 1))
    return Columns(_LEFT, WIDTH - _RIGHT, ticks, tuple(drawn))


def _stack(x: float, width: float, top: float, parts: Iterable[tuple[int, str]]) -> Iterable[Rect]:
    y = float(_TOP + _PLOT_H)
    for value, tone in parts:
        height = _PLOT_H * value / top
        if height:
            y -= height
            yield Rect(x, y, width, height, tone)


def scale_top(highest: float) -> float:
    """The end of a scale: the next of 4, 8, 12, 20, 40, 80, ... that holds the highest value."""
    if highest <= 4:
        return max(1.0, float(ceil(highest)))
    power = 10 ** floor(log10(highest / 4))
    return float(next(4 * step * power for step in (1, 2, 3, 5, 10) if 4 * step * power >= highest))


def parts_of_bar(parts: Iterable[tuple[float, str]], highest: float | None = None) -> tuple[Rect, ...]:
    """Figures as the parts of one bar 100 wide; of `highest` what is missing stays empty."""
    given = [(figure, tone) for figure, tone in parts if figure]
    whole = highest or sum(figure for figure, _ in given) or 1
    x, drawn = 0.0, []
    for figure, tone in given:
        width = max(0.8, 100 * figure / whole)
        drawn.append(Rect(x, 0, width, 8, tone))
        x += width
    return tuple(drawn)


def spark(values: Sequence[int], tone: str = "disclosed") -> tuple[Rect, ...]:
    """The course of a figure, small; charts of a row share no scale with those of other rows."""
    highest = max(values, default=0)
    return tuple(
        Rect(index * _SPARK_STEP, _SPARK_H - height, _SPARK_STEP - 1.5, height, tone)
        for index, value in enumerate(values)
        if value and (height := max(1.5, _SPARK_H * value / highest))
    )
