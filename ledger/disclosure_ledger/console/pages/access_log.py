"""The access log for auditors: who looked whom up, when and why."""

import asyncio
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from disclosure_ledger.access.lookups import Result
from disclosure_ledger.access.reading import ACCESS_LOG, AccessQuestion
from disclosure_ledger.answers.periods import last, start_of_day
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import services_of
from disclosure_ledger.console import months
from disclosure_ledger.console.forms import AnyRequest, FormError, uuid_of
from disclosure_ledger.console.navigation import ACCESS, AUDITORS
from disclosure_ledger.console.rendering import page
from disclosure_ledger.console.words import words
from disclosure_ledger.overview.operations import LOOK_UPS, CountsQuestion

_PAGE = 50
_FILTERS = ("who", "result", "key", "first", "until")
LAYERS = {"disclosed": "Found", "stopped": "Nothing found", "wrong": "Denied"}
_TONES = {Result.FOUND: "disclosed", Result.NOT_FOUND: "stopped", Result.DENIED: "wrong"}


def access_routes() -> list[HTTPRouteHandler]:
    """Routes of the access log."""
    return [access_log]


@get(ACCESS, opt=allowed(*AUDITORS), include_in_schema=False)
async def access_log(request: AnyRequest) -> Response[str]:
    """Look-ups, the newest first, by whom, about whom, when and with what result."""
    services = services_of(request)
    given = {name: request.query_params.get(name, "") for name in _FILTERS}
    result, key, cursor = given["result"], given["key"], request.query_params.get("cursor", "")
    first_day, last_day = _day(given["first"]), _day(given["until"])
    question = AccessQuestion(
        who=given["who"].strip() or None,
        subject_key=uuid_of(key, "a subject key") if key.strip() else None,
        result=Result(result) if result in set(Result) else None,
        from_at=None if first_day is None else start_of_day(first_day),
        until_at=None if last_day is None else start_of_day(last_day + timedelta(days=1)),
        cursor=cursor or None,
        limit=_PAGE,
    )
    period = last("30d", services.clock())

    def ask() -> tuple[Any, Any]:
        reader = services.reader
        return reader.ask(ACCESS_LOG, question), reader.ask(LOOK_UPS, CountsQuestion(period=period))

    found, counts = await asyncio.to_thread(ask)
    by_day: dict[str, dict[date, int]] = {tone: {} for tone in LAYERS}
    for count in counts.counts:
        by_day[_TONES[Result(count.result)]][count.day] = count.look_ups
    after = f"{ACCESS}?{urlencode({**given, 'cursor': found.next_cursor})}" if found.next_cursor else ""
    return page(
        request,
        "access_log",
        look_ups=found.look_ups,
        next_href=after,
        chart=months.of_days(by_day, period, LAYERS),
        tones=_TONES,
        totals={tone: sum(days.values()) for tone, days in by_day.items()},
        results=[(each.value, words(each).capitalize()) for each in Result],
        given=given,
    )


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise FormError("a day is written YYYY-MM-DD.") from None
