"""One report decided again by what is known now: the gate's own rules, another state."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from disclosure_consumers.core.decide import Answered
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.core.verdict import GOES, RULE_VERSION, Verdict
from disclosure_consumers.decision_records import judge_event, named_ids, standing_of_request
from disclosure_ledger.reevaluation.known import Known
from disclosure_ledger.store.batch import Position
from disclosure_ledger.store.redecisions import Redecision
from disclosure_ledger.store.rows import DecisionRow, event_of
from disclosure_schemas.events.decision import ItemDecision
from disclosure_schemas.events.vocabulary import Mode, Outcome
from disclosure_schemas.moments import microseconds
from disclosure_schemas.topics import IDENTITIES, PREFERENCES


class Occasion(NamedTuple):
    """With what is decided again: registry, all that is known, how far that was read, and when."""

    registry: Registry
    known: Known
    positions: Mapping[Position, int]
    now: datetime


def decided_again(
    row: DecisionRow, asked: DecisionRow | None, cause: tuple[uuid.UUID, ...], occasion: Occasion
) -> Redecision | None:
    """Decide a report again; None where nothing of the decision changes.

    `row` is the report as it was last decided, `asked` the request it follows, where the ledger has it.
    """
    request = event_of(row).request
    now_us = microseconds(occasion.now)
    standing = standing_of_request(request, occasion.known.subjects.standings, now_us)
    verdict = judge_event(
        request,
        standing,
        occasion.registry,
        now_us,
        is_current=True,
        answered=None if asked is None else answer_of(asked),
    )
    ids = tuple(uuid.UUID(bytes=each) for each in named_ids(verdict, standing, Mode.REPORT))
    items = _item_decisions(verdict)
    found = (verdict.outcome, verdict.kind, verdict.reason, tuple(verdict.flags), items, ids)
    was = (row.outcome, row.kind, row.reason, row.flags, row.item_decisions, row.preference_event_ids)
    if found == was:
        return None
    return Redecision(
        event_id=row.event_id,
        subject_key=row.subject_key,
        outcome=verdict.outcome,
        kind=verdict.kind,
        reason=verdict.reason,
        flags=tuple(verdict.flags),
        item_decisions=items,
        recipient_name=verdict.recipient_name,
        recipient_category=verdict.recipient_category,
        recipient_role=verdict.recipient_role,
        notice_id=verdict.notice_id,
        contract_id=verdict.contract_id,
        preference_event_ids=ids,
        rule_version=RULE_VERSION,
        registry_hash=occasion.registry.content_hash,
        preference_offsets=_vector(PREFERENCES.name, occasion.positions),
        identity_offsets=_vector(IDENTITIES.name, occasion.positions),
        cause_event_ids=cause,
        decided_at=occasion.now,
        recorded_at=occasion.now,
    )


def answer_of(asked: DecisionRow) -> Answered:
    """How a request was answered, and the items that might go."""
    items = asked.what().items
    listed = {finding.item: finding.outcome for finding in asked.item_decisions}
    whole = Outcome(asked.outcome)
    permitted = (item for index, item in enumerate(items) if listed.get(index, whole) in GOES)
    return Answered(whole, frozenset(permitted))


def _item_decisions(verdict: Verdict) -> tuple[ItemDecision, ...]:
    return tuple(
        ItemDecision(item=index, outcome=item.outcome, kind=item.kind, reason=item.reason)
        for index, item in verdict.items
    )


def _vector(topic: str, positions: Mapping[Position, int]) -> tuple[int, ...]:
    found = {partition: offset for (name, partition), offset in positions.items() if name == topic}
    return tuple(found.get(partition, 0) for partition in range(max(found, default=-1) + 1))
