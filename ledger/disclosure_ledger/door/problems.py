"""Errors as problem details (RFC 9457), all of one shape: type, title, status, detail."""

import logging
import re
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from disclosure_ledger.audit.errors import AuditBrokerError
from disclosure_ledger.door.errors import DoorClosingError
from disclosure_ledger.door.questions import PROBLEM_MEDIA_TYPE
from disclosure_ledger.store.errors import LedgerError
from disclosure_schemas.errors import DisclosureError

TYPE_PREFIX = "urn:disclosure-ledger:problem:"

_log = logging.getLogger(__name__)
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def problem(*, type_: str, title: str, status: int, detail: str) -> Response[dict[str, Any]]:
    """Make the response of one problem."""
    return Response(
        {"type": TYPE_PREFIX + type_, "title": title, "status": status, "detail": detail},
        status_code=status,
        media_type=PROBLEM_MEDIA_TYPE,
    )


def _of_own_error(_: Request[Any, Any, Any], error: DisclosureError) -> Response[dict[str, Any]]:
    unavailable = isinstance(error, LedgerError | AuditBrokerError | DoorClosingError)
    return problem(
        type_=_CAPITAL.sub("_", type(error).__name__.removesuffix("Error")).lower(),
        title=(type(error).__doc__ or type(error).__name__).partition("\n")[0],
        status=503 if unavailable else 400,
        detail=str(error),
    )


def _of_http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    extra = error.extra if isinstance(error.extra, list) else []
    fields = "; ".join(f"{entry.get('key', 'body')}: {entry.get('message')}" for entry in extra)
    return problem(
        type_=_CAPITAL.sub("_", type(error).__name__.removesuffix("Exception")).lower(),
        title="The request cannot be served.",
        status=error.status_code,
        detail=f"{error.detail}{': ' if fields else ''}{fields}",
    )


def _of_fault(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    _log.error("a request at the door failed", exc_info=error)
    return problem(
        type_="fault",
        title="A fault of the program.",
        status=500,
        detail=f"an unexpected {type(error).__name__} happened. The recorder's log has the traceback.",
    )


HANDLERS: ExceptionHandlersMap = {
    DisclosureError: _of_own_error,
    HTTPException: _of_http_error,
    Exception: _of_fault,
}
"""For every exception, however it comes about."""
