"""What browser tests check of a page: accessibility, width; and the screenshots they keep."""

from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

from repository import ROOT

SCREENSHOTS = ROOT / "test-output" / "screenshots"

REPEATED = [["tbody tr:nth-child(n+8)"], [".line > li:nth-child(n+8)"], ["svg.chart g"]]
"""What is there many times in the same form."""

SignIn = Callable[..., Page]
"""Gives a page of somebody signed in: role, look (light, dark, phone), scripts or none."""


def shoot(page: Page, name: str) -> None:
    """Keep a screenshot of the whole page."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def require_accessible(page: Page) -> None:
    """Fail for every serious or critical finding of axe; of long lists the first rows stand for all."""
    found = [
        f"{entry['id']} ({entry['impact']}): {entry['help']}: "
        f"{[node['html'][:160] for node in entry['nodes'][:3]]}"
        for entry in Axe().run(page, {"exclude": REPEATED}).response["violations"]
        if entry["impact"] in {"serious", "critical"}
    ]
    assert not found, "\n".join(found)


def require_no_sideways_scrolling(page: Page) -> None:
    """Fail where the page is wider than the window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page is {wide} px wider than the window"


def saved(download_path: Path | None) -> bytes:
    """Content of a download."""
    assert download_path is not None
    return Path(download_path).read_bytes()
