"""From observed groups to the matrix: pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from disclosure_consumers.core.registry import ALL, Notice
from disclosure_ledger.answers.answer import Gap
from disclosure_ledger.answers.parts import Fate
from disclosure_ledger.answers.rows import UNREGISTERED
from disclosure_ledger.answers.wording import explain
from disclosure_ledger.reality.asked import Asked
from disclosure_ledger.reality.counting import (
    STOPPED_FOR,
    CellKey,
    Piece,
    Tally,
    cell_tallies,
    pieces_of,
    tallied,
)
from disclosure_ledger.reality.declared import Column, Declaration, declarations
from disclosure_ledger.reality.matrix import (
    Cell,
    KindCount,
    Matrix,
    ReasonCount,
    Status,
    Stopped,
    Stretch,
    WithoutContract,
)
from disclosure_ledger.reality.observed import Observed


def matrix(groups: Iterable[Observed], asked: Asked, now: datetime, gap: Gap | None = None) -> Matrix:
    """Put what was observed beside what was declared, each stretch by the notice then in force.

    `gap`: days of the period whose records are no longer kept.
    """
    pieces = pieces_of(groups)
    counted = cell_tallies(pieces, asked)
    went = [piece for piece in pieces if piece.fate is Fate.DISCLOSED]
    exempt = [piece for piece in pieces if piece.fate is Fate.EXEMPT]
    disclosures = _disclosures(went)
    return Matrix(
        asked_at=now,
        known_at=asked.known_at,
        period=asked.period,
        statement=_statement(asked, disclosures, counted.undeclared),
        disclosures=disclosures,
        undeclared=counted.undeclared,
        exempt=_disclosures(exempt),
        stretches=tuple(
            Stretch(
                from_at=stretch.from_at,
                until_at=stretch.until_at,
                notice_id=stretch.notice.id if stretch.notice else None,
                cells=_cells(
                    {key: tally for key, tally in counted.cells.items() if key[0] == index}, stretch.notice
                ),
            )
            for index, stretch in enumerate(asked.stretches)
        ),
        without_contract=_without_contract(went),
        stopped=_stopped(pieces),
        not_covered=gap,
    )


def _cells(tallies: dict[CellKey, Tally[CellKey]], notice: Notice | None) -> tuple[Cell, ...]:
    declared = set(declarations(notice))
    cells = [_cell(key, tally, notice, declared) for key, tally in tallies.items()]
    named = {place for cell in cells for place in _places(cell, notice)}
    anybody = {(row, column, ALL) for row, column, _ in named}
    unseen = [
        Cell(
            pi_category=category,
            recipient_category=recipients,
            column=column,
            status=Status.DECLARED_AND_UNSEEN,
            count=0,
            undeclared=0,
            blocked=0,
        )
        for category, column, recipients in declared - named - anybody
    ]
    return tuple(
        sorted([*cells, *unseen], key=lambda cell: (cell.column, cell.pi_category, cell.recipient_category))
    )


def _places(cell: Cell, notice: Notice | None) -> set[Declaration]:
    """Where in the notice a cell would be declared: a row may be the one for all categories."""
    category = cell.pi_category
    row = ALL if notice and category not in notice.rows and ALL in notice.rows else category
    either = {Column.SALE_OR_SHARE, Column.BUSINESS_PURPOSE}
    columns = either if cell.column is Column.OTHER else {cell.column}
    return {(row, column, cell.recipient_category) for column in columns}


def _cell(key: CellKey, tally: Tally[CellKey], notice: Notice | None, declared: set[Declaration]) -> Cell:
    _, pi_category, recipient_category, column = key
    cell = Cell(
        pi_category=pi_category,
        recipient_category=recipient_category,
        column=column,
        status=Status.DECLARED_AND_SEEN,
        count=tally.count,
        undeclared=tally.undeclared,
        blocked=tally.blocked,
        kinds=_kinds(tally),
        purposes=tuple(sorted(tally.purposes)),
        recipient_ids=tuple(sorted(tally.recipient_ids)),
        why_undeclared=tuple(
            ReasonCount(reason=explain(reason), count=count)
            for reason, count in sorted(tally.reasons.items())
        ),
        first_at=tally.first_at,
        last_at=tally.last_at,
    )
    places = _places(cell, notice)
    is_declared = bool(declared & (places | {(row, where, ALL) for row, where, _ in places}))
    return cell.model_copy(update={"status": _status(cell, is_declared=is_declared)})


def _status(cell: Cell, *, is_declared: bool) -> Status:
    if not cell.count:
        return Status.DECLARED_AND_UNSEEN if is_declared else Status.STOPPED_AND_UNDECLARED
    if cell.column is Column.NO_NOTICE_NEEDED:
        return Status.SEEN_NO_NOTICE_NEEDED
    return Status.SEEN_AND_UNDECLARED if cell.undeclared else Status.DECLARED_AND_SEEN


def _without_contract(went: Iterable[Piece]) -> tuple[WithoutContract, ...]:
    lacking = [piece for piece in went if piece.lacks_contract]
    lines = []
    for recipient_id, tally in tallied(lacking, lambda piece: [piece.group.recipient_id]).items():
        latest, first_at, last_at = tally.extent()
        lines.append(
            WithoutContract(
                recipient_id=recipient_id,
                name=latest.recipient_name,
                category=_category(latest),
                role=latest.recipient_role,
                kinds=_kinds(tally),
                pi_categories=tuple(sorted(tally.pi_categories)),
                count=tally.count,
                first_at=first_at,
                last_at=last_at,
            )
        )
    return tuple(sorted(lines, key=lambda line: (-line.count, line.recipient_id)))


def _stopped(pieces: Iterable[Piece]) -> tuple[Stopped, ...]:
    stopped = [piece for piece in pieces if piece.fate is Fate.BLOCKED and piece.reason in STOPPED_FOR]
    lines = []
    by = tallied(stopped, lambda piece: [(piece.group.recipient_id, piece.column, piece.kind, piece.reason)])
    for (recipient_id, column, kind, reason), tally in by.items():
        latest, first_at, last_at = tally.extent()
        lines.append(
            Stopped(
                recipient_id=recipient_id,
                name=latest.recipient_name,
                category=_category(latest),
                column=column,
                kind=kind,
                reason=explain(reason),
                pi_categories=tuple(sorted(tally.pi_categories)),
                purposes=tuple(sorted(tally.purposes)),
                count=tally.count,
                first_at=first_at,
                last_at=last_at,
            )
        )
    return tuple(
        sorted(lines, key=lambda line: (-line.count, line.recipient_id, line.kind, line.reason.code))
    )


def _kinds(tally: Tally[Any]) -> tuple[KindCount, ...]:
    return tuple(KindCount(kind=kind, count=count) for kind, count in sorted(tally.kinds.items()))


def _category(group: Observed) -> str:
    return group.recipient_category or UNREGISTERED


def _disclosures(pieces: Iterable[Piece]) -> int:
    """How many disclosures pieces are of: a group may be in several."""
    return sum({id(piece.group): piece.group.disclosures for piece in pieces}.values())


def _statement(asked: Asked, disclosures: int, undeclared: int) -> str:
    """Say in words what the matrix comes to."""
    if not disclosures:
        return f"Nothing was disclosed in this period ({asked.period})."
    if not undeclared:
        return f"Of {disclosures:,} disclosures of this period ({asked.period}) none is undeclared."
    verb = "is" if undeclared == 1 else "are"
    return (
        f"{undeclared:,} of {disclosures:,} disclosures of this period ({asked.period}) {verb} not declared "
        "by the notice then in force."
    )
