"""Recipients: who received what, how it went over time, how their contracts stand."""

import asyncio
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from disclosure_ledger.answers.periods import Period, last
from disclosure_ledger.api.errors import NotFoundError
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import services_of
from disclosure_ledger.console import months
from disclosure_ledger.console.forms import AnyRequest, FormError
from disclosure_ledger.console.navigation import RECIPIENTS, WATCHERS
from disclosure_ledger.console.rendering import page
from disclosure_ledger.overview.contracts import ContractState, contract_standing, needs_contract
from disclosure_ledger.overview.counting import reason_rows, recipient_rows
from disclosure_ledger.overview.operations import COUNTS, ITEMS, CountsQuestion, RecipientQuestion

PERIODS = (("30d", "30 days"), ("12w", "12 weeks"), ("12m", "12 months"), ("24m", "24 months"))
"""Periods of overviews, up to today."""

FATES = {"disclosed": "Disclosed", "wrong": "Should not have been", "stopped": "Stopped"}
"""Tone and name of the layers of a chart."""

CONTRACTS = {
    ContractState.IN_FORCE: ("In force", "good"),
    ContractState.ENDING: ("Ends soon", "notify"),
    ContractState.ENDED: ("Ended", "wrong"),
    ContractState.NOT_BEGUN: ("Not begun", "notify"),
    ContractState.NONE: ("No contract", "wrong"),
    ContractState.NOT_NEEDED: ("None needed", "mute"),
    ContractState.UNREGISTERED: ("Not registered", "wrong"),
}


def recipient_routes() -> list[HTTPRouteHandler]:
    """Routes of recipients."""
    return [list_page, one]


def period_of(request: AnyRequest, text: str) -> Period:
    """The period of an overview; raises FormError."""
    if text not in dict(PERIODS):
        raise FormError(f"the period is one of {', '.join(dict(PERIODS))}.")
    return last(text, services_of(request).clock())


@get(RECIPIENTS, opt=allowed(*WATCHERS), include_in_schema=False)
async def list_page(
    request: AnyRequest, period: FromQuery[str] = "12w", contract: FromQuery[str] = ""
) -> Response[str]:
    """All that received something or were refused it, and all that are registered."""
    services, days = services_of(request), period_of(request, period)
    found = await asyncio.to_thread(services.reader.ask, COUNTS, CountsQuestion(period=days))
    registered, now = services.checker.registry.recipients, services.clock()
    rows = [
        {
            "row": row,
            "name": row.name or row.recipient_id,
            "contract": contract_standing(
                registered.get(row.recipient_id), now, is_needed=needs_contract(row.role, row.kinds)
            ),
            "weeks": months.weeks_of(row.days, days),
        }
        for row in recipient_rows(found.counts)
    ]
    troubled = [entry for entry in rows if _is_troubled(entry)]
    seen = {entry["row"].recipient_id for entry in rows}  # type: ignore[attr-defined]
    return page(
        request,
        "recipients",
        rows=troubled if contract == "trouble" else rows,
        idle=sorted(
            (recipient for recipient in registered.values() if recipient.id not in seen),
            key=lambda recipient: recipient.name,
        ),
        counts=found,
        troubled=len(troubled),
        tones=CONTRACTS,
        periods=PERIODS,
        period=period,
        contract=contract,
    )


def _is_troubled(entry: dict[str, Any]) -> bool:
    return entry["contract"].state not in {ContractState.IN_FORCE, ContractState.NOT_NEEDED}


@get(f"{RECIPIENTS}/{{recipient_id:str}}", opt=allowed(*WATCHERS), include_in_schema=False)
async def one(
    request: AnyRequest, recipient_id: FromPath[str], period: FromQuery[str] = "12w"
) -> Response[str]:
    """One recipient: what it received, why something was stopped, its contracts."""
    services, days = services_of(request), period_of(request, period)

    def ask() -> tuple[Any, Any]:
        return (
            services.reader.ask(COUNTS, CountsQuestion(period=days, recipient_id=recipient_id)),
            services.reader.ask(ITEMS, RecipientQuestion(period=days, recipient_id=recipient_id)),
        )

    counts, items = await asyncio.to_thread(ask)
    recipient = services.checker.registry.recipients.get(recipient_id)
    rows = recipient_rows(counts.counts)
    if recipient is None and not rows:
        raise NotFoundError(f"nothing is known of a recipient {recipient_id} in this period.")
    received = [item for item in items.items if not item.is_stopped]
    return page(
        request,
        "recipient",
        recipient_id=recipient_id,
        recipient=recipient,
        row=rows[0] if rows else None,
        chart=months.of_days(counts.by_day(), days, FATES),
        counts=counts,
        received=received,
        most=max((item.events for item in received), default=0),
        reasons=reason_rows(counts.counts),
        contract=contract_standing(
            recipient,
            services.clock(),
            is_needed=not rows or needs_contract(rows[0].role, rows[0].kinds),
        ),
        tones=CONTRACTS,
        periods=PERIODS,
        period=period,
    )
