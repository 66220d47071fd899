"""Decisions of a small believable stream, by number: the same number is always the same decision."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from disclosure_ledger.decoding import DecisionDecoder, Records
from disclosure_ledger.store.batch import Batch, BatchResult
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.event_ids import event_id_bytes
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested, Item
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome, PreferenceState, RecipientRole
from disclosure_schemas.topics import DECIDED

CODEC = EventCodec(DisclosureDecided)
BEGIN = datetime(2026, 10, 30, 12, tzinfo=UTC)
SUBJECTS = 50
PARTITIONS = 2
DISCLOSURES = tuple(
    Disclosure(
        mode=Mode.REQUEST,
        kind=Kind.SALE,
        recipient_id=f"recipient-{number % 5}",
        purpose="marketing",
        items=(Item.parse("identifiers.email"), Item.parse("commercial"), Item.parse("identifiers.phone")),
        emitter=f"application-{number % 3}",
    )
    for number in range(15)
)


def subject(number: int) -> uuid.UUID:
    """Key of a subject."""
    return uuid.UUID(bytes=number.to_bytes(2) + b"\xab" * 14)


def event_id(number: int, at: datetime) -> uuid.UUID:
    """Version 7 id of a moment; the number makes it unique."""
    return uuid.UUID(bytes=event_id_bytes(int(at.timestamp() * 1000), number.to_bytes(10)))


def decision(
    number: int, *, at: datetime | None = None, decided_at: datetime | None = None, **request: Any
) -> DisclosureDecided:
    """Decision of a request; one in ten is suppressed for an opt-out. `request`: fields that differ."""
    moment = at or BEGIN + timedelta(seconds=number)
    fields = {
        "event_id": event_id(number, moment),
        "subject_key": subject(number % SUBJECTS),
        "producer_id": uuid.UUID(int=7),
        "occurred_at": moment,
        "emitted_at": moment + timedelta(milliseconds=3),
        "sequence": number,
        "disclosure": DISCLOSURES[number % len(DISCLOSURES)],
        **request,
    }
    batch_moment = decided_at or moment.replace(second=0, microsecond=0)
    stopped = number % 10 == 0
    return DisclosureDecided(
        decided_at=batch_moment,
        valid_until=batch_moment + timedelta(hours=1),
        rule_version="1",
        registry_hash=b"r" * 32,
        preference_state=PreferenceState.CURRENT,
        preference_offsets=(1, 2, 3),
        identity_offsets=(4, 5, 6),
        request_partition=number % PARTITIONS,
        request_offset=number // PARTITIONS,
        preference_event_ids=(event_id(number, BEGIN - timedelta(days=1)),) if stopped else (),
        outcome=Outcome.SUPPRESS if stopped else Outcome.PERMIT,
        kind=Kind.SALE,
        reason="opted_out" if stopped else "permitted",
        flags=(),
        items=(),
        recipient_name="Recipient",
        recipient_category="commercial_data_partners",
        recipient_role=RecipientRole.THIRD_PARTY,
        notice_id="notice-2022",
        contract_id=None,
        request=DisclosureRequested(**fields),
    )


def records_of(events: Sequence[DisclosureDecided], first_offset: int = 0) -> Records:
    """Records of partition 0 with these decisions, from an offset on."""
    records = Records()
    for offset, event in enumerate(events, start=first_offset):
        records.append(0, offset, event.request.subject_key.bytes, CODEC.encode(event))
    return records


def table_of(events: Sequence[DisclosureDecided], first_offset: int = 0) -> pa.Table:
    """Rows of decisions as the recorder makes them."""
    table, unreadable = DecisionDecoder(CODEC).decode(records_of(events, first_offset))
    assert unreadable == []
    return table


def record(ledger: Ledger, events: Sequence[DisclosureDecided]) -> BatchResult:
    """Record decisions behind all that the ledger has of partition 0."""
    first = ledger.next_offsets().get((DECIDED.name, 0), 0)
    return ledger.record_batch(
        Batch(
            recorded_at=BEGIN + timedelta(days=1),
            next_offsets={(DECIDED.name, 0): first + len(events)},
            decisions=table_of(events, first),
        )
    )
