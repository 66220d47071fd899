"""Finding a person: any identifier, a purpose, and the file is open."""

import asyncio

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import principal_of, services_of
from disclosure_ledger.console.forms import (
    IDENTIFIERS,
    IDENTIFIERS_MAX,
    PURPOSES,
    AnyRequest,
    Form,
    files_of,
    purpose_of,
    subjects_of,
)
from disclosure_ledger.console.navigation import PEOPLE, WORKERS
from disclosure_ledger.console.opened import PersonFile
from disclosure_ledger.console.problems import is_users
from disclosure_ledger.console.rendering import page
from disclosure_schemas.errors import DisclosureError


def people_routes() -> list[HTTPRouteHandler]:
    """Routes of finding a person."""
    return [find, open_file]


@get(PEOPLE, opt=allowed(*WORKERS), include_in_schema=False, sync_to_thread=False)
def find(request: AnyRequest) -> Response[str]:
    """The form."""
    return _form(request)


@post(PEOPLE, opt=allowed(*WORKERS, looks_up_person=True), include_in_schema=False)
async def open_file(request: AnyRequest, data: Form) -> Response[str] | Redirect:
    """Open the file of who was named; the identifiers are hashed here and go no further."""
    services, principal = services_of(request), principal_of(request)
    try:
        purpose = purpose_of(data)
        subjects = await asyncio.to_thread(subjects_of, services, data)
    except DisclosureError as error:
        if not is_users(error):
            raise
        return _form(request, status=422, error=str(error), given=data)
    file = PersonFile(principal.name, subjects, purpose, services.clock())
    return Redirect(f"{PEOPLE}/{files_of(request).open_person(file)}", status_code=303)


def _form(
    request: AnyRequest, *, status: int = 200, error: str = "", given: dict[str, str] | None = None
) -> Response[str]:
    """The form; kinds and purpose that were chosen stay, what was filled in does not."""
    given = given or {}
    return page(
        request,
        "people",
        status=status,
        error=error,
        identifiers=IDENTIFIERS,
        numbers=range(1, IDENTIFIERS_MAX + 1),
        purposes=PURPOSES,
        given={name: value for name, value in given.items() if not name.startswith("value")},
    )
