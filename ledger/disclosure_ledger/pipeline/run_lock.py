"""One run at a time in a folder, and a way to find and stop it: a locked file with the process id.

The lock goes with the process, however it ends, so an id left behind is never taken for a living run.
"""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from disclosure_ledger.pipeline.errors import FolderInUseError, PipelineError

FILE_NAME = "run.lock"
_POLL_S = 0.05


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder until the block ends; raises FolderInUseError where another process does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE_NAME).open("a+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUseError(
                f"process {_pid_in(folder)} runs a pipeline in {folder}. Expected a folder nobody uses: stop "
                f"it with `disclosures down --dir {folder}`, or name another folder with --dir."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode())
        yield


def holder(folder: Path) -> int | None:
    """Process id of the run in a folder; None where there is none."""
    try:
        file = (folder / FILE_NAME).open("rb")
    except FileNotFoundError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _pid_in(folder)
    return None


def stop(folder: Path, wait_s: float) -> int | None:
    """Ask the run in a folder to end and wait for it; its process id, or None where there was none.

    Raises PipelineError where it has not ended in time.
    """
    pid = holder(folder)
    if pid is None:
        return None
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + wait_s
    while holder(folder) == pid:
        if time.monotonic() > deadline:
            raise PipelineError(
                f"process {pid} was asked to stop and still runs after {wait_s:g} s. Look at what it prints "
                f"and at the logs in {folder / 'logs'}."
            )
        time.sleep(_POLL_S)
    return pid


def _pid_in(folder: Path) -> int | None:
    """The id in the file; None in the moment before it is written."""
    text = (folder / FILE_NAME).read_text(encoding="ascii").strip()
    return int(text) if text else None
