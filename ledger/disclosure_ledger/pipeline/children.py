"""The processes a supervisor looks after, all alike to it."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from disclosure_ledger.brokers.process import ChildProcess
from disclosure_ledger.brokers.server import LocalServer


class Child(Protocol):
    """A process that is started, seen to run and stopped."""

    @property
    def name(self) -> str:
        """What it is, for people."""
        ...

    @property
    def log(self) -> Path:
        """File with everything it wrote."""
        ...

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        ...

    def start(self) -> None:
        """Start the process; for some, wait until it answers."""
        ...

    def stop(self) -> None:
        """End the process in order, and by force if it does not end."""
        ...

    def log_tail(self) -> str:
        """The last lines it wrote."""
        ...


class ProgramChild:
    """A program of a command line; its output goes to `<folder>/<name>.log`."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self.name = name
        self._command = list(command)
        self._environment = dict(environment)
        self._process = ChildProcess(folder / f"{name.replace(' ', '-')}.log")

    @property
    def log(self) -> Path:
        """File with everything the program wrote."""
        return self._process.log

    @property
    def is_running(self) -> bool:
        """Whether the program runs."""
        return self._process.is_running

    @property
    def pid(self) -> int | None:
        """Process id of the running program."""
        return self._process.pid

    def start(self) -> None:
        """Start the program, from the main thread: then it ends when this process dies."""
        self._process.start(self._command, environment=self._environment)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL if it does not end."""
        self._process.stop()

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self._process.kill()

    def log_tail(self) -> str:
        """The last lines of the log."""
        return self._process.log_tail()


class BrokerChild:
    """A local broker as a child."""

    def __init__(self, broker: LocalServer) -> None:
        self.name = "broker"
        self.broker = broker

    @property
    def log(self) -> Path:
        """The broker's log."""
        return self.broker.log

    @property
    def is_running(self) -> bool:
        """Whether the broker's process is alive."""
        return self.broker.is_running

    def start(self) -> None:
        """Start the broker and wait until it answers."""
        self.broker.start()

    def stop(self) -> None:
        """End the broker, so that it saves what it holds."""
        self.broker.stop()

    def kill(self) -> None:
        """End the broker at once, as a crash would."""
        self.broker.kill()

    def log_tail(self) -> str:
        """The last lines of the log."""
        return ChildProcess(self.broker.log).log_tail()


def own_command(*words: str) -> list[str]:
    """Command line that runs a command of this program with this Python."""
    return [sys.executable, "-m", "disclosure_ledger.entry", *words]
