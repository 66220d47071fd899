"""Notice against reality: what the published notice declares beside what was disclosed."""

import asyncio

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import services_of
from disclosure_ledger.console.forms import AnyRequest
from disclosure_ledger.console.heat import found, heat_maps
from disclosure_ledger.console.navigation import NOTICE, WATCHERS
from disclosure_ledger.console.pages.recipients import PERIODS, period_of
from disclosure_ledger.console.rendering import page
from disclosure_ledger.reality.asking import MATRIX, RealityQuestion
from disclosure_ledger.reality.matrix import Status


def notice_routes() -> list[HTTPRouteHandler]:
    """Routes of notice against reality."""
    return [notice]


@get(NOTICE, opt=allowed(*WATCHERS), include_in_schema=False)
async def notice(
    request: AnyRequest, period: FromQuery[str] = "12m", cell: FromQuery[str] = ""
) -> Response[str]:
    """The heat map, with one field told in full where it was chosen."""
    services, days = services_of(request), period_of(request, period)
    matrix = await asyncio.to_thread(services.reader.ask, MATRIX, RealityQuestion(period=days))
    stretches = [(stretch, heat_maps(stretch, number)) for number, stretch in enumerate(matrix.stretches)]
    every = [each for _, maps in stretches for each in maps]
    recipients = services.checker.registry.recipients
    return page(
        request,
        "notice",
        matrix=matrix,
        stretches=stretches,
        chosen=found(every, cell) if cell else None,
        names={id_: recipient.name for id_, recipient in recipients.items()},
        undeclared_cells=len(matrix.cells(Status.SEEN_AND_UNDECLARED)),
        unseen_cells=len(matrix.cells(Status.DECLARED_AND_UNSEEN)),
        periods=PERIODS,
        period=period,
    )
