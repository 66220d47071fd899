"""Every route of the console, to be served beside the API's under the same rules."""

from collections.abc import Sequence

from litestar import Response, Router, get
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.errors import NotFoundError
from disclosure_ledger.api.permissions import PUBLIC, allowed
from disclosure_ledger.console.forms import AnyRequest
from disclosure_ledger.console.navigation import CONSOLE
from disclosure_ledger.console.pages.access_log import access_routes
from disclosure_ledger.console.pages.dead_letters import dead_letter_routes
from disclosure_ledger.console.pages.decisions import decision_routes
from disclosure_ledger.console.pages.docs import docs_routes
from disclosure_ledger.console.pages.notice import notice_routes
from disclosure_ledger.console.pages.people import people_routes
from disclosure_ledger.console.pages.person import person_routes
from disclosure_ledger.console.pages.pipeline import pipeline_routes
from disclosure_ledger.console.pages.recipients import recipient_routes
from disclosure_ledger.console.pages.requests import request_routes
from disclosure_ledger.console.pages.start import start_routes
from disclosure_ledger.console.pages.stopped import stopped_routes
from disclosure_ledger.console.pages.worklist import worklist_routes
from disclosure_ledger.console.problems import PAGES
from disclosure_ledger.console.static import static_routes


def console_routes() -> Sequence[ControllerRouterHandler]:
    """The routes, with errors as pages."""
    handlers = [
        *static_routes(),
        first_page,
        *start_routes(),
        *people_routes(),
        *person_routes(),
        *decision_routes(),
        *request_routes(),
        *worklist_routes(),
        *recipient_routes(),
        *notice_routes(),
        *stopped_routes(),
        *dead_letter_routes(),
        *pipeline_routes(),
        *access_routes(),
        *docs_routes(),
        nothing_here,
    ]
    return [Router("/", route_handlers=handlers, exception_handlers=PAGES)]


@get("/", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def first_page() -> Redirect:
    """Whoever asks for the bare address gets the console."""
    return Redirect(CONSOLE, status_code=303)


@get(f"{CONSOLE}/{{path:path}}", opt=allowed(*Role), include_in_schema=False, sync_to_thread=False)
def nothing_here(request: AnyRequest) -> Response[str]:
    """Any other address below the console."""
    raise NotFoundError(
        f"the console has no page {request.url.path}. The list beside this text leads to every page it has."
    )
