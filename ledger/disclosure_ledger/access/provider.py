"""An OpenID provider over HTTP: discovery, its signing keys with their rotation, and the code of a login."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from disclosure_ledger.access.errors import ProviderError
from disclosure_ledger.access.roles import Principal
from disclosure_ledger.access.tokens import TokenRules, claims_of, key_id_of, principal_of

KEYS_VALID_S = 3_600.0
"""Keys are fetched again after this long even if no new one was seen, so that a withdrawn one ends."""

FETCH_PAUSE_S = 10.0
"""Unknown keys make no more than one fetch in this time."""

_TIMEOUT_S = 10.0
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class OpenIdProvider:
    """One provider; safe from several threads. Every method may wait for it. Raises ProviderError."""

    def __init__(
        self,
        rules: TokenRules,
        *,
        client: httpx.Client | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        address = urlsplit(rules.issuer)
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise ProviderError(
                f"the issuer {rules.issuer} is not reached over https, so its keys could be anybody's. "
                "Set DISCLOSURE_API_OIDC_ISSUER to an https address."
            )
        self.rules = rules
        self._client = client or httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False)
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._metadata: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None
        self._fetched_s = 0.0

    def principal(self, token: str, now: datetime) -> Principal:
        """Who a bearer token is of; raises CredentialsRefusedError."""
        return principal_of(claims_of(token, self.keys(key_id_of(token)), self.rules, now), self.rules)

    def metadata(self) -> Mapping[str, Any]:
        """The provider's discovery document, which must name the issuer that was asked."""
        if self._metadata is None:
            found = self._get(self.rules.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self.rules.issuer:
                raise ProviderError(
                    f"the discovery document of {self.rules.issuer} names another issuer. "
                    "Set DISCLOSURE_API_OIDC_ISSUER to exactly the issuer it names."
                )
            self._metadata = found
        return self._metadata

    def keys(self, key_id: str | None) -> KeySet:
        """Its signing keys; fetched again when they are old, or one is asked for that is not known yet."""
        with self._lock:
            age_s = self._clock_s() - self._fetched_s
            is_unknown = self._keys is not None and key_id is not None and not _has(self._keys, key_id)
            if self._keys is None or age_s > KEYS_VALID_S or (is_unknown and age_s > FETCH_PAUSE_S):
                self._keys = self._fetched_keys()
                self._fetched_s = self._clock_s()
            return self._keys

    def exchange(self, form: Mapping[str, str], secret: tuple[str, str] | None) -> Mapping[str, Any]:
        """Send a code to the token endpoint; returns the answer with its `id_token`."""
        endpoint = str(self.metadata()["token_endpoint"])
        try:
            response = self._client.post(endpoint, data=dict(form), auth=secret or httpx.USE_CLIENT_DEFAULT)
        except httpx.HTTPError as error:
            raise _unreachable(endpoint, error) from error
        return _json(response, endpoint)

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _fetched_keys(self) -> KeySet:
        address = str(self.metadata()["jwks_uri"])
        try:
            return KeySet.import_key_set(_signing_keys(self._get(address)))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderError(f"the keys at {address} cannot be read: {error}.") from error

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


def _has(keys: KeySet, key_id: str) -> bool:
    return any(key.kid == key_id for key in keys.keys)


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


def _unreachable(address: str, error: httpx.HTTPError) -> ProviderError:
    return ProviderError(f"the OpenID provider does not answer at {address}: {type(error).__name__}.")
