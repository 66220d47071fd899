"""Rows of the ledger for tests: short to say, complete, and recordable."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from disclosure_ledger.answers.answer import Answer
from disclosure_ledger.answers.periods import Period, last
from disclosure_ledger.answers.to_whom import answer
from disclosure_ledger.decoding import DecisionDecoder, Records
from disclosure_ledger.store.batch import Batch
from disclosure_ledger.store.rows import DecisionRow, event_of
from disclosure_schemas.codec import EventCodec, PartWriter
from disclosure_schemas.events.decision import DisclosureDecided, ItemDecision
from disclosure_schemas.events.disclosure import Disclosure, Item
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome, SubjectType
from disclosure_schemas.topics import DECIDED

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # noon in California
PERSON = uuid.UUID(int=0xA11CE)
YEAR = last("12m", NOW)

_CODEC = EventCodec(DisclosureDecided)
_DISCLOSURE = PartWriter("DisclosureRequested", "disclosure", "disclosure")


def event_id(number: int) -> uuid.UUID:
    """Event id number so-and-so: version 7, in the order of the numbers."""
    return uuid.UUID(int=((1_700_000_000_000 + number) << 80) | (0x7 << 76) | (0x2 << 62))


def row(number: int, **changes: Any) -> DecisionRow:
    """A permitted sale of an e-mail address to Harborlight, `number` hours after a morning in October.

    `changes` are columns; `listed` is a short way to say `item_decisions`: index -> (outcome, kind, reason).
    """
    at = datetime(2026, 10, 1, 16, 0, tzinfo=UTC) + timedelta(hours=number)
    listed: Mapping[int, tuple[Outcome, Kind, str]] = changes.pop("listed", {})
    fields: dict[str, Any] = {
        "event_id": event_id(number),
        "subject_key": PERSON,
        "subject_type": SubjectType.ACCOUNT.value,
        "mode": Mode.REQUEST.value,
        "recipient_id": "harborlight",
        "recipient_name": "Harborlight Data Exchange",
        "recipient_category": "commercial_data_partners",
        "recipient_role": "third_party",
        "kind": Kind.SALE.value,
        "purpose": "marketing",
        "emitter": "crm",
        "items": ("identifiers.email",),
        "item_decisions": tuple(
            ItemDecision(item=index, outcome=outcome, kind=kind, reason=reason)
            for index, (outcome, kind, reason) in listed.items()
        ),
        "occurred_at": at,
        "outcome": Outcome.PERMIT.value,
        "reason": "not_opted_out",
        "flags": (),
        "notice_id": "neutral",
        "contract_id": None,
        "rule_version": "1",
        "registry_hash": bytes(32),
        "preference_state": "current",
        "preference_offsets": (1, 2, 3),
        "identity_offsets": (0, 0, 0),
        "preference_event_ids": (),
        "decision_event_id": None,
        "corrects_event_id": None,
        "retracts_event_id": None,
        "transaction_id": None,
        "collected_at": None,
        "linked_subject_keys": (),
        "producer_id": uuid.UUID(int=7),
        "sequence": number,
        "request_partition": 0,
        "request_offset": number,
        "decided_partition": 0,
        "decided_offset": number,
    } | changes
    fields.setdefault("emitted_at", fields["occurred_at"])
    fields.setdefault("decided_at", fields["emitted_at"] + timedelta(seconds=1))
    fields.setdefault("valid_until", fields["decided_at"] + timedelta(minutes=15))
    fields.setdefault("recorded_at", fields["decided_at"])
    fields.setdefault("declared_kind", fields["kind"])
    fields.setdefault(
        "pi_categories", tuple(dict.fromkeys(item.partition(".")[0] for item in fields["items"]))
    )
    fields.setdefault("disclosure", _disclosure_bytes(fields))
    return DecisionRow(**fields)


def report(number: int, **changes: Any) -> DecisionRow:
    """The same as a report."""
    return row(number, **({"mode": Mode.REPORT.value} | changes))


def answer_of(rows: Sequence[DecisionRow], period: Period = YEAR, **options: Any) -> Answer:
    """The answer of these rows for the last twelve months, blocked attempts included."""
    chosen: dict[str, Any] = {"is_known": bool(rows), "include_blocked": True} | options
    return answer(rows, [PERSON], period, NOW, **chosen)


def recipients(entry: Any) -> list[str]:
    """Ids of the recipients on a list."""
    return [line.recipient_id for line in entry.recipients]


def decisions_table(rows: Sequence[DecisionRow]) -> Any:
    """Rows as the recorder hands them to the ledger, by way of the bytes the gate would write."""
    records = Records()
    for entry in rows:
        value = _CODEC.encode(event_of(entry))
        records.append(entry.decided_partition, entry.decided_offset, entry.subject_key.bytes, value)
    table, unreadable = DecisionDecoder(_CODEC).decode(records)
    assert not unreadable, unreadable
    return table


def batch_of(rows: Sequence[DecisionRow]) -> Batch:
    """One batch of decisions and the positions after them."""
    ends: dict[tuple[str, int], int] = {}
    for entry in rows:
        position = (DECIDED.name, entry.decided_partition)
        ends[position] = max(ends.get(position, 0), entry.decided_offset + 1)
    return Batch(recorded_at=NOW, next_offsets=ends, decisions=decisions_table(rows))


def _disclosure_bytes(fields: Mapping[str, Any]) -> bytes:
    what = Disclosure(
        mode=fields["mode"],
        kind=fields["declared_kind"],
        recipient_id=fields["recipient_id"],
        purpose=fields["purpose"],
        items=tuple(Item.parse(item) for item in fields["items"]),
        emitter=fields["emitter"],
    )
    return _DISCLOSURE.write({"disclosure": what.model_dump()})
