"""The decisions of one report that was decided again, and what became known between them."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from disclosure_consumers.core.telling.explanation import REQUEST, Cause, Turn, worded
from disclosure_consumers.core.telling.wording import reason_wording
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.redecisions import Redecision, known_text
from disclosure_ledger.store.rows import DecisionRow, utc
from disclosure_schemas.events.vocabulary import Outcome


def turns_of(
    first: DecisionRow, again: Iterable[Redecision], snapshot: Snapshot, known_at: datetime | None
) -> tuple[Turn, ...]:
    """All decisions of a report in their order; none where it was decided once."""
    again = list(again)
    if not again:
        return ()
    causes = _causes({each for redecided in again for each in redecided.cause_event_ids}, snapshot, known_at)
    return (
        _turn(first),
        *(
            _turn(each, tuple(causes.get(cause, _request(cause)) for cause in each.cause_event_ids))
            for each in again
        ),
    )


def _turn(decision: DecisionRow | Redecision, because: tuple[Cause, ...] = ()) -> Turn:
    return Turn(
        decided_at=decision.decided_at,
        outcome=Outcome(decision.outcome),
        reason=worded(reason_wording(decision.reason)),
        registry_hash=decision.registry_hash.hex(),
        because=because,
    )


def _causes(
    event_ids: Iterable[uuid.UUID], snapshot: Snapshot, known_at: datetime | None
) -> dict[uuid.UUID, Cause]:
    params = {"event_ids": [str(each) for each in event_ids], "known_at": known_text(known_at)}
    return {
        found["event_id"]: Cause(
            event_id=str(found["event_id"]),
            kind=found["kind"],
            occurred_at=utc(found["occurred_at"]),
            recorded_at=utc(found["recorded_at"]),
        )
        for found in snapshot.fetch("causes_by_id", params)
    }


def _request(event_id: uuid.UUID) -> Cause:
    """What is neither preference nor link is the request a report follows."""
    return Cause(event_id=str(event_id), kind=REQUEST)
