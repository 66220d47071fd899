"""The first page: what needs somebody, and how the last weeks went."""

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.console.forms import AnyRequest
from disclosure_ledger.console.navigation import CONSOLE
from disclosure_ledger.console.rendering import page


def start_routes() -> list[HTTPRouteHandler]:
    """The route of the first page."""
    return [start]


@get(CONSOLE, opt=allowed(*Role), include_in_schema=False)
async def start(request: AnyRequest) -> Response[str]:
    """The first page."""
    return page(request, "start")
