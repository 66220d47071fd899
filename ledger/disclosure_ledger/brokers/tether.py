"""Replaces itself with the command it is given, after asking Linux to end that process when its parent dies.

Run by path in an isolated interpreter: ``python -I tether.py PARENT_PID COMMAND...``. The process id stays.
It is a program of its own because code between fork and exec is unsafe in a parent with threads, and every
Kafka client has threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to its parent, then become the command."""
    parent_pid, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    # The parent may have died before the call above.
    if os.getppid() != parent_pid:
        raise SystemExit(f"The process {parent_pid} that asked for {command[0]} is gone: not started.")
    os.execvp(command[0], command)  # noqa: S606 - a fixed command, and a shell would change the process id


if __name__ == "__main__":
    main(sys.argv[1:])
