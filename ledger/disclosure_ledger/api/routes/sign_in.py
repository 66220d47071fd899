"""Signing in to the console: at the OpenID provider, or with a one-time login; and signing out."""

import asyncio
from html import escape
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromQuery, QueryParameter
from litestar.response import Redirect

from disclosure_ledger.access import login
from disclosure_ledger.access.errors import CredentialsRefusedError
from disclosure_ledger.access.roles import Principal
from disclosure_ledger.api.cookies import (
    cookie,
    csrf_cookie_name,
    expired,
    login_cookie_name,
    session_cookie_name,
)
from disclosure_ledger.api.errors import NotFoundError
from disclosure_ledger.api.permissions import PUBLIC
from disclosure_ledger.api.problems import SIGN_IN
from disclosure_ledger.api.requests import services_of
from disclosure_ledger.api.services import Services

CALLBACK = f"{SIGN_IN}/callback"
"""Where the OpenID provider sends the browser back."""

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
AnyRequest = Request[Any, Any, Any]

# The console's style; where no console is served, the page stands without it.
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in - disclosure-ledger</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/console/assets/sign.svg"><link rel="stylesheet" href="/console/assets/console.css">
</head>
<body class="sign-in"><main><div class="card"><h1>Sign in</h1>
<p class="soft">disclosure-ledger: to whom was personal information disclosed, why, and was it allowed?</p>
{error}<form class="form" method="post" action="{action}">
<input type="hidden" name="_csrf_token" value="{csrf}"><input type="hidden" name="then" value="{then}">
<p class="field"><label for="login">One-time login</label>
<input id="login" name="login" autocomplete="off" spellcheck="false" required value="{login}"></p>
<p class="actions"><button type="submit">Sign in</button></p></form>
{provider}<p class="hint">A one-time login is printed by <code>disclosures access login</code>.</p>
</div></main></body></html>
"""


def sign_in_routes() -> list[HTTPRouteHandler]:
    """Every route of signing in and out."""
    return [sign_in_page, sign_in_once, to_provider, from_provider, sign_out]


@get(SIGN_IN, opt=PUBLIC, include_in_schema=False, media_type="text/html", sync_to_thread=False)
def sign_in_page(
    request: AnyRequest, then: FromQuery[str] = "/", once: Annotated[str, QueryParameter(name="login")] = ""
) -> str:
    """The page with the form; `login` fills it in, so that a printed link needs one press of a button."""
    return _form(request, then, once)


def _form(request: AnyRequest, then: str, once: str = "", error: str = "") -> str:
    services = services_of(request)
    link = ""
    if _client(services) is not None:
        href = f"{SIGN_IN}/provider?then={escape(then)}"
        link = f'<p><a class="button second" href="{href}">Sign in with your account</a></p>'
    return _PAGE.format(
        action=SIGN_IN,
        csrf=escape(csrf_token_of(request)),
        then=escape(login.safe_page(then)),
        login=escape(once),
        provider=link,
        error=f'<div class="alert wrong" role="alert">{escape(error)}</div>' if error else "",
    )


@post(SIGN_IN, opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def sign_in_once(request: AnyRequest, data: Form) -> Response[None] | Response[str]:
    """Use up a one-time login; where it does not do, the form comes again and says why."""
    services, then = services_of(request), data.get("then", "/")
    try:
        principal = services.keys.use_login(data.get("login", "").strip(), services.clock())
    except CredentialsRefusedError as error:
        told = str(error)
        page = _form(request, then, error=told[:1].upper() + told[1:])
        return Response(page, status_code=401, media_type="text/html")
    return _signed_in(services, principal, then)


@get(f"{SIGN_IN}/provider", opt=PUBLIC, include_in_schema=False, sync_to_thread=True)
def to_provider(request: AnyRequest, then: FromQuery[str] = "/") -> Response[None]:
    """Leave for the OpenID provider."""
    services = services_of(request)
    client = _client(services)
    if client is None or services.provider is None:
        raise NotFoundError(
            "no OpenID provider is configured for signing in. Use a one-time login, or set "
            "DISCLOSURE_API_OIDC_ISSUER and DISCLOSURE_API_OIDC_CLIENT_ID."
        )
    begun = login.begin(then)
    response: Response[None] = Redirect(
        login.address_of_login(services.provider, client, begun), status_code=303
    )
    begun_id = services.logins.begin(begun, services.clock())
    response.set_cookie(cookie(services.settings, login_cookie_name(services.settings), begun_id))
    return response


@get(CALLBACK, opt=PUBLIC, include_in_schema=False)
async def from_provider(request: AnyRequest) -> Response[None]:
    """Come back from the OpenID provider."""
    services = services_of(request)
    client, name = _client(services), login_cookie_name(services.settings)
    if client is None or services.provider is None:
        raise NotFoundError("no OpenID provider is configured for signing in.")
    text = request.cookies.get(name, "")
    is_known = services.logins.get(text, services.clock()) is not None
    begun = services.logins.end(text) if is_known else None
    answer = dict(request.query_params)
    principal = await asyncio.to_thread(
        login.finish, services.provider, client, begun, answer, services.clock()
    )
    if not principal.roles:
        raise CredentialsRefusedError(
            "you are known to the OpenID provider, but have no role here. Ask an admin for one."
        )
    response = _signed_in(services, principal, begun.then if begun else "/")
    response.set_cookie(expired(services.settings, name))
    return response


@post("/sign-out", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def sign_out(request: AnyRequest) -> Response[None]:
    """End the session."""
    services = services_of(request)
    name = session_cookie_name(services.settings)
    services.sessions.end(request.cookies.get(name, ""))
    response: Response[None] = Redirect(SIGN_IN, status_code=303)
    response.set_cookie(expired(services.settings, name))
    return response


def csrf_token_of(request: AnyRequest) -> str:
    """The token a form must send as `_csrf_token`, made by the framework for this browser."""
    from litestar.utils.scope.state import ScopeState  # noqa: PLC0415 - the framework offers no other way

    made = ScopeState.from_scope(request.scope).csrf_token
    return (
        made
        if isinstance(made, str)
        else request.cookies.get(csrf_cookie_name(services_of(request).settings), "")
    )


def _signed_in(services: Services, principal: Principal, then: str) -> Response[None]:
    response: Response[None] = Redirect(login.safe_page(then), status_code=303)
    session_id = services.sessions.begin(principal, services.clock())
    response.set_cookie(cookie(services.settings, session_cookie_name(services.settings), session_id))
    return response


def _client(services: Services) -> login.Client | None:
    settings = services.settings
    if services.provider is None or settings.oidc_client_id is None:
        return None
    secret = settings.oidc_client_secret
    return login.Client(
        id=settings.oidc_client_id,
        secret=None if secret is None else secret.get_secret_value(),
        redirect_uri=settings.base_url + CALLBACK,
        scope=settings.oidc_scope,
    )
