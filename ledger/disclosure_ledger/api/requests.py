"""What every request has: its id, who asks, the route it came to, the services behind it."""

import uuid
from typing import Any, cast

from litestar.connection import ASGIConnection

from disclosure_ledger.access.roles import Principal
from disclosure_ledger.api.services import Services

Connection = ASGIConnection[Any, Any, Any, Any]

_STATE_NAME = "services"
_ID_KEY = "disclosure_request_id"


def services_of(connection: Connection) -> Services:
    """The services of the application that was asked."""
    return cast("Services", connection.app.state[_STATE_NAME])


def request_id_of(scope: Any) -> uuid.UUID:
    """Id of a request, made when first asked for; callers see it in the header Request-Id."""
    state = scope.setdefault("state", {})
    if _ID_KEY not in state:
        state[_ID_KEY] = uuid.uuid4()
    return cast("uuid.UUID", state[_ID_KEY])


def principal_of(connection: Connection) -> Principal:
    """Who asks; only where the route's guard has let somebody in."""
    principal = connection.scope.get("user")
    assert isinstance(principal, Principal), "the guard lets in nobody else"
    return principal


def route_of(connection: Connection) -> str:
    """Method and path template of the route, which name no person."""
    template = connection.scope.get("path_template") or "unknown"
    return f"{connection.scope.get('method', '')} {template}"
