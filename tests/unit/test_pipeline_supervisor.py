"""The supervisor: start, restart with a pause, stop; with made-up children and with real ones."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure_ledger.pipeline.children import ProgramChild
from disclosure_ledger.pipeline.errors import ChildFailedError
from disclosure_ledger.pipeline.supervisor import Backoff, Supervisor

WAIT_S = 20.0


class Puppet:
    """A child that lives and dies as the test says."""

    def __init__(self, name: str, happened: list[str]) -> None:
        self.name = name
        self.log = Path(f"{name}.log")
        self.is_running = False
        self.starts = 0
        self.refuses = False
        self._happened = happened

    def start(self) -> None:
        self.starts += 1
        if self.refuses:
            raise RuntimeError("no port")
        self.is_running = True
        self._happened.append(f"start {self.name}")

    def stop(self) -> None:
        self.is_running = False
        self._happened.append(f"stop {self.name}")

    def log_tail(self) -> str:
        return f"last words of {self.name}"


class Scene:
    """Two puppets, a supervisor and a clock."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self.told: list[str] = []
        self.now_s = 0.0
        self.broker, self.gate = Puppet("broker", self.happened), Puppet("gate 1", self.happened)
        self.supervisor = Supervisor(
            [self.broker, self.gate], tell=self.told.append, clock=lambda: self.now_s, backoff=Backoff()
        )

    def tick(self, now_s: float) -> None:
        self.now_s = now_s
        self.supervisor.tick(now_s)


@pytest.fixture
def scene() -> Scene:
    """Everything started at 0 s."""
    scene = Scene()
    scene.supervisor.start()
    return scene


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail when it does not within a generous time."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.01)


def test_children_start_in_order_and_stop_in_reverse(scene: Scene) -> None:
    """The broker starts first and stops last."""
    scene.supervisor.stop()
    assert scene.happened == ["start broker", "start gate 1", "stop gate 1", "stop broker"]


def test_each_child_is_waited_for_before_the_next_starts() -> None:
    """`ready` is called after each start, before the next one."""
    scene = Scene()
    scene.supervisor.start(lambda child: scene.happened.append(f"ready {child.name}"))
    assert scene.happened == ["start broker", "ready broker", "start gate 1", "ready gate 1"]


def test_a_dead_child_is_started_again_after_its_pause(scene: Scene) -> None:
    """A child that dies is told of with its last words, and started half a second later, not before."""
    scene.gate.is_running = False
    scene.tick(10.0)
    scene.tick(10.4)
    assert scene.gate.starts == 1
    assert "last words of gate 1" in scene.told[-1]
    scene.tick(10.5)
    assert (scene.gate.starts, scene.gate.is_running) == (2, True)
    assert scene.told[-1] == "started the gate 1 again"


def test_pauses_grow_while_a_child_keeps_dying(scene: Scene) -> None:
    """Each further death doubles the pause."""
    now_s, pauses = 10.0, []
    for _ in range(4):
        scene.gate.is_running = False
        scene.tick(now_s)
        died_at_s = now_s
        while not scene.gate.is_running:
            now_s += 0.5
            scene.tick(now_s)
        pauses.append(now_s - died_at_s)
    assert pauses == [0.5, 1.0, 2.0, 4.0]


def test_a_good_while_forgets_earlier_deaths(scene: Scene) -> None:
    """A child that ran for a minute is started again at once, as after its first death."""
    for died_at_s in (10.0, 12.0, 200.0):
        scene.gate.is_running = False
        scene.tick(died_at_s)
        assert scene.gate.starts == {10.0: 1, 12.0: 2, 200.0: 3}[died_at_s]
        scene.tick(died_at_s + (0.5 if died_at_s != 12.0 else 1.0))
        assert scene.gate.is_running


def test_a_child_that_cannot_start_is_tried_again(scene: Scene) -> None:
    """A start that fails counts as a death: told, and tried again later."""
    scene.broker.is_running, scene.broker.refuses = False, True
    scene.tick(10.0)
    scene.tick(10.5)
    assert "did not start again (no port)" in scene.told[-1]
    scene.broker.refuses = False
    scene.tick(11.5)
    assert scene.broker.is_running


def test_a_dead_child_is_named_when_all_must_run(scene: Scene) -> None:
    """Asked whether all run, the supervisor names the dead one, its log and its last words."""
    scene.supervisor.require_all_running()
    scene.gate.is_running = False
    with pytest.raises(ChildFailedError, match=r"the gate 1 ended by itself.*gate 1\.log(.|\n)*last words"):
        scene.supervisor.require_all_running()


@given(st.integers(1, 10_000))
def test_pauses_have_a_bound(failures: int) -> None:
    """However often a child died, it is started again within the longest pause."""
    assert 0 < Backoff().delay_s(failures) <= Backoff().longest_s


def test_a_real_child_comes_back_and_is_stopped(tmp_path: Path) -> None:
    """A killed program is started again by the loop with another process id, and gone after the stop."""
    child = ProgramChild("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], {}, tmp_path)
    stop = threading.Event()
    supervisor = Supervisor([child], tell=lambda _: None, backoff=Backoff(first_s=0.01))
    supervisor.start()
    first_pid = child.pid
    assert first_pid is not None
    os.kill(first_pid, signal.SIGKILL)

    def stop_when_back() -> None:
        try:
            until(lambda: child.pid not in {None, first_pid})
        finally:
            stop.set()

    watcher = threading.Thread(target=stop_when_back)
    watcher.start()
    supervisor.run(stop)
    watcher.join(WAIT_S)
    assert child.pid not in {None, first_pid}
    supervisor.stop()
    assert not child.is_running


def test_what_a_child_prints_is_in_its_log(tmp_path: Path) -> None:
    """Environment and output of a program: its log in the folder has what it printed."""
    child = ProgramChild(
        "gate 1",
        [sys.executable, "-c", "import os; print(os.environ['GREETING'])"],
        {"GREETING": "hello"},
        tmp_path,
    )
    child.start()
    until(lambda: not child.is_running)
    assert child.log == tmp_path / "gate-1.log"
    assert child.log_tail() == "hello"


def test_children_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    """kill -9 of the supervising process takes its children along."""
    code = (
        "import sys, time; from pathlib import Path; "
        "from disclosure_ledger.pipeline.children import ProgramChild; "
        "child = ProgramChild('sleeper', [sys.executable, '-c', 'import time; time.sleep(600)'], {}, "
        f"Path({str(tmp_path)!r})); child.start(); print(child.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout as output:
        child_pid = int(output.readline())
    # The child is tied once it has become its command.
    until(lambda: b"import time; time.sleep(600)" in _command_line(child_pid))
    parent.kill()
    parent.wait(WAIT_S)
    until(lambda: not _is_alive(child_pid))


def _command_line(pid: int) -> list[bytes]:
    """Words of a process's command; none for a moment while it becomes another program."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_what_cannot_go_on_without_a_dead_child_falls_with_it() -> None:
    """When the broker dies the gate is stopped before either is started again, the broker first."""
    happened: list[str] = []
    broker, gate = Puppet("broker", happened), Puppet("gate 1", happened)
    supervisor = Supervisor(
        [broker, gate],
        tell=lambda _line: None,
        clock=lambda: 0.0,
        falls_with=lambda fallen, _others: [gate] if fallen is broker else [],
    )
    supervisor.start()
    broker.is_running = False

    for now_s in (1.0, 2.0, 3.0, 4.0):
        supervisor.tick(now_s)

    assert happened == ["start broker", "start gate 1", "stop gate 1", "start broker", "start gate 1"]
