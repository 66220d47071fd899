"""Who asks: a key or a bearer token on the API, a session's cookie on the console."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from disclosure_ledger.access.errors import AccessError, CredentialsRefusedError, ProviderError
from disclosure_ledger.access.keys import split_key
from disclosure_ledger.access.roles import Principal
from disclosure_ledger.api.cookies import session_cookie_name
from disclosure_ledger.api.requests import Connection, services_of
from disclosure_ledger.api.services import Services

API_PREFIX = "/v1/"
"""Below this a cookie counts for nothing, so no page of another site can use one."""

_BEARER = "bearer "
_PROVIDER_THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="openid-provider")


class Authentication(AbstractAuthenticationMiddleware):
    """Puts the Principal, or None, in `user`, and in `auth` the error of credentials that were sent.

    It refuses nobody: the guard of each route does.
    """

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        """Find out who asks."""
        services = services_of(connection)
        header = connection.headers.get("authorization")
        try:
            if header is not None:
                return AuthenticationResult(user=await _bearer(services, header), auth=None)
            if not connection.scope["path"].startswith(API_PREFIX):
                return AuthenticationResult(user=_session(services, connection), auth=None)
        except (AccessError, CredentialsRefusedError, ProviderError) as error:
            return AuthenticationResult(user=None, auth=error)
        return AuthenticationResult(user=None, auth=None)


async def _bearer(services: Services, header: str) -> Principal:
    if header[: len(_BEARER)].lower() != _BEARER:
        raise CredentialsRefusedError(
            "the header Authorization has another scheme; expected: Bearer, and a key or token."
        )
    text = header[len(_BEARER) :].strip()
    if split_key(text) is not None:
        return services.keys.principal(text, services.clock())
    if services.provider is None:
        raise CredentialsRefusedError(
            "the key is unknown, and no OpenID provider is configured whose tokens would be taken."
        )
    now = services.clock()
    known = services.provider.known(text, now)
    if known is not None:
        return known
    # Its keys have to be fetched: on threads of their own, so that nothing else waits for the provider.
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_PROVIDER_THREADS, services.provider.principal, text, now)


def _session(services: Services, connection: Connection) -> Principal | None:
    text = connection.cookies.get(session_cookie_name(services.settings))
    return None if text is None else services.sessions.get(text, services.clock())
