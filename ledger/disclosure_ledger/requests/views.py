"""Bodies and answers of what can be asked of the register of requests."""

import uuid
from datetime import date
from typing import Annotated

from pydantic import Field

from disclosure_consumers.core.days.calendars import Regime
from disclosure_ledger.requests.clocks import Clock
from disclosure_ledger.requests.request import Note, Request, RequestEvent
from disclosure_ledger.requests.vocabulary import (
    AgentPermission,
    Basis,
    Change,
    Manner,
    Nature,
    Status,
    Verification,
)
from disclosure_schemas.events.base import Code, Moment, Value
from disclosure_schemas.events.vocabulary import SubjectType

MAX_PAGE = 1000


class RequestFilter(Value):
    """Which requests to list; an empty filter lets all through. Days are days of receipt in California."""

    natures: tuple[Nature, ...] = ()
    statuses: tuple[Status, ...] = ()
    regimes: tuple[Regime, ...] = ()
    subject_keys: tuple[uuid.UUID, ...] = ()
    received_from: date | None = None
    received_to: date | None = None
    cursor: Code | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 100


class RequestView(Value):
    """A request with its clocks and how it stands now. `due`: the next day by which something is owed."""

    request: Request
    status: Status
    due: date | None
    is_late: bool
    clocks: tuple[Clock, ...]
    notes: tuple[str, ...] = ()


class RequestPage(Value):
    """Requests, the newest receipt first. `next_cursor`: of the page after this; None after the last."""

    as_of: Moment
    requests: tuple[RequestView, ...]
    next_cursor: str | None = None


class RequestQuestion(Value):
    """Body: one request by its id."""

    request_id: uuid.UUID


class RequestStory(Value):
    """One request with all that happened to it, in order."""

    as_of: Moment
    view: RequestView
    history: tuple[RequestEvent, ...]


class NewRequest(Value):
    """Body: a request that was received. `received_at` None: now. `by`: who enters it.

    `preference_event_id`: the preference that was recorded for it, so that it is not counted twice.
    """

    nature: Nature
    manner: Manner
    subject_key: uuid.UUID
    by: Code
    subject_type: SubjectType = SubjectType.ACCOUNT
    regime: Regime = Regime.CCPA
    received_at: Moment | None = None
    agent: Code | None = None
    agent_permission: AgentPermission | None = None
    preference_event_id: uuid.UUID | None = None
    note: Note | None = None


class RequestChange(Value):
    """Body: something that happened to a request. `at` None: now. `note`: of an extension its reason."""

    request_id: uuid.UUID
    change: Change
    by: Code
    at: Moment | None = None
    note: Note | None = None
    verification: Verification | None = None
    in_part: bool = False
    basis: Basis | None = None


class MetricsQuestion(Value):
    """Body: figures of requests received in one calendar year, in California."""

    year: Annotated[int, Field(ge=2000, le=2199)]


class PurgeQuestion(Value):
    """Body: delete closed requests that are older than so many calendar months.

    `dry_run`: only say how many there are.
    """

    older_than_months: Annotated[int, Field(ge=1, le=1200)]
    dry_run: bool = False


class Purged(Value):
    """How many requests were deleted, or would be."""

    closed_before: Moment
    requests: int
    dry_run: bool
