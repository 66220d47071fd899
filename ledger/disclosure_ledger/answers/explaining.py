"""The story of one decision, from the rows of the ledger; and what to say where there is none."""

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from disclosure_consumers.core.telling.explain import Beside, explain
from disclosure_consumers.core.telling.explanation import (
    Explanation,
    NamedPreference,
    OtherDecision,
    Relation,
    worded,
)
from disclosure_consumers.core.telling.wording import reason_wording
from disclosure_ledger.answers.known_at import checked_known_at
from disclosure_ledger.answers.rendering import UnreadableAnswerError
from disclosure_ledger.answers.turns import turns_of
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.redecisions import known_text, laid_over
from disclosure_ledger.store.rows import COLUMNS, DecisionRow, decision_row, event_of, utc
from disclosure_schemas.event_ids import unix_ms_of
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.moments import from_microseconds

EXPLAIN_SCHEMA = "disclosure-ledger/explain/1"
"""Version of the form; a key that is renamed or removed raises the number."""


class Explained(Value):
    """The story of an event's decision, or what is known of the id in its place.

    `is_preference`, `is_link`: the id is that of a preference or an identity link. `last_decided_at`: the
    newest decision the ledger has; None for a ledger without any. `known_at`: as known then.
    """

    event_id: uuid.UUID
    explanation: Explanation | None = None
    is_preference: bool = False
    is_link: bool = False
    last_decided_at: Moment | None = None
    known_at: Moment | None = None


def explained(
    ledger: Ledger, event_id: uuid.UUID, now: datetime, known_at: datetime | None = None
) -> Explained:
    """Tell what the ledger knows of an event, or knew at a moment; raises InvalidKnownAtError."""
    with ledger.snapshot() as snapshot:
        known = _Knowledge(snapshot, checked_known_at(known_at, snapshot, now))
        rows = known.rows(event_id, [event_id])
        mine = [row for row in rows if row.event_id == event_id]
        if not mine:
            return known.unknown(event_id)
        first = mine[0]
        again = known.snapshot.redecisions([event_id], known_at)
        (row,) = laid_over([first], again)
        beside = Beside(
            decided_partition=row.decided_partition,
            decided_offset=row.decided_offset,
            preferences=known.preferences(row),
            others=(*known.repeats(row), *_later(rows, event_id), *known.earlier(row)),
            turns=turns_of(first, again, snapshot, known_at),
        )
    return Explained(event_id=event_id, explanation=explain(event_of(row), beside), known_at=known_at)


def explained_to_json(answer: Explained) -> dict[str, Any]:
    """Return it as JSON-able values, `schema` first."""
    return {"schema": EXPLAIN_SCHEMA, **answer.model_dump(mode="json")}


def explained_from_json(data: Mapping[str, Any]) -> Explained:
    """Read what `explained_to_json` made; raises UnreadableAnswerError."""
    fields = dict(data)
    schema = fields.pop("schema", None)
    try:
        if schema == EXPLAIN_SCHEMA:
            return Explained.model_validate(fields)
        problem = f"it has the form {schema!r}, this version reads {EXPLAIN_SCHEMA!r}"
    except ValidationError as error:
        problem = f"it says it has the form {EXPLAIN_SCHEMA}, but {error.error_count()} fields do not fit"
    raise UnreadableAnswerError(
        f"the explanation cannot be read: {problem}. Run the same version of disclosure-ledger on both sides."
    )


class _Knowledge:
    """What a ledger knew of events at a moment."""

    def __init__(self, snapshot: Snapshot, known_at: datetime | None) -> None:
        self.snapshot = snapshot
        self._known_at = known_at

    def rows(self, event_id: uuid.UUID, event_ids: list[uuid.UUID]) -> list[DecisionRow]:
        """First decisions of these events and those that refer to the one, in their order."""
        sql = query("decisions_around_event").format(columns=", ".join(COLUMNS))
        params = self._params(event_id=str(event_id), event_ids=[str(each) for each in event_ids])
        rows = [decision_row(list(found.values())) for found in self.snapshot.fetch_sql(sql, params)]
        return sorted(rows, key=lambda row: (row.decided_at, row.event_id))

    def unknown(self, event_id: uuid.UUID) -> Explained:
        """What there is of an event without a decision."""
        found = self.snapshot.fetch("where_else_is_event", self._params(event_id=str(event_id)))[0]
        return Explained(
            event_id=event_id,
            is_preference=found["is_preference"],
            is_link=found["is_link"],
            last_decided_at=utc(found["last_decided_at"]),
            known_at=self._known_at,
        )

    def preferences(self, row: DecisionRow) -> tuple[NamedPreference, ...]:
        """The preferences that a decision names."""
        params = self._params(event_ids=[str(event_id) for event_id in row.preference_event_ids])
        return tuple(
            NamedPreference(
                event_id=str(found["event_id"]),
                made_at=from_microseconds(unix_ms_of(found["event_id"]) * 1000),
                kind=found["kind"],
                of=tuple(found["of"]),
                channel=found["channel"],
                occurred_at=utc(found["occurred_at"]),
                processed_at=utc(found["processed_at"]),
            )
            for found in self.snapshot.fetch("preferences_by_id", params)
        )

    def repeats(self, row: DecisionRow) -> Iterator[OtherDecision]:
        """Events that came with the same id."""
        for found in self.snapshot.fetch("repeats_of_event", self._params(event_id=str(row.event_id))):
            same = found["status"] == "already_recorded"
            yield OtherDecision(
                relation=Relation.REPEATS if same else Relation.COLLIDES,
                event_id=str(row.event_id),
                outcome=found["outcome"],
                decided_at=utc(found["decided_at"]),
            )

    def earlier(self, row: DecisionRow) -> Iterator[OtherDecision]:
        """What the event itself refers to, whether the ledger has it or not."""
        referred = [
            (Relation.CORRECTED, row.corrects_event_id),
            (Relation.RETRACTED, row.retracts_event_id),
            (Relation.ASKED, row.decision_event_id),
        ]
        wanted = [event_id for _, event_id in referred if event_id is not None]
        known = {found.event_id: found for found in self.rows(row.event_id, wanted)} if wanted else {}
        for relation, event_id in referred:
            if event_id is not None:
                yield _other(relation, event_id, known.get(event_id))

    def _params(self, **params: Any) -> dict[str, Any]:
        return {**params, "known_at": known_text(self._known_at)}


def _later(rows: list[DecisionRow], event_id: uuid.UUID) -> Iterator[OtherDecision]:
    for row in rows:
        if row.corrects_event_id == event_id:
            yield _other(Relation.CORRECTS, row.event_id, row)
        if row.retracts_event_id == event_id:
            yield _other(Relation.RETRACTS, row.event_id, row)
        if row.decision_event_id == event_id:
            yield _other(Relation.REPORTS, row.event_id, row)


def _other(relation: Relation, event_id: uuid.UUID, row: DecisionRow | None) -> OtherDecision:
    if row is None:
        return OtherDecision(relation=relation, event_id=str(event_id))
    return OtherDecision(
        relation=relation,
        event_id=str(event_id),
        outcome=row.outcome,
        reason=worded(reason_wording(row.reason)),
        decided_at=row.decided_at,
    )
