"""The notify worklist: recipients that must be told of an opt-out, a limit or a deletion."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from pydantic import ValidationError

from disclosure_consumers.core.registry import Recipient
from disclosure_ledger.answers.periods import day_of
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import principal_of, services_of
from disclosure_ledger.console.forms import AnyRequest, Form, told
from disclosure_ledger.console.navigation import WORKERS, WORKLIST
from disclosure_ledger.console.problems import is_users
from disclosure_ledger.console.rendering import page
from disclosure_ledger.console.words import words
from disclosure_ledger.worklist.operations import (
    WORKLIST_CHANGE,
    WORKLIST_COUNTS,
    WORKLIST_LIST,
    WORKLIST_SHOW,
)
from disclosure_ledger.worklist.views import (
    Counts,
    CountsQuestion,
    ItemChange,
    ItemQuestion,
    WorklistFilter,
    WorklistPage,
)
from disclosure_ledger.worklist.vocabulary import Cause, ItemState
from disclosure_schemas.errors import DisclosureError

_PAGE = 100
_STATES: dict[str, tuple[ItemState, ...]] = {
    "todo": (ItemState.OPEN, ItemState.FAILED),
    "sent": (ItemState.SENT,),
    "acknowledged": (ItemState.ACKNOWLEDGED,),
    "failed": (ItemState.FAILED,),
    "all": (),
}
SHOWN = (
    ("todo", "To be told"),
    ("failed", "Given up"),
    ("sent", "Sent, not acknowledged"),
    ("acknowledged", "Acknowledged"),
    ("all", "Everything"),
)
STATE_TONES = {
    ItemState.OPEN: ("To be told", "notify"),
    ItemState.SENT: ("Sent", "disclosed"),
    ItemState.ACKNOWLEDGED: ("Acknowledged", "good"),
    ItemState.FAILED: ("Given up", "wrong"),
    ItemState.LAPSED: ("Lapsed", "mute"),
}


def worklist_routes() -> list[HTTPRouteHandler]:
    """Routes of the worklist."""
    return [list_page, one, change]


@get(WORKLIST, opt=allowed(*WORKERS), include_in_schema=False)
async def list_page(
    request: AnyRequest,
    show: FromQuery[str] = "todo",
    cause: FromQuery[str] = "",
    overdue: FromQuery[str] = "",
    cursor: FromQuery[str] = "",
) -> Response[str]:
    """Items, the nearest last day first."""
    services = services_of(request)
    question = WorklistFilter(
        states=_STATES.get(show, _STATES["todo"]),
        causes=(Cause(cause),) if cause in set(Cause) else (),
        overdue=overdue == "yes",
        cursor=cursor or None,
        limit=_PAGE,
    )

    def ask() -> tuple[WorklistPage, Counts]:
        reader = services.reader
        return reader.ask(WORKLIST_LIST, question), reader.ask(WORKLIST_COUNTS, CountsQuestion())

    found, counts = await asyncio.to_thread(ask)
    names = services.checker.registry.recipients
    return page(
        request,
        "worklist",
        items=[(view, _name(names, view.item.recipient_id)) for view in found.items],
        next_href=f"{WORKLIST}?show={show}&cause={cause}&overdue={overdue}&cursor={found.next_cursor}"
        if found.next_cursor
        else "",
        counts=counts,
        states=ItemState,
        tones=STATE_TONES,
        shown=SHOWN,
        show=show,
        causes=[(c.value, words(c).capitalize()) for c in Cause],
        cause=cause,
        overdue=overdue,
        today=day_of(services.clock()),
    )


@get(f"{WORKLIST}/{{item_id:uuid}}", opt=allowed(*WORKERS), include_in_schema=False)
async def one(request: AnyRequest, item_id: FromPath[UUID]) -> Response[str]:
    """One item: what the recipient is told, and the evidence."""
    return await _one(request, item_id)


@post(f"{WORKLIST}/{{item_id:uuid}}", opt=allowed(*WORKERS), include_in_schema=False)
async def change(request: AnyRequest, item_id: FromPath[UUID], data: Form) -> Response[str] | Redirect:
    """Say by hand what became of it."""
    try:
        body = ItemChange.model_validate(
            {
                "item_id": item_id,
                "change": data.get("change", ""),
                "by": principal_of(request).name,
                "note": data.get("note", "").strip() or None,
            }
        )
        await asyncio.to_thread(services_of(request).reader.ask, WORKLIST_CHANGE, body)
    except (DisclosureError, ValidationError) as error:
        if isinstance(error, DisclosureError) and not is_users(error):
            raise
        text = told(error) if isinstance(error, ValidationError) else str(error)
        return await _one(request, item_id, status=422, error=text)
    return Redirect(f"{WORKLIST}/{item_id}", status_code=303)


async def _one(request: AnyRequest, item_id: UUID, *, status: int = 200, error: str = "") -> Response[str]:
    services = services_of(request)
    story = await asyncio.to_thread(services.reader.ask, WORKLIST_SHOW, ItemQuestion(item_id=item_id))
    return page(
        request,
        "worklist_item",
        status=status,
        error=error,
        story=story,
        item=story.view.item,
        name=_name(services.checker.registry.recipients, story.view.item.recipient_id),
        tones=STATE_TONES,
        today=day_of(services.clock()),
    )


def _name(recipients: Mapping[str, Recipient], recipient_id: str) -> str:
    found = recipients.get(recipient_id)
    return found.name if found is not None else recipient_id
