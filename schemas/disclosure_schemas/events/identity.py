"""IdentityLinked: two subject keys belong together, no longer do, or never did."""

from disclosure_schemas.events.base import Code, EventId, Int64, Key, Moment, Value
from disclosure_schemas.events.vocabulary import LinkAction, SubjectType


class IdentityLinked(Value):
    """One change of what is known about who is who; acts forward only."""

    event_id: EventId
    subject_key: Key
    producer_id: Key
    occurred_at: Moment
    emitted_at: Moment
    sequence: Int64
    action: LinkAction
    subject_type: SubjectType
    other_subject_key: Key
    other_subject_type: SubjectType
    cause: Code = "login"
