"""A console in Debian's Chromium: served for real, signed in, with axe and screenshots at hand."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from browser_checks import SignIn
from console_world import ConsoleWorld, console_world
from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.server import ApiServer
from kafka_fixtures import need

SIZES = {"light": (1360, 900), "dark": (1360, 900), "phone": (390, 844)}
WAIT_MS = 8_000
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of the system; without one the suite is skipped, and fails under CI=true.

    Of one module: while Playwright is there, its event loop counts as running in the thread of all tests.
    """
    found = next((path for name in _CHROMIUM if (path := shutil.which(name))), None)
    need("browser tests", [] if found else ["chromium"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    """A console over a seeded ledger."""
    with console_world(tmp_path_factory.mktemp("console")) as made:
        yield made


@pytest.fixture(scope="module")
def address(world: ConsoleWorld) -> Iterator[str]:
    """Where the console is served."""
    with ApiServer(world.api.app, world.api.services.settings) as server:
        yield server.address


@pytest.fixture(scope="module")
def signed_in(browser: Browser, world: ConsoleWorld, address: str) -> Iterator[SignIn]:
    """Gives a page of somebody with roles, signed in with a one-time login; one context for each of them."""
    contexts: dict[tuple[Role, str, bool], BrowserContext] = {}

    def begin(role: Role = Role.ADMIN, look: str = "light", *, scripts: bool = True) -> Page:
        key = (role, look, scripts)
        if key not in contexts:
            width, height = SIZES[look]
            context = browser.new_context(
                color_scheme="dark" if look == "dark" else "light",
                viewport={"width": width, "height": height},
                java_script_enabled=scripts,
                accept_downloads=True,
            )
            context.set_default_timeout(WAIT_MS)
            services = world.api.services
            login = services.keys.new_login(f"{role.value}-ann", frozenset({role}), services.clock())
            page = context.new_page()
            page.goto(f"{address}/sign-in?login={login}")
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(f"{address}/console")
            page.close()
            contexts[key] = context
        return contexts[key].new_page()

    yield begin
    for context in contexts.values():
        context.close()
