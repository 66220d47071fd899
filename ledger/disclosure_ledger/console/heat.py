"""Notice against reality as a heat map: rows, columns and cells of one table. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, sqrt

from disclosure_ledger.console.words import sentence
from disclosure_ledger.reality.declared import Column
from disclosure_ledger.reality.matrix import Cell, Status, Stretch

LEVELS = 5
ALL = "all"

TITLES = {
    Column.SALE_OR_SHARE: "Sold or shared",
    Column.BUSINESS_PURPOSE: "For a business purpose",
    Column.OTHER: "Neither of them",
    Column.NO_NOTICE_NEEDED: "What needs no notice",
}


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One field. `tone`: class of its look; `sign` and `text`: what is read in it; `told`: in a sentence."""

    cell: Cell
    tone: str
    sign: str
    text: str
    told: str
    id: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """One table: a column of the notice in one stretch of the period."""

    title: str
    recipient_categories: tuple[str, ...]
    rows: tuple[tuple[str, tuple[HeatCell | None, ...]], ...]
    undeclared: int


def heat_maps(stretch: Stretch, number: int) -> tuple[HeatMap, ...]:
    """The tables of one stretch, in the order of TITLES, without those that have nothing."""
    made = []
    for column, title in TITLES.items():
        cells = [cell for cell in stretch.cells if cell.column is column]
        if cells:
            made.append(_heat_map(title, cells, number))
    return tuple(made)


def _heat_map(title: str, cells: list[Cell], number: int) -> HeatMap:
    most = max((cell.count for cell in cells), default=0)
    by_place = {(c.pi_category, c.recipient_category): c for c in cells}
    recipients = _ordered({c.recipient_category for c in cells})
    rows = []
    for pi_category in _ordered({c.pi_category for c in cells}):
        placed = [by_place.get((pi_category, recipient)) for recipient in recipients]
        rows.append(
            (pi_category, tuple(None if cell is None else _cell(cell, most, number) for cell in placed))
        )
    undeclared = sum(c.status is Status.SEEN_AND_UNDECLARED for c in cells)
    return HeatMap(title, recipients, tuple(rows), undeclared)


def _cell(cell: Cell, most: int, number: int) -> HeatCell:
    where = f"{_name(cell.pi_category)} to {_name(cell.recipient_category).lower()}"
    id_ = f"{number}.{cell.column.value}.{cell.pi_category}.{cell.recipient_category}"
    match cell.status:
        case Status.SEEN_AND_UNDECLARED:
            told = f"{where}: {cell.undeclared:,} of {cell.count:,} not declared"
            return HeatCell(cell, "wrong", "!", f"{cell.count:,}", told, id_)
        case Status.STOPPED_AND_UNDECLARED:
            told = f"{where}: stopped {cell.blocked:,} times, not declared"
            return HeatCell(cell, "stopped", "✕", f"{cell.blocked:,}", told, id_)
        case Status.DECLARED_AND_UNSEEN:
            return HeatCell(cell, "unseen", "", "–", f"{where}: declared, never seen", id_)
        case Status.DECLARED_AND_SEEN | Status.SEEN_NO_NOTICE_NEEDED:
            return HeatCell(
                cell, f"l{level(cell.count, most)}", "", f"{cell.count:,}", f"{where}: {cell.count:,}", id_
            )


def level(count: int, most: int) -> int:
    """How dark a field is, 1 to LEVELS: by the root, since few fields have most of the disclosures."""
    return max(1, min(LEVELS, ceil(LEVELS * sqrt(count / most)))) if most else 1


def found(maps: Iterable[HeatMap], cell_id: str) -> HeatCell | None:
    """The field with an id."""
    cells = (cell for each in maps for _, row in each.rows for cell in row if cell is not None)
    return next((cell for cell in cells if cell.id == cell_id), None)


def _ordered(categories: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(categories, key=lambda category: (category == ALL, category)))


def _name(category: str) -> str:
    return "Anything" if category == ALL else sentence(category)
