"""One request as the fold of what happened to it (11 CCR 7101(b); legal 2.9.1, 10.5)."""

import uuid
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from disclosure_consumers.core.days.calendars import Regime
from disclosure_ledger.requests.vocabulary import (
    AgentPermission,
    Basis,
    Change,
    Manner,
    Nature,
    Response,
    Verification,
)
from disclosure_schemas.events.base import Code, Moment, Value
from disclosure_schemas.events.vocabulary import SubjectType

Note = Annotated[str, Field(min_length=1, max_length=1000)]
"""Free words of the person acting; never an identifier or other personal information."""


class RequestEvent(Value):
    """One thing that happened to a request. Fields that do not belong to its `change` keep their defaults.

    `by`: who acted: a name of the business's own people or systems. `preference_event_id`: the preference
    that is this request, where one was recorded beside it.
    """

    request_id: uuid.UUID
    event_id: uuid.UUID
    at: Moment
    change: Change
    by: Code
    note: Note | None = None
    subject_key: uuid.UUID | None = None
    subject_type: SubjectType = SubjectType.ACCOUNT
    nature: Nature | None = None
    manner: Manner | None = None
    regime: Regime = Regime.CCPA
    agent: Code | None = None
    agent_permission: AgentPermission | None = None
    preference_event_id: uuid.UUID | None = None
    verification: Verification | None = None
    in_part: bool = False
    basis: Basis | None = None


class Request(Value):
    """A request and how it stands.

    `source`: `preference` where a recorded preference is the request. `responded_at`, `response`: the
    substantive response; None while it is open. `basis`: of a denial, in whole or part.
    """

    id: uuid.UUID
    source: Literal["register", "preference"]
    nature: Nature
    regime: Regime
    received_at: Moment
    manner: Manner
    subject_key: uuid.UUID
    subject_type: SubjectType
    agent: Code | None = None
    agent_permission: AgentPermission | None = None
    preference_event_id: uuid.UUID | None = None
    confirmed_at: Moment | None = None
    verified_at: Moment | None = None
    verification: Verification | None = None
    extended_at: Moment | None = None
    extension_reason: Note | None = None
    responded_at: Moment | None = None
    response: Response | None = None
    basis: Basis | None = None
    note: Note | None = None

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is owed."""
        return self.response is not None


def folded(events: Iterable[RequestEvent], source: Literal["register", "preference"]) -> Request | None:
    """The request that these events make, taken in order of what was recorded; None without its receipt.

    The first of each change counts, and nothing counts after the response.
    """
    request: Request | None = None
    for event in events:
        if event.change is Change.RECEIVED:
            request = request or _received(event, source)
        elif request is not None and not request.is_closed:
            request = _changed(request, event)
    return request


def _received(event: RequestEvent, source: Literal["register", "preference"]) -> Request | None:
    if event.nature is None or event.manner is None or event.subject_key is None:
        return None
    return Request(
        id=event.request_id,
        source=source,
        nature=event.nature,
        regime=event.regime,
        received_at=event.at,
        manner=event.manner,
        subject_key=event.subject_key,
        subject_type=event.subject_type,
        agent=event.agent,
        agent_permission=event.agent_permission,
        preference_event_id=event.preference_event_id,
        note=event.note,
    )


def _changed(request: Request, event: RequestEvent) -> Request:
    match event.change:
        case Change.CONFIRMED:
            changes: dict[str, object] = {"confirmed_at": request.confirmed_at or event.at}
        case Change.VERIFIED:
            changes = {"verified_at": event.at, "verification": event.verification}
        case Change.EXTENDED if request.extended_at is None:
            changes = {"extended_at": event.at, "extension_reason": event.note}
        case Change.ANSWERED:
            response = Response.COMPLIED_IN_PART if event.in_part else Response.COMPLIED
            changes = {"responded_at": event.at, "response": response, "basis": event.basis}
        case Change.DENIED:
            changes = {"responded_at": event.at, "response": Response.DENIED, "basis": event.basis}
        case Change.WITHDRAWN:
            changes = {"responded_at": event.at, "response": Response.WITHDRAWN}
        case _:
            return request
    if event.note is not None and event.change is not Change.EXTENDED:
        changes["note"] = event.note
    return request.model_copy(update=changes)
