"""`disclosures up` with console and sample data: one printed address leads into a console."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from disclosure_ledger.brokers.embedded import EmbeddedBroker
from disclosure_ledger.demo.stream import email_of, story_person
from disclosure_ledger.pipeline.state_file import FILE_NAME, read
from kafka_fixtures import need

pytestmark = pytest.mark.slow

START_WAIT_S = 180
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/sign-in\?login=dll_[\w-]{43}")


@dataclass
class Served:
    """What `up` printed, and its folder."""

    sign_in: str
    folder: Path
    printed: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`disclosures up --sample` on the embedded broker, until the tests are done."""
    work = tmp_path_factory.mktemp("up")
    need(EmbeddedBroker.name, EmbeddedBroker(work / "unused").missing_requirements())
    folder, log = work / "pipeline", work / "log"
    command = [sys.executable, "-m", "disclosure_ledger.entry"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "up", "--sample", "--dir", str(folder)], stdout=output, stderr=output, cwd=work
        )
        try:
            deadline = time.monotonic() + START_WAIT_S
            while "Running. Stop" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
            printed = log.read_text()
            found = _ADDRESS.search(printed)
            assert found is not None, printed
            yield Served(found[0], folder, printed)
        finally:
            subprocess.run([*command, "down", "--dir", str(folder)], cwd=work, check=False, timeout=120)
            process.wait(30)


def token(page: str) -> str:
    """The token of a page's forms."""
    return page.partition('name="_csrf_token" value="')[2].partition('"')[0]


def test_the_printed_address_leads_into_a_console_full_of_data(served: Served) -> None:
    """One press of a button signs in; the sample person has a file, and the equation is balanced."""
    base, _, login = served.sign_in.partition("/sign-in?login=")
    with httpx.Client(base_url=base, follow_redirects=True, timeout=60) as browser:
        page = browser.get("/sign-in", params={"login": login}).text
        assert login in page
        started = browser.post("/sign-in", data={"login": login, "_csrf_token": token(page)})
        assert "What needs somebody" in started.text
        pipeline = browser.get("/console/pipeline").text
        assert re.search(r"10,000<small>requested</small>", pipeline)
        assert "Balanced" in pipeline
        form = browser.get("/console/people").text
        person = email_of(story_person(1_000))
        assert person in served.printed
        opened = browser.post(
            "/console/people",
            data={"type1": "email", "value1": person, "purpose": "test", "_csrf_token": token(form)},
        )
        assert "Payfern Payments" in opened.text
        assert person not in opened.text
        again = browser.post("/sign-in", data={"login": login, "_csrf_token": token(page)})
        assert again.status_code == 401


def test_the_port_is_kept_for_the_next_start(served: Served) -> None:
    """The settings of the folder hold the console's port, so that bookmarks stay good."""
    port = read(served.folder / FILE_NAME)["DISCLOSURE_API_PORT"]
    assert f":{port}/sign-in" in served.sign_in
