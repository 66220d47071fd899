"""The content of an identity event as bytes."""

from typing import Any
from uuid import UUID

from disclosure_producers.checks import fitting, key_bytes, validated
from disclosure_schemas.codec import PartWriter
from disclosure_schemas.errors import InvalidEventError
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.vocabulary import LinkAction
from disclosure_schemas.moments import from_microseconds

_WRITER = PartWriter(IdentityLinked.__name__, "action", "cause")
# The head is packed when the event is accepted; these only complete the record for its own checks.
_HEAD = {
    "event_id": new_event_id(0),
    "producer_id": new_event_id(0),
    "occurred_at": from_microseconds(0),
    "emitted_at": from_microseconds(0),
    "sequence": 0,
}


def encoded_identity(
    action: LinkAction,
    subject_key: UUID,
    other_subject_key: UUID,
    *,
    subject_type: str,
    other_subject_type: str,
    cause: str,
) -> bytes:
    """The bytes that follow the common fields; raises InvalidEventError, SubjectKeyError."""
    key_bytes(subject_key)
    key_bytes(other_subject_key, "other_subject_key")
    if subject_key == other_subject_key:
        raise InvalidEventError("a link joins two subjects; got the same subject key twice.")
    fields: dict[str, Any] = {
        **_HEAD,
        "action": action,
        "subject_key": subject_key,
        "subject_type": subject_type,
        "other_subject_key": other_subject_key,
        "other_subject_type": other_subject_type,
        "cause": cause,
    }
    value = validated(IdentityLinked, fields)
    return fitting(_WRITER.write(value.model_dump(exclude={*_HEAD, "subject_key"})))
