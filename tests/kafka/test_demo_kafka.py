"""The demo in small, as a newcomer runs it: on the embedded broker and on Apache Kafka."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.brokers.embedded import EmbeddedBroker
from kafka_fixtures import JAR_CACHE, need

WAIT_S = 180.0
SMALL = ("--events", "600", "--people", "60", "--jar-cache", str(JAR_CACHE))
KINDS = [
    pytest.param("embedded", id="embedded"),
    pytest.param("apache", marks=pytest.mark.kafka, id="apache"),
]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each broker that can run here."""
    broker = ApacheKafka if request.param == "apache" else EmbeddedBroker
    home = tmp_path / "unused"
    found = broker(home, cache=JAR_CACHE) if broker is ApacheKafka else broker(home)
    need(found.name, found.missing_requirements())
    return str(request.param)


def environment(**extra: str) -> dict[str, str]:
    """Environment without any settings of ours, as a newcomer has it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISCLOSURE_")}
    return {**kept, **extra}


def command(*words: str) -> list[str]:
    """Command line of this program."""
    return [sys.executable, "-m", "disclosure_ledger.entry", *words]


def disclosures(
    *words: str, cwd: Path, env: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        command(*words),
        cwd=cwd,
        env=env or environment(),
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )


def nobody_listens(folder: Path) -> bool:
    """Whether the broker of a demo's folder is gone."""
    port = json.loads((folder / "broker" / "ports.json").read_text())["main"]
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_demo_tells_its_story(kind: str, tmp_path: Path) -> None:
    """Exit 0, both lists and the blocked attempts of one person, reasons, and the balanced equation last."""
    done = disclosures("demo", "--kafka", kind, *SMALL, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.rstrip().splitlines()
    assert lines[-1].startswith(
        "requested 600 = decided 596 + dead-lettered 4; ledger rows 596 = decisions 596"
    )
    assert lines[-1].endswith("; balanced")
    for shown in (
        "Sold or shared",
        "Harborlight Data Exchange",
        "Payfern Payments",
        "Blocked: asked for",
        "unknown_recipient",
    ):
        assert shown in done.stdout
    assert ".demo/ledger/hot.duckdb" in done.stdout
    assert (tmp_path / ".demo/ledger/hot.duckdb").is_file()
    assert nobody_listens(tmp_path / ".demo")
    assert ("for trying and developing" in done.stderr) is (kind == "embedded")

    asking = next(line.strip() for line in lines if " to-whom --email " in line)
    words = asking.split()[1:]
    settings = subprocess.run(
        ["sh", "-c", ". ./.demo/pipeline.env; env"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    sourced = dict(
        line.split("=", 1) for line in settings.stdout.splitlines() if line.startswith("DISCLOSURE_")
    )
    asked = disclosures(*words, "--json", cwd=tmp_path, env=environment(**sourced))
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert answer["finding"] == "disclosed"
    assert {line["recipient_id"] for line in answer["sold_or_shared"]["recipients"]} == {
        "harborlight",
        "pixelmarsh",
        "chirrup",
    }
    assert {line["reason"]["code"] for line in answer["blocked"]} == {
        "opted_out_of_sale",
        "opted_out_of_sharing",
    }


def test_the_demo_can_be_run_twice(tmp_path: Path) -> None:
    """A second run in the same folder begins anew and comes out the same; its JSON has all of it."""
    found = []
    for _ in range(2):
        done = disclosures("demo", *SMALL, "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        assert document["audit"]["is_balanced"] is True
        found.append((document["audit"]["requested"], document["dead_letters"]))
    assert found == [(600, {"bad_key": 1, "malformed": 2, "unknown_schema": 1})] * 2


@contextmanager
def running_demo(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A demo that goes on long enough to be disturbed."""
    with subprocess.Popen(
        command("demo", "--dir", str(folder), "--events", "400000", "--people", "3000"),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if line.startswith("recorder: ready"):
                    break
            yield process
        finally:
            process.terminate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupted_demo_leaves_nothing_running(number: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C and SIGTERM in the middle: exit code 130, and broker, gate and recorder are stopped."""
    folder = tmp_path / "demo"
    with running_demo(folder) as process:
        process.send_signal(number)
        _, errors = process.communicate(timeout=WAIT_S)
    assert process.returncode == 130, errors
    assert "stopping the gate 1" in errors
    assert nobody_listens(folder)


def test_a_failing_gate_is_named_with_its_last_words(tmp_path: Path) -> None:
    """A gate that cannot start fails the demo: exit code 3, the gate, the end of its log, nothing left."""
    done = disclosures("demo", *SMALL, cwd=tmp_path, env=environment(DISCLOSURE_GATE_REGISTRY="nowhere"))
    assert done.returncode == 3
    assert "the gate 1 ended by itself" in done.stderr
    assert "nowhere" in done.stderr
    assert "begin with a copy of the example registry" in done.stderr
    assert "Traceback" not in done.stderr
    assert nobody_listens(tmp_path / ".demo")


def test_a_gate_killed_in_the_middle_is_told_of(tmp_path: Path) -> None:
    """kill -9 of the gate ends the demo with the reason instead of waiting for ever."""
    folder = tmp_path / "demo"
    with running_demo(folder) as process:
        os.kill(_child_pid(process.pid, "gate"), signal.SIGKILL)
        _, errors = process.communicate(timeout=WAIT_S)
    assert process.returncode == 3, errors
    assert "the gate 1 ended by itself" in errors


def _child_pid(parent_pid: int, word: str) -> int:
    """Process id of the child whose last argument is a word."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        children = Path(f"/proc/{parent_pid}/task/{parent_pid}/children").read_text().split()
        for pid in children:
            if Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[-2] == word.encode():
                return int(pid)
    pytest.fail(f"no child process runs {word}")
