"""One person's answer, and the story of one decision. Every question is a row of the access log."""

import asyncio
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from pydantic import Field

from disclosure_ledger.access.roles import Role
from disclosure_ledger.answers.answer import Finding
from disclosure_ledger.answers.explaining import explained_to_json
from disclosure_ledger.answers.periods import chosen
from disclosure_ledger.answers.rendering import answer_to_json
from disclosure_ledger.api.bodies import Person
from disclosure_ledger.api.conditional import conditional
from disclosure_ledger.api.errors import NotFoundError
from disclosure_ledger.api.look_ups import Purpose, look_up
from disclosure_ledger.api.media_types import JSON, takes
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.problems import problems
from disclosure_ledger.api.requests import services_of
from disclosure_ledger.api.subjects import keys_of
from disclosure_schemas.events.base import Value

AnyRequest = Request[Any, Any, Any]


class ToWhomBody(Value):
    """Body of `POST /v1/to-whom`: a person, and whole days in California; without days the last 12 months.

    `last`: such as 12m, 90d, 6w, 2y. `blocked`: also what was asked for and not disclosed.
    """

    person: Person
    last: Annotated[str, Field(max_length=16)] | None = None
    first_day: date | None = None
    last_day: date | None = None
    blocked: bool = False


def answer_routes() -> list[HTTPRouteHandler]:
    """Routes of answers."""
    return [to_whom, explain]


@post(
    "/v1/to-whom",
    status_code=200,
    opt={**allowed(Role.ANALYST, looks_up_person=True), **takes(JSON)},
    operation_id="toWhom",
    tags=["answers"],
    responses=problems(),
)
async def to_whom(
    request: AnyRequest, data: JSONBody[ToWhomBody], purpose: Purpose
) -> Response[dict[str, Any]]:
    """To whom was one person's data disclosed, what, and why."""
    services = services_of(request)
    keys = keys_of(services, data.person)
    days = [None if day is None else day.isoformat() for day in (data.first_day, data.last_day)]
    period = chosen(data.last, days[0], days[1], services.clock())
    answer = await asyncio.to_thread(services.reader.to_whom, keys, period, include_blocked=data.blocked)
    is_known = answer.finding is not Finding.UNKNOWN_SUBJECT
    await look_up(request, purpose, found=is_known, subject_keys=keys)
    return conditional(request, answer_to_json(answer))


@get(
    "/v1/decisions/{event_id:uuid}/explanation",
    opt=allowed(Role.ANALYST, looks_up_person=True),
    operation_id="explain",
    tags=["answers"],
    responses=problems(404),
)
async def explain(
    request: AnyRequest, event_id: FromPath[UUID], purpose: Purpose
) -> Response[dict[str, Any]]:
    """Why was one event decided as it was? 404 where the ledger knows of no decision with this id."""
    services = services_of(request)
    explained = await asyncio.to_thread(services.reader.explain, event_id)
    story = explained.explanation
    await look_up(request, purpose, found=story is not None, event_id=event_id)
    if story is None:
        what = "a preference" if explained.is_preference else "a link" if explained.is_link else "nothing"
        raise NotFoundError(
            f"the ledger has {what} with the id {event_id}, no decision. A decision is there some seconds "
            "after its request was sent."
        )
    return conditional(request, explained_to_json(explained))
