"""Bearer tokens and signing in, with a certified OpenID provider: npm oidc-provider, run here."""

import base64
import hmac
import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from litestar import Request, get

from api_world import SALE, ApiWorld, api_world
from disclosure_ledger.access.errors import CredentialsRefusedError, ProviderError
from disclosure_ledger.access.fetching import PAUSE_S
from disclosure_ledger.access.provider import OpenIdProvider
from disclosure_ledger.access.roles import Role
from disclosure_ledger.access.tokens import TokenRules
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import principal_of
from kafka_fixtures import need
from openid_process import SECRET, RunningProvider, install_provider, running_provider

SITE = "http://testserver.local"
REDIRECT = f"{SITE}/sign-in/callback"


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest) -> Path:
    """Where the provider is installed, on first use."""
    need("an OpenID provider", [name for name in ("node", "npm") if shutil.which(name) is None])
    return install_provider(Path(request.config.cache.mkdir("openid-provider")))


@pytest.fixture(scope="module")
def running(place: Path) -> Iterator[RunningProvider]:
    """A provider that a test may rotate."""
    with running_provider(place, REDIRECT) as made:
        yield made


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.skipped_s = 0.0

    def __call__(self) -> float:
        """The time."""
        return time.monotonic() + self.skipped_s


@get("/whoami", opt=allowed(Role.ANALYST), include_in_schema=False, sync_to_thread=False)
def whoami(request: Request[Any, Any, Any]) -> str:
    """A page for signed-in people."""
    return principal_of(request).name


@pytest.fixture
def clock() -> Clock:
    """The clock by which keys grow old."""
    return Clock()


@contextmanager
def world_of(folder: Path, issuer: str, clock: Clock) -> Iterator[ApiWorld]:
    """An API that takes a provider's tokens and signs people in there."""
    provider = OpenIdProvider(TokenRules(issuer=issuer, audience="disclosure-ledger"), clock_s=clock)
    settings: dict[str, Any] = {"public_url": SITE, "oidc_issuer": issuer, "oidc_client_id": "console"}
    with (
        closing(provider),
        api_world(folder, more=[whoami], provider=provider, oidc_client_secret=SECRET, **settings) as made,
    ):
        yield made


@pytest.fixture
def world(tmp_path: Path, running: RunningProvider, clock: Clock) -> Iterator[ApiWorld]:
    """An API that takes the running provider's tokens."""
    with world_of(tmp_path, running.issuer, clock) as made:
        yield made


def check(world: ApiWorld, token: str) -> Any:
    """Use the API with a bearer token."""
    return world.client.post("/v1/check", json=SALE, headers={"Authorization": f"Bearer {token}"})


def part(data: Any) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def forged(issuer: str, token: str) -> dict[str, str]:
    """A good token's claims, signed in ways that must not be taken."""
    header, payload, signature = token.split(".")
    kid = json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]
    (key,) = httpx.get(f"{issuer}/jwks").json()["keys"]
    signed = f"{part({'alg': 'HS256', 'kid': kid})}.{payload}"
    digest = hmac.digest(RSAKey.import_key(key).as_pem(private=False), signed.encode(), "sha256")
    return {
        "none": f"{part({'alg': 'none', 'kid': kid})}.{payload}.",
        "HS256 by the public key": f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}",
        "other claims": f"{header}.{part({'iss': issuer, 'roles': ['admin']})}.{signature}",
    }


def test_a_token_of_client_credentials_has_its_role_and_no_other(
    world: ApiWorld, running: RunningProvider
) -> None:
    """The claim says emitter: checks are answered, and the access log is closed with 403."""
    token = running.machine_token()
    got = check(world, token)
    assert (got.status_code, got.json()["outcome"]) == (200, "permit")
    refused = world.client.get("/v1/access-log", headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 403


def test_tokens_for_others_of_others_and_forged_ones_are_refused(
    world: ApiWorld, running: RunningProvider, place: Path
) -> None:
    """Wrong audience, wrong issuer, none, HS256 and changed claims are 401; a good one is taken."""
    good = running.machine_token()
    assert check(world, good).status_code == 200
    wrong = {"audience": running.machine_token("urn:other"), **forged(running.issuer, good)}
    with running_provider(place, REDIRECT) as other:
        wrong["issuer"] = other.machine_token()
    assert {name: check(world, token).status_code for name, token in wrong.items()} == dict.fromkeys(
        wrong, 401
    )


def test_a_token_ends(world: ApiWorld, running: RunningProvider) -> None:
    """After the five minutes it was issued for, and the leeway, it is refused."""
    provider, token = world.services.provider, running.machine_token()
    assert provider is not None
    now = datetime.now(UTC)
    assert provider.principal(token, now + timedelta(minutes=4)).roles == {Role.EMITTER}
    with pytest.raises(CredentialsRefusedError, match="expired"):
        provider.principal(token, now + timedelta(minutes=6))


def test_a_rotated_key_is_followed(world: ApiWorld, running: RunningProvider, clock: Clock) -> None:
    """A token signed by a key nobody had seen is taken, and one of the withdrawn key no longer."""
    old = running.machine_token()
    assert check(world, old).status_code == 200
    kid = running.rotate()
    clock.skipped_s += PAUSE_S + 1
    new = running.machine_token()
    assert kid in base64.urlsafe_b64decode(new.partition(".")[0] + "==").decode()
    assert check(world, new).status_code == 200
    assert check(world, old).status_code == 401


def test_while_the_provider_is_away_keys_go_on(place: Path, tmp_path: Path, clock: Clock) -> None:
    """Fetched keys serve an hour; then tokens are 503, as is coming back to sign in; API keys go on."""
    with (
        running_provider(place, REDIRECT) as running,
        world_of(tmp_path, running.issuer, clock) as world,
    ):
        token = running.machine_token()
        assert check(world, token).status_code == 200
        left = world.client.get("/sign-in/provider", follow_redirects=False).headers["location"]
        state = httpx.URL(left).params["state"]
        running.stop()
        assert check(world, token).status_code == 200
        clock.skipped_s += 3_601
        got = check(world, token)
        assert (got.status_code, got.headers["content-type"]) == (503, "application/problem+json")
        assert world.client.get(f"/sign-in/callback?code=x&state={state}").status_code == 503
        assert world.post("/v1/check", SALE, Role.EMITTER).status_code == 200


def at_the_provider(browser: httpx.Client, address: str, account: str) -> str:
    """Log in and agree at the provider's pages as a browser would; the address it is sent back to."""
    got = browser.get(address)
    for _ in range(12):
        if got.is_redirect:
            to = got.headers["location"]
            if to.startswith(SITE):
                return to
            got = browser.get(httpx.URL(str(got.url)).join(to))
        else:
            action = re.search(r'<form[^>]*action="([^"]+)"', got.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', got.text)
            assert action is not None, got.text
            assert prompt is not None, got.text
            fields = {"prompt": prompt[1], "login": account, "password": "anything"}
            got = browser.post(action[1], data=fields)
    raise AssertionError("the provider never sent the browser back")


def signed_in_as(world: ApiWorld, account: str) -> Any:
    """Sign in at the provider; what the site answers to the browser that comes back."""
    left = world.client.get("/sign-in/provider?then=/whoami", follow_redirects=False)
    assert left.status_code == 303
    with httpx.Client() as browser:
        back = at_the_provider(browser, left.headers["location"], account)
    return world.client.get(back.removeprefix(SITE), follow_redirects=False)


def test_a_browser_signs_in_at_the_provider(world: ApiWorld) -> None:
    """Code flow with PKCE: before it the page sends to sign-in, after it the session has name and role."""
    page = {"Accept": "text/html"}
    assert world.client.get("/whoami", headers=page, follow_redirects=False).status_code == 303
    done = signed_in_as(world, "ann")
    assert (done.status_code, done.headers["location"]) == (303, "/whoami")
    assert world.client.get("/whoami").text == "ann"
    assert world.client.get("/v1/requests").status_code == 401
    again = world.client.get("/sign-in/callback?code=x&state=y", follow_redirects=False)
    assert again.status_code == 401


def test_somebody_without_a_role_is_not_let_in(world: ApiWorld) -> None:
    """Known to the provider, but with no role here: refused, and no session."""
    assert signed_in_as(world, "bob").status_code == 401
    assert world.client.get("/whoami").status_code == 401


def test_a_made_up_code_and_a_wrong_secret_are_told_apart(world: ApiWorld) -> None:
    """The provider's own answers: a code it does not know is the login's fault, a secret the settings'."""
    provider = world.services.provider
    assert provider is not None
    form = {
        "grant_type": "authorization_code",
        "code": "made-up",
        "redirect_uri": REDIRECT,
        "code_verifier": "v" * 43,
    }
    with pytest.raises(CredentialsRefusedError):
        provider.exchange(form, ("console", SECRET))
    with pytest.raises(ProviderError, match="CLIENT_SECRET"):
        provider.exchange(form, ("console", "wrong"))
