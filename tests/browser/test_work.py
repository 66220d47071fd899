"""Every page of the console but the people's, by the task of who uses it, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser_checks import SignIn, require_accessible, require_no_sideways_scrolling, shoot
from console_world import ALICE, ConsoleWorld, key_of
from disclosure_ledger.access.roles import Role

PAGES = {
    "start": ("/console", "What needs somebody"),
    "requests": ("/console/requests", "Requests"),
    "worklist": ("/console/worklist", "Notify worklist"),
    "recipients": ("/console/recipients", "Recipients"),
    "recipient": ("/console/recipients/harborlight", "Harborlight Data Exchange"),
    "notice": ("/console/notice", "Notice and reality"),
    "stopped": ("/console/stopped", "Blocked and violations"),
    "dead-letters": ("/console/dead-letters", "Dead letters"),
    "pipeline": ("/console/pipeline", "Pipeline"),
    "access": ("/console/access", "Access log"),
    "docs": ("/console/docs", "Interfaces"),
}


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable_in_every_light(signed_in: SignIn, address: str, name: str, look: str) -> None:
    """Each page shows its heading, fits its window, and has no serious finding of axe in light and dark."""
    path, heading = PAGES[name]
    page = signed_in(Role.ADMIN, look)
    page.goto(address + path)
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    shoot(page, f"{name}-{look}")
    require_no_sideways_scrolling(page)
    if look != "phone":
        require_accessible(page)
    page.close()


def test_a_late_request_is_answered(signed_in: SignIn, address: str, world: ConsoleWorld) -> None:
    """Denied without a basis a late request stays open and says why; answered it closes."""
    page = signed_in(Role.ANALYST)
    page.goto(f"{address}/console/requests?show=late")
    page.locator(f'a[href$="{world.overdue}"]').click()
    expect(page.get_by_role("heading", name=re.compile("Request to know"))).to_be_visible()
    page.get_by_label("What was done").select_option("denied")
    page.get_by_role("button", name="Close the request").click()
    expect(page.get_by_role("alert")).to_contain_text("needs its basis")
    shoot(page, "request-light")
    require_accessible(page)
    page.get_by_label("What was done").select_option("answered")
    page.get_by_role("button", name="Close the request").click()
    expect(page.get_by_role("heading", name="Closed", exact=True)).to_be_visible()
    page.close()


def test_a_request_that_came_by_phone_is_entered(signed_in: SignIn, address: str) -> None:
    """A request is entered by identifier and appears with its clocks; its person's file opens from it."""
    page = signed_in(Role.ANALYST)
    page.goto(f"{address}/console/requests/new")
    shoot(page, "request-new-light")
    page.get_by_label("Asking to").select_option("delete")
    page.get_by_label("How it came").select_option("phone")
    page.get_by_label("Identifier", exact=True).fill(ALICE)
    page.get_by_role("button", name="Enter it").click()
    expect(page.get_by_role("heading", name=re.compile("Request to delete"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Confirm"))).to_be_visible()
    page.get_by_role("button", name="Open the person’s file").click()
    expect(page.get_by_role("heading", name="One person’s file")).to_be_visible()
    page.close()


def test_a_recipient_is_told_by_hand(signed_in: SignIn, address: str) -> None:
    """What the recipient is told is shown; acknowledged with a note, the item is done."""
    page = signed_in(Role.ANALYST)
    page.goto(f"{address}/console/worklist")
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="What the recipient is told")).to_be_visible()
    page.get_by_label("How it is known").fill("Confirmed by letter")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nothing is left to do here.")).to_be_visible()
    expect(page.get_by_text("Confirmed by letter")).to_be_visible()
    shoot(page, "worklist-item-light")
    require_accessible(page)
    page.close()


def test_a_field_of_the_map_tells_its_story(signed_in: SignIn, address: str) -> None:
    """A field that the notice does not declare leads to recipients, kinds and the reason."""
    page = signed_in(Role.AUDITOR)
    page.goto(f"{address}/console/notice")
    page.locator("td.wrong a").first.click()
    expect(page.locator("#cell")).to_contain_text("not declared")
    expect(page.locator("#cell")).to_contain_text("Why")
    page.close()


def test_reasons_lead_to_their_events_and_these_to_the_decision(signed_in: SignIn, address: str) -> None:
    """From a reason to its events, from an event by a purpose to the story of its decision."""
    page = signed_in(Role.ANALYST)
    page.goto(f"{address}/console/stopped")
    page.get_by_role("link", name="The person opted out of the sale of personal information.").first.click()
    expect(page.get_by_text(re.compile("^reason: "))).to_be_visible()
    page.get_by_role("link", name=re.compile("Explain")).first.click()
    page.get_by_role("button", name="Show the decision").click()
    expect(page.get_by_role("heading", name="How this was decided")).to_be_visible()
    page.close()


def test_a_dead_letter_is_looked_at_and_sent_again(signed_in: SignIn, address: str) -> None:
    """The bytes are shown after a purpose was given; sent again, the page says where the record is now."""
    page = signed_in(Role.ANALYST)
    page.goto(f"{address}/console/dead-letters/open?letter=2:7")
    page.get_by_role("button", name="Open the letter").click()
    expect(page.get_by_text("garbage").first).to_be_visible()
    page.get_by_label("New value, in base64").fill("no base64!")
    page.get_by_role("button", name="Send repaired").click()
    expect(page.get_by_role("alert")).to_contain_text("base64")
    page.get_by_role("button", name="Send as it was").click()
    expect(page.get_by_role("status")).to_contain_text("offset 99")
    shoot(page, "dead-letter-light")
    require_accessible(page)
    page.close()


def test_the_pipeline_shows_the_equation_and_renews_itself(
    signed_in: SignIn, address: str, world: ConsoleWorld
) -> None:
    """The equation is balanced; a recorder that falls behind is told without a reload."""
    page = signed_in(Role.AUDITOR)
    page.goto(f"{address}/console/pipeline")
    expect(page.get_by_text("Balanced", exact=True)).to_be_visible()
    expect(page.get_by_text("Everything can be relied on.")).to_be_visible()
    world.api.ages["recorder"] = 300.0
    expect(page.get_by_text("Not to be relied on at the moment.")).to_be_visible()
    world.api.ages["recorder"] = 0.0
    page.close()


def test_an_auditor_finds_who_looked_and_opens_no_file(signed_in: SignIn, address: str) -> None:
    """The log has a look-up with name and purpose and is filtered by key; people are closed to auditors."""
    analyst = signed_in(Role.ANALYST)
    _look_up(analyst, address)
    page = signed_in(Role.AUDITOR)
    page.goto(f"{address}/console/access?key={key_of(ALICE)}")
    expect(page.get_by_role("row", name=re.compile("analyst-ann.*R-77")).first).to_be_visible()
    page.goto(f"{address}/console/people")
    expect(page.get_by_role("heading", level=1)).to_contain_text("not yours to open")
    shoot(page, "forbidden-light")
    page.close()


def _look_up(page: Page, address: str) -> None:
    page.goto(f"{address}/console/people")
    page.get_by_label("Identifier", exact=True).fill(ALICE)
    page.get_by_label("Number of the request or case").fill("R-77")
    page.get_by_role("button", name="Open the file").click()
    expect(page.get_by_role("heading", name="One person’s file")).to_be_visible()
    page.close()


def test_the_keyboard_alone_leads_to_the_content(signed_in: SignIn, address: str) -> None:
    """The first press of Tab shows the way past the navigation, and Enter takes it."""
    page = signed_in(Role.ADMIN)
    page.goto(f"{address}/console/recipients")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.close()
