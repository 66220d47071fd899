"""Who may use which route: every route of the application, held to one table; nothing is open by mistake."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import get

from answer_rows import PERSON
from api_world import SALE, ApiWorld, api_world
from disclosure_ledger.access.roles import Role

E, P, AN, AU = Role.EMITTER, Role.PREFERENCE_WRITER, Role.ANALYST, Role.AUDITOR

TABLE: dict[str, frozenset[Role] | None] = {
    "GET /healthz": None,
    "GET /readyz": None,
    "GET /sign-in": None,
    "POST /sign-in": None,
    "GET /sign-in/provider": None,
    "GET /sign-in/callback": None,
    "POST /sign-out": None,
    "GET /openapi.json": None,
    "GET /openapi": None,
    "GET /openapi/openapi.json": None,
    "GET /openapi/{path:str}": None,
    "POST /v1/disclosures": frozenset({E}),
    "POST /v1/check": frozenset({E}),
    "POST /v1/preferences": frozenset({P, AN}),
    "POST /v1/signals": frozenset({P}),
    "GET /v1/preferences/status": frozenset({P, AN}),
    "POST /v1/preferences/status": frozenset({P, AN}),
    "POST /v1/to-whom": frozenset({AN}),
    "GET /v1/decisions/{event_id:uuid}/explanation": frozenset({AN}),
    "GET /v1/dead-letters": frozenset({AN, AU}),
    "GET /v1/dead-letters/{letter_id:str}": frozenset({AN}),
    "POST /v1/dead-letters/{letter_id:str}/replay": frozenset({AN}),
    "POST /v1/audit": frozenset({AU, AN}),
    "GET /v1/access-log": frozenset({AU}),
    "POST /v1/reports": frozenset({AN}),
    "GET /v1/requests": frozenset({AN, AU}),
    "POST /v1/requests": frozenset({AN}),
    "POST /v1/requests/of-person": frozenset({AN}),
    "GET /v1/requests/{request_id:uuid}": frozenset({AN, AU}),
    "POST /v1/requests/{request_id:uuid}/changes": frozenset({AN}),
    "GET /v1/requests/metrics": frozenset({AN, AU}),
    "GET /v1/worklist": frozenset({AN, AU}),
    "POST /v1/worklist/of-person": frozenset({AN}),
    "GET /v1/worklist/counts": frozenset({AN, AU}),
    "GET /v1/worklist/{item_id:uuid}": frozenset({AN, AU}),
    "POST /v1/worklist/{item_id:uuid}/changes": frozenset({AN}),
    "GET /v1/matrix": frozenset({AN, AU}),
    "GET /v1/policy-tables": frozenset({AN, AU}),
}
"""Route -> roles that may use it, admins aside; None: anybody."""

EXAMPLES = {
    "{event_id:uuid}": str(PERSON),
    "{request_id:uuid}": str(PERSON),
    "{item_id:uuid}": str(PERSON),
    "{letter_id:str}": "2:7",
    "{path:str}": "x",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiWorld]:
    """An API with a route that says nothing about who may use it."""

    @get("/v1/forgotten", sync_to_thread=False)
    def forgotten() -> str:
        return "secret"

    with api_world(tmp_path_factory.mktemp("api"), more=[forgotten]) as made:
        yield made


def routes(world: ApiWorld) -> set[str]:
    """Every route of the application, as it is served."""
    return {
        f"{method} {route.path}"
        for route in world.app.routes
        for method in getattr(route, "methods", ())
        if method not in {"OPTIONS", "HEAD"}
    }


def ask(world: ApiWorld, route: str, role: Role | None) -> Any:
    """Use a route as somebody with a role."""
    method, _, path = route.partition(" ")
    for name, example in EXAMPLES.items():
        path = path.replace(name, example)
    if method == "GET":
        return world.get(path, role)
    return world.post(path, {}, role)


def test_the_table_has_every_route_of_the_application(world: ApiWorld) -> None:
    """Each route that is served is in the table, and none that is not."""
    assert routes(world) - {"GET /v1/forgotten"} == set(TABLE)


@pytest.mark.parametrize("route", sorted(route for route, roles in TABLE.items() if roles))
def test_a_route_lets_in_its_roles_and_no_other(world: ApiWorld, route: str) -> None:
    """401 without credentials, 403 with another role, neither for its own roles and for admins."""
    allowed = TABLE[route] or frozenset()
    assert ask(world, route, None).status_code == 401
    for role in Role:
        status = ask(world, route, role).status_code
        if role in allowed | {Role.ADMIN}:
            assert status not in {401, 403}, role
        else:
            assert status == 403, role


def test_a_route_that_says_nothing_is_closed_to_everybody(world: ApiWorld) -> None:
    """Deny by default: even an admin is refused where a route forgot to say who may use it."""
    assert ask(world, "GET /v1/forgotten", None).status_code == 401
    assert {ask(world, "GET /v1/forgotten", role).status_code for role in Role} == {403}


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer x", "Bearer dlk_000000000000_" + "a" * 43])
def test_unknown_credentials_are_refused(world: ApiWorld, header: str) -> None:
    """Another scheme, no key, a made-up key: 401 with WWW-Authenticate, and no echo of what was sent."""
    got = world.client.post("/v1/check", json=SALE, headers={"Authorization": header})
    assert got.status_code == 401
    assert got.headers["WWW-Authenticate"].startswith("Bearer")
    assert "a" * 43 not in got.text


def test_a_denied_look_up_is_a_row_and_a_count(tmp_path: Path) -> None:
    """Somebody without the role who tries to look a person up is in the access log, and counted."""
    with api_world(tmp_path) as world:
        refused = world.post("/v1/to-whom", {"person": [{"key": str(PERSON)}]}, Role.EMITTER)
        assert refused.status_code == 403
        world.services.access_log.close()
        (row,) = world.access_rows()
        assert (row["who"], row["result"]) == ("emitter-key", "denied")
        assert world.services.denials.counts() == {("POST /v1/to-whom", "forbidden"): 1}


def test_a_session_counts_for_nothing_on_the_api_and_forms_need_their_token(tmp_path: Path) -> None:
    """A one-time login works once, sets a session out of reach of scripts, and opens no route below /v1/."""
    with api_world(tmp_path) as world:
        login = world.services.keys.new_login("ann", frozenset({Role.ADMIN}), world.services.clock())
        assert world.client.post("/sign-in", data={"login": login}).status_code == 403
        page = world.client.get("/sign-in").text
        token = page.partition('name="_csrf_token" value="')[2].partition('"')[0]
        form = {"login": login, "_csrf_token": token, "then": "//evil.example"}
        done = world.client.post("/sign-in", data=form, follow_redirects=False)
        assert (done.status_code, done.headers["location"]) == (303, "/")
        cookie = done.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert world.client.get("/v1/access-log").status_code == 401
        assert world.client.post("/sign-in", data=form).status_code == 401
