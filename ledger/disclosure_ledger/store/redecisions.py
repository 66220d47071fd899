"""Decisions made again, as rows, and laid over the decisions they take the place of."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

import duckdb

from disclosure_ledger.store.queries import query
from disclosure_ledger.store.rows import DecisionRow, plain
from disclosure_schemas.events.decision import ItemDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class Redecision:
    """One row of `redecision`: what was found of a report when more was known; times are in UTC.

    `preference_offsets`, `identity_offsets`: what was known, as the ledger's next offsets by partition.
    `cause_event_ids`: what became known.
    """

    event_id: uuid.UUID
    subject_key: uuid.UUID
    outcome: str
    kind: str
    reason: str
    flags: tuple[str, ...]
    item_decisions: tuple[ItemDecision, ...]
    recipient_name: str | None
    recipient_category: str | None
    recipient_role: str
    notice_id: str | None
    contract_id: str | None
    preference_event_ids: tuple[uuid.UUID, ...]
    rule_version: str
    registry_hash: bytes
    preference_offsets: tuple[int, ...]
    identity_offsets: tuple[int, ...]
    cause_event_ids: tuple[uuid.UUID, ...]
    decided_at: datetime
    recorded_at: datetime

    def caused_by(self, event_id: uuid.UUID) -> "Redecision":
        """The same, caused by this event too."""
        return replace(self, cause_event_ids=(*self.cause_event_ids, event_id))


REDECISION_COLUMNS = tuple(field.name for field in fields(Redecision))

_LAID_OVER = tuple(
    name
    for name in REDECISION_COLUMNS
    if name not in {"event_id", "subject_key", "cause_event_ids", "recorded_at"}
)


def redecision(values: Sequence[Any]) -> Redecision:
    """Make one of the values DuckDB returns, in the order of REDECISION_COLUMNS."""
    return Redecision(**dict(zip(REDECISION_COLUMNS, map(plain, values), strict=True)))


def as_decided_again(row: DecisionRow, again: Redecision) -> DecisionRow:
    """The row as the redecision has it; what was reported, and where it came from, stays."""
    return replace(row, **{name: getattr(again, name) for name in _LAID_OVER})


def laid_over(rows: Iterable[DecisionRow], again: Iterable[Redecision]) -> list[DecisionRow]:
    """Rows with the last redecision of each event in its place; `again` in the order they were recorded."""
    latest = {each.event_id: each for each in again}
    return [as_decided_again(row, latest[row.event_id]) if row.event_id in latest else row for row in rows]


def as_known(
    rows: Iterable[DecisionRow], again: Iterable[Redecision], known_at: datetime | None
) -> list[DecisionRow]:
    """Rows as known at a moment, or now, by time of the disclosure, then event id."""
    by_then = [row for row in rows if known_at is None or row.recorded_at <= known_at]
    return sorted(laid_over(by_then, again), key=lambda row: (row.occurred_at, row.event_id))


def known_text(known_at: datetime | None) -> str:
    """A moment of knowledge as queries take it: UTC without a zone; None for all that is known."""
    return "infinity" if known_at is None else known_at.astimezone(UTC).replace(tzinfo=None).isoformat()


def redecisions_of_subjects(
    cursor: duckdb.DuckDBPyConnection, subject_keys: Iterable[uuid.UUID], known_at: datetime | None
) -> list[Redecision]:
    """How reports about these people were decided again by a moment, in the order that was recorded."""
    keys = ", ".join(f"'{key}'::UUID" for key in subject_keys)
    if not keys:
        return []
    sql = query("redecisions_of_subjects").format(
        columns=", ".join(REDECISION_COLUMNS), keys=keys, known_at=known_text(known_at)
    )
    return [redecision(values) for values in cursor.execute(sql).fetchall()]
