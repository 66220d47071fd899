"""Requests of people with their clocks: the list, one request, a new one, what happened to it."""

import asyncio
from datetime import date, datetime
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from pydantic import ValidationError

from disclosure_consumers.core.days.calendars import Regime
from disclosure_ledger.answers.periods import day_of, start_of_day
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import principal_of, services_of
from disclosure_ledger.console.clocks import STATUS_TONES, faces
from disclosure_ledger.console.forms import (
    IDENTIFIERS,
    AnyRequest,
    Form,
    FormError,
    files_of,
    subject_of,
    told,
)
from disclosure_ledger.console.navigation import PEOPLE, REQUESTS, WORKERS
from disclosure_ledger.console.opened import KnownSubject, PersonFile
from disclosure_ledger.console.problems import is_users
from disclosure_ledger.console.rendering import page
from disclosure_ledger.console.words import words
from disclosure_ledger.requests.operations import REQUESTS_ADD, REQUESTS_CHANGE, REQUESTS_LIST, REQUESTS_SHOW
from disclosure_ledger.requests.views import (
    NewRequest,
    RequestChange,
    RequestFilter,
    RequestQuestion,
    RequestStory,
    RequestView,
)
from disclosure_ledger.requests.vocabulary import (
    BASES,
    RULE_OF_BASIS,
    VERIFIED_NATURES,
    Manner,
    Nature,
    Status,
    Verification,
)
from disclosure_schemas.errors import DisclosureError

LISTED_MAX = 500
_OWED = (Status.OVERDUE, Status.DUE_SOON, Status.OPEN)
_SHOWN: dict[str, tuple[Status, ...]] = {
    "owed": _OWED,
    "late": (Status.OVERDUE,),
    "soon": (Status.DUE_SOON,),
    "closed": (Status.CLOSED,),
    "all": (),
}
SHOWN = (
    ("owed", "All that is owed"),
    ("late", "Late"),
    ("soon", "Due soon"),
    ("closed", "Closed"),
    ("all", "Everything"),
)


def request_routes() -> list[HTTPRouteHandler]:
    """Routes of requests."""
    return [list_page, new_page, add, one, change, open_person]


@get(REQUESTS, opt=allowed(*WORKERS), include_in_schema=False)
async def list_page(
    request: AnyRequest, show: FromQuery[str] = "owed", nature: FromQuery[str] = ""
) -> Response[str]:
    """The list, what is due first at the top."""
    services = services_of(request)
    statuses = _SHOWN.get(show, _OWED)
    natures = (Nature(nature),) if nature in set(Nature) else ()

    def ask() -> tuple[list[RequestView], list[RequestView]]:
        owed = services.reader.ask(REQUESTS_LIST, RequestFilter(statuses=_OWED, limit=LISTED_MAX)).requests
        if statuses and set(statuses) <= set(_OWED):
            found = [v for v in owed if v.status in statuses]
        else:
            question = RequestFilter(statuses=statuses, limit=LISTED_MAX)
            found = list(services.reader.ask(REQUESTS_LIST, question).requests)
        return list(owed), [v for v in found if not natures or v.request.nature in natures]

    owed, found = await asyncio.to_thread(ask)
    today = day_of(services.clock())
    found.sort(key=lambda v: (v.due or date.max, v.request.received_at))
    return page(
        request,
        "requests",
        rows=[(view, faces(view, day_of(view.request.received_at), today)) for view in found],
        counts={status.value: sum(view.status is status for view in owed) for status in _OWED},
        tones=STATUS_TONES,
        shown=SHOWN,
        show=show,
        natures=[(n.value, words(n).capitalize()) for n in Nature],
        nature=nature,
        today=today,
        most=LISTED_MAX,
    )


@get(f"{REQUESTS}/new", opt=allowed(*WORKERS), include_in_schema=False, sync_to_thread=False)
def new_page(request: AnyRequest) -> Response[str]:
    """The form of a request that was received."""
    return _new(request)


@post(f"{REQUESTS}/new", opt=allowed(*WORKERS), include_in_schema=False)
async def add(request: AnyRequest, data: Form) -> Response[str] | Redirect:
    """Enter it."""
    services = services_of(request)
    try:
        subject = subject_of(services, data.get("type1", ""), data.get("value1", "").strip())
        new = NewRequest(
            nature=Nature(data.get("nature", "")),
            manner=Manner(data.get("manner", "")),
            regime=Regime(data.get("regime", "")),
            subject_key=subject.key,
            subject_type=subject.type,
            by=principal_of(request).name,
            received_at=_received(data.get("received", ""), services.clock()),
            note=data.get("note", "").strip() or None,
        )
        story = await asyncio.to_thread(services.reader.ask, REQUESTS_ADD, new)
    except (DisclosureError, ValidationError, ValueError) as error:
        if isinstance(error, DisclosureError) and not is_users(error):
            raise
        return _new(request, status=422, error=_text(error), given=data)
    return Redirect(f"{REQUESTS}/{story.view.request.id}", status_code=303)


@get(f"{REQUESTS}/{{request_id:uuid}}", opt=allowed(*WORKERS), include_in_schema=False)
async def one(request: AnyRequest, request_id: FromPath[UUID]) -> Response[str]:
    """One request with its history and what may happen next."""
    return await _one(request, request_id)


@post(f"{REQUESTS}/{{request_id:uuid}}", opt=allowed(*WORKERS), include_in_schema=False)
async def change(request: AnyRequest, request_id: FromPath[UUID], data: Form) -> Response[str] | Redirect:
    """Say what happened."""
    services = services_of(request)
    try:
        body = RequestChange.model_validate(
            {
                "request_id": request_id,
                "change": data.get("change", ""),
                "by": principal_of(request).name,
                "note": data.get("note", "").strip() or None,
                "verification": data.get("verification") or None,
                "in_part": data.get("in_part") == "yes",
                "basis": data.get("basis") or None,
            }
        )
        await asyncio.to_thread(services.reader.ask, REQUESTS_CHANGE, body)
    except (DisclosureError, ValidationError) as error:
        if isinstance(error, DisclosureError) and not is_users(error):
            raise
        return await _one(request, request_id, status=422, error=_text(error))
    return Redirect(f"{REQUESTS}/{request_id}", status_code=303)


@post(
    f"{REQUESTS}/{{request_id:uuid}}/person",
    opt=allowed(*WORKERS, looks_up_person=True),
    include_in_schema=False,
)
async def open_person(request: AnyRequest, request_id: FromPath[UUID]) -> Redirect:
    """Open the file of the person who asks; the purpose is the request."""
    services, principal = services_of(request), principal_of(request)
    question = RequestQuestion(request_id=request_id)
    asked = (await asyncio.to_thread(services.reader.ask, REQUESTS_SHOW, question)).view.request
    subject = KnownSubject(asked.subject_key, asked.subject_type, "key of the request")
    purpose = f"request to {words(asked.nature)} {request_id}"
    file = PersonFile(principal.name, (subject,), purpose, services.clock())
    return Redirect(f"{PEOPLE}/{files_of(request).open_person(file)}", status_code=303)


async def _one(request: AnyRequest, request_id: UUID, *, status: int = 200, error: str = "") -> Response[str]:
    services = services_of(request)
    question = RequestQuestion(request_id=request_id)
    story: RequestStory = await asyncio.to_thread(services.reader.ask, REQUESTS_SHOW, question)
    asked, today = story.view.request, day_of(services.clock())
    return page(
        request,
        "request",
        status=status,
        error=error,
        story=story,
        view=story.view,
        asked=asked,
        faces=faces(story.view, day_of(asked.received_at), today),
        tones=STATUS_TONES,
        today=today,
        is_verified_nature=asked.nature in VERIFIED_NATURES,
        verifications=[(v.value, words(v).capitalize()) for v in Verification],
        bases=[(b.value, RULE_OF_BASIS[b]) for b in sorted(BASES[asked.nature])],
    )


def _new(
    request: AnyRequest, *, status: int = 200, error: str = "", given: dict[str, str] | None = None
) -> Response[str]:
    return page(
        request,
        "request_new",
        status=status,
        error=error,
        given=given or {},
        identifiers=IDENTIFIERS,
        natures=[(n.value, words(n).capitalize()) for n in Nature],
        manners=[(m.value, words(m).capitalize()) for m in Manner],
        regimes=[(r.value, words(r).capitalize()) for r in Regime],
    )


def _received(text: str, now: datetime) -> datetime | None:
    """A day of receipt as its first moment in California; None for today, which is now."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise FormError("the day of receipt is written YYYY-MM-DD.") from None
    return None if day == day_of(now) else start_of_day(day)


def _text(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return told(error)
    if isinstance(error, DisclosureError):
        return str(error)
    return "choose what is asked for, how it came and under which law."
