"""What every server of this package has: a home, its ports, a process and a start that is waited for."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from disclosure_ledger.brokers.local import (
    LOOPBACK,
    BrokerDidNotStartError,
    free_port,
    port_is_free,
    port_taken,
    wait_until,
)
from disclosure_ledger.brokers.process import ChildProcess


class LocalServer(ABC):
    """A server program on the loopback interface that keeps its data and its ports in one folder.

    Ports are chosen once for a home and recorded there, so that clients keep their address over restarts.
    """

    name: ClassVar[str]
    port_names: ClassVar[tuple[str, ...]] = ("main",)

    def __init__(self, home: Path, port: int | None, *, start_wait_s: float) -> None:
        self.home = home.resolve()
        self._start_wait_s = start_wait_s
        self._process = ChildProcess(self.home / "broker.log")
        self._ports = self._choose_ports(port)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{LOOPBACK}:{self._ports['main']}"

    @property
    def is_running(self) -> bool:
        """Whether the server's process is alive."""
        return self._process.is_running

    @property
    def pid(self) -> int | None:
        """The id of the living process, or ``None``."""
        return self._process.pid

    @property
    def log(self) -> Path:
        """The file with everything the server wrote."""
        return self._process.log

    @abstractmethod
    def missing_requirements(self) -> list[str]:
        """What must be installed before ``start()`` can work; empty when nothing is missing."""

    @abstractmethod
    def install(self) -> None:
        """Fetch what the server needs unless it is here. Raises ``BrokerNotInstalledError`` if it cannot."""

    def start(self) -> None:
        """Start the server (installing first if needed) and return once it answers."""
        if self.is_running:
            return
        self.install()
        for port in self._ports.values():
            if not port_is_free(port):
                raise self._did_not_start(port_taken(port))
        self._process.start(self._prepared_command(), environment=self._environment())
        failure = wait_until(
            self._readiness(), lambda: not self._process.is_running, wait_s=self._start_wait_s
        )
        if failure:
            self._process.kill()
            raise self._did_not_start(failure)

    def stop(self) -> None:
        """End the server in order (SIGTERM), so that it saves what it holds."""
        self._process.stop()

    def kill(self) -> None:
        """End the server at once, as a crash would (SIGKILL)."""
        self._process.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @abstractmethod
    def _prepared_command(self) -> list[str]:
        """Write what the program reads when it starts, and return it with its arguments."""

    @abstractmethod
    def _readiness(self) -> Callable[[], bool]:
        """A question that is answered with true once clients can come."""

    def _environment(self) -> Mapping[str, str]:
        return {}

    def _did_not_start(self, happened: str, details: str | None = None) -> BrokerDidNotStartError:
        return BrokerDidNotStartError(
            self.name, happened, self.log, self._process.log_tail() if details is None else details
        )

    def _choose_ports(self, port: int | None) -> dict[str, int]:
        record = self.home / "ports.json"
        known: dict[str, int] = json.loads(record.read_text(encoding="ascii")) if record.exists() else {}
        if port:
            known["main"] = port
        for port_name in self.port_names:
            if port_name not in known:
                known[port_name] = free_port(taken=tuple(known.values()))
        self.home.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(known), encoding="ascii")
        return known
