"""Who may use a route: each says so itself, and one that says nothing is closed to everybody."""

from collections.abc import Mapping
from typing import Any

from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from disclosure_ledger.access.errors import AccessError, ProviderError
from disclosure_ledger.access.lookups import LookUp, Result
from disclosure_ledger.access.roles import Principal, Role
from disclosure_ledger.api.denials import DenialCause
from disclosure_ledger.api.requests import Connection, request_id_of, route_of, services_of

_ROLES, _PUBLIC, _LOOK_UP = "roles", "public", "looks_up_person"

PUBLIC: Mapping[str, Any] = {_PUBLIC: True}
"""`opt` of a route for everybody, such as the sign-in page."""


def allowed(*roles: Role, looks_up_person: bool = False) -> dict[str, Any]:
    """`opt` of a route for these roles, and admins; `looks_up_person`: a refusal goes into the access log."""
    return {_ROLES: frozenset(roles), _LOOK_UP: looks_up_person}


def roles_of(handler: BaseRouteHandler) -> frozenset[Role] | None:
    """Roles that may use a route; None where everybody may, none at all where it does not say."""
    if handler.opt.get(_PUBLIC) is True:
        return None
    found: frozenset[Role] = handler.opt.get(_ROLES, frozenset())
    return found


# Asynchronous although nothing waits: the framework runs a plain function on another thread.
async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let in who may use the route; raises for everybody else, and where nobody can tell."""
    if handler.opt.get(_PUBLIC) is True:
        return
    principal = connection.scope.get("user")
    denials, route = services_of(connection).denials, route_of(connection)
    if not isinstance(principal, Principal):
        error = connection.scope.get("auth")
        if isinstance(error, ProviderError | AccessError):
            raise error  # nobody knows whether the credentials are good
        denials.count(route, DenialCause.UNAUTHENTICATED)
        raise NotAuthorizedException(
            detail=str(error or "")
            or "credentials are needed: Authorization: Bearer, with a key or a token of the OpenID provider.",
            headers={"WWW-Authenticate": 'Bearer realm="disclosure-ledger"'},
        )
    roles = handler.opt.get(_ROLES)
    if roles is None or not principal.may(roles):
        denials.count(route, DenialCause.FORBIDDEN)
        if handler.opt.get(_LOOK_UP):
            _record_denied(connection, principal, route)
        named = ", ".join(sorted(roles or ())) or Role.ADMIN.value
        raise PermissionDeniedException(
            detail=f"this needs the role {named}; yours are {', '.join(sorted(principal.roles)) or 'none'}."
        )


def _record_denied(connection: Connection, principal: Principal, route: str) -> None:
    services = services_of(connection)
    services.access_log.submit(
        LookUp(
            request_id=request_id_of(connection.scope),
            asked_at=services.clock(),
            principal=principal,
            route=route,
            purpose="denied",
            result=Result.DENIED,
        )
    )
