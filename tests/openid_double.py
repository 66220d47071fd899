"""An OpenID provider in memory: its pages, its keys, and tokens signed by them."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from disclosure_ledger.access.provider import OpenIdProvider
from disclosure_ledger.access.tokens import TokenRules

ISSUER = "https://login.example"
AUDIENCE = "disclosure-ledger"
NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)


class OpenIdDouble:
    """Answers like a provider; `requests` are the paths asked for, `clock_s` stands still until moved."""

    def __init__(self) -> None:
        self.keys = [RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})]
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER,
            "jwks_uri": f"{ISSUER}/keys",
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
        }
        self.requests: list[httpx.Request] = []
        self.is_away = False
        self.clock_s = 1_000.0
        self.token_answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(500)
        self.before_keys: Callable[[], None] = lambda: None

    def provider(self, **rules: Any) -> OpenIdProvider:
        """The product's side of it."""
        return OpenIdProvider(
            TokenRules(issuer=ISSUER, audience=AUDIENCE, **rules),
            client=httpx.Client(transport=httpx.MockTransport(self._answer)),
            clock_s=lambda: self.clock_s,
        )

    def rotate(self, name: str) -> None:
        """Sign with a new key and withdraw those of before."""
        self.keys = [RSAKey.generate_key(2048, {"kid": name, "use": "sig"})]

    def paths(self) -> list[str]:
        """Paths asked for."""
        return [request.url.path for request in self.requests]

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Claims of a good token; a change to None leaves one out."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "ann",
            "exp": int((NOW + timedelta(minutes=5)).timestamp()),
            "roles": ["analyst"],
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, **changes: Any) -> str:
        """A token signed by the current key."""
        key = self.keys[0]
        return jwt.encode({"alg": "RS256", "kid": key.kid}, self.claims(**changes), key)

    def token_by_public_key(self) -> str:
        """The old trick: the public key taken for a shared secret."""
        # By hand: no library signs so.
        head = _base64(json.dumps({"alg": "HS256", "kid": "first"}).encode())
        signed = f"{head}.{_base64(json.dumps(self.claims()).encode())}"
        secret = self.keys[0].as_pem(private=False)
        return f"{signed}.{_base64(hmac.digest(secret, signed.encode(), 'sha256'))}"

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.is_away:
            raise httpx.ConnectError("refused", request=request)
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self.metadata)
            case "/keys":
                self.before_keys()
                return httpx.Response(200, json={"keys": [key.as_dict(private=False) for key in self.keys]})
            case "/token":
                return self.token_answer(request)
        return httpx.Response(404, content=json.dumps({"error": "not_found"}))


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
