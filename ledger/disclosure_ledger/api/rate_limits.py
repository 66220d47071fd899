"""How often one may ask: by key or person, or by address where nobody was recognised."""

import time
from typing import Any

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import TooManyRequestsException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from disclosure_ledger.access.roles import Principal
from disclosure_ledger.api.denials import DenialCause
from disclosure_ledger.api.requests import Connection, route_of, services_of
from disclosure_ledger.api.settings import ApiSettings

UNLIMITED_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by machines that watch; refusing them would look like an outage."""


class RateLimits(ASGIMiddleware):
    """Refuses with 429 and Retry-After who asks too often. Runs after authentication."""

    def __init__(self, settings: ApiSettings) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._known = parse(settings.rate_limit)
        self._anonymous = parse(settings.rate_limit_anonymous)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Count the request, or refuse it."""
        if scope["path"] in UNLIMITED_PATHS:
            await next_app(scope, receive, send)
            return
        principal = scope.get("user")
        is_known = isinstance(principal, Principal)
        limit = self._known if is_known else self._anonymous
        name = f"{principal.means}:{principal.name}" if isinstance(principal, Principal) else _address(scope)
        if not self._limiter.hit(limit, name):
            connection: Connection = Connection(scope, receive, send)
            services_of(connection).denials.count(route_of(connection), DenialCause.RATE_LIMITED)
            wait_s = max(1, round(self._limiter.get_window_stats(limit, name).reset_time - time.time()))
            raise TooManyRequestsException(
                detail=f"more than {limit} were asked; wait {wait_s} s and ask less often.",
                headers={"Retry-After": str(wait_s), "RateLimit-Limit": str(limit.amount)},
            )
        remaining = str(self._limiter.get_window_stats(limit, name).remaining)

        async def send_with_limits(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: Any = MutableScopeHeaders.from_message(message)
                headers["RateLimit-Limit"] = str(limit.amount)
                headers["RateLimit-Remaining"] = remaining
            await send(message)

        await next_app(scope, receive, send_with_limits)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return f"address:{client[0] if client else 'unknown'}"
