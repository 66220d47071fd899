"""What one record of a control topic says, also where it cannot be read."""

import hashlib
from typing import NamedTuple

from disclosure_consumers.core.subject.facts import Said, said_by_link, said_by_preference, unread
from disclosure_consumers.ports import Message
from disclosure_consumers.replay.history import IDENTITIES, PREFERENCES, Place
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.errors import UndecodableError
from disclosure_schemas.event_ids import event_id_bytes
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import SubjectType

_KEY_BYTES = 16


class ControlCodecs(NamedTuple):
    """Codecs of the control topics, in the order of a vector."""

    preferences: EventCodec[PreferenceRecorded]
    identities: EventCodec[IdentityLinked]


def said_by_record(message: Message, topic: int, codecs: ControlCodecs) -> tuple[Place, tuple[Said, ...]]:
    """Where a record is and what it says; `topic` is PREFERENCES or IDENTITIES."""
    place = Place(topic, message.partition(), message.offset())
    value = message.value() or b""
    try:
        if topic == PREFERENCES:
            return place, tuple(said_by_preference(codecs.preferences.decode(value)))
        assert topic == IDENTITIES, "there are two control topics"
        return place, tuple(said_by_link(codecs.identities.decode(value)))
    except UndecodableError:
        return place, said_by_unreadable(message)


def said_by_unreadable(message: Message) -> tuple[Said, ...]:
    """Not knowing is not consent: the subject of a record that cannot be read is protected (G4)."""
    key = message.key()
    if key is None or len(key) != _KEY_BYTES:
        return ()
    at_ms = max(0, message.timestamp()[1])
    where = f"{message.topic()}/{message.partition()}/{message.offset()}"
    # The record has no readable id: one is made of where it is, the same for everybody who reads it.
    event_id = event_id_bytes(at_ms, hashlib.sha256(where.encode()).digest()[:10])
    return (Said(key, SubjectType.UNKNOWN, unread(at_ms * 1000, event_id)),)
