"""The first page: what needs somebody, and how the last weeks went."""

import asyncio
from dataclasses import dataclass

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from disclosure_ledger.access.roles import Role
from disclosure_ledger.answers.periods import Period, last
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import principal_of, services_of
from disclosure_ledger.api.services import Services
from disclosure_ledger.console import months
from disclosure_ledger.console.forms import AnyRequest
from disclosure_ledger.console.navigation import CONSOLE, WATCHERS, WORKERS
from disclosure_ledger.console.rendering import page
from disclosure_ledger.overview.counting import Counts, ReasonRow, reason_rows
from disclosure_ledger.overview.operations import COUNTS, RECORDED, CountsQuestion, RecordedStepsQuestion
from disclosure_ledger.requests.operations import REQUESTS_LIST
from disclosure_ledger.requests.views import RequestFilter
from disclosure_ledger.requests.vocabulary import Status
from disclosure_ledger.worklist.operations import WORKLIST_COUNTS
from disclosure_ledger.worklist.views import CountsQuestion as WorkQuestion

_LAYERS = {"disclosed": "Disclosed", "wrong": "Should not have been", "stopped": "Stopped"}
_REASONS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for analysts."""

    late: int
    due_soon: int
    not_told: int


def start_routes() -> list[HTTPRouteHandler]:
    """The route of the first page."""
    return [start]


@get(CONSOLE, opt=allowed(*Role), include_in_schema=False)
async def start(request: AnyRequest) -> Response[str]:
    """The first page; of each role what it may open."""
    services, principal = services_of(request), principal_of(request)
    period = last("30d", services.clock())
    may_watch, may_work = principal.may(WATCHERS), principal.may(WORKERS)
    seen = await asyncio.to_thread(_seen, services, period) if may_watch else None
    work = await asyncio.to_thread(_work, services) if may_work else None
    return page(
        request,
        "start",
        work=work,
        counts=None if seen is None else seen[0],
        chart=None if seen is None else months.of_days(seen[0].by_day(), period, _LAYERS),
        reasons=() if seen is None else seen[1],
        most=max((row.events for row in seen[1]), default=0) if seen else 0,
        dead_letters=0 if seen is None else seen[2],
        ready=services.readiness.ready(),
    )


def _seen(services: Services, period: Period) -> tuple[Counts, tuple[ReasonRow, ...], int]:
    counts = services.reader.ask(COUNTS, CountsQuestion(period=period))
    recorded = services.reader.ask(RECORDED, RecordedStepsQuestion(steps=1))
    letters = sum(entry.letters for entry in recorded.dead_letters)
    return counts, reason_rows(counts.counts)[:_REASONS_SHOWN], letters


def _work(services: Services) -> Work:
    question = RequestFilter(statuses=(Status.OVERDUE, Status.DUE_SOON), limit=1000)
    owed = services.reader.ask(REQUESTS_LIST, question).requests
    return Work(
        late=sum(view.status is Status.OVERDUE for view in owed),
        due_soon=sum(view.status is Status.DUE_SOON for view in owed),
        not_told=services.reader.ask(WORKLIST_COUNTS, WorkQuestion()).overdue,
    )
