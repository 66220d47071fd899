"""The matrix for the terminal and as rows of a file; days are days in California."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from disclosure_ledger.answers.periods import day_of
from disclosure_ledger.reality.matrix import (
    Cell,
    KindCount,
    Matrix,
    Status,
    Stopped,
    Stretch,
    WithoutContract,
)
from disclosure_schemas.events.base import Moment

_TITLES = {
    Status.SEEN_AND_UNDECLARED: ("Seen and not declared", "bold red"),
    Status.DECLARED_AND_SEEN: ("Declared and seen", "bold green"),
    Status.DECLARED_AND_UNSEEN: ("Declared and not seen", "bold yellow"),
    Status.SEEN_NO_NOTICE_NEEDED: ("Seen, and in need of no declaration", "bold"),
    Status.STOPPED_AND_UNDECLARED: ("Not declared, and stopped", "bold"),
}
_INSTANT = timedelta(microseconds=1)
_CSV_COLUMNS = (
    "from",
    "until",
    "notice",
    "pi_category",
    "recipient_category",
    "column",
    "status",
    "count",
    "undeclared",
    "blocked",
    "first_at",
    "last_at",
    "kinds",
    "purposes",
    "recipients",
    "why_undeclared",
)


def matrix_view(matrix: Matrix) -> RenderableType:
    """Return what rich prints; names come from a registry and are never read as markup."""
    parts: list[RenderableType] = [Text(matrix.statement, style="bold"), Text()]
    for stretch in matrix.stretches:
        parts += _stretch_view(stretch)
    parts += [*_contract_view(matrix.without_contract), *_stopped_view(matrix.stopped)]
    if matrix.exempt:
        parts.append(Text(f"{matrix.exempt:,} disclosures are exempt and in no cell."))
    if matrix.not_covered is not None:
        gap = matrix.not_covered
        said = f"Note: records from {gap.first_day} to {gap.last_day} are no longer kept in full."
        parts.append(Text(said, style="yellow"))
    return Group(*parts)


def matrix_csv(matrix: Matrix) -> str:
    """One row for each cell; moments in UTC."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    for stretch in matrix.stretches:
        for cell in stretch.cells:
            writer.writerow(_csv_row(stretch, cell))
    return text.getvalue()


def _csv_row(stretch: Stretch, cell: Cell) -> Sequence[object]:
    return (
        stretch.from_at.isoformat(),
        stretch.until_at.isoformat(),
        stretch.notice_id or "",
        cell.pi_category,
        cell.recipient_category,
        cell.column,
        cell.status,
        cell.count,
        cell.undeclared,
        cell.blocked,
        cell.first_at.isoformat() if cell.first_at else "",
        cell.last_at.isoformat() if cell.last_at else "",
        "; ".join(f"{entry.kind}={entry.count}" for entry in cell.kinds),
        "; ".join(cell.purposes),
        "; ".join(cell.recipient_ids),
        "; ".join(f"{entry.reason.code}={entry.count}" for entry in cell.why_undeclared),
    )


def _stretch_view(stretch: Stretch) -> list[RenderableType]:
    notice = f"notice {stretch.notice_id}" if stretch.notice_id else "no notice in force"
    days = _days(stretch.from_at, stretch.until_at - _INSTANT)
    parts: list[RenderableType] = [Text(f"{days}: {notice}", style="bold underline")]
    for status, (title, style) in _TITLES.items():
        cells = [cell for cell in stretch.cells if cell.status is status]
        if cells:
            parts += [Text(title, style=style), _cells(status, cells), Text()]
    return parts if len(parts) > 1 else [*parts, Text("  nothing was declared or seen"), Text()]


def _cells(status: Status, cells: Iterable[Cell]) -> Table:
    if status is Status.DECLARED_AND_UNSEEN:
        table = _table("Category of information", "Recipients", "Column", "Stopped")
        for cell in cells:
            table.add_row(*_place(cell), _number(cell.blocked))
        return table
    undeclared = status is Status.SEEN_AND_UNDECLARED
    why = ("Not declared", "Why") if undeclared else ()
    table = _table(
        "Category of information", "Recipients", "Column", "Times", "When", "Purposes", "Stopped", *why
    )
    for cell in cells:
        row = [*_place(cell), _number(cell.count), Text(_days(cell.first_at, cell.last_at))]
        row += [Text(_listed(cell.purposes)), _number(cell.blocked)]
        if undeclared:
            reasons = "; ".join(entry.reason.sentence for entry in cell.why_undeclared)
            row += [_number(cell.undeclared), Text(reasons)]
        table.add_row(*row)
    return table


def _contract_view(lines: Sequence[WithoutContract]) -> list[RenderableType]:
    title = Text("Recipients without a valid contract at the time of disclosure", style="bold")
    if not lines:
        return [title, Text("  none"), Text()]
    table = _table("Recipient", "Category", "Role", "Kinds", "What", "Times", "When")
    for line in lines:
        table.add_row(
            Text(line.name or f"{line.recipient_id} (not in the registry)"),
            Text(_words(line.category)),
            Text(_words(line.role)),
            Text(_kinds(line.kinds)),
            Text(_listed(line.pi_categories)),
            _number(line.count),
            Text(_days(line.first_at, line.last_at)),
        )
    return [title, table, Text()]


def _stopped_view(lines: Sequence[Stopped]) -> list[RenderableType]:
    if not lines:
        return []
    table = _table("Recipient", "Kind", "What", "Times", "When", "Why")
    for line in lines:
        table.add_row(
            Text(line.name or line.recipient_id),
            Text(_words(line.kind)),
            Text(_listed(line.pi_categories)),
            _number(line.count),
            Text(_days(line.first_at, line.last_at)),
            Text(line.reason.sentence),
        )
    return [Text("Stopped for it: nothing of this was disclosed", style="bold"), table, Text()]


def _place(cell: Cell) -> list[Text]:
    return [Text(_words(word)) for word in (cell.pi_category, cell.recipient_category, cell.column)]


def _table(*columns: str) -> Table:
    table = Table(header_style="bold", box=None, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _number(count: int) -> Text:
    return Text(f"{count:,}", justify="right")


def _days(first_at: Moment | None, last_at: Moment | None) -> str:
    if first_at is None or last_at is None:
        return "-"
    first, last = day_of(first_at), day_of(last_at)
    return str(first) if first == last else f"{first} to {last}"


def _kinds(kinds: Iterable[KindCount]) -> str:
    return ", ".join(_words(entry.kind) for entry in kinds)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(_words(word) for word in words)


def _words(code: str) -> str:
    return code.replace("_", " ")
