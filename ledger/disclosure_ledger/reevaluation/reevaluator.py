"""Decides reports again when something that bears on them was recorded later than they were decided.

Each record is looked at once. A preference, fact or link finds the reports recorded before it; a report finds
what was recorded before it and not known to its gate. What comes of it, and how far records were looked at,
is one transaction: a crash loses and doubles nothing.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import structlog

from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.registry import Registry
from disclosure_ledger.reevaluation.candidates import (
    EVERYTHING,
    HOT,
    Candidates,
    Window,
    is_reached,
    subjects_of,
)
from disclosure_ledger.reevaluation.effects import ALWAYS_US
from disclosure_ledger.reevaluation.judging import Occasion, decided_again
from disclosure_ledger.reevaluation.known import Known
from disclosure_ledger.reevaluation.pending import (
    CONTROL_TOPICS,
    TOPICS,
    append,
    causes,
    controls_between,
    reach_of,
    store_positions,
    stored_positions,
    unseen_by,
    window_of,
)
from disclosure_ledger.reevaluation.waiting import Waiting
from disclosure_ledger.store.batch import Batch, Position
from disclosure_ledger.store.ledger import Clock, Ledger, utc_now
from disclosure_ledger.store.reading import Snapshot, Transaction
from disclosure_ledger.store.redecisions import Redecision, laid_over
from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.events.vocabulary import Mode, Outcome
from disclosure_schemas.topics import DECIDED

_log = structlog.get_logger(__name__)

CONTROLS_MAX, DECISIONS_MAX = 5_000, 200_000
"""Most offsets of one partition that are looked at in one transaction."""

LOOKS_MAX = 20
"""Most transactions of one call, so that recording goes on while an old ledger is looked at."""

RegistryNow = Callable[[], Registry | None]
"""The registry to decide by; None while there is none that loads."""


class Reevaluator:
    """Keeps the reports of a ledger decided by all that it knows. For the recorder's thread."""

    def __init__(self, ledger: Ledger, registry: RegistryNow, clock: Clock = utc_now) -> None:
        self._ledger = ledger
        self._registry = registry
        self._clock = clock
        self._linked: dict[str, bool] = {}
        self._done: dict[Position, int] = {}
        self._waiting = Waiting()
        self._is_behind = True  # until a first look has shown that nothing is left of an earlier time

    @property
    def is_behind(self) -> bool:
        """Whether something may be left to look at."""
        return self._is_behind

    def after(self, batch: Batch | None = None) -> int:
        """Look at what a recorded batch brought and what is left; returns how many were decided again."""
        if not self._is_behind and (
            batch is None or not (_may_matter(batch) or self._waiting.ended_by(batch))
        ):
            if batch is not None:
                self._done.update({at: end for at, end in batch.next_offsets.items() if at[0] in TOPICS})
            return 0
        registry = self._registry()
        if registry is None:
            self._is_behind = True
            return 0
        count, more, looks = 0, True, 0
        while more and looks < LOOKS_MAX:  # the recorder waits meanwhile; the rest comes with the next call
            found, more = self._look(registry)
            count, looks = count + found, looks + 1
        self._is_behind = more
        if count:
            _log.info("reports decided again", reports=count, registry_hash=registry.content_hash.hex())
        return count

    def before_sealing(self) -> None:
        """Store how far was looked, so that nothing that is sealed is left to look at."""
        if not self._is_behind:
            with self._ledger.transaction() as transaction:
                store_positions(transaction, self._done)

    def _look(self, registry: Registry) -> tuple[int, bool]:
        """One transaction: how many reports were decided again, and whether there is more to look at."""
        with self._ledger.transaction() as transaction:
            if self._is_behind:
                self._done |= stored_positions(transaction)
            self._waiting.read(transaction)
            recorded = {at: end for at, end in transaction.next_offsets().items() if at[0] in TOPICS}
            reached = {at: min(end, self._done.get(at, 0) + _most(at)) for at, end in recorded.items()}
            occasion = Occasion(
                registry, Known(transaction, registry.policy), recorded, self._clock().astimezone(UTC)
            )
            looking = Candidates(transaction, self._linked)
            spans = {
                at: (self._done.get(at, 0), end)
                for at, end in reached.items()
                if at[0] in CONTROL_TOPICS and self._done.get(at, 0) < end
            }
            rows = looking.of_subjects(reach_of(controls_between(transaction, spans), occasion))
            if any(reached[at] < recorded[at] for at in spans):  # reports look at all that is known: last
                reached = {at: end for at, end in reached.items() if at[0] in CONTROL_TOPICS}
            else:
                source = EVERYTHING if self._is_behind else HOT
                window = window_of(self._done, reached)
                rows += self._no_longer_waiting(transaction, looking)
                rows += _new_reports(transaction, looking, source, window, occasion)
                for report, request in looking.that_wait(source, window):
                    self._waiting.add(transaction, report, request)
            found = list(_all_decided_again(transaction, looking, rows, occasion))
            for each in found:
                append(transaction, each)
            store_positions(transaction, reached)
        self._done.update(reached)
        return len(found), any(reached.get(at, 0) < end for at, end in recorded.items())

    def _no_longer_waiting(self, transaction: Transaction, looking: Candidates) -> list[DecisionRow]:
        """Reports whose request has come."""
        waiting = self._waiting.reports()
        found: set[uuid.UUID] = set()
        for row in looking.by_id(waiting):
            found |= waiting[row.event_id]
            self._waiting.remove(transaction, row.event_id)
        return looking.by_id(found)


def _most(at: Position) -> int:
    return DECISIONS_MAX if at[0] == DECIDED.name else CONTROLS_MAX


def _may_matter(batch: Batch) -> bool:
    """Whether a batch brings anything but requests."""
    if any(table is not None and table.num_rows for table in (batch.preferences, batch.identities)):
        return True
    decisions = batch.decisions
    if decisions is None or not decisions.num_rows:
        return False
    return any(_has_reports(content) for content in decisions["content"].chunks)


def _has_reports(content: pa.DictionaryArray) -> bool:
    said = content.dictionary.take(pc.unique(content.indices))
    return bool(pc.any(pc.equal(said.field("mode"), Mode.REPORT.value)).as_py())


def _new_reports(
    snapshot: Snapshot, looking: Candidates, source: str, window: Window, occasion: Occasion
) -> list[DecisionRow]:
    """New reports whose gate did not know all that was recorded before them, or that ignored an answer."""
    vectors = looking.vectors(source, window)
    if not vectors:
        return []
    found = looking.that_may_have_ignored(source, window)
    unseen = unseen_by(vectors, occasion.positions)
    if sum(last - first for first, last in unseen.values()) <= CONTROLS_MAX:
        from_us = reach_of(controls_between(snapshot, unseen), occasion)
    else:  # the ledger is far ahead of these reports: ask what is known of their subjects
        subjects = looking.subjects(source, window)
        occasion.known.load(subjects)
        from_us = {key: ALWAYS_US for key in subjects if occasion.known.state(key) is not None}
    if from_us:
        reports = looking.of_window(source, window, from_us)
        found += [row for row in reports if is_reached(row, from_us)]
    return found


def _all_decided_again(
    snapshot: Snapshot, looking: Candidates, rows: Iterable[DecisionRow], occasion: Occasion
) -> Iterator[Redecision]:
    """Those of the reports of which something changes; refused ones were never recorded as disclosures."""
    reports = {row.event_id: row for row in rows if row.outcome != Outcome.REJECT}
    if not reports:
        return
    known = occasion.known
    known.load(key for row in reports.values() for key in subjects_of(row))
    unreadable = {row["key"] for row in snapshot.fetch("unreadable_control_keys")}
    current = laid_over(reports.values(), snapshot.redecisions(reports))
    asked = {
        row.event_id: row
        for row in looking.by_id(row.decision_event_id for row in current if row.decision_event_id)
        if row.mode == Mode.REQUEST
    }
    for row in sorted(current, key=lambda row: row.event_id):
        near = {key for subject in subjects_of(row) for key in known.near(subject)}
        if not near.isdisjoint(unreadable):
            continue  # the gate protects them by what only it has seen; its decision stands
        request = None if row.decision_event_id is None else asked.get(row.decision_event_id)
        cause = causes(row, occasion)
        if not cause and (request is None or row.reason == Reason.DECISION_IGNORED):
            continue
        again = decided_again(row, request, cause, occasion)
        if again is None:
            continue
        if again.reason == Reason.DECISION_IGNORED and row.reason != Reason.DECISION_IGNORED:
            assert request is not None, "an answer was ignored, so there is one"
            again = again.caused_by(request.event_id)
        if again.cause_event_ids:  # another registry alone is no news of what happened
            yield again
