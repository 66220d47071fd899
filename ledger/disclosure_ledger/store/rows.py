"""One decision as a typed row, and back to the event it was recorded from."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import lru_cache
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


DISCLOSURE_COLUMNS = (
    "mode",
    "declared_kind",
    "recipient_id",
    "purpose",
    "items",
    "pi_categories",
    "emitter",
    "subject_type",
)
"""Columns that the bytes in `disclosure` say too."""

READ_COLUMNS = tuple(name for name in COLUMNS if name not in DISCLOSURE_COLUMNS)
"""Columns that a whole row can be made of: fewer to read, for few disclosures differ in their bytes."""

_DIFFERENT_DISCLOSURES = 50_000


def disclosure_columns(disclosure: Disclosure) -> dict[str, Any]:
    """Columns by name that follow from a nested disclosure."""
    return {
        "mode": disclosure.mode.value,
        "declared_kind": disclosure.kind.value,
        "recipient_id": disclosure.recipient_id,
        "purpose": disclosure.purpose,
        "items": tuple(str(item) for item in disclosure.items),
        "pi_categories": tuple(dict.fromkeys(item.category for item in disclosure.items)),
        "emitter": disclosure.emitter,
        "subject_type": disclosure.subject_type.value,
    }


@lru_cache(_DIFFERENT_DISCLOSURES)
def _columns_of(data: bytes) -> dict[str, Any]:
    return disclosure_columns(_DISCLOSURE.read(data))


def row_of_read(values: Sequence[Any]) -> DecisionRow:
    """Make a row of the values DuckDB returns, in the order of READ_COLUMNS; raises UndecodableError."""
    read = dict(zip(READ_COLUMNS, map(plain, values), strict=True))
    return DecisionRow(**read, **_columns_of(read["disclosure"]))


def columns_of_part(part: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a row that follow from one of its parts, of what DuckDB has of that part."""
    if part == "content":
        return {**_columns_of(values["disclosure"]), "disclosure": values["disclosure"]}
    return {name: plain(value) for name, value in values.items() if name != "number"}


def decision_row(values: Sequence[Any]) -> DecisionRow:
    """Make a row of the values DuckDB returns, in the order of COLUMNS."""
    return DecisionRow(**dict(zip(COLUMNS, map(plain, values), strict=True)))


def utc(moment: datetime | None) -> datetime | None:
    """A moment of DuckDB, which is UTC without a zone, with its zone."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def naive_utc(moment: datetime) -> datetime:
    """A moment as DuckDB's statements take it: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def plain(value: Any) -> Any:
    """A value of DuckDB as rows have it: moments in UTC, lists as tuples."""
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
