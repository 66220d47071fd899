"""DisclosureDecided: the gate's answer, with everything needed to reproduce it."""

from typing import Annotated

from pydantic import Field

from disclosure_schemas.events.base import Code, EventId, Int32, Int64, Moment, Value
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.vocabulary import Kind, Outcome, PreferenceState, RecipientRole


class ItemDecision(Value):
    """Decision of one item that differs from the event's."""

    item: Int32
    outcome: Outcome
    kind: Kind
    reason: Code


class DisclosureDecided(Value):
    """One decision, and the request it decides."""

    decided_at: Moment
    valid_until: Moment
    rule_version: Code
    registry_hash: Annotated[bytes, Field(min_length=32, max_length=32)]
    preference_state: PreferenceState
    preference_offsets: tuple[Int64, ...]
    identity_offsets: tuple[Int64, ...]
    request_partition: Int32
    request_offset: Int64
    preference_event_ids: tuple[EventId, ...]
    outcome: Outcome
    kind: Kind
    reason: Code
    flags: tuple[Code, ...]
    items: tuple[ItemDecision, ...]
    recipient_name: str | None
    recipient_category: str | None
    recipient_role: RecipientRole
    notice_id: str | None
    contract_id: str | None
    request: DisclosureRequested
