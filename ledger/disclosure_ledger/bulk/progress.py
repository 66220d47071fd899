"""What became of a bulk, as values, and the operations that tell it."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from disclosure_ledger.answers.wording import Reason, explain
from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.reading import Snapshot
from disclosure_schemas.bulk_ids import row_event_id_range
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.vocabulary import Kind, Outcome

PAGE_ROWS_MAX = 50_000
"""Most permitted rows of one answer."""

_MISSING_RUNS = 20


class Announced(Value):
    """A bulk as it was announced; `announcements` is more than 1 where it was resumed."""

    bulk_id: uuid.UUID
    emitter: str
    recipient_id: str
    kind: Kind
    purpose: str
    items: tuple[str, ...]
    rows: int
    keys_sha256: str
    announced_at: Moment
    announcements: int


class OutcomeCount(Value):
    """How many rows were decided in one way."""

    outcome: Outcome
    reason: Reason
    rows: int


class Run(Value):
    """Row numbers from `first` to `last`, both included."""

    first: int
    last: int


class BulkState(Value):
    """What became of the rows of a bulk so far.

    rows = decided + dead_lettered + waiting. `permitted`: rows that may go whole, now; `expired`: rows that
    might have gone whole, whose decision is an answer no longer. `valid_until`: when the first of the permits
    ends; None without any. `missing`: the first runs of the rows that are waited for.
    """

    announced: Announced
    decided: int
    dead_lettered: int
    waiting: int
    permitted: int
    expired: int
    partial: int
    valid_until: Moment | None
    outcomes: tuple[OutcomeCount, ...]
    missing: tuple[Run, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every row was decided or dead-lettered."""
        return self.waiting == 0


class BulksQuestion(Value):
    """Which bulks there are."""


class Bulks(Value):
    """Every bulk, the latest first."""

    bulks: tuple[BulkState, ...]


class BulkQuestion(Value):
    """What became of one bulk."""

    bulk_id: uuid.UUID


class BulkAnswer(Value):
    """None where no such bulk was announced."""

    state: BulkState | None


class PermittedQuestion(Value):
    """Which rows of a bulk may go whole, from a row number on."""

    bulk_id: uuid.UUID
    first_sequence: Annotated[int, Field(ge=0)] = 0
    rows_max: Annotated[int, Field(ge=1, le=PAGE_ROWS_MAX)] = PAGE_ROWS_MAX


class PermittedRows(Value):
    """Some rows that may go whole, in order; `valid_until`: when the first of these permits ends."""

    sequences: tuple[int, ...]
    subject_keys: tuple[uuid.UUID, ...]
    valid_until: Moment | None


def ask_bulks(ledger: Ledger, _: BulksQuestion, occasion: Occasion) -> Bulks:
    """Tell of every bulk."""
    with ledger.snapshot() as snapshot:
        announced = [_announced(row) for row in snapshot.fetch("bulks")]
        return Bulks(bulks=tuple(_state(snapshot, entry, occasion.now) for entry in announced))


def ask_bulk(ledger: Ledger, question: BulkQuestion, occasion: Occasion) -> BulkAnswer:
    """Tell of one bulk."""
    with ledger.snapshot() as snapshot:
        for row in snapshot.fetch("bulk", {"bulk_id": str(question.bulk_id)}):
            return BulkAnswer(state=_state(snapshot, _announced(row), occasion.now))
    return BulkAnswer(state=None)


def ask_permitted(ledger: Ledger, question: PermittedQuestion, occasion: Occasion) -> PermittedRows:
    """Hand out the next rows that may go whole, none of an unknown bulk."""
    with ledger.snapshot() as snapshot:
        for row in snapshot.fetch("bulk", {"bulk_id": str(question.bulk_id)}):
            params = _rows_of(question.bulk_id, row["rows"]) | {
                "now": _naive(occasion.now),
                "first_sequence": question.first_sequence,
                "most": question.rows_max,
            }
            found = snapshot.fetch("bulk_permitted", params)
            ends = [entry["valid_until"].replace(tzinfo=UTC) for entry in found]
            return PermittedRows(
                sequences=tuple(entry["sequence"] for entry in found),
                subject_keys=tuple(entry["subject_key"] for entry in found),
                valid_until=min(ends, default=None),
            )
    return PermittedRows(sequences=(), subject_keys=(), valid_until=None)


def _state(snapshot: Snapshot, announced: Announced, now: datetime) -> BulkState:
    rows = _rows_of(announced.bulk_id, announced.rows)
    outcomes = snapshot.fetch("bulk_outcomes", rows | {"now": _naive(now)})
    found = snapshot.fetch("bulk_found", rows | {"rows": announced.rows})[0]
    waiting = announced.rows - found["decided"] - found["dead_lettered"]
    whole = [row for row in outcomes if row["outcome"] in {Outcome.PERMIT, Outcome.OUT_OF_SCOPE}]
    ends = [row["valid_until"].replace(tzinfo=UTC) for row in whole if row["valid_until"] is not None]
    missing = []
    if waiting:
        params = rows | {"rows": announced.rows, "most": _MISSING_RUNS}
        missing = snapshot.fetch("bulk_missing", params)
    permitted = sum(row["valid"] for row in whole)
    return BulkState(
        announced=announced,
        decided=found["decided"],
        dead_lettered=found["dead_lettered"],
        waiting=waiting,
        permitted=permitted,
        expired=sum(row["rows"] for row in whole) - permitted,
        partial=sum(row["rows"] for row in outcomes if row["outcome"] == Outcome.PARTIAL),
        valid_until=min(ends, default=None),
        outcomes=tuple(
            OutcomeCount(outcome=row["outcome"], reason=explain(row["reason"]), rows=row["rows"])
            for row in outcomes
        ),
        missing=tuple(Run(**row) for row in missing),
    )


def _announced(row: Mapping[str, Any]) -> Announced:
    return Announced(
        **dict(row)
        | {
            "items": tuple(row["items"]),
            "keys_sha256": row["keys_sha256"].hex(),
            "announced_at": row["announced_at"].replace(tzinfo=UTC),
        }
    )


def _rows_of(bulk_id: uuid.UUID, rows: int) -> dict[str, Any]:
    first, last = row_event_id_range(bulk_id, rows)
    return {"bulk_id": str(bulk_id), "first_id": str(first), "last_id": str(last)}


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


BULKS = Operation("/v1/bulks", BulksQuestion, Bulks, ask_bulks)
BULK = Operation("/v1/bulks/state", BulkQuestion, BulkAnswer, ask_bulk)
BULK_PERMITTED = Operation("/v1/bulks/permitted", PermittedQuestion, PermittedRows, ask_permitted)
