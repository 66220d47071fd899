"""Tokens and keys of an OpenID provider: what is taken, what is refused, and how often it is asked."""

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from joserfc.jwk import RSAKey

from api_world import api_world
from disclosure_ledger.access import login
from disclosure_ledger.access.errors import CredentialsRefusedError, ProviderError
from disclosure_ledger.access.fetching import PAUSE_S
from disclosure_ledger.access.provider import KEYS_VALID_S, REFRESH_S, OpenIdProvider
from disclosure_ledger.access.roles import Principal, Role
from disclosure_ledger.access.tokens import LEEWAY_S, TokenRules
from openid_double import ISSUER, NOW, OpenIdDouble


@pytest.fixture
def double() -> OpenIdDouble:
    """A provider with one key."""
    return OpenIdDouble()


def test_a_good_token_says_who_asks_and_as_what(double: OpenIdDouble) -> None:
    """The subject is the name; roles come from the claim that was named, in the provider's words or ours."""
    asked = double.provider().principal(double.token(), NOW)
    assert asked == Principal("ann", frozenset({Role.ANALYST}), "token")
    provider = double.provider(roles_claim="realm_access.roles", role_names={"Datenschutz": Role.ADMIN})
    token = double.token(realm_access={"roles": ["Datenschutz", "auditor", "unknown", 7]})
    assert provider.principal(token, NOW).roles == {Role.ADMIN, Role.AUDITOR}
    assert provider.principal(double.token(roles=None), NOW).roles == frozenset()


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-service"},
        {"aud": None},
        {"iss": "https://other.example"},
        {"sub": None},
        {"exp": None},
        {"exp": int((NOW - timedelta(seconds=LEEWAY_S + 1)).timestamp())},
        {"nbf": int((NOW + timedelta(minutes=5)).timestamp())},
    ],
    ids=str,
)
def test_a_token_for_others_or_another_time_is_refused(double: OpenIdDouble, changes: dict[str, Any]) -> None:
    """Each claim is needed and held to what was configured."""
    token = double.token(**changes)
    with pytest.raises(CredentialsRefusedError) as refused:
        double.provider().principal(token, NOW)
    assert token not in str(refused.value)


def test_only_signatures_of_the_providers_own_keys_are_taken(double: OpenIdDouble) -> None:
    """None, a shared secret made of the public key, a stranger's key of the same name, a bent signature."""
    good = double.token()
    header, payload, signature = good.split(".")
    nothing = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    stranger = OpenIdDouble()
    stranger.keys = [RSAKey.generate_key(2048, {"kid": "first"})]
    bent = f"{header}.{payload}.{signature[:-8]}AAAAAAAA"
    forged = [f"{nothing}.{payload}.", double.token_by_public_key(), stranger.token(), bent]
    provider = double.provider()
    for token in [*forged, "x", "a.b.c", "a.b.c.d.e"]:
        with pytest.raises(CredentialsRefusedError):
            provider.principal(token, NOW)
    assert provider.principal(good, NOW).name == "ann"


def test_a_new_key_is_followed_and_a_withdrawn_one_ends(double: OpenIdDouble) -> None:
    """A token of a key not seen yet makes one fetch; tokens of the key before are then refused."""
    provider, old = double.provider(), double.token()
    provider.principal(old, NOW)
    double.rotate("second")
    double.clock_s += PAUSE_S + 1
    assert provider.known(double.token(), NOW) is None
    assert provider.principal(double.token(), NOW).name == "ann"
    assert double.paths().count("/keys") == 2
    with pytest.raises(CredentialsRefusedError):
        provider.principal(old, NOW)


def test_made_up_keys_make_no_more_than_one_fetch_in_a_while(double: OpenIdDouble) -> None:
    """A hundred tokens of unknown keys ask the provider once, and are refused."""
    provider = double.provider()
    provider.principal(double.token(), NOW)
    double.clock_s += PAUSE_S + 1
    stranger = OpenIdDouble()
    stranger.rotate("made-up")
    for _ in range(100):
        with pytest.raises(CredentialsRefusedError):
            provider.principal(stranger.token(), NOW)
    assert double.paths().count("/keys") == 2


def test_during_an_outage_the_provider_is_asked_once_in_a_while(double: OpenIdDouble) -> None:
    """Tokens that come meanwhile fail at once, with the cause; after the pause it is asked again."""
    provider = double.provider()
    double.is_away = True
    for _ in range(50):
        with pytest.raises(ProviderError, match="does not answer"):
            provider.principal(double.token(), NOW)
    assert len(double.requests) == 1
    double.is_away = False
    double.clock_s += PAUSE_S + 1
    assert provider.principal(double.token(), NOW).name == "ann"


def test_a_short_outage_is_not_noticed_and_a_long_one_ends_the_keys(double: OpenIdDouble) -> None:
    """Keys due for a refresh serve on while the provider is away, but never past their end."""
    provider, token = double.provider(), double.token()
    provider.principal(token, NOW)
    double.is_away = True
    double.clock_s += REFRESH_S + 1
    assert provider.principal(token, NOW).name == "ann"
    assert known_name(provider, token) == "ann"
    double.clock_s += KEYS_VALID_S - REFRESH_S
    assert provider.known(token, NOW) is None
    with pytest.raises(ProviderError):
        provider.principal(token, NOW)


def known_name(provider: OpenIdProvider, token: str) -> str | None:
    """Name of whom the keys at hand know."""
    principal = provider.known(token, NOW)
    return None if principal is None else principal.name


def test_known_keys_do_not_wait_for_a_fetch(double: OpenIdDouble) -> None:
    """While one thread waits for the provider over a made-up key, tokens of known keys are answered."""
    provider, token = double.provider(), double.token()
    provider.principal(token, NOW)
    double.clock_s += PAUSE_S + 1
    stranger = OpenIdDouble()
    stranger.rotate("made-up")
    begun, answer = threading.Event(), threading.Event()

    def held() -> None:
        begun.set()
        answer.wait(20)

    double.before_keys = held
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(provider.principal, stranger.token(), NOW)
        assert begun.wait(10)
        try:
            assert known_name(provider, token) == "ann"
            assert provider.principal(token, NOW).name == "ann"
            assert not waiting.done()
        finally:
            answer.set()
        with pytest.raises(CredentialsRefusedError):
            waiting.result(10)


@pytest.mark.parametrize(
    ("name", "address"),
    [("jwks_uri", None), ("jwks_uri", 7), ("jwks_uri", "http://login.example/keys")],
)
def test_a_discovery_document_without_an_address_says_which(
    double: OpenIdDouble, name: str, address: Any
) -> None:
    """An address that is missing, or not reached over https, is told by its name."""
    double.metadata |= {name: address}
    with pytest.raises(ProviderError, match=name):
        double.provider().principal(double.token(), NOW)


def test_a_discovery_document_of_another_issuer_is_refused(double: OpenIdDouble) -> None:
    """The document must name exactly the issuer that was configured."""
    double.metadata["issuer"] = f"{ISSUER}/"
    with pytest.raises(ProviderError, match="another issuer"):
        double.provider().principal(double.token(), NOW)


def test_an_issuer_without_https_is_refused() -> None:
    """Keys over plain HTTP could be anybody's; a loopback address is for trying."""
    with pytest.raises(ProviderError, match="https"):
        OpenIdProvider(TokenRules(issuer="http://login.example", audience="x"))
    OpenIdProvider(TokenRules(issuer="http://127.0.0.1:1", audience="x")).close()


CLIENT = login.Client(id="ledger app", secret="s:e+c%r e/t", redirect_uri="https://ledger.example/back")


def finished(double: OpenIdDouble, **answer: str) -> Any:
    """Finish a login that came back with a code."""
    begun = login.begin("/")
    sent = {"state": begun.state, "code": "c0de", **answer}
    return login.finish(double.provider(), CLIENT, begun, sent, NOW)


def test_a_client_secret_is_form_encoded_for_basic(double: OpenIdDouble) -> None:
    """Id and secret are encoded before they are joined (RFC 6749, 2.3.1), so a colon in one is no border."""
    double.token_answer = lambda _: httpx.Response(400, json={"error": "invalid_grant"})
    with pytest.raises(CredentialsRefusedError):
        finished(double)
    sent = double.requests[-1].headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == "ledger+app:s%3Ae%2Bc%25r+e%2Ft"


def test_a_provider_that_takes_no_basic_gets_the_secret_in_the_form(double: OpenIdDouble) -> None:
    """Where only client_secret_post is offered, there is no header and the form has both."""
    double.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    double.token_answer = lambda _: httpx.Response(400, json={"error": "invalid_grant"})
    with pytest.raises(CredentialsRefusedError):
        finished(double)
    request = double.requests[-1]
    assert "Authorization" not in request.headers
    form = parse_qs(request.content.decode())
    assert (form["client_id"], form["client_secret"]) == ([CLIENT.id], [CLIENT.secret])


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (httpx.Response(400, json={"error": "invalid_grant"}), CredentialsRefusedError, "Begin again"),
        (httpx.Response(401, json={"error": "invalid_client"}), ProviderError, "CLIENT_SECRET"),
        (httpx.Response(400, json={"error": "<script>"}), ProviderError, "no error code"),
        (httpx.Response(404, content=b"nothing"), ProviderError, "404"),
        (httpx.Response(502, content=b"bad gateway"), ProviderError, "502"),
        (httpx.Response(200, content=b"<html>"), ProviderError, "JSON"),
    ],
)
def test_a_refused_code_is_no_outage(
    double: OpenIdDouble, answer: httpx.Response, error: type[Exception], told: str
) -> None:
    """A code not taken is the login's fault, a refused client the settings', the rest the provider's."""
    double.token_answer = lambda _: answer
    with pytest.raises(error, match=told):
        finished(double)


def test_an_answer_of_another_provider_is_refused(double: OpenIdDouble) -> None:
    """The issuer in the browser's answer must be the one that was asked (RFC 9207)."""
    with pytest.raises(CredentialsRefusedError, match="another OpenID provider"):
        finished(double, iss="https://evil.example")
    assert double.requests == []


def test_an_id_token_of_another_login_is_refused(double: OpenIdDouble) -> None:
    """The nonce ties the ID token to the browser that began."""
    token = double.token(aud=CLIENT.id, nonce="another")
    double.token_answer = lambda _: httpx.Response(200, json={"id_token": token})
    with pytest.raises(CredentialsRefusedError, match="another login"):
        finished(double)


def test_while_the_provider_is_away_a_token_is_503_and_a_key_goes_on(
    double: OpenIdDouble, tmp_path: Path
) -> None:
    """Nobody knows whether the token is good: a problem with Retry-After, no 401; keys need no provider."""
    double.is_away = True
    with api_world(tmp_path, provider=double.provider()) as world:
        headers = {"Authorization": f"Bearer {double.token()}"}
        got = world.client.get("/v1/requests", headers=headers)
        assert (got.status_code, got.headers["content-type"]) == (503, "application/problem+json")
        assert got.headers["Retry-After"] == "1"
        assert world.get("/v1/requests", Role.ANALYST).status_code == 200
        assert world.client.get("/healthz", headers=headers).status_code == 200
