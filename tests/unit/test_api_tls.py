"""The API over TLS: what it serves, what cookies and headers then say, and certificates that do not do."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api_world import SALE, ApiWorld, api_world
from certificates import Certificate, new_certificate
from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.errors import ApiError
from disclosure_ledger.api.server import ApiServer
from disclosure_ledger.api.settings import ApiSettings


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """A certificate of an authority that only this test trusts."""
    return new_certificate(tmp_path / "tls")


@pytest.fixture
def served(tmp_path: Path, certificate: Certificate) -> Iterator[tuple[ApiWorld, str]]:
    """An API with that certificate, and its address."""
    with (
        api_world(tmp_path, tls_cert=certificate.certificate, tls_key=certificate.key) as world,
        ApiServer(world.app, world.services.settings) as server,
    ):
        yield world, server.address


def trusting(certificate: Certificate) -> ssl.SSLContext:
    """What a client that trusts the authority uses."""
    return ssl.create_default_context(cafile=str(certificate.authority))


def test_it_is_served_over_tls_alone(served: tuple[ApiWorld, str], certificate: Certificate) -> None:
    """Who trusts the authority is answered, with HSTS, also by TLS 1.2; plain HTTP and strangers are not."""
    world, address = served
    assert address.startswith("https://")
    with httpx.Client(base_url=address, verify=trusting(certificate)) as client:
        got = client.post("/v1/check", json=SALE, headers=world.headers(Role.EMITTER))
        assert (got.status_code, got.json()["outcome"]) == (200, "permit")
        assert got.headers["Strict-Transport-Security"].startswith("max-age=")
    for wrong in (address.replace("https", "http"), address):
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{wrong}/healthz", timeout=5)
    old = trusting(certificate)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    assert httpx.get(f"{address}/healthz", verify=old).status_code == 200


def test_cookies_are_for_this_host_over_https(served: tuple[ApiWorld, str], certificate: Certificate) -> None:
    """The session's cookie has the __Host- prefix, Secure and HttpOnly, and signs in over TLS."""
    world, address = served
    login = world.services.keys.new_login("ann", frozenset({Role.ADMIN}), world.services.clock())
    with httpx.Client(base_url=address, verify=trusting(certificate)) as client:
        token = client.get("/sign-in").text.partition('name="_csrf_token" value="')[2].partition('"')[0]
        done = client.post("/sign-in", data={"login": login, "_csrf_token": token, "then": "/x"})
        assert (done.status_code, done.headers["location"]) == (303, "/x")
        (cookie,) = done.headers.get_list("set-cookie")[:1]
        assert cookie.startswith("__Host-disclosures-session=")
        assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in cookie.split(";")}


def test_a_key_of_another_certificate_is_said_so(tmp_path: Path, certificate: Certificate) -> None:
    """Files that do not belong together, or are none, are one clear error before anything is served."""
    other = new_certificate(tmp_path / "other")
    with api_world(tmp_path) as world:
        for cert, key in ((certificate.certificate, other.key), (tmp_path / "none.pem", certificate.key)):
            settings = ApiSettings(port=0, tls_cert=cert, tls_key=key)
            with pytest.raises(ApiError, match="cannot be used"):
                ApiServer(world.app, settings)
