"""Finding a person, reading the file, recording a choice and seeing it obeyed, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser_checks import (
    SCREENSHOTS,
    SignIn,
    require_accessible,
    require_no_sideways_scrolling,
    saved,
    shoot,
)
from console_world import ALICE, NOBODY, ConsoleWorld
from disclosure_ledger.access.roles import Role


def open_file(page: Page, address: str, email: str, reference: str = "R-2026-17") -> None:
    """Look somebody up as an analyst does."""
    page.goto(f"{address}/console/people")
    page.get_by_label("Identifier", exact=True).fill(email)
    page.get_by_label("Number of the request or case").fill(reference)
    page.get_by_role("button", name="Open the file").click()
    page.wait_for_url(re.compile(r"/console/people/[\w-]{20,}"))


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_an_analyst_reads_a_persons_file(signed_in: SignIn, address: str, look: str) -> None:
    """The file tells what was disclosed and stopped, with reasons in words, in light, dark and on a phone."""
    page = signed_in(Role.ANALYST, look)
    page.goto(f"{address}/console/people")
    shoot(page, f"people-{look}")
    open_file(page, address, ALICE)
    expect(page.get_by_role("heading", name="One person’s file")).to_be_visible()
    expect(page.get_by_text("Harborlight Data Exchange").first).to_be_visible()
    expect(page.get_by_text("Stopped", exact=True).first).to_be_visible()
    shoot(page, f"person-{look}")
    if look != "phone":
        require_accessible(page)
    require_no_sideways_scrolling(page)
    assert ALICE not in page.content()
    assert ALICE not in page.url
    page.close()


def test_a_choice_takes_effect_while_one_watches(
    signed_in: SignIn, address: str, world: ConsoleWorld
) -> None:
    """An opt-out is acknowledged and obeyed when the page is back, and in the ledger without a reload."""
    page = signed_in(Role.ANALYST)
    open_file(page, address, "p1@example.com")
    expect(page.get_by_text("Not opted out of sale or sharing")).to_be_visible()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("Opt-Out Request Honored")).to_be_visible()
    expect(page.get_by_text(re.compile("Obeyed by every decision"))).to_be_visible()
    expect(page.get_by_text("On its way into the ledger")).to_be_visible()
    world.record_preferences()
    expect(page.get_by_text("In the ledger, for good")).to_be_visible()
    page.locator("#now").screenshot(path=SCREENSHOTS / "person-choice.png")
    page.close()


def test_everything_is_read_without_scripts(signed_in: SignIn, address: str) -> None:
    """A file opens, a decision is explained and a choice is recorded in a browser that runs no script."""
    page = signed_in(Role.ANALYST, scripts=False)
    open_file(page, address, "p2@example.com")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("Opt-Out Request Honored")).to_be_visible()
    page.get_by_role("link", name=re.compile("How this was decided")).first.click()
    expect(page.get_by_role("heading", name="Step by step")).to_be_visible()
    page.close()


def test_a_decision_is_explained(signed_in: SignIn, address: str) -> None:
    """Each step of a decision is told with what it found and the rule behind it."""
    page = signed_in(Role.ANALYST)
    open_file(page, address, ALICE)
    page.get_by_role("link", name=re.compile("How this was decided.*Harborlight")).first.click()
    expect(page.get_by_role("heading", name="How this was decided")).to_be_visible()
    expect(page.get_by_text("opted out").first).to_be_visible()
    shoot(page, "decision-light")
    require_accessible(page)
    page.close()


def test_nobody_knows_this_person(signed_in: SignIn, address: str) -> None:
    """A person without any record gets an answer in words, not an empty page."""
    page = signed_in(Role.ANALYST)
    open_file(page, address, NOBODY)
    expect(page.get_by_text("No record of any kind mentions this person").first).to_be_visible()
    shoot(page, "person-unknown-light")
    page.close()


def test_a_report_is_a_file_to_hand_out(signed_in: SignIn, address: str) -> None:
    """The report of the chosen law comes as a file of the chosen form."""
    page = signed_in(Role.ANALYST)
    open_file(page, address, ALICE)
    page.get_by_label("As", exact=True).select_option("html")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert re.fullmatch(r"report-us-ca-\d{4}-\d\d-\d\d\.html", download.value.suggested_filename)
    assert b"Sold or shared" in saved(download.value.path()) or b"sold or shared" in saved(
        download.value.path()
    )
    page.close()


def test_a_mistake_in_the_form_is_told_beside_it(signed_in: SignIn, address: str) -> None:
    """An identifier that is none brings the form back with what is wrong, and never with what was typed."""
    page = signed_in(Role.ANALYST)
    page.goto(f"{address}/console/people")
    page.get_by_label("Identifier", exact=True).fill("not-an-address-17")
    page.get_by_role("button", name="Open the file").click()
    expect(page.get_by_role("alert")).to_contain_text("e-mail address was expected")
    assert "not-an-address-17" not in page.content()
    shoot(page, "people-mistake-light")
    require_accessible(page)
    page.close()
