"""What a pipeline keeps in its folder: settings for the shell, the lock of the running process, the plan."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure_ledger.brokers.embedded import EMBEDDED_LIMITS, EmbeddedBroker
from disclosure_ledger.pipeline import run_lock, state_file
from disclosure_ledger.pipeline.errors import FolderInUseError, StateFileError, TooManyGatesError
from disclosure_ledger.pipeline.plan import Plan

HOLD_UNTIL_TERM = (
    "import signal, sys; from pathlib import Path; from disclosure_ledger.pipeline import run_lock\n"
    "with run_lock.held(Path(sys.argv[1])):\n"
    "    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n"
    "    print('held', flush=True); signal.sigwait([signal.SIGTERM])\n"
)
NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,30}", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=60)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_settings_come_back_as_they_were(values: dict[str, str]) -> None:
    """Whatever is in a value, reading the lines gives it back."""
    lines = state_file.as_lines(values)
    assert dict(state_file.setting(line) for line in lines.splitlines()) == values


def test_a_shell_reads_the_same_settings(tmp_path: Path) -> None:
    """A POSIX shell that sources the file has the values, quotes, spaces and dollars among them."""
    values = {"DISCLOSURE_A": '{"a": "it\'s $HOME"}', "DISCLOSURE_B": ""}
    path = state_file.write(tmp_path, values)
    script = f'. {path}; printf "%s|%s" "$DISCLOSURE_A" "$DISCLOSURE_B"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == values["DISCLOSURE_A"] + "|"


def test_only_the_owner_may_read_the_settings(tmp_path: Path) -> None:
    """The file holds the subject secret: mode 0600, also when it is written again."""
    for _ in range(2):
        path = state_file.write(tmp_path / "new", {"DISCLOSURE_SUBJECT_SECRET": "x"})
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_commands_take_the_settings_of_their_folder(tmp_path: Path) -> None:
    """The settings of a pipeline are adopted, and what the environment says itself stays."""
    state_file.write(
        tmp_path / state_file.DEFAULT_FOLDER,
        {"DISCLOSURE_KAFKA_BOOTSTRAP": "127.0.0.1:1", "DISCLOSURE_LEDGER_DIR": "theirs"},
    )
    environment = {"DISCLOSURE_LEDGER_DIR": "mine"}
    used = state_file.adopt(environment, tmp_path)
    assert used == tmp_path / state_file.DEFAULT_FOLDER / state_file.FILE_NAME
    assert environment == {"DISCLOSURE_KAFKA_BOOTSTRAP": "127.0.0.1:1", "DISCLOSURE_LEDGER_DIR": "mine"}


def test_a_named_broker_is_not_replaced(tmp_path: Path) -> None:
    """Where the environment names a broker, a pipeline of the folder is left alone."""
    state_file.write(tmp_path, {"DISCLOSURE_KAFKA_BOOTSTRAP": "127.0.0.1:1", "DISCLOSURE_LEDGER_DIR": "x"})
    environment = {"DISCLOSURE_KAFKA_BOOTSTRAP": "elsewhere:9092"}
    assert state_file.adopt(environment, tmp_path) is None
    assert environment == {"DISCLOSURE_KAFKA_BOOTSTRAP": "elsewhere:9092"}


@pytest.mark.parametrize("line", ["rm -rf x", "export NAME", "NAME=value", "export A=1 B=2 x", "export 'A=1"])
def test_a_file_with_anything_else_is_refused(line: str, tmp_path: Path) -> None:
    """A line that is not `export NAME=value` is named, never run."""
    path = tmp_path / state_file.FILE_NAME
    path.write_text(f"export A=1\n{line}\n")
    with pytest.raises(StateFileError, match="line 2"):
        state_file.read(path)


def test_a_folder_has_one_run_at_a_time(tmp_path: Path) -> None:
    """While a process holds a folder no other can, and it is found by its id; afterwards it is free."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_UNTIL_TERM, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with holder.stdout as output:
        assert output.readline() == "held\n"
    assert run_lock.holder(tmp_path) == holder.pid
    with pytest.raises(FolderInUseError, match=f"process {holder.pid} runs"), run_lock.held(tmp_path):
        pytest.fail("the folder was held twice")
    assert run_lock.stop(tmp_path, wait_s=20.0) == holder.pid
    assert holder.wait(20.0) == 0
    assert run_lock.holder(tmp_path) is None
    assert run_lock.stop(tmp_path, wait_s=20.0) is None


def test_an_id_left_behind_is_no_run(tmp_path: Path) -> None:
    """A lock file of a dead process holds nothing, even where its id is another process's now."""
    (tmp_path / run_lock.FILE_NAME).write_text(f"{os.getpid()}\n")
    assert run_lock.holder(tmp_path) is None


def test_the_embedded_broker_refuses_a_second_gate(tmp_path: Path) -> None:
    """More gates than the broker can serve are refused before anything is made."""
    with pytest.raises(TooManyGatesError, match=r"at most 1 member.*--kafka apache"):
        Plan(folder=tmp_path / "new", gates=2).broker()
    assert not (tmp_path / "new").exists()
    assert isinstance(Plan(folder=tmp_path / "new", gates=1).broker(), EmbeddedBroker)


def test_each_gate_keeps_its_state_in_a_folder_of_its_own(tmp_path: Path) -> None:
    """No two gates of a plan have the same name or folder, and the folders lie in the plan's."""
    plan = Plan(folder=tmp_path, gates=3, kafka="apache")
    gates = [plan.gate_settings(number) for number in (1, 2, 3)]
    folders = [Path(gate["DISCLOSURE_GATE_STATE"]) for gate in gates]
    assert len({gate["DISCLOSURE_GATE_INSTANCE"] for gate in gates}) == len(set(folders)) == 3
    assert all(folder.is_relative_to(tmp_path) for folder in folders)


def test_the_secret_of_a_folder_stays(tmp_path: Path) -> None:
    """A new folder gets a secret of 32 bytes, a known one keeps its own, the environment's comes first."""
    plan = Plan(folder=tmp_path)
    first = plan.settings("127.0.0.1:1", EMBEDDED_LIMITS, {})
    assert len(bytes.fromhex(first["DISCLOSURE_SUBJECT_SECRET"])) == 32
    state_file.write(tmp_path, first)
    again = plan.settings("127.0.0.1:1", EMBEDDED_LIMITS, {})
    assert again == first
    given_secret = {"DISCLOSURE_SUBJECT_SECRET": "ab" * 32}
    assert (
        plan.settings("127.0.0.1:1", EMBEDDED_LIMITS, given_secret)["DISCLOSURE_SUBJECT_SECRET"] == "ab" * 32
    )
