"""One decision as a typed row, and back to the event it was recorded from."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from disclosure_schemas.codec import PartReader
from disclosure_schemas.events.decision import DisclosureDecided, ItemDecision
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested
from disclosure_schemas.events.vocabulary import Kind, Outcome, PreferenceState, RecipientRole

_DISCLOSURE = PartReader("DisclosureRequested", "disclosure", Disclosure)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One row of the view `decision`; fields are its columns in order, times are in UTC.

    `items` are 'category' or 'category.element' in the event's order, `pi_categories` the distinct
    categories in order, `declared_kind` what the emitter claimed and `kind` what the gate derived.
    """

    event_id: uuid.UUID
    subject_key: uuid.UUID
    subject_type: str
    mode: str
    recipient_id: str
    recipient_name: str | None
    recipient_category: str | None
    recipient_role: str
    declared_kind: str
    kind: str
    purpose: str
    emitter: str
    items: tuple[str, ...]
    pi_categories: tuple[str, ...]
    item_decisions: tuple[ItemDecision, ...]
    occurred_at: datetime
    emitted_at: datetime
    decided_at: datetime
    valid_until: datetime
    outcome: str
    reason: str
    flags: tuple[str, ...]
    notice_id: str | None
    contract_id: str | None
    rule_version: str
    registry_hash: bytes
    preference_state: str
    preference_offsets: tuple[int, ...]
    identity_offsets: tuple[int, ...]
    preference_event_ids: tuple[uuid.UUID, ...]
    decision_event_id: uuid.UUID | None
    corrects_event_id: uuid.UUID | None
    retracts_event_id: uuid.UUID | None
    transaction_id: str | None
    collected_at: datetime | None
    linked_subject_keys: tuple[uuid.UUID, ...]
    producer_id: uuid.UUID
    sequence: int
    request_partition: int
    request_offset: int
    decided_partition: int
    decided_offset: int
    recorded_at: datetime
    disclosure: bytes

    def what(self) -> Disclosure:
        """Decode the nested disclosure with all its fields; raises UndecodableError for damaged bytes."""
        return disclosure_of(self.disclosure)


def disclosure_of(data: bytes) -> Disclosure:
    """Decode the column `disclosure`; raises UndecodableError for damaged bytes."""
    return _DISCLOSURE.read(data)


COLUMNS = tuple(field.name for field in fields(DecisionRow))


def decision_row(values: Sequence[Any]) -> DecisionRow:
    """Make a row of the values DuckDB returns, in the order of COLUMNS."""
    return DecisionRow(**dict(zip(COLUMNS, map(_plain, values), strict=True)))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if isinstance(value, list):
        return tuple(ItemDecision(**part) if isinstance(part, dict) else part for part in value)
    return value


def event_of(row: DecisionRow) -> DisclosureDecided:
    """Make the event of a row again: nothing of a decision is lost in the ledger."""
    request = DisclosureRequested(
        event_id=row.event_id,
        subject_key=row.subject_key,
        producer_id=row.producer_id,
        occurred_at=row.occurred_at,
        emitted_at=row.emitted_at,
        sequence=row.sequence,
        collected_at=row.collected_at,
        decision_event_id=row.decision_event_id,
        corrects_event_id=row.corrects_event_id,
        retracts_event_id=row.retracts_event_id,
        transaction_id=row.transaction_id,
        linked_subject_keys=row.linked_subject_keys,
        disclosure=row.what(),
    )
    return DisclosureDecided(
        decided_at=row.decided_at,
        valid_until=row.valid_until,
        rule_version=row.rule_version,
        registry_hash=row.registry_hash,
        preference_state=PreferenceState(row.preference_state),
        preference_offsets=row.preference_offsets,
        identity_offsets=row.identity_offsets,
        request_partition=row.request_partition,
        request_offset=row.request_offset,
        preference_event_ids=row.preference_event_ids,
        outcome=Outcome(row.outcome),
        kind=Kind(row.kind),
        reason=row.reason,
        flags=row.flags,
        items=row.item_decisions,
        recipient_name=row.recipient_name,
        recipient_category=row.recipient_category,
        recipient_role=RecipientRole(row.recipient_role),
        notice_id=row.notice_id,
        contract_id=row.contract_id,
        request=request,
    )
