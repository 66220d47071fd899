"""A person's login at the OpenID provider: authorization code with PKCE (RFC 7636), as values."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from disclosure_ledger.access.errors import CredentialsRefusedError
from disclosure_ledger.access.provider import OpenIdProvider
from disclosure_ledger.access.roles import Principal
from disclosure_ledger.access.tokens import claims_of, key_id_of, principal_of


@dataclass(frozen=True, slots=True)
class LoginBegun:
    """What the browser's session remembers between leaving for the provider and coming back."""

    state: str
    nonce: str
    verifier: str
    then: str

    def as_json(self) -> dict[str, str]:
        """For the session."""
        return {"state": self.state, "nonce": self.nonce, "verifier": self.verifier, "then": self.then}


@dataclass(frozen=True, slots=True)
class Client:
    """This product as the provider knows it; `secret` is None for a public client."""

    id: str
    secret: str | None
    redirect_uri: str
    scope: str = "openid"


def begin(then: str) -> LoginBegun:
    """Begin a login; `then` is the page of this product to go to afterwards."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return LoginBegun(state, nonce, verifier, safe_page(then))


def safe_page(page: str) -> str:
    """A page of this product; its first page for an address that would lead elsewhere."""
    is_own = page.startswith("/") and not page.startswith(("//", "/\\")) and page.isprintable()
    return page if is_own else "/"


def address_of_login(provider: OpenIdProvider, client: Client, begun: LoginBegun) -> str:
    """Where to send the browser; raises ProviderError."""
    challenge = urlsafe_b64encode(sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": client.redirect_uri,
        "scope": client.scope,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{provider.endpoint('authorization_endpoint')}?{urlencode(query)}"


def finish(
    provider: OpenIdProvider,
    client: Client,
    begun: LoginBegun | None,
    answer: Mapping[str, str],
    now: datetime,
) -> Principal:
    """Who has logged in; `answer`: the parameters the browser came back with.

    Raises CredentialsRefusedError, ProviderError.
    """
    if begun is None or not hmac.compare_digest(begun.state.encode(), answer.get("state", "").encode()):
        raise CredentialsRefusedError(
            "this login was not begun in this browser, or too long ago. Begin again at the sign-in page."
        )
    if answer.get("iss", provider.rules.issuer) != provider.rules.issuer:
        raise CredentialsRefusedError(
            "the answer came from another OpenID provider (RFC 9207). Begin again at the sign-in page."
        )
    if "code" not in answer:
        raise CredentialsRefusedError(
            "the OpenID provider did not let you in. Begin again at the sign-in page, or ask its operator."
        )
    tokens = provider.exchange(
        {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": client.redirect_uri,
            "client_id": client.id,
            "code_verifier": begun.verifier,
        },
        None if client.secret is None else (client.id, client.secret),
    )
    return _principal(provider, client, begun, tokens, now)


def _principal(
    provider: OpenIdProvider, client: Client, begun: LoginBegun, tokens: Mapping[str, Any], now: datetime
) -> Principal:
    token = str(tokens.get("id_token", ""))
    # An ID token is for the client, not for the API.
    rules = replace(provider.rules, audience=client.id)
    claims = claims_of(token, provider.keys(key_id_of(token)), rules, now)
    if not hmac.compare_digest(begun.nonce.encode(), str(claims.get("nonce", "")).encode()):
        raise CredentialsRefusedError(
            "the ID token belongs to another login. Begin again at the sign-in page."
        )
    return principal_of(claims, rules, "session")
