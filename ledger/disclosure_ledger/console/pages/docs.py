"""Both interfaces to click through: the HTTP API as OpenAPI, the topics as AsyncAPI."""

from importlib.metadata import version
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.app import OPENAPI_PATH
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.console.api_description import described_routes, described_topics
from disclosure_ledger.console.forms import AnyRequest
from disclosure_ledger.console.navigation import DOCS
from disclosure_ledger.console.rendering import page
from disclosure_schemas.asyncapi import asyncapi_document

ASYNCAPI_PATH = f"{DOCS}/asyncapi.json"


def docs_routes() -> list[HTTPRouteHandler]:
    """Routes of the descriptions."""
    return [docs, asyncapi]


@get(DOCS, opt=allowed(*Role), include_in_schema=False, sync_to_thread=True)
def docs(request: AnyRequest) -> Response[str]:
    """The page."""
    return page(
        request,
        "docs",
        groups=described_routes(request.app.openapi_schema.to_schema()),
        topics=described_topics(asyncapi_document(version("disclosure-ledger"))),
        openapi_path=OPENAPI_PATH,
        asyncapi_path=ASYNCAPI_PATH,
    )


@get(ASYNCAPI_PATH, opt=allowed(*Role), include_in_schema=False, sync_to_thread=False)
def asyncapi() -> dict[str, Any]:
    """The description of the topics (AsyncAPI 3)."""
    return asyncapi_document(version("disclosure-ledger"))
