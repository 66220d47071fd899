"""The whole API against its own description, by schemathesis: requests that fit and that do not fit."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api_world import ApiWorld, api_world
from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.server import ApiServer

CHECKS_LEFT_OUT = "positive_data_acceptance"
"""What fits the schema may still be refused: a cursor of no page, a day to come, two options that exclude."""

ANSWER_CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ApiWorld, str]]:
    """An API at a port, and its address."""
    limit = "1000000/second"
    folder = tmp_path_factory.mktemp("conformance")
    with (
        api_world(folder, rate_limit=limit, rate_limit_anonymous=limit) as world,
        ApiServer(world.app, world.services.settings) as server,
    ):
        yield world, server.address


def run(address: str, folder: Path, *options: str) -> str:
    """Run schemathesis over every operation; what it printed, once it found nothing."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json"]
    command += ["--mode", "all", "--continue-on-failure"]
    command += ["--seed", "20260101", "--generation-database", "none", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    return done.stdout


def cases(output: str) -> int:
    """How many requests were made."""
    found = re.search(r"(\d+) generated", output)
    assert found is not None, output
    return int(found[1])


@pytest.mark.slow
def test_every_operation_does_what_its_description_says(served: tuple[ApiWorld, str], tmp_path: Path) -> None:
    """No fault, no undescribed status, type, header or body; what does not fit is refused, as is no key."""
    world, address = served
    options = ("-H", f"Authorization: Bearer {world.keys[Role.ADMIN]}", "--checks", "all")
    output = run(address, tmp_path, *options, "--exclude-checks", CHECKS_LEFT_OUT, "--max-time", "50")
    assert cases(output) > 100
    operations = json.dumps(world.client.get("/openapi.json").json()["paths"]).count('"operationId"')
    assert f"Tested: {operations}\n" in output


@pytest.mark.slow
def test_without_credentials_every_answer_is_described_too(
    served: tuple[ApiWorld, str], tmp_path: Path
) -> None:
    """Whoever has no key gets problems of the described form, and never a person's data or a fault."""
    world, address = served
    before = len(world.access_rows())
    options = ("--checks", ANSWER_CHECKS, "--phases", "fuzzing", "--max-examples", "2")
    assert cases(run(address, tmp_path, *options)) > 29
    assert len(world.access_rows()) == before
