"""Blocked and violations: what was stopped and why, and what should have been."""

import asyncio
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import services_of
from disclosure_ledger.console import months
from disclosure_ledger.console.forms import AnyRequest
from disclosure_ledger.console.navigation import STOPPED, WATCHERS
from disclosure_ledger.console.pages.recipients import PERIODS, period_of
from disclosure_ledger.console.rendering import page
from disclosure_ledger.overview.counting import reason_rows, recipient_rows
from disclosure_ledger.overview.operations import COUNTS, STOPPED_EVENTS, CountsQuestion, StoppedQuestion
from disclosure_schemas.events.vocabulary import Outcome

_LISTED_MAX = 50
SHOWN = (("all", "Both"), ("stopped", "Stopped"), ("wrong", "Should not have been"))
_OUTCOMES: dict[str, tuple[Outcome, ...]] = {
    "all": (),
    "stopped": (Outcome.SUPPRESS, Outcome.REJECT, Outcome.PARTIAL),
    "wrong": (Outcome.NOTIFY, Outcome.VIOLATION),
}


def stopped_routes() -> list[HTTPRouteHandler]:
    """Routes of what was stopped."""
    return [stopped]


@get(STOPPED, opt=allowed(*WATCHERS), include_in_schema=False)
async def stopped(
    request: AnyRequest,
    period: FromQuery[str] = "12w",
    show: FromQuery[str] = "all",
    reason: FromQuery[str] = "",
    recipient: FromQuery[str] = "",
) -> Response[str]:
    """By reason, over time, and the latest events; they name no person."""
    services, days = services_of(request), period_of(request, period)
    question = StoppedQuestion(
        period=days,
        outcomes=_OUTCOMES.get(show, ()),
        reason=reason or None,
        recipient_id=recipient or None,
        limit=_LISTED_MAX,
    )

    def ask() -> tuple[Any, Any]:
        reader = services.reader
        return (
            reader.ask(COUNTS, CountsQuestion(period=days, recipient_id=recipient or None)),
            reader.ask(STOPPED_EVENTS, question),
        )

    counts, events = await asyncio.to_thread(ask)
    chosen = [count for count in counts.counts if not reason or count.reason == reason]
    held = [
        count
        for count in chosen
        if (count.is_stopped and show != "wrong") or (count.is_wrong and show != "stopped")
    ]
    reasons = reason_rows(held)
    layers = {"stopped": "Stopped", "wrong": "Should not have been"}
    by_day: dict[str, dict[Any, int]] = {tone: {} for tone in layers}
    for count in held:
        by_day[count.fate][count.day] = by_day[count.fate].get(count.day, 0) + count.events
    return page(
        request,
        "stopped",
        counts=counts,
        stopped=sum(count.events for count in chosen if count.is_stopped),
        wrong=sum(count.events for count in chosen if count.is_wrong),
        chart=months.of_days(by_day, days, layers),
        reasons=reasons,
        most=max((row.events for row in reasons), default=0),
        recipients=[row for row in recipient_rows(held) if row.stopped or row.wrong],
        events=events,
        periods=PERIODS,
        period=period,
        shown=SHOWN,
        show=show,
        reason=reason,
        recipient=recipient,
        href=lambda **changes: (
            STOPPED
            + "?"
            + urlencode({"period": period, "show": show, "reason": reason, "recipient": recipient, **changes})
        ),
    )
