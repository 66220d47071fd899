"""What may arrive at the casebook: events of the pipeline, and what they cannot express, as values.

Moments are microseconds since 1970 UTC, None for an event without a time; keys and event ids 16 raw bytes.
"""

from typing import NamedTuple

from disclosure_consumers.core.casebook.contracts import ContractEnded, ContractSigned
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import Kind
from disclosure_schemas.moments import microseconds


class Unplaceable(NamedTuple):
    """A disclosure without one moment or one recipient: it can be named, but not recorded."""

    at_us: int | None
    kind: Kind


class Correction(NamedTuple):
    """What a report should have said: subject, disclosure, collection and transaction of `replacement`.

    When it happened and was sent stays as first reported; `at_us` is the moment of the correction.
    """

    at_us: int
    event_id: bytes
    corrects: bytes
    replacement: DisclosureRequested


class Retraction(NamedTuple):
    """The report with this event id never happened."""

    at_us: int | None
    retracts: bytes


class Shredded(NamedTuple):
    """The key to this subject's records is destroyed."""

    at_us: int | None
    subject_key: bytes


class StateStore(NamedTuple):
    """From its arrival on, preferences and facts can be read, or cannot."""

    at_us: int | None
    readable: bool


class Elapsed(NamedTuple):
    """Something that bears on no decision happened, such as a platform entry that matches nobody."""

    at_us: int


Arrival = (
    PreferenceRecorded
    | IdentityLinked
    | DisclosureRequested
    | Unplaceable
    | Correction
    | Retraction
    | ContractSigned
    | ContractEnded
    | Shredded
    | StateStore
    | Elapsed
)


def moment_us(event: Arrival) -> int | None:
    """When an event happened."""
    if isinstance(event, PreferenceRecorded | IdentityLinked | DisclosureRequested):
        return microseconds(event.occurred_at)
    return event.at_us
