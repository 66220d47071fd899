"""The AsyncAPI document of the topics against the reference parser, npm @asyncapi/parser, pinned."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from disclosure_schemas.asyncapi import asyncapi_document
from disclosure_schemas.topics import TOPICS
from kafka_fixtures import need

REFERENCE = Path(__file__).parents[1] / "asyncapi_reference"
INSTALL_TIMEOUT_S = 240
ERROR, WARNING = 0, 1


def run(command: list[str], folder: Path, given: str = "") -> str:
    """Run a program to its end and return what it printed; its complaint if it failed."""
    done = subprocess.run(
        command,
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=INSTALL_TIMEOUT_S,
    )
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def parser(request: pytest.FixtureRequest) -> Path:
    """Folder with the reference parser, installed on first use."""
    need(
        "the reference parser of AsyncAPI documents",
        [name for name in ("node", "npm") if shutil.which(name) is None],
    )
    digest = hashlib.sha256((REFERENCE / "package-lock.json").read_bytes()).hexdigest()
    folder = Path(request.config.cache.mkdir(f"asyncapi-reference-{digest[:12]}"))
    shutil.copytree(REFERENCE, folder, dirs_exist_ok=True)
    if not (folder / "node_modules" / ".package-lock.json").exists():  # npm writes it last
        run(["npm", "ci"], folder)
    return folder


def parsed(parser: Path, document: dict[str, Any]) -> dict[str, Any]:
    """What the reference makes of a document."""
    found: dict[str, Any] = json.loads(run(["node", "validate.mjs"], parser, json.dumps(document)))
    return found


def test_the_reference_parser_reads_the_document(parser: Path) -> None:
    """AsyncAPI 3, every topic with its schema and two operations; no error and no warning."""
    found = parsed(parser, asyncapi_document("1.2.3"))
    assert [d for d in found["diagnostics"] if d["severity"] in {ERROR, WARNING}] == []
    assert found["version"] == "3.0.0"
    assert sorted(found["channels"]) == sorted(topic.name for topic in TOPICS)
    assert found["operations"] == 2 * len(TOPICS)


def test_the_reference_parser_finds_what_is_wrong(parser: Path) -> None:
    """A schema that is no Avro, and an operation without its channel, are found: the check can fail."""
    broken = asyncapi_document("1.2.3")
    message = next(iter(broken["components"]["messages"].values()))
    message["payload"]["schema"] = {"type": "no such type"}
    next(iter(broken["operations"].values()))["channel"] = {"$ref": "#/channels/none"}
    assert [d for d in parsed(parser, broken)["diagnostics"] if d["severity"] == ERROR]
