"""What may happen to a request next; each refusal says why and what to do instead."""

from datetime import datetime

from disclosure_consumers.core.days.deadlines import california_day
from disclosure_ledger.requests.clocks import last_day_to_extend
from disclosure_ledger.requests.errors import RequestChangeError
from disclosure_ledger.requests.request import Request, RequestEvent
from disclosure_ledger.requests.vocabulary import BASES, VERIFIED_NATURES, Basis, Change
from disclosure_schemas.moments import microseconds


def check_receipt(event: RequestEvent, now: datetime) -> None:
    """Refuse a receipt that cannot be; raises RequestChangeError."""
    if event.at > now:
        raise RequestChangeError(
            f"a request cannot have been received at {event.at.isoformat()}, which is later than now. Give "
            "the moment of receipt."
        )
    if event.agent_permission is not None and event.agent is None:
        raise RequestChangeError("a permission was given without an agent. Name the agent too.")


def check_change(request: Request, event: RequestEvent, now: datetime) -> None:
    """Refuse a change that a request cannot undergo; raises RequestChangeError."""
    if request.is_closed and request.responded_at is not None:
        raise RequestChangeError(
            f"the request {request.id} was closed on {_day(request.responded_at)} ({request.response}) and "
            "cannot change any more. Add a new request where the person asks again."
        )
    if event.at < request.received_at or event.at > now:
        raise RequestChangeError(
            f"the change is said to be of {event.at.isoformat()}; expected a moment from receipt, "
            f"{request.received_at.isoformat()}, to now."
        )
    _CHECKS[event.change](request, event)


def _check_confirmed(request: Request, event: RequestEvent) -> None:
    _only_verified_natures(request, "is not confirmed: comply with it", event)
    if request.confirmed_at is not None:
        raise RequestChangeError(
            f"receipt of the request {request.id} was confirmed on {_day(request.confirmed_at)} already."
        )


def _check_verified(request: Request, event: RequestEvent) -> None:
    _only_verified_natures(request, "needs no verification (11 CCR 7060(b)): comply with it", event)
    if event.verification is None:
        raise RequestChangeError("a verification needs its degree: account, reasonable or reasonably_high.")


def _check_extended(request: Request, event: RequestEvent) -> None:
    _only_verified_natures(request, "has no extension: comply with it", event)
    if request.extended_at is not None:
        raise RequestChangeError(
            f"the request {request.id} was extended on {_day(request.extended_at)} already, and may be only "
            "once."
        )
    last_day = last_day_to_extend(request)
    if california_day(microseconds(event.at)) > last_day:
        raise RequestChangeError(
            f"the person has to be told of an extension by {last_day}, the last day to respond without one "
            f"(legal: {request.regime}); {_day(event.at)} is too late. Respond now."
        )
    if event.note is None:
        raise RequestChangeError("an extension needs its reason, which the person is told. Give a note.")


def _check_answered(request: Request, event: RequestEvent) -> None:
    if event.in_part:
        _check_basis(request, event)
    elif event.basis is not None:
        raise RequestChangeError(
            "a basis for denial was given with a full answer. Say that it was answered in part, or leave it "
            "out."
        )


def _check_basis(request: Request, event: RequestEvent) -> None:
    allowed = BASES[request.nature]
    names = ", ".join(sorted(allowed))
    if event.basis is None:
        raise RequestChangeError(f"a denial in whole or part needs its basis: one of {names}.")
    if event.basis not in allowed:
        raise RequestChangeError(
            f"{event.basis} is no basis for denying a request of the nature {request.nature}; expected one "
            f"of {names}."
        )
    if event.basis is Basis.OTHER and event.note is None:
        raise RequestChangeError("the basis `other` needs a note that says what it is.")


def _only_verified_natures(request: Request, why: str, event: RequestEvent) -> None:
    if request.nature not in VERIFIED_NATURES:
        raise RequestChangeError(
            f"the request {request.id} is of the nature {request.nature}, which {why}; got {event.change}."
        )


def _check_nothing(_: Request, __: RequestEvent) -> None:
    return


def _check_received(request: Request, _: RequestEvent) -> None:
    raise RequestChangeError(f"the request {request.id} is in the register already.")


_CHECKS = {
    Change.RECEIVED: _check_received,
    Change.CONFIRMED: _check_confirmed,
    Change.VERIFIED: _check_verified,
    Change.EXTENDED: _check_extended,
    Change.ANSWERED: _check_answered,
    Change.DENIED: _check_basis,
    Change.WITHDRAWN: _check_nothing,
}


def _day(at: datetime) -> str:
    return str(california_day(microseconds(at)))
