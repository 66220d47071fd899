"""Headers of every response: nothing cached, framed, sniffed or run that is not this site's own."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

from disclosure_ledger.api.requests import request_id_of
from disclosure_ledger.api.settings import ApiSettings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script or style but files of this site: an injected one does not run."""

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

_HSTS = "max-age=31536000; includeSubDomains"


def response_headers(settings: ApiSettings) -> BeforeMessageSendHookHandler:
    """Make the hook that adds them; a route's own Cache-Control and policy stay."""

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-store")
        headers["Request-Id"] = str(request_id_of(scope))
        if settings.is_https:
            headers["Strict-Transport-Security"] = _HSTS

    return add
