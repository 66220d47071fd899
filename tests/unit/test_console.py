"""The console without a browser: who may open what, what is written down, what never stands on a page."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from answer_rows import NOW, PERSON, row
from api_world import ROWS, SECRET, ApiWorld, api_world
from disclosure_ledger.access.roles import Role
from disclosure_ledger.answers.periods import last
from disclosure_ledger.console import charts, months
from disclosure_ledger.console.dump import dump
from disclosure_ledger.console.navigation import SECTIONS
from disclosure_ledger.console.routes import console_routes
from disclosure_ledger.console.words import days_left, item_words, listed, seconds_text
from disclosure_schemas.subject_keys import IdentifierType, subject_key
from disclosure_schemas.topics import TOPICS

ALICE = "alice@example.com"
ALICE_KEY = subject_key(SECRET, IdentifierType.EMAIL, ALICE)
AN, AU = Role.ANALYST, Role.AUDITOR

OWN_CODE = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)|https?://")
"""Style or script within a page, or anything from elsewhere."""

TABLE: dict[str, frozenset[Role] | None] = {
    "/": None,
    "/console/assets/console.css": None,
    "/console": frozenset(Role),
    "/console/nothing": frozenset(Role),
    "/console/people": frozenset({AN}),
    "/console/decisions": frozenset({AN}),
    "/console/requests": frozenset({AN}),
    "/console/requests/new": frozenset({AN}),
    "/console/worklist": frozenset({AN}),
    "/console/recipients": frozenset({AN, AU}),
    "/console/recipients/harborlight": frozenset({AN, AU}),
    "/console/notice": frozenset({AN, AU}),
    "/console/stopped": frozenset({AN, AU}),
    "/console/dead-letters": frozenset({AN, AU}),
    "/console/dead-letters/open": frozenset({AN}),
    "/console/pipeline": frozenset({AN, AU}),
    "/console/pipeline/now": frozenset({AN, AU}),
    "/console/access": frozenset({AU}),
    "/console/docs": frozenset(Role),
    "/console/docs/asyncapi.json": frozenset(Role),
}
"""Page -> roles that may open it, admins aside; None: anybody."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiWorld]:
    """A console over three rows of one person and one of Alice."""
    rows = (*ROWS, row(4, subject_key=ALICE_KEY, recipient_name="<b>Bold & Co</b>", emitter="<i>crm</i>"))
    with api_world(tmp_path_factory.mktemp("console"), rows=rows, more=console_routes()) as made:
        yield made


def sign_in(world: ApiWorld, role: Role) -> None:
    """Sign the client in with a role."""
    world.client.cookies.clear()
    login = world.services.keys.new_login(f"{role.value}-ann", frozenset({role}), world.services.clock())
    page = world.client.get("/sign-in").text
    done = world.client.post(
        "/sign-in", data={"login": login, "_csrf_token": token(page)}, follow_redirects=False
    )
    assert done.status_code == 303


def token(page: str) -> str:
    """The token of a page's forms."""
    return page.partition('name="_csrf_token" value="')[2].partition('"')[0]


def post(world: ApiWorld, path: str, page: str, **fields: str) -> Any:
    """Send a form that stands on a page."""
    return world.client.post(path, data={"_csrf_token": token(page), **fields}, follow_redirects=False)


def open_file(world: ApiWorld, value: str = ALICE, kind: str = "email", **fields: str) -> Any:
    """Open the file of a person as whoever is signed in."""
    page = world.client.get("/console/people").text
    given = {"type1": kind, "value1": value, "purpose": "audit", "reference": "A-1", **fields}
    return post(world, "/console/people", page, **given)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_its_pages_and_no_others(world: ApiWorld, role: Role) -> None:
    """Every page opens for its roles and admins; others get a page that says which role it needs."""
    sign_in(world, role)
    for path, roles in TABLE.items():
        status = world.client.get(path).status_code
        may = roles is None or role in roles or role is Role.ADMIN
        assert status == ((404 if path.endswith("nothing") else 200) if may else 403), (path, role)


def test_the_table_has_every_page_that_can_be_opened_at_once(world: ApiWorld) -> None:
    """No page without parameters is missing in the table above, so none is open by mistake."""
    served = {
        route.path
        for route in world.app.routes
        if (route.path == "/" or route.path.startswith("/console")) and "{" not in route.path
    }
    assert served <= set(TABLE), served - set(TABLE)
    assert {section.path for section in SECTIONS} <= served


def test_nobody_signed_in_is_led_to_the_sign_in_page(world: ApiWorld) -> None:
    """A browser without a session is sent to sign in and comes back to the page it wanted."""
    world.client.cookies.clear()
    got = world.client.get("/console/people", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (got.status_code, got.headers["location"]) == (303, "/sign-in?then=/console/people")


def test_a_login_that_does_not_do_brings_the_form_back(world: ApiWorld) -> None:
    """A used or made-up login is told on the form itself, as an alert."""
    world.client.cookies.clear()
    page = world.client.get("/sign-in").text
    got = post(world, "/sign-in", page, login="dll_" + "a" * 43)
    assert got.status_code == 401
    assert 'role="alert"' in got.text
    assert "a" * 43 not in got.text


def test_each_page_of_a_file_is_a_row_with_its_purpose(world: ApiWorld) -> None:
    """Opening writes the purpose and the key; the live part belongs to that row and writes none."""
    sign_in(world, Role.ANALYST)
    before = len(world.access_rows())
    place = open_file(world).headers["location"]
    page = world.client.get(place)
    assert page.status_code == 200
    assert world.client.get(f"{place}/now").status_code == 200
    rows = world.access_rows()[: len(world.access_rows()) - before]
    assert [(r["purpose"], r["who"], r["result"], r["subject_keys"]) for r in rows] == [
        ("audit A-1", "analyst-ann", "found", [ALICE_KEY])
    ]
    report = world.client.get(f"{place}/report?regime=us-ca&form=text")
    assert report.headers["content-disposition"].startswith("attachment")
    assert len(world.access_rows()) == before + 2


def test_identifiers_and_keys_stand_in_no_address_and_no_page(world: ApiWorld) -> None:
    """What was typed is on no page and in no address; the key is no part of an address."""
    sign_in(world, Role.ANALYST)
    place = open_file(world).headers["location"]
    page = world.client.get(place).text
    assert ALICE not in page
    assert str(ALICE_KEY) not in place
    again = open_file(world, "no address at all")
    assert again.status_code == 422
    assert "no address at all" not in again.text


def test_a_file_is_its_openers_alone(world: ApiWorld) -> None:
    """Somebody else who knows the address of an open file gets nothing."""
    sign_in(world, Role.ANALYST)
    place = open_file(world).headers["location"]
    sign_in(world, Role.ADMIN)
    got = world.client.get(place)
    assert got.status_code == 404
    assert "not open any more" in got.text


def test_purpose_and_reference_are_checked(world: ApiWorld) -> None:
    """Without a purpose, or with an address as reference, nobody is looked up and nothing is written."""
    sign_in(world, Role.ANALYST)
    before = len(world.access_rows())
    assert open_file(world, purpose="curiosity").status_code == 422
    assert open_file(world, reference=ALICE).status_code == 422
    assert len(world.access_rows()) == before


def test_names_of_others_are_text_and_never_markup(world: ApiWorld) -> None:
    """What came with events is escaped on every page."""
    sign_in(world, Role.ANALYST)
    page = world.client.get(open_file(world).headers["location"]).text
    assert "<b>Bold" not in page
    assert "&lt;b&gt;Bold &amp; Co&lt;/b&gt;" in page
    assert "<i>crm" not in page


def test_pages_have_no_script_or_style_of_their_own(world: ApiWorld) -> None:
    """Everything that runs or styles is a file of the console, as the policy of each response says."""
    sign_in(world, Role.ADMIN)
    for path in [path for path in TABLE if path.startswith("/console") and "assets" not in path]:
        got = world.client.get(path)
        assert "default-src 'none'" in got.headers["content-security-policy"]
        assert not re.search(
            r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)|https?://(?!www\.w3)", got.text
        ), path


def test_a_form_without_its_token_is_refused_on_a_page(world: ApiWorld) -> None:
    """A form of another site is refused, and the page says what to do."""
    sign_in(world, Role.ANALYST)
    got = world.client.post("/console/people", data={"type1": "email", "value1": ALICE})
    assert got.status_code == 403
    assert "<h1>" in got.text
    assert "reload the page" in got.text


def test_the_interfaces_page_has_every_route_and_topic(world: ApiWorld) -> None:
    """Each route of the API's description and each topic with its fields can be clicked through."""
    sign_in(world, Role.EMITTER)
    page = world.client.get("/console/docs").text
    paths = world.client.get("/openapi.json").json()["paths"]
    assert [path for path in paths if f"<code>{path}</code>" not in page] == []
    assert [topic.name for topic in TOPICS if f"<code>{topic.name}</code>" not in page] == []
    for field in ("subject", "items", "disclosure.recipient_id", "request.disclosure.items", "signals.gpc"):
        assert f"<code>{field}</code>" in page, field
    document = world.client.get("/console/docs/asyncapi.json").json()
    assert len(document["channels"]) == len(TOPICS)


def test_addresses_nobody_sends_are_told_and_do_not_fail(world: ApiWorld) -> None:
    """Parameters that do not fit bring a page that says so, never a fault of the program."""
    sign_in(world, Role.ADMIN)
    for path in (
        f"/console/access?who={'x' * 300}",
        "/console/access?key=nonsense",
        "/console/access?first=yesterday",
        "/console/recipients?period=never",
        "/console/worklist?cursor=nonsense",
        "/console/dead-letters?cursor=nonsense",
        f"/console/stopped?reason={'x' * 2000}",
    ):
        got = world.client.get(path)
        assert got.status_code == 422, path
        assert "does not fit" in got.text


def test_a_choice_is_obeyed_before_the_page_is_back(tmp_path: Path) -> None:
    """A recorded opt-out reaches every key of the person, and the live part says it is obeyed."""
    with api_world(tmp_path, more=console_routes()) as world:
        sign_in(world, Role.ANALYST)
        file = open_file(world, type2="phone", value2="+14155550123")
        place = file.headers["location"]
        page = world.client.get(place).text
        done = post(world, f"{place}/choice", page, choice="opt_out", channel="phone")
        assert done.status_code == 303
        assert len(world.preferences.arrived) == 2
        now = world.client.get(f"{place}/now").text
        assert "Opt-Out Request Honored" in now
        assert "Obeyed by every decision" in now
        assert "On its way into the ledger" in now


def test_columns_stand_on_each_other_and_fill_the_scale() -> None:
    """Layers add up to the height of their sum, and the highest column stays below the end of the scale."""
    drawn = charts.columns(
        ["a", "b"], [charts.Series("One", "disclosed", [3, 0]), charts.Series("Two", "stopped", [5, 1])]
    )
    low, high = drawn.columns[0].rects
    assert high.y + high.height == pytest.approx(low.y)
    assert low.height / high.height == pytest.approx(3 / 5)
    assert drawn.ticks[-1].value == 8
    assert drawn.columns[0].told == "a: One 3, Two 5"


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 1), (1, 1), (4, 4), (5, 8), (13, 20), (21, 40), (930, 1200)]
)
def test_scales_end_at_round_figures(highest: int, top: int) -> None:
    """The scale ends at the next round figure that holds the highest value."""
    assert charts.scale_top(highest) == top


def test_periods_are_cut_into_days_weeks_and_months() -> None:
    """A month is shown by day, a quarter by week, a year by month; every day lies in one of the columns."""
    for text, unit in (("30d", "day"), ("12w", "week"), ("12m", "month")):
        period = last(text, NOW)
        assert months.unit_of(period) == unit
        starts = months.starts_of(period, unit)
        assert len(starts) == len(set(starts))
        assert months.start_of(period.first_day, unit, period) == starts[0]
        assert months.start_of(period.last_day, unit, period) == starts[-1]


def test_words_are_those_of_people() -> None:
    """Codes become words, several of them a sentence's part, durations and days what a person says."""
    assert item_words("identifiers.email_hash") == "e-mail hash"
    assert item_words("sensitive") == "any sensitive"
    assert listed(["sale", "share", "other"]) == "sale, sharing and other"
    assert [seconds_text(value) for value in (None, 0.04, 1.25, 300)] == [
        "not known yet",
        "40 ms",
        "1.2 s",
        "5 min",
    ]
    assert days_left(NOW.date(), NOW.date()) == "today"


def test_bytes_are_shown_sixteen_a_line() -> None:
    """Each line has offset, hexadecimal and what can be read of it."""
    lines = dump(b"garbage\x00" * 3).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("000000  67 61 72")
    assert lines[0].endswith("garbage.garbage.")


def test_somebody_elses_key_opens_its_file(world: ApiWorld) -> None:
    """A subject key is taken as it is, for those who have one from a log or a report."""
    sign_in(world, Role.ANALYST)
    assert world.client.get(open_file(world, str(PERSON), "key").headers["location"]).status_code == 200
