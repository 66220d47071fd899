"""The application: every route, and what holds for all of them."""

import secrets
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from litestar import Litestar, Request, Router, get
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from disclosure_ledger.api.authentication import Authentication
from disclosure_ledger.api.cookies import csrf_cookie_name
from disclosure_ledger.api.decoding import ExactBodies
from disclosure_ledger.api.description import described_once
from disclosure_ledger.api.media_types import require_media_type
from disclosure_ledger.api.permissions import PUBLIC, guard
from disclosure_ledger.api.problems import HANDLERS
from disclosure_ledger.api.rate_limits import RateLimits
from disclosure_ledger.api.response_headers import response_headers
from disclosure_ledger.api.routes.answers import answer_routes
from disclosure_ledger.api.routes.audit import audit_routes
from disclosure_ledger.api.routes.dead_letters import dead_letter_routes
from disclosure_ledger.api.routes.disclosures import disclosure_routes
from disclosure_ledger.api.routes.health import health_routes
from disclosure_ledger.api.routes.operations import operation_routes
from disclosure_ledger.api.routes.preferences import preference_routes
from disclosure_ledger.api.routes.sign_in import sign_in_routes
from disclosure_ledger.api.services import Services

OPENAPI_PATH = "/openapi.json"

_DESCRIPTION = """Disclosures of personal information: asked for, decided, recorded, answered.

Send a key or a token of the OpenID provider as `Authorization: Bearer`. Errors are problem details
(RFC 9457). Looking up a person needs the header `Lookup-Purpose` and is written into the access log."""


def api_app(services: Services, more: Sequence[ControllerRouterHandler] = ()) -> Litestar:
    """Make the application; `more`: routes of others, such as the console's, under the same rules.

    A route that does not say who may use it (`allowed`, `PUBLIC`) is closed to everybody.
    """
    settings = services.settings
    return Litestar(
        [
            *health_routes(),
            *sign_in_routes(),
            *disclosure_routes(settings.batch_max_bytes),
            *preference_routes(),
            *answer_routes(),
            *dead_letter_routes(),
            *audit_routes(),
            *operation_routes(),
            openapi,
            *more,
        ],
        state=State({"services": services}),
        plugins=[ExactBodies()],
        guards=[guard, require_media_type],
        middleware=[DefineMiddleware(Authentication), RateLimits(settings)],
        csrf_config=CSRFConfig(
            # Forms open longer than the process ran are sent again after a reload.
            secret=secrets.token_hex(32),
            cookie_name=csrf_cookie_name(settings),
            cookie_secure=settings.is_https,
            cookie_httponly=True,
            cookie_samesite="strict",
            exclude=["^/v1/"],
        ),
        before_send=[response_headers(settings)],
        exception_handlers=HANDLERS,
        request_max_body_size=settings.body_max_bytes,
        openapi_config=_openapi_config(),
        logging_config=None,
        debug=False,
    )


@get(OPENAPI_PATH, opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def openapi(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The description of this API (OpenAPI 3.1)."""
    return described_once(request.app)


class _DescribedPlugin(JsonRenderPlugin):
    """The framework's own address of the description has the same one."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        del openapi_schema
        return super().render(request, described_once(request.app))


def _openapi_config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="disclosure-ledger",
        version=version("disclosure-ledger"),
        description=_DESCRIPTION,
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(
                    type="http", scheme="bearer", description="a key, or a token of the OpenID provider"
                )
            }
        ),
        security=[{"bearer": []}],
        use_handler_docstrings=True,
        openapi_router=Router("/openapi", route_handlers=[], opt=dict(PUBLIC), include_in_schema=False),
        render_plugins=[_DescribedPlugin()],
    )
