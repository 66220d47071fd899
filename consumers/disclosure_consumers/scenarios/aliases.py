"""Names of a story as the opaque values that events carry: the same name is always the same value.

Ids of disclosures come from their `event_id`; all others count up in the order of the list, so that of two
events at one instant the one listed later has the later id.
"""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from disclosure_schemas.event_ids import event_id_bytes
from disclosure_schemas.events.vocabulary import SubjectType

PRODUCER_ID = UUID(bytes=hashlib.sha256(b"scenario producer").digest()[:16])
_FIRST_MS = 1_775_000_000_000
"""Around the first of April 2026; the time in an id decides nothing here."""


class Subject(NamedTuple):
    """A subject of a story."""

    type: SubjectType
    alias: str

    @property
    def key(self) -> UUID:
        """Its key."""
        return UUID(bytes=hashlib.sha256(f"subject {self.type} {self.alias}".encode()).digest()[:16])


def subject_of(value: object) -> Subject:
    """`alice`, or a mapping of one of account, profile, device, household to an alias."""
    if isinstance(value, Mapping):
        ((subject_type, alias),) = value.items()
        return Subject(SubjectType(subject_type), str(alias))
    return Subject(SubjectType.ACCOUNT, str(value))


def disclosure_event_id(name: str) -> UUID:
    """Id of the disclosure with this `event_id`."""
    return UUID(bytes=event_id_bytes(_FIRST_MS, hashlib.sha256(f"disclosure {name}".encode()).digest()[:10]))


def listed_event_id(position: int, part: int = 0) -> UUID:
    """Id of the event at a position of the list; `part` counts events that one entry of the list makes."""
    return UUID(bytes=event_id_bytes(_FIRST_MS + 1 + position, part.to_bytes(10)))
