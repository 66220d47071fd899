"""The pipeline: how far behind, how much a minute, and the audit's equation, live."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import services_of
from disclosure_ledger.api.services import Services
from disclosure_ledger.audit.result import AuditResult
from disclosure_ledger.console.charts import Series
from disclosure_ledger.console.forms import AnyRequest
from disclosure_ledger.console.months import Chart
from disclosure_ledger.console.navigation import PIPELINE, WATCHERS
from disclosure_ledger.console.rendering import page
from disclosure_ledger.console.words import pacific
from disclosure_ledger.door.questions import AuditQuestion
from disclosure_ledger.overview.operations import RECORDED, Recorded, RecordedStepsQuestion
from disclosure_schemas.errors import DisclosureError

MINUTES = 60
_KEPT_S = 2.5
_STATE_NAME = "console_pipeline"


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of the pipeline. `audit` None: it could not be made, `audit_error` says why."""

    at_s: float
    stats: Any
    recorded: Recorded
    audit: AuditResult | None
    audit_error: str


def pipeline_routes() -> list[HTTPRouteHandler]:
    """Routes of the pipeline."""
    return [pipeline, pipeline_now]


@get(PIPELINE, opt=allowed(*WATCHERS), include_in_schema=False)
async def pipeline(request: AnyRequest) -> Response[str]:
    """The page."""
    return await _page(request, "pipeline")


@get(f"{PIPELINE}/now", opt=allowed(*WATCHERS), include_in_schema=False)
async def pipeline_now(request: AnyRequest) -> Response[str]:
    """The live part."""
    return await _page(request, "pipeline_now")


async def _page(request: AnyRequest, template: str) -> Response[str]:
    services, state = services_of(request), request.app.state
    look: Look | None = state.get(_STATE_NAME)
    if look is None or time.monotonic() - look.at_s > _KEPT_S:
        look = state[_STATE_NAME] = await asyncio.to_thread(_look, services)
    return page(
        request,
        template,
        ready=services.readiness.ready(),
        stats=look.stats,
        recorded=look.recorded,
        chart=_chart(look.recorded),
        audit=look.audit,
        audit_error=look.audit_error,
        now=services.clock(),
    )


def _look(services: Services) -> Look:
    recorded = services.reader.ask(RECORDED, RecordedStepsQuestion(steps=MINUTES, step_s=60))
    audit, error = None, ""
    try:
        audit = services.run_audit(AuditQuestion(wait_s=0))
    except DisclosureError as refused:
        error = str(refused)
    return Look(time.monotonic(), services.reader.stats(), recorded, audit, error)


def _chart(recorded: Recorded) -> Chart:
    minutes = [
        f"{pacific(recorded.from_at + timedelta(seconds=recorded.step_s * step)):%H:%M}"
        for step in range(len(recorded.decisions))
    ]
    return Chart("Minute", tuple(minutes), (Series("Decisions recorded", "disclosed", recorded.decisions),))
