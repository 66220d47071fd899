"""Errors as pages: what happened, what to do, where to go on."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap
from pydantic import ValidationError

from disclosure_ledger.api.problems import HANDLERS, SIGN_IN, status_of
from disclosure_ledger.console.forms import FormError, told
from disclosure_ledger.console.rendering import page
from disclosure_schemas.errors import DisclosureError

AnyRequest = Request[Any, Any, Any]

_TITLES = {
    400: "That could not be read",
    403: "This is not yours to open",
    404: "There is nothing here",
    405: "This page takes no such form",
    413: "That was too large",
    422: "That does not fit",
    429: "Too many requests",
    500: "A fault of the program",
    503: "Something behind this page does not answer",
}


def _as_page(kind: type[Exception]) -> Callable[[AnyRequest, Any], Response[Any]]:
    """The API's answer to an error, told on a page."""
    told: Callable[[AnyRequest, Any], Response[Any]] = HANDLERS[kind]

    def handle(request: AnyRequest, error: Any) -> Response[Any]:
        if isinstance(error, NotAuthorizedException):
            return Redirect(f"{SIGN_IN}?then={quote(request.url.path)}", status_code=303)
        answer = told(request, error)
        problem = answer.content
        if not isinstance(problem, dict):
            return answer
        status = answer.status_code or 500
        detail = str(problem.get("detail", ""))
        if status == 403 and "CSRF" in detail:
            detail = (
                "the form was opened before the service was started anew, or in another window. Go back, "
                "reload the page and send it again."
            )
        shown = page(
            request,
            "problem",
            status=status,
            title=_TITLES.get(status, "This did not work"),
            detail=detail[:1].upper() + detail[1:],
            status_code=status,
        )
        shown.headers.update(
            {name: value for name, value in answer.headers.items() if name.lower() == "retry-after"}
        )
        return shown

    return handle


def _of_values(request: AnyRequest, error: ValidationError) -> Response[Any]:
    """Parameters in an address that no form of the console sends."""
    return _as_page(DisclosureError)(request, FormError(told(error)))


PAGES: ExceptionHandlersMap = {
    **{kind: _as_page(kind) for kind in (DisclosureError, HTTPException, Exception)},
    ValidationError: _of_values,
}
"""For every exception of a route of the console."""


def is_users(error: DisclosureError) -> bool:
    """Whether an error is about what was filled in, so that the form is shown again with it."""
    return status_of(error) in {404, 409, 422}
