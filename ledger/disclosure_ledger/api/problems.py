"""Every error as problem details (RFC 9457): what happened, what to do, and never the input."""

import logging
import re
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException, NotAuthorizedException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap
from pydantic import Field

from disclosure_consumers.kafka.client import BrokerUnreachableError
from disclosure_consumers.kafka.dead_letters import DeadLetterNotFoundError, ReplayError
from disclosure_consumers.registry_folder.problems import RegistryError
from disclosure_ledger.access.errors import (
    AccessError,
    CredentialsRefusedError,
    KeyNotFoundError,
    ProviderError,
)
from disclosure_ledger.api.authentication import API_PREFIX
from disclosure_ledger.api.denials import DenialCause
from disclosure_ledger.api.errors import (
    EventConflictError,
    NotFoundError,
    UnsupportedMediaTypeError,
)
from disclosure_ledger.api.requests import request_id_of, route_of, services_of
from disclosure_ledger.audit.errors import AuditBrokerError
from disclosure_ledger.door.errors import DoorClosingError
from disclosure_ledger.door.problems import TYPE_PREFIX
from disclosure_ledger.door.questions import PROBLEM_MEDIA_TYPE
from disclosure_ledger.reports.errors import UnknownSubjectError
from disclosure_ledger.requests.errors import RequestChangeError, UnknownRequestError
from disclosure_ledger.store.errors import LedgerError
from disclosure_ledger.worklist.errors import UnknownItemError, WorkChangeError
from disclosure_producers.errors import (
    BackpressureError,
    ClosedProducerError,
    EventRefusedError,
    NotAcknowledgedError,
    OutboxError,
)
from disclosure_schemas.errors import DisclosureError
from disclosure_schemas.events.base import Value

SIGN_IN = "/sign-in"
"""Where a browser goes that is not signed in."""

_log = logging.getLogger(__name__)
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_RETRY_AFTER_S = "1"

_STATUS: tuple[tuple[tuple[type[DisclosureError], ...], int], ...] = (
    ((CredentialsRefusedError,), 401),
    (
        (
            *(KeyNotFoundError, DeadLetterNotFoundError, NotFoundError),
            *(UnknownItemError, UnknownRequestError, UnknownSubjectError),
        ),
        404,
    ),
    ((EventConflictError, RequestChangeError, WorkChangeError), 409),
    ((UnsupportedMediaTypeError,), 415),
    (
        (
            *(AccessError, ProviderError, LedgerError, AuditBrokerError, DoorClosingError, ReplayError),
            *(BrokerUnreachableError, BackpressureError, ClosedProducerError, EventRefusedError),
            *(NotAcknowledgedError, OutboxError, RegistryError),
        ),
        503,
    ),
)


class FieldError(Value):
    """What is wrong with one field; `field` is its path in the body, or the name of a parameter."""

    field: str
    message: str


class Problem(Value):
    """Problem details (RFC 9457). `type` names the kind of problem for programs; `detail` is for people."""

    type: str
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    request_id: str
    errors: tuple[FieldError, ...] = ()


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """What a route may answer beside success, for the API's description."""
    return {
        status: ResponseSpec(
            data_container=Problem,
            description=_DESCRIPTIONS[status],
            media_type=PROBLEM_MEDIA_TYPE,
            generate_examples=False,
        )
        for status in sorted({*statuses, *_ANY_ROUTE})
    }


_DESCRIPTIONS = {
    400: "The request is not of the form its media type says.",
    401: "No credentials, or none that are known.",
    403: "The credentials are for another role.",
    404: "There is nothing of this name.",
    405: "The path is there, the method is not.",
    409: "The event id was used for something else, or what is to be changed does not stand so.",
    413: "The body is too large.",
    415: "The body is of another media type than is taken.",
    422: "What was sent does not fit; `errors` says where.",
    429: "Too many requests; wait as Retry-After says.",
    500: "A fault of the program.",
    503: "The broker, the ledger, its registry or the OpenID provider cannot be used; nothing was done.",
}
_ANY_ROUTE = (400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 503)


def problem(
    request: Request[Any, Any, Any],
    *,
    type_: str,
    title: str,
    status: int,
    detail: str,
    errors: tuple[FieldError, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response[dict[str, Any]]:
    """Make the response of one problem."""
    told = Problem(
        type=TYPE_PREFIX + type_,
        title=title,
        status=status,
        detail=detail,
        request_id=str(request_id_of(request.scope)),
        errors=errors,
    )
    return Response(
        told.model_dump(mode="json"),
        status_code=status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=headers,
    )


def status_of(error: DisclosureError) -> int:
    """Status of one of the product's own errors; what is none of the others is about what was sent."""
    return next((status for kinds, status in _STATUS if isinstance(error, kinds)), 422)


def _of_own_error(request: Request[Any, Any, Any], error: DisclosureError) -> Response[dict[str, Any]]:
    status = status_of(error)
    if status == 503:
        _log.warning("%s was not answered: %s", route_of(request), error)
    return problem(
        request,
        type_=_name(type(error).__name__.removesuffix("Error")),
        title=(type(error).__doc__ or type(error).__name__).partition("\n")[0],
        status=status,
        detail=str(error),
        headers={"Retry-After": _RETRY_AFTER_S} if status == 503 else None,
    )


def _of_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    if isinstance(error, NotAuthorizedException) and _is_browser(request):
        return Redirect(f"{SIGN_IN}?then={quote(request.url.path)}", status_code=303)
    if error.status_code == 403 and "CSRF" in error.detail:
        services_of(request).denials.count(route_of(request), DenialCause.CSRF)
    is_invalid = isinstance(error, ValidationException)
    errors = _field_errors(error.extra)
    return problem(
        request,
        type_=_name(type(error).__name__.removesuffix("Exception")),
        title="What was sent does not fit." if is_invalid else "The request cannot be served.",
        status=422 if is_invalid else error.status_code,
        detail=_detail(error, errors),
        errors=errors,
        headers=dict(error.headers or {}),
    )


def _detail(error: HTTPException, errors: tuple[FieldError, ...]) -> str:
    if errors:
        return "; ".join(f"{entry.field}: {entry.message}" for entry in errors)
    if error.status_code == 404:
        return "there is nothing at this path. /openapi.json lists what there is."
    return error.detail or "the request cannot be served."


def _field_errors(extra: Any) -> tuple[FieldError, ...]:
    entries = extra if isinstance(extra, list) else []
    return tuple(
        FieldError(field=str(entry.get("key") or "body"), message=str(entry.get("message")))
        for entry in entries
        if isinstance(entry, dict)
    )


def _of_fault(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    # Neither the message nor the locals of the error: they may hold what the caller sent.
    _log.error(
        "request %s to %s failed with %s at %s",
        request_id_of(request.scope),
        route_of(request),
        type(error).__name__,
        _place(error),
    )
    return problem(
        request,
        type_="fault",
        title="A fault of the program.",
        status=500,
        detail=f"an unexpected {type(error).__name__} happened. The recorder's log says where.",
    )


def _place(error: BaseException) -> str:
    """Files, lines and functions of the traceback, innermost last."""
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return " > ".join(places[-8:])


def _is_browser(request: Request[Any, Any, Any]) -> bool:
    wants_page = "text/html" in request.headers.get("accept", "")
    return wants_page and request.method in {"GET", "HEAD"} and not request.url.path.startswith(API_PREFIX)


def _name(class_name: str) -> str:
    return _CAPITAL.sub("_", class_name).lower()


HANDLERS: ExceptionHandlersMap = {
    DisclosureError: _of_own_error,
    HTTPException: _of_http_error,
    Exception: _of_fault,
}
"""For every exception, however it comes about."""
