"""Bulks as the ledger gets them: announced by the SDK's double, decided as a test says."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from disclosure_ledger.decoding import Records
from disclosure_ledger.recorder_batches import BatchMaker
from disclosure_ledger.recorder_source import Received
from disclosure_ledger.store.ledger import Ledger
from disclosure_producers.testing import RecordingBulkProducer
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.bulk import BulkAnnounced
from disclosure_schemas.events.dead_letter import DeadLetter
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.vocabulary import (
    DeadLetterCause,
    Kind,
    Outcome,
    PreferenceState,
    RecipientRole,
)
from disclosure_schemas.topics import BULKS, DEAD_LETTER, DECIDED, Topic
from recorder_samples import CODECS

NOW = datetime.now(UTC).replace(microsecond=0)
REQUESTS = EventCodec(DisclosureRequested)
SALE: Mapping[str, Any] = {"to": "harborlight", "kind": "sale", "items": ["identifiers.email_hash"]}


def person(number: int) -> uuid.UUID:
    """Key of a person."""
    return uuid.uuid5(uuid.NAMESPACE_OID, str(number))


def sent(rows: int) -> tuple[BulkAnnounced, list[DisclosureRequested]]:
    """What the SDK sends for a bulk of so many people."""
    with RecordingBulkProducer("list-export") as producer:
        producer.send(producer.prepare(map(person, range(rows)), **SALE))
        return producer.announcements[0], producer.events


def decided(
    request: DisclosureRequested, outcome: Outcome, valid_until: datetime = NOW + timedelta(hours=1)
) -> DisclosureDecided:
    """A decision of one row."""
    reasons = {Outcome.PERMIT: "not_opted_out", Outcome.SUPPRESS: "opted_out_of_sale"}
    return DisclosureDecided(
        decided_at=NOW,
        valid_until=valid_until,
        rule_version="2",
        registry_hash=bytes(32),
        preference_state=PreferenceState.CURRENT,
        preference_offsets=(),
        identity_offsets=(),
        request_partition=0,
        request_offset=request.sequence,
        preference_event_ids=(),
        outcome=outcome,
        kind=Kind.SALE,
        reason=reasons.get(outcome, "undeclared_recipient"),
        flags=(),
        items=(),
        recipient_name="Harborlight Data Exchange",
        recipient_category="commercial_data_partners",
        recipient_role=RecipientRole.THIRD_PARTY,
        notice_id="neutral",
        contract_id="harborlight/third_party",
        request=request,
    )


def dead_letter(request: DisclosureRequested) -> DeadLetter:
    """A row that the gate could not take in, though its beginning can be read."""
    return DeadLetter(
        failed_at=NOW,
        cause=DeadLetterCause.TRAILING_BYTES,
        detail="bytes left over",
        consumer="gate",
        topic="disclosures.requested",
        partition=0,
        offset=request.sequence,
        value=REQUESTS.encode(request) + b"more",
    )


def record(
    ledger: Ledger,
    *,
    announced: Sequence[BulkAnnounced] = (),
    decisions: Sequence[DisclosureDecided] = (),
    dead: Sequence[DeadLetter] = (),
) -> None:
    """Record these as the recorder does, behind what the ledger has."""
    values: dict[Topic, list[bytes]] = {
        BULKS: [CODECS.bulks.encode(event) for event in announced],
        DECIDED: [CODECS.decided.encode(event) for event in decisions],
        DEAD_LETTER: [CODECS.dead_letters.encode(event) for event in dead],
    }
    records: dict[str, Records] = {}
    ends: dict[tuple[str, int], int] = {}
    for topic, encoded in values.items():
        first = ledger.next_offsets().get((topic.name, 0), 0)
        columns = records[topic.name] = Records()
        for offset, value in enumerate(encoded, start=first):
            columns.append(0, offset, value[10:26], value)
        ends[topic.name, 0] = first + len(encoded)
    ledger.record_batch(BatchMaker(CODECS).batch(Received(records, ends), NOW))
