"""`disclosures up` and `disclosures down`: a pipeline that heals itself and is found by its folder."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.brokers.embedded import EmbeddedBroker
from kafka_fixtures import JAR_CACHE, need

WAIT_S = 120.0
FOLDER = ".disclosures"
ASK = (
    *("disclose", "--email", "a@example.com", "--to", "harborlight", "--kind", "sale"),
    *("--item", "identifiers.email", "--wait-decision", "--wait", "60", "--json"),
)
KINDS = [
    pytest.param("embedded", 1, id="embedded"),
    pytest.param("apache", 2, marks=pytest.mark.kafka, id="apache with two gates"),
]


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds; fail when it does not within a generous time."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def command(*words: str) -> list[str]:
    """Command line of this program."""
    return [sys.executable, "-m", "disclosure_ledger.entry", *words]


def environment() -> dict[str, str]:
    """Environment without any settings of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DISCLOSURE_")}


class Up:
    """A running `disclosures up` and what it says."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.said: list[str] = []
        assert process.stderr is not None
        self.reader = threading.Thread(target=self.said.extend, args=(process.stderr,), daemon=True)
        self.reader.start()

    def says(self, text: str) -> Callable[[], bool]:
        """Whether it has said something; fails once the process has ended without it."""

        def has_said() -> bool:
            lines = list(self.said)
            assert self.process.poll() is None, "".join(lines)
            return any(text in line for line in lines)

        return has_said

    def run(self, *words: str) -> Any:
        """Run a command in the folder of the pipeline and read its JSON."""
        done = subprocess.run(
            command(*words),
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def child_pid(self, word: str) -> int:
        """Process id of a child whose last argument is a word."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in path.read_text(encoding="ascii").split():
            if Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[-2] == word.encode():
                return int(pid)
        pytest.fail(f"no child process runs {word}")


@contextmanager
def running(folder: Path, *words: str) -> Iterator[Up]:
    """`disclosures up` in a folder, ready."""
    with subprocess.Popen(
        command("up", *words),
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        up = Up(process, folder)
        try:
            until(up.says("Running."), "the pipeline did not start")
            yield up
        finally:
            process.terminate()
            process.wait(WAIT_S)
            up.reader.join(WAIT_S)  # before its file is closed


def nobody_listens(folder: Path) -> bool:
    """Whether the broker of a pipeline's folder is gone."""
    port = json.loads((folder / FOLDER / "broker" / "ports.json").read_text(encoding="ascii"))["main"]
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize(("kind", "gates"), KINDS)
def test_a_pipeline_heals_and_stops(kind: str, gates: int, tmp_path: Path) -> None:
    """Found by its folder, back after kill -9 of gate and recorder, stopped by `down`, asked afterwards."""
    broker = (
        ApacheKafka(tmp_path / "x", cache=JAR_CACHE) if kind == "apache" else EmbeddedBroker(tmp_path / "x")
    )
    need(broker.name, broker.missing_requirements())
    with running(tmp_path, "--kafka", kind, "--gates", str(gates), "--jar-cache", str(JAR_CACHE)) as up:
        assert up.run(*ASK)["decision"]["outcome"] == "permit"
        assert up.run("prefer", "opt-out", "--email", "a@example.com", "--json")["delivered"]
        for word, name in (("gate", "gate "), ("recorder", "recorder")):
            os.kill(up.child_pid(word), signal.SIGKILL)
            until(up.says(f"started the {name}"), f"the {word} did not come back")
        assert up.run(*ASK)["decision"]["outcome"] == "suppress"
        assert up.run("audit", "--wait", "100", "--json")["requested"] == 2
        again = subprocess.run(
            command("up"),
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            check=False,
        )
        assert again.returncode == 2
        assert f"process {up.process.pid} runs a pipeline" in again.stderr

        assert up.run("down", "--json") == {"stopped_pid": up.process.pid}
        assert up.process.wait(WAIT_S) == 0
        assert nobody_listens(tmp_path)
        answer = up.run("to-whom", "--email", "a@example.com", "--blocked", "--json")
    assert answer["sold_or_shared"]["disclosures"] == 1
    assert [line["count"] for line in answer["blocked"]] == [1]


def test_what_was_there_is_there_after_a_restart(tmp_path: Path) -> None:
    """A second start in the same folder has the same address, the same secret and the same data."""
    found = []
    for requested in (1, 2):
        with running(tmp_path) as up:
            up.run(*ASK)
            assert up.run("audit", "--wait", "100", "--json")["requested"] == requested
            found.append(up.run("up", "--print-env", "--json"))
            up.run("down", "--json")
            assert up.process.wait(WAIT_S) == 0
    assert found[0] == found[1]
    assert len(bytes.fromhex(found[0]["DISCLOSURE_SUBJECT_SECRET"])) == 32


def test_nothing_survives_a_killed_supervisor(tmp_path: Path) -> None:
    """kill -9 of `up` takes broker, gate and recorder along, and the folder is free again."""
    with running(tmp_path) as up:
        pids = [up.child_pid(word) for word in ("gate", "recorder")]
        up.process.kill()
        up.process.wait(WAIT_S)
        until(lambda: not any(_is_alive(pid) for pid in pids), "gate or recorder live on")
        until(lambda: nobody_listens(tmp_path), "the broker lives on")
    with running(tmp_path) as up:
        assert up.run("audit", "--wait", "100", "--json")["is_balanced"] is True


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
