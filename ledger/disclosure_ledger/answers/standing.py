"""Which rows stand: after corrections, retractions and reports that took the place of their requests.

The ledger is append-only: a correction or retraction is a row that refers to another. An answer uses the
latest (legal 8.5.1). The result does not depend on the order in which the rows arrived.
"""

import uuid
from collections.abc import Iterable, Mapping

from disclosure_ledger.answers.rows import happened_at
from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.events.vocabulary import Mode, Outcome

_NO_AMENDMENT = frozenset({Outcome.REJECT, Outcome.DUPLICATE, Outcome.SUPPRESS})
"""A refused event amends nothing: else a question that was refused could hide a disclosure that was made."""

Events = Mapping[uuid.UUID, DecisionRow]


def standing_rows(rows: Iterable[DecisionRow]) -> list[DecisionRow]:
    """Return the rows of one person that stand, each disclosure or refusal once, by time.

    - A row that another one corrects is replaced by its latest correction.
    - A row that was retracted is left out, with all its corrections.
    - A request is replaced by the report that follows it to the same recipient, even where that report was
      retracted; a request without a report stands, since its sender acted on the permit.
    - Repeats and retractions themselves are left out.
    """
    events = _events(rows)
    retracted = _retracted(events)
    standing: list[DecisionRow] = []
    reported: set[tuple[uuid.UUID, str]] = set()
    for root, versions in _versions(events, retracted).items():
        current = versions[-1]
        if current.mode != Mode.REQUEST and current.outcome not in _NO_AMENDMENT:
            reported |= {(asked, current.recipient_id) for asked in _asked(current, events)}
        if root not in retracted and current.outcome != Outcome.RETRACTED:
            standing.append(current)
    return sorted(
        (row for row in standing if not _is_reported(row, reported)),
        key=lambda row: (happened_at(row), row.event_id),
    )


def _events(rows: Iterable[DecisionRow]) -> dict[uuid.UUID, DecisionRow]:
    """One row an event: never a repeat, a refused one only if there is no other, else the latest decision."""
    events: dict[uuid.UUID, DecisionRow] = {}
    for row in rows:
        known = events.get(row.event_id)
        if row.outcome != Outcome.DUPLICATE and (known is None or _rank(row) > _rank(known)):
            events[row.event_id] = row
    return events


def _rank(row: DecisionRow) -> tuple[bool, object, str]:
    return row.outcome != Outcome.REJECT, row.decided_at, row.outcome


def _retracted(events: Events) -> set[uuid.UUID]:
    """Ids declared not to have happened; the latest retraction wins, so that one may be taken back."""
    retractions = [
        row for row in events.values() if row.retracts_event_id and row.outcome not in _NO_AMENDMENT
    ]
    retracted: set[uuid.UUID] = set()
    for row in sorted(retractions, key=_said, reverse=True):
        if row.event_id not in retracted and row.retracts_event_id is not None:
            retracted.add(row.retracts_event_id)
    return retracted


def _versions(events: Events, retracted: set[uuid.UUID]) -> dict[uuid.UUID, list[DecisionRow]]:
    """For each original event its versions, the one that counts last.

    The original may be missing, because its retention ended; then its corrections speak for it.
    """
    versions: dict[uuid.UUID, list[DecisionRow]] = {}
    for row in sorted(events.values(), key=_said):
        root = _root(row, events)
        if row.retracts_event_id is not None or (root != row.event_id and row.event_id in retracted):
            continue
        if root == row.event_id:
            versions.setdefault(root, []).insert(0, row)
        else:
            versions.setdefault(root, []).append(row)
    return versions


def _root(row: DecisionRow, events: Events) -> uuid.UUID:
    """Follow corrections to the event they began with; ids that name each other in a ring end anywhere."""
    seen = {row.event_id}
    current = row
    while current.corrects_event_id is not None and current.outcome not in _NO_AMENDMENT:
        target = current.corrects_event_id
        if target in seen:
            return min(seen)
        seen.add(target)
        if target not in events:
            return target
        current = events[target]
    return current.event_id


def _said(row: DecisionRow) -> tuple[object, uuid.UUID]:
    return row.emitted_at, row.event_id


def _asked(report: DecisionRow, events: Events) -> list[uuid.UUID]:
    """The request a report follows, and what that request had corrected."""
    asked = report.decision_event_id
    if asked is None:
        return []
    return [asked, _root(events[asked], events)] if asked in events else [asked]


def _is_reported(row: DecisionRow, reported: set[tuple[uuid.UUID, str]]) -> bool:
    if row.mode != Mode.REQUEST:
        return False
    ids = {row.event_id, row.corrects_event_id}
    return any((asked, row.recipient_id) in reported for asked in ids if asked is not None)
