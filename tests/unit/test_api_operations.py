"""Routes made from the table of operations: reports, register, worklist, notice against reality."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from answer_rows import PERSON
from api_world import ApiWorld, api_world
from disclosure_ledger.access.roles import Role
from disclosure_ledger.worklist.operations import WORKLIST_UPDATE
from disclosure_ledger.worklist.views import UpdateQuestion
from ledger_filling import record_rows, record_said
from worklist_world import OPT_OUT, notify

NOBODY = str(uuid.UUID(int=0xB0B))
ANN = {"type": "email", "value": "ann@example.com"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ApiWorld]:
    """An API over a ledger of three rows."""
    with api_world(tmp_path) as made:
        yield made


def add(world: ApiWorld, **fields: Any) -> Any:
    """Enter a request to know of Ann's."""
    body = {"nature": "know", "manner": "email", "subject": ANN, **fields}
    return world.post("/v1/requests", body, Role.ANALYST)


def report(world: ApiWorld, **fields: Any) -> Any:
    """Ask for the report of the person with rows."""
    body = {"regime": "us-ca", "person": [{"key": str(PERSON)}], **fields}
    return world.post("/v1/reports", body, Role.ANALYST)


def test_a_request_goes_through_its_life_under_the_name_of_who_acts(world: ApiWorld) -> None:
    """Added 201, confirmed, verified and answered by the caller's name; what cannot be any more is 409."""
    made = add(world, note="by letter")
    assert made.status_code == 201
    request = made.json()["view"]["request"]
    changes = f"/v1/requests/{request['id']}/changes"
    for body in (
        {"change": "confirmed"},
        {"change": "verified", "verification": "reasonable"},
        {"change": "answered"},
    ):
        assert world.post(changes, body, Role.ANALYST).status_code == 200
    assert world.post(changes, {"change": "withdrawn"}, Role.ANALYST).status_code == 409
    shown = world.get(f"/v1/requests/{request['id']}", Role.AUDITOR).json()
    assert shown["view"]["status"] == "closed"
    assert [event["change"] for event in shown["history"]] == [
        "received",
        "confirmed",
        "verified",
        "answered",
    ]
    assert {event["by"] for event in shown["history"]} == {"analyst-key"}
    figures = world.get("/v1/requests/metrics?year=2026", Role.AUDITOR).json()["natures"]
    assert {row["nature"]: row["received"] for row in figures}["know"] == 1


def test_nobody_says_who_acts_but_the_key(world: ApiWorld) -> None:
    """A body that names somebody else as the one who acts is refused."""
    assert add(world, by="somebody else").status_code == 422


def test_a_list_goes_on_at_its_cursor(world: ApiWorld) -> None:
    """Two requests on two pages of one: each once, no cursor after the last, and a filter narrows them."""
    ids = {add(world, nature=nature).json()["view"]["request"]["id"] for nature in ("know", "correct")}
    first = world.get("/v1/requests?limit=1", Role.AUDITOR).json()
    second = world.get(f"/v1/requests?limit=1&cursor={first['next_cursor']}", Role.AUDITOR).json()
    assert {page["requests"][0]["request"]["id"] for page in (first, second)} == ids
    assert second["next_cursor"] is None
    narrowed = world.get("/v1/requests?natures=correct&natures=delete", Role.AUDITOR).json()
    assert [view["request"]["nature"] for view in narrowed["requests"]] == ["correct"]
    assert world.get("/v1/requests?cursor=zzz", Role.AUDITOR).status_code == 422


@pytest.mark.parametrize(
    ("form", "media_type", "begins"),
    [
        ("json", "application/json", b'{"regime":"us-ca"'),
        ("csv", "text/csv; charset=utf-8", b"list,"),
        ("html", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        ("pdf", "application/pdf", b"%PDF-"),
        ("text", "text/plain; charset=utf-8", b"Your right to know"),
    ],
)
def test_a_report_comes_in_every_format(world: ApiWorld, form: str, media_type: str, begins: bytes) -> None:
    """Each format has its media type, is a file to keep rather than a page of the site, and is a look-up."""
    got = report(world, format=form, first_day="2026-01-01", last_day="2026-10-31")
    assert (got.status_code, got.headers["content-type"]) == (200, media_type)
    assert got.content.startswith(begins)
    assert ("Content-Disposition" in got.headers) == (form != "json")
    (row,) = world.access_rows()
    assert (row["route"], row["result"], row["subject_keys"]) == ("POST /v1/reports", "found", [PERSON])


def test_what_the_person_is_not_told_gets_into_no_letter(world: ApiWorld) -> None:
    """The internal part comes as JSON alone."""
    assert report(world, with_internal=True).json()["internal"] == []
    assert report(world, with_internal=True, format="pdf").status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/reports", {"regime": "us-or", "person": [{"key": NOBODY}]}),
        ("POST", "/v1/requests/of-person", {"person": [{"key": NOBODY}]}),
        ("POST", "/v1/worklist/of-person", {"person": [{"key": NOBODY}]}),
        ("GET", f"/v1/requests/{NOBODY}", None),
        ("GET", f"/v1/worklist/{NOBODY}", None),
    ],
)
def test_a_look_up_that_finds_nobody_is_a_row_too(world: ApiWorld, method: str, path: str, body: Any) -> None:
    """That nobody is known is an answer about a person: it has its row, with the key or id asked about."""
    got = world.post(path, body, Role.ANALYST) if method == "POST" else world.get(path, Role.ANALYST)
    assert got.status_code == (404 if method == "GET" or path == "/v1/reports" else 200)
    (row,) = world.access_rows()
    assert (row["who"], row["result"]) == ("analyst-key", "not_found")
    assert NOBODY in {str(row["event_id"]), *map(str, row["subject_keys"])}


def test_a_look_up_without_a_purpose_is_refused(world: ApiWorld) -> None:
    """Who does not say why gets 422 and nothing else, also for one request by its id."""
    headers = {"Authorization": f"Bearer {world.keys[Role.ANALYST]}"}
    request_id = add(world).json()["view"]["request"]["id"]
    got = world.client.get(f"/v1/requests/{request_id}", headers=headers)
    assert got.status_code == 422
    assert "Lookup-Purpose" in got.json()["detail"]


def test_an_item_of_the_worklist_is_acknowledged_and_its_evidence_read(world: ApiWorld) -> None:
    """Who must be told is listed and counted; what a person knows of it is kept under their name."""
    record_said(world.ledger, [OPT_OUT])
    record_rows(world.ledger, [notify(70)])
    world.services.reader.ask(WORKLIST_UPDATE, UpdateQuestion())
    (view,) = world.get("/v1/worklist?states=open&recipients=harborlight", Role.AUDITOR).json()["items"]
    item_id = view["item"]["id"]
    assert world.get("/v1/worklist/counts", Role.AUDITOR).json()["by_state"]["open"] == 1
    changes = f"/v1/worklist/{item_id}/changes"
    assert world.post(changes, {"change": "acknowledge"}, Role.ANALYST).status_code == 409
    done = world.post(changes, {"change": "acknowledge", "note": "by phone"}, Role.ANALYST)
    assert done.json()["view"]["item"]["state"] == "acknowledged"
    shown = world.get(f"/v1/worklist/{item_id}", Role.AUDITOR).json()
    assert (shown["history"][-1]["by"], shown["history"][-1]["note"]) == ("analyst-key", "by phone")
    assert world.access_rows()[0]["subject_keys"] == [PERSON]
    found = world.post("/v1/worklist/of-person", {"person": [{"key": str(PERSON)}]}, Role.ANALYST).json()
    assert [entry["item"]["id"] for entry in found["items"]] == [item_id]


def test_notice_against_reality_as_json_and_as_tables(world: ApiWorld) -> None:
    """The matrix counts what was disclosed; as CSV it has a row a cell; the policy's tables name them."""
    matrix = world.get("/v1/matrix?first_day=2026-10-01&last_day=2026-10-31", Role.AUDITOR)
    cells = [cell for stretch in matrix.json()["stretches"] for cell in stretch["cells"]]
    assert sum(cell["count"] for cell in cells) == 2
    rows = world.get("/v1/matrix?first_day=2026-10-01&last_day=2026-10-31&format=csv", Role.AUDITOR).text
    assert len(rows.splitlines()) == 1 + len(cells)
    tables = world.get("/v1/policy-tables?first_day=2026-10-01&format=markdown", Role.ANALYST)
    assert tables.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "## Personal information we sold or shared" in tables.text
    assert world.get("/v1/matrix?last=12m&first_day=2026-10-01", Role.AUDITOR).status_code == 422


def test_an_answer_that_differs_only_in_its_moment_is_not_sent_again(world: ApiWorld) -> None:
    """A list has a weak ETag that leaves the moment of answering out, and changes with what it says."""
    first = world.get("/v1/requests")
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    assert world.get("/v1/requests", **{"If-None-Match": tag}).status_code == 304
    add(world)
    assert world.get("/v1/requests", **{"If-None-Match": tag}).status_code == 200


def test_descriptions_speak_to_callers(world: ApiWorld) -> None:
    """Every operation of the table is described, and none by the errors that its code raises."""
    described = world.client.get("/openapi.json").json()["paths"]
    texts = [operation["description"] for path in described.values() for operation in path.values()]
    assert all(texts)
    assert not [text for text in texts if "raises" in text.lower()]
