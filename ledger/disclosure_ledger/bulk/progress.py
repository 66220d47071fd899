"""What became of a bulk, as values, and the operations that tell it."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from disclosure_ledger.answers.wording import Reason, explain
from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.uuid_lists import uuid_list
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
    might have gone whole, but their permit has ended, or they came again and were stopped.
    `valid_until`: when the first of the permits ends; None without any. `missing`: the first runs of the
    rows that are waited for; empty in a list of bulks.
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
        return Bulks(bulks=_states(snapshot, _announced(snapshot), occasion.now))


def ask_bulk(ledger: Ledger, question: BulkQuestion, occasion: Occasion) -> BulkAnswer:
    """Tell of one bulk."""
    with ledger.snapshot() as snapshot:
        for state in _states(snapshot, _announced(snapshot, question.bulk_id), occasion.now):
            missing = _missing(snapshot, state.announced) if state.waiting else ()
            return BulkAnswer(state=state.model_copy(update={"missing": missing}))
    return BulkAnswer(state=None)


def ask_permitted(ledger: Ledger, question: PermittedQuestion, occasion: Occasion) -> PermittedRows:
    """Hand out the next rows that may go whole, none of an unknown bulk."""
    with ledger.snapshot() as snapshot:
        for announced in _announced(snapshot, question.bulk_id):
            found = snapshot.fetch(
                "bulk_permitted",
                {
                    "bulk_id": str(announced.bulk_id),
                    **_ids_of([announced]),
                    "now": _naive(occasion.now),
                    "first_sequence": question.first_sequence,
                    "most": question.rows_max,
                },
            )
            ends = [entry["valid_until"].replace(tzinfo=UTC) for entry in found]
            return PermittedRows(
                sequences=tuple(entry["sequence"] for entry in found),
                subject_keys=tuple(entry["subject_key"] for entry in found),
                valid_until=min(ends, default=None),
            )
    return PermittedRows(sequences=(), subject_keys=(), valid_until=None)


def _announced(snapshot: Snapshot, bulk_id: uuid.UUID | None = None) -> list[Announced]:
    """All bulks, the latest first, or the one of an id."""
    found = snapshot.fetch("bulks", {"bulk_id": None if bulk_id is None else str(bulk_id)})
    return [
        Announced(
            **dict(row)
            | {
                "items": tuple(row["items"]),
                "keys_sha256": row["keys_sha256"].hex(),
                "announced_at": row["announced_at"].replace(tzinfo=UTC),
            }
        )
        for row in found
    ]


def _states(snapshot: Snapshot, bulks: Sequence[Announced], now: datetime) -> tuple[BulkState, ...]:
    """What became of these bulks; two passes over the ledger for all of them together."""
    if not bulks:
        return ()
    params = {"bulk_ids": uuid_list(announced.bulk_id for announced in bulks), **_ids_of(bulks)}
    outcomes = defaultdict[uuid.UUID, list[Mapping[str, Any]]](list)
    for row in snapshot.fetch("bulk_outcomes", params | {"now": _naive(now)}):
        outcomes[row["bulk_id"]].append(row)
    dead = {row["bulk_id"]: row["rows"] for row in snapshot.fetch("bulk_dead_letters", params)}
    return tuple(
        _state(announced, outcomes[announced.bulk_id], dead.get(announced.bulk_id, 0)) for announced in bulks
    )


def _state(announced: Announced, outcomes: Sequence[Mapping[str, Any]], dead_lettered: int) -> BulkState:
    decided = sum(row["rows"] for row in outcomes)
    whole = [row for row in outcomes if row["outcome"] in {Outcome.PERMIT, Outcome.OUT_OF_SCOPE}]
    ends = [row["valid_until"].replace(tzinfo=UTC) for row in whole if row["valid_until"] is not None]
    permitted = sum(row["valid"] for row in whole)
    return BulkState(
        announced=announced,
        decided=decided,
        dead_lettered=dead_lettered,
        waiting=announced.rows - decided - dead_lettered,
        permitted=permitted,
        expired=sum(row["rows"] for row in whole) - permitted,
        partial=sum(row["rows"] for row in outcomes if row["outcome"] == Outcome.PARTIAL),
        valid_until=min(ends, default=None),
        outcomes=tuple(
            OutcomeCount(outcome=row["outcome"], reason=explain(row["reason"]), rows=row["rows"])
            for row in outcomes
        ),
        missing=(),
    )


def _missing(snapshot: Snapshot, announced: Announced) -> tuple[Run, ...]:
    params = {
        "bulk_id": str(announced.bulk_id),
        **_ids_of([announced]),
        "rows": announced.rows,
        "most": _MISSING_RUNS,
    }
    return tuple(Run(**row) for row in snapshot.fetch("bulk_missing", params))


def _ids_of(bulks: Sequence[Announced]) -> dict[str, str]:
    """Least and greatest event id of the rows of all of these."""
    ranges = [row_event_id_range(announced.bulk_id, announced.rows) for announced in bulks]
    return {
        "first_id": str(min(first for first, _ in ranges)),
        "last_id": str(max(last for _, last in ranges)),
    }


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


BULKS = Operation("/v1/bulks", BulksQuestion, Bulks, ask_bulks)
BULK = Operation("/v1/bulks/state", BulkQuestion, BulkAnswer, ask_bulk)
BULK_PERMITTED = Operation("/v1/bulks/permitted", PermittedQuestion, PermittedRows, ask_permitted)
