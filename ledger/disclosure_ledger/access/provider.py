"""An OpenID provider over HTTP: discovery, its signing keys with their rotation, and the code of a login."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from disclosure_ledger.access.errors import CredentialsRefusedError, ProviderError
from disclosure_ledger.access.fetching import Kept
from disclosure_ledger.access.roles import Principal
from disclosure_ledger.access.tokens import TokenRules, claims_of, key_id_of, principal_of

KEYS_VALID_S = 3_600.0
"""Longest use of fetched keys, so that a withdrawn one ends."""

REFRESH_S = 1_800.0
"""Keys and discovery are fetched again after this long even if no new key was seen."""

_TIMEOUT_S = 5.0
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_ERROR_CODE = re.compile(r"[a-z_]{1,64}")
_REFUSED_CODES = {"invalid_grant"}
_CLIENT_CODES = {"invalid_client", "unauthorized_client"}


class OpenIdProvider:
    """One provider; safe from several threads. Every method but `known` may wait for it.

    Raises ProviderError.
    """

    def __init__(
        self,
        rules: TokenRules,
        *,
        client: httpx.Client | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        if not _is_private(rules.issuer):
            raise ProviderError(
                f"the issuer {rules.issuer} is not reached over https, so its keys could be anybody's. "
                "Set DISCLOSURE_API_OIDC_ISSUER to an https address."
            )
        self.rules = rules
        self._client = client or httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False)
        self._metadata = Kept(self._discovered, refresh_s=REFRESH_S, clock_s=clock_s)
        self._keys = Kept(self._fetched_keys, refresh_s=REFRESH_S, valid_s=KEYS_VALID_S, clock_s=clock_s)

    def known(self, token: str, now: datetime) -> Principal | None:
        """Who a bearer token is of, by keys at hand; None where the provider has to be asked first.

        Raises CredentialsRefusedError.
        """
        keys, key_id = self._keys.at_hand(), key_id_of(token)
        if keys is None or not _has(keys, key_id):
            return None
        return principal_of(claims_of(token, keys, self.rules, now), self.rules)

    def principal(self, token: str, now: datetime) -> Principal:
        """Who a bearer token is of; raises CredentialsRefusedError."""
        return principal_of(claims_of(token, self.keys(key_id_of(token)), self.rules, now), self.rules)

    def endpoint(self, name: str) -> str:
        """An address of the discovery document, such as token_endpoint."""
        address = self._metadata.get().get(name)
        if not isinstance(address, str) or not _is_private(address):
            raise ProviderError(
                f"the discovery document of {self.rules.issuer} has no {name} that is an https address. "
                "Is the issuer an OpenID provider?"
            )
        return address

    def keys(self, key_id: str | None) -> KeySet:
        """Its signing keys; fetched again when they are old, or one is asked for that is not known yet."""
        return self._keys.get(lambda keys: _has(keys, key_id))

    def exchange(self, form: Mapping[str, str], secret: tuple[str, str] | None) -> Mapping[str, Any]:
        """Send a code to the token endpoint; returns the answer with its `id_token`.

        `secret`: id and secret of the client. Raises CredentialsRefusedError where the code is not taken.
        """
        address = self.endpoint("token_endpoint")
        sent, auth = dict(form), None
        if secret is not None and self._takes_basic():
            # RFC 6749, 2.3.1: both are form-encoded before they are joined by a colon.
            auth = httpx.BasicAuth(*map(quote_plus, secret))
        elif secret is not None:
            sent |= dict(zip(("client_id", "client_secret"), secret, strict=True))
        try:
            response = self._client.post(address, data=sent, auth=auth or httpx.USE_CLIENT_DEFAULT)
        except httpx.HTTPError as error:
            raise _unreachable(address, error) from error
        if response.is_client_error:
            raise _refusal(response, address)
        return _json(response, address)

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _discovered(self) -> Mapping[str, Any]:
        found = self._get(self.rules.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.rules.issuer:
            raise ProviderError(
                f"the discovery document of {self.rules.issuer} names another issuer. "
                "Set DISCLOSURE_API_OIDC_ISSUER to exactly the issuer it names."
            )
        return found

    def _takes_basic(self) -> bool:
        methods = self._metadata.get().get("token_endpoint_auth_methods_supported")
        return not isinstance(methods, list) or "client_secret_basic" in methods

    def _fetched_keys(self) -> KeySet:
        address = self.endpoint("jwks_uri")
        try:
            return KeySet.import_key_set(_signing_keys(self._get(address)))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ProviderError(
                f"the keys at {address} cannot be read: {type(error).__name__}. Expected a JWK set."
            ) from error

    def _get(self, address: str) -> Mapping[str, Any]:
        try:
            response = self._client.get(address)
        except httpx.HTTPError as error:
            raise _unreachable(address, error) from error
        return _json(response, address)


def _signing_keys(found: Mapping[str, Any]) -> Any:
    """Keys for signatures of kinds that are taken; a provider may list others."""
    return {
        "keys": [
            key
            for key in found["keys"]
            if key.get("use", "sig") == "sig" and key.get("kty") in {"RSA", "EC", "OKP"}
        ]
    }


def _has(keys: KeySet, key_id: str | None) -> bool:
    return key_id is None or any(key.kid == key_id for key in keys.keys)


def _is_private(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in _LOOPBACK


def _json(response: httpx.Response, address: str) -> Mapping[str, Any]:
    try:
        found = response.json() if response.status_code == httpx.codes.OK else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ProviderError(
            f"the OpenID provider answered {address} with status {response.status_code}, expected 200 "
            "and JSON."
        )
    return found


def _refusal(response: httpx.Response, address: str) -> CredentialsRefusedError | ProviderError:
    """What a refused code means: the login is at fault, this product's settings, or neither is known."""
    try:
        found = response.json()
    except ValueError:
        found = None
    code = str(found.get("error")) if isinstance(found, dict) else ""
    code = code if _ERROR_CODE.fullmatch(code) else "no error code"
    if code in _REFUSED_CODES:
        return CredentialsRefusedError(
            "the OpenID provider no longer takes the code of this login. Begin again at the sign-in page."
        )
    if code in _CLIENT_CODES:
        return ProviderError(
            f"the OpenID provider refuses this product ({code}). Set DISCLOSURE_API_OIDC_CLIENT_ID and "
            "DISCLOSURE_API_OIDC_CLIENT_SECRET to what it has for this client."
        )
    return ProviderError(
        f"the OpenID provider refused at {address} with status {response.status_code} ({code})."
    )


def _unreachable(address: str, error: httpx.HTTPError) -> ProviderError:
    return ProviderError(f"the OpenID provider does not answer at {address}: {type(error).__name__}.")
