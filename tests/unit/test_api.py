"""The API's routes: what they answer, what they write down, and one shape of error."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from answer_rows import PERSON
from api_world import DEVICE, ROWS, SALE, ApiWorld, api_world, fresh_event_id
from disclosure_ledger.access.roles import Role
from disclosure_ledger.store.ledger import Ledger


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ApiWorld]:
    """An API over a ledger of three rows."""
    with api_world(tmp_path, body_max_bytes=4_096) as made:
        yield made


def test_one_event_id_is_one_event(world: ApiWorld) -> None:
    """Sent twice, an event is sent once and answered alike; another content under its id is a conflict."""
    body = {**SALE, "event_id": fresh_event_id()}
    first, again = (world.post("/v1/disclosures", body, Role.EMITTER) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert {**first.json(), "repeated": True} == again.json()
    assert world.post("/v1/disclosures", {**body, "to": "other"}).status_code == 409
    (event,) = world.disclosures.events
    assert (str(event.event_id), event.disclosure.emitter) == (body["event_id"], "emitter-key")


def test_a_batch_is_taken_whole_or_not_at_all(world: ApiWorld) -> None:
    """NDJSON lines are sent in order; one that does not fit is named, and nothing is sent."""
    headers = world.headers(Role.EMITTER, **{"Content-Type": "application/x-ndjson"})
    lines = [json.dumps(SALE), json.dumps({**SALE, "kind": "gift"})]
    refused = world.client.post("/v1/disclosures", content="\n".join(lines), headers=headers)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "line 2"
    assert world.disclosures.events == []
    taken = world.client.post("/v1/disclosures", content="\n".join(lines[:1] * 3), headers=headers)
    assert (taken.status_code, len(taken.json()["accepted"])) == (202, 3)


def test_while_the_broker_is_away_events_are_stored_and_the_answer_says_so(world: ApiWorld) -> None:
    """202 comes from the outbox then, with status stored; with a full outbox it is 503."""
    with world.disclosures.outage(outbox_max_events=1):
        assert world.post("/v1/disclosures", SALE).json()["status"] == "stored"
        assert world.post("/v1/disclosures", SALE).status_code == 503


def test_a_check_obeys_an_opt_out_acknowledged_before(world: ApiWorld) -> None:
    """Permitted before, suppressed after with fresh; the status shows the words of the regulation."""
    assert world.post("/v1/check", SALE, Role.EMITTER).json()["outcome"] == "permit"
    said = {"subject": SALE["subject"], "kind": "opt_out"}
    assert world.post("/v1/preferences", said, Role.PREFERENCE_WRITER).status_code == 202
    checked = world.post("/v1/check", {**SALE, "fresh": True}, Role.EMITTER).json()
    assert (checked["outcome"], checked["reason"]) == ("suppress", "opted_out_of_sale")
    status = world.post("/v1/preferences/status", {"person": [SALE["subject"]]}, Role.PREFERENCE_WRITER)
    assert status.json()["display"] == "Opt-Out Request Honored"


def test_a_signal_reaches_the_account_with_the_header_of_the_request(world: ApiWorld) -> None:
    """Sec-GPC of the request itself counts as received, and any value but 1 is no signal."""
    body = {"subject": DEVICE, "account": {"type": "account", "value": "77"}}
    assert world.post("/v1/signals", body, Role.PREFERENCE_WRITER, **{"Sec-GPC": "1"}).status_code == 202
    (event,) = world.preferences.arrived
    assert event.signals.gpc == ("1",)
    world.services.checker.replica.seen_fresh(10)
    status = world.post("/v1/preferences/status", {"person": [body["account"]]}).json()
    assert (status["gpc_honored"], status["status"]) == (True, "opt_out_request_honored")


@pytest.mark.parametrize(
    ("method", "path", "body", "keys"),
    [
        ("POST", "/v1/to-whom", {"person": [{"key": str(PERSON)}]}, [PERSON]),
        ("POST", "/v1/preferences/status", {"person": [{"key": str(PERSON)}]}, [PERSON]),
        ("GET", f"/v1/preferences/status?subject_key={PERSON}", None, [PERSON]),
        ("GET", f"/v1/decisions/{ROWS[0].event_id}/explanation", None, []),
        ("GET", "/v1/dead-letters/2:7", None, [PERSON]),
    ],
)
def test_every_look_up_is_a_row(world: ApiWorld, method: str, path: str, body: Any, keys: list[Any]) -> None:
    """Each route that looks a person up has written who asked, why and about whom before it answered."""
    got = world.post(path, body, Role.ANALYST) if method == "POST" else world.get(path, Role.ANALYST)
    assert got.status_code == 200
    (row,) = world.access_rows()
    assert (row["who"], row["purpose"], row["subject_keys"]) == ("analyst-key", "a test of the API", keys)
    assert str(row["request_id"]) == got.headers["Request-Id"]
    page = world.get("/v1/access-log?limit=1", Role.AUDITOR).json()
    assert page["look_ups"][0]["request_id"] == got.headers["Request-Id"]


def test_nothing_is_answered_without_its_row(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the access log cannot be written, a look-up is 503 and has no answer in it."""

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Ledger, "append", fail)
    got = world.post("/v1/to-whom", {"person": [{"key": str(PERSON)}]}, Role.ANALYST)
    assert got.status_code == 503
    assert "harborlight" not in got.text.lower()


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/v1/nothing", (b"", ""), 404),
        ("GET", "/v1/check", (b"", ""), 405),
        ("POST", "/v1/check", (b"x" * 5_000, "application/json"), 413),
        ("POST", "/v1/check", (b"{}", "text/plain"), 415),
        ("POST", "/v1/check", (b"{nope", "application/json"), 400),
        ("POST", "/v1/check", (b"{}", "application/json"), 422),
        ("GET", "/v1/access-log?cursor=zzz", (b"", ""), 422),
    ],
)
def test_every_error_is_problem_details(
    world: ApiWorld, method: str, path: str, sent: tuple[bytes, str], status: int
) -> None:
    """Whatever goes wrong, it has type, title, status, detail and request id, and the security headers."""
    content, media_type = sent
    headers = world.headers(Role.ADMIN) | ({"Content-Type": media_type} if media_type else {})
    got = world.client.request(method, path, content=content, headers=headers)
    assert (got.status_code, got.headers["content-type"]) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail", "request_id"} <= set(got.json())
    assert "script-src 'self'" in got.headers["Content-Security-Policy"]


def test_an_identifier_is_neither_logged_nor_told(world: ApiWorld, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a wrong identifier nor the key of the caller appears in an answer, a log or the access log."""
    caplog.set_level(logging.DEBUG)
    secret = "carol.is-no-address"
    body = {"person": [{"type": "email", "value": secret}]}
    assert secret not in world.post("/v1/to-whom", body, Role.ANALYST).text
    world.post("/v1/to-whom", {"person": [{"type": "email", "value": "carol@example.com"}]}, Role.ANALYST)
    told = caplog.text + str(world.access_rows())
    assert all(word not in told for word in (secret, "carol@example.com", *world.keys.values()))


def test_readiness_fails_with_reasons(world: ApiWorld) -> None:
    """Stale preferences and a recorder that lags are 503, each with its reason."""
    assert world.get("/readyz", None).status_code == 200
    world.ages.update(state=5.0, recorder=None)
    got = world.get("/readyz", None)
    assert (got.status_code, len(got.json()["errors"])) == (503, 2)


def test_who_asks_too_often_waits(tmp_path: Path) -> None:
    """Beyond the limit it is 429 with Retry-After, for this key alone."""
    with api_world(tmp_path, rate_limit="2/hour") as world:
        codes = [world.get("/v1/access-log", Role.AUDITOR).status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        assert world.get("/v1/dead-letters", Role.ANALYST).status_code == 200


def test_who_has_the_answer_is_told_so(world: ApiWorld) -> None:
    """A list asked for again with its ETag is 304 without content."""
    first = world.get("/v1/dead-letters")
    again = world.get("/v1/dead-letters", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/access-log?cursor=WyJhIiwiYiJd",
        "/v1/dead-letters?cursor=WyJhIiwiYiIsImMiXQ",
        "/v1/requests?cursor=0001-01-01T00:00:00%2B12:00~00000000-0000-0000-0000-000000000000",
        "/v1/worklist?cursor=x",
        "/v1/access-log?from_at=0.5",
        "/v1/access-log?limit=1e2",
        "/v1/requests?received_from=0",
        "/v1/worklist?overdue=yes",
    ],
)
def test_what_only_looks_like_a_parameter_is_refused(world: ApiWorld, path: str) -> None:
    """A cursor of no page, a number for a moment, a word for a truth: 422 and never a fault."""
    assert world.get(path).status_code == 422


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("/v1/to-whom", {"blocked": 1}, "blocked"),
        ("/v1/to-whom", {"later": True}, "later"),
        ("/v1/reports", {"regime": "us-ca", "names": "true"}, "names"),
        ("/v1/requests/of-person", {"limit": "7"}, "limit"),
    ],
)
def test_a_body_is_read_exactly_as_described(
    world: ApiWorld, path: str, fields: dict[str, Any], field: str
) -> None:
    """No number for a truth, no text for a number, no field that nobody knows; the answer names the field."""
    got = world.post(path, {"person": [{"key": str(PERSON)}], **fields})
    assert (got.status_code, got.json()["errors"][0]["field"]) == (422, field)


def test_days_at_the_ends_of_the_calendar_are_no_fault(world: ApiWorld) -> None:
    """The last day there is, and a receipt before the first, are answered like others or refused."""
    assert world.get("/v1/requests?received_to=9999-12-31").status_code == 200
    body = {"person": [{"key": str(PERSON)}], "regime": "us-ca", "received_at": "0001-01-01T00:00:00Z"}
    assert world.post("/v1/reports", body).status_code == 422


def test_the_description_has_the_schemas_that_hold(world: ApiWorld) -> None:
    """At both addresses the same: tuples with their items, closed objects, each parameter with its bounds."""
    described = world.get("/openapi.json").json()
    assert world.get("/openapi/openapi.json").json() == described
    schemas = described["components"]["schemas"]
    assert schemas["ToWhomBody"]["properties"]["person"]["items"] == {"$ref": "#/components/schemas/Subject"}
    assert schemas["ToWhomBody"]["additionalProperties"] is False
    parameters = {entry["name"]: entry for entry in described["paths"]["/v1/requests"]["get"]["parameters"]}
    assert parameters["limit"]["schema"]["maximum"] == 1_000
    text = json.dumps(described)
    refs = set(re.findall(r"#/components/schemas/([^\"]+)", text))
    assert refs == set(schemas)
