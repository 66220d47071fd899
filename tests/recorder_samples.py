"""Records of the recorded topics, as bytes, and batches made of them."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from decision_samples import BEGIN, CODEC, event_id, subject
from disclosure_ledger.decoding import Records
from disclosure_ledger.recorder_batches import BatchMaker, RecorderCodecs
from disclosure_ledger.recorder_source import Received
from disclosure_ledger.store.batch import Batch
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.bulk import BulkAnnounced
from disclosure_schemas.events.dead_letter import DeadLetter
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import DeadLetterCause, LinkAction, PreferenceKind, SubjectType
from disclosure_schemas.topics import Topic

CODECS = RecorderCodecs(
    decided=CODEC,
    preferences=EventCodec(PreferenceRecorded),
    identities=EventCodec(IdentityLinked),
    dead_letters=EventCodec(DeadLetter),
    bulks=EventCodec(BulkAnnounced),
)


def _emitted(number: int) -> dict[str, Any]:
    moment = BEGIN + timedelta(seconds=number)
    return {
        "event_id": event_id(number, moment),
        "subject_key": subject(number),
        "producer_id": uuid.UUID(int=9),
        "occurred_at": moment,
        "emitted_at": moment,
        "sequence": number,
    }


def preference_value(number: int, **fields: Any) -> bytes:
    """An opt-out."""
    event = PreferenceRecorded(**_emitted(number), kind=PreferenceKind.OPT_OUT, of=("sale",), **fields)
    return CODECS.preferences.encode(event)


def identity_value(number: int) -> bytes:
    """A link of a subject with the next one."""
    event = IdentityLinked(
        **_emitted(number),
        action=LinkAction.LINK,
        subject_type=SubjectType.DEVICE,
        other_subject_key=subject(number + 1),
        other_subject_type=SubjectType.ACCOUNT,
    )
    return CODECS.identities.encode(event)


def dead_letter_value(number: int) -> bytes:
    """A request that could not be read."""
    event = DeadLetter(
        failed_at=BEGIN,
        cause=DeadLetterCause.MALFORMED,
        detail="no Avro framing",
        consumer="gate",
        topic="disclosures.requested",
        partition=0,
        offset=number,
        value=b"garbage",
    )
    return CODECS.dead_letters.encode(event)


def batch_of(topic: Topic, values: Sequence[bytes], first_offset: int = 0) -> Batch:
    """Batch of partition 0 of a topic."""
    records = Records()
    for offset, value in enumerate(values, start=first_offset):
        records.append(0, offset, b"k", value)
    received = Received({topic.name: records}, {(topic.name, 0): first_offset + len(values)})
    return BatchMaker(CODECS).batch(received, BEGIN)
