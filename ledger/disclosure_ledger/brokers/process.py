"""One child process with a log file: started, ended in order, killed, and never left behind."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from disclosure_ledger.brokers import tether

_LOG_TAIL_LINES = 25


class ChildProcess:
    """A server program that lives no longer than this Python process."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._child: subprocess.Popen[bytes] | None = None
        self._owner_pid = os.getpid()

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        """The id of the living process, or ``None``."""
        return self._child.pid if self._child is not None and self.is_running else None

    def start(self, command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> None:
        """Run ``command`` with its output appended to the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self._is_tied_to_us():
            command = [sys.executable, "-I", str(Path(tether.__file__)), str(os.getpid()), *command]
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                # Ctrl-C in the terminal is for the parent, which then ends the broker in order.
                start_new_session=True,
            )
        self._owner_pid = os.getpid()
        atexit.register(self._stop_at_exit)

    @staticmethod
    def _is_tied_to_us() -> bool:
        # Linux ends a tied child when the *thread* that started it ends, so only the main thread may tie one.
        return sys.platform == "linux" and threading.current_thread() is threading.main_thread()

    def stop(self, wait_s: float = 30.0) -> bool:
        """Ask the process to end (SIGTERM); kill it if it has not within ``wait_s``. False if killed."""
        child = self._child
        if child is None or child.poll() is not None:
            return True
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(wait_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        self._forget()
        return True

    def kill(self) -> None:
        """End the process at once (SIGKILL) and wait until it is gone."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._forget()

    def _forget(self) -> None:
        atexit.unregister(self._stop_at_exit)

    def _stop_at_exit(self) -> None:
        if os.getpid() == self._owner_pid:  # a forked worker that exits must not end its parent's broker
            self.stop()

    def log_tail(self) -> str:
        """The last lines of the log."""
        if not self.log.exists():
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LOG_TAIL_LINES:])
