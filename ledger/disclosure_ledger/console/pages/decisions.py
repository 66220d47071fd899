"""How one event was decided, step by step: from a person's file, or by its id with a purpose."""

import asyncio
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from disclosure_ledger.answers.explaining import Explained
from disclosure_ledger.api.errors import NotFoundError
from disclosure_ledger.api.look_ups import look_up
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import principal_of, services_of
from disclosure_ledger.console.forms import PURPOSES, AnyRequest, Form, files_of, purpose_of, uuid_of
from disclosure_ledger.console.navigation import DECISIONS, PEOPLE, WORKERS
from disclosure_ledger.console.opened import EventFile
from disclosure_ledger.console.problems import is_users
from disclosure_ledger.console.rendering import page
from disclosure_schemas.errors import DisclosureError

DECISION = "decision"


def decision_routes() -> list[HTTPRouteHandler]:
    """Routes of single decisions."""
    return [ask_decision, open_decision, decision, decision_of_person]


@get(DECISIONS, opt=allowed(*WORKERS), include_in_schema=False, sync_to_thread=False)
def ask_decision(request: AnyRequest, event_id: FromQuery[str] = "") -> Response[str]:
    """The form that asks for the purpose; a decision is about a person."""
    return _form(request, event_id)


@post(DECISIONS, opt=allowed(*WORKERS, looks_up_person=True), include_in_schema=False, sync_to_thread=False)
def open_decision(request: AnyRequest, data: Form) -> Response[str] | Redirect:
    """Look at one decision."""
    event_id = data.get("event_id", "")
    try:
        purpose, found = purpose_of(data), uuid_of(event_id, "an event id")
    except DisclosureError as error:
        if not is_users(error):
            raise
        return _form(request, event_id, status=422, error=str(error), given=data)
    file = EventFile(principal_of(request).name, DECISION, str(found), purpose)
    file_id = files_of(request).open_event(file, services_of(request).clock())
    return Redirect(f"{DECISIONS}/{file_id}", status_code=303)


@get(f"{DECISIONS}/{{file_id:str}}", opt=allowed(*WORKERS, looks_up_person=True), include_in_schema=False)
async def decision(request: AnyRequest, file_id: FromPath[str]) -> Response[str]:
    """The story of one decision."""
    now = services_of(request).clock()
    file = files_of(request).event(file_id, DECISION, principal_of(request), now)
    return await _story(request, UUID(file.id), file.purpose, (DECISIONS, "Decisions"))


@get(
    f"{PEOPLE}/{{file_id:str}}/decisions/{{event_id:uuid}}",
    opt=allowed(*WORKERS, looks_up_person=True),
    include_in_schema=False,
)
async def decision_of_person(
    request: AnyRequest, file_id: FromPath[str], event_id: FromPath[UUID]
) -> Response[str]:
    """The story of one decision, from an open file."""
    file = files_of(request).person(file_id, principal_of(request), services_of(request).clock())
    return await _story(request, event_id, file.purpose, (f"{PEOPLE}/{file_id}", "The person’s file"))


async def _story(request: AnyRequest, event_id: UUID, purpose: str, back: tuple[str, str]) -> Response[str]:
    explained: Explained = await asyncio.to_thread(services_of(request).reader.explain, event_id)
    story = explained.explanation
    await look_up(request, purpose, found=story is not None, event_id=event_id)
    if story is None:
        what = "a preference" if explained.is_preference else "a link" if explained.is_link else "nothing"
        raise NotFoundError(
            f"the ledger has {what} with the id {event_id}, no decision. A decision is there some seconds "
            "after its request was sent."
        )
    return page(request, "decision", story=story, back=back)


def _form(
    request: AnyRequest,
    event_id: str,
    *,
    status: int = 200,
    error: str = "",
    given: dict[str, str] | None = None,
) -> Response[str]:
    return page(
        request,
        "decisions",
        status=status,
        error=error,
        event_id=event_id,
        purposes=PURPOSES,
        given=given or {},
    )
