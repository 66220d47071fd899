"""What every local broker offers, how its address is chosen and how its readiness is seen."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Protocol, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

LOOPBACK = "127.0.0.1"

# Below the range from which Linux and macOS take ports of outgoing connections: a client that keeps trying
# to reach a stopped broker could be given the broker's own port, and the broker could not come back.
_FIRST_PORT, _LAST_PORT = 20_000, 31_999
_PORT_ATTEMPTS = 200

Setting = str | int


def _no_settings() -> Mapping[str, Setting]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class BrokerLimits:
    """What callers must know of a broker before they rely on it; measured values, not promises of its makers.

    ``None`` for a number means that the broker sets no limit of its own.
    """

    max_members_per_group: int | None = None
    """More members would share partitions, but nobody takes over those of a member that died."""
    max_backlog_messages: int | None = None
    """Up to here the broker was measured to serve a late consumer well."""
    min_session_timeout_ms: int = 1000
    """A consumer with less is refused: it polls for ever and is never assigned anything."""
    needs_static_membership: bool = False
    """Without a fixed ``group.instance.id`` nobody can ever take the place of a member that died."""
    expires_dead_transactions: bool = True
    """Otherwise a dead producer's transaction blocks readers until its ``transactional.id`` comes back."""
    keeps_open_transactions: bool = True
    """Otherwise a restart drops open transactions and *acknowledges* their commit: end producers first."""
    keeps_acknowledged_after_kill: bool = True
    """Otherwise the end of the broker by SIGKILL loses up to a second of acknowledged records."""
    holds_fetches: bool = True
    """Otherwise a waiting consumer spins: pause it when a poll was empty, ask ``list_offsets`` now and then,
    and when there is more, resume it and ``seek`` to its position (without the seek it sleeps up to 1 s)."""
    client_overrides: Mapping[str, Setting] = field(default_factory=_no_settings)
    """Settings for every consumer."""
    topic_overrides: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Settings for every new topic."""


class LocalBroker(Protocol):
    """A broker on the loopback interface whose life the caller controls.

    ``start()`` after ``stop()`` or ``kill()`` comes back at the same address with the same data.
    """

    @property
    def bootstrap(self) -> str:
        """The value for ``bootstrap.servers``."""
        ...

    @property
    def limits(self) -> BrokerLimits:
        """What this broker cannot do, and the client settings it needs."""
        ...

    @property
    def is_running(self) -> bool:
        """Whether the broker's process is alive."""
        ...

    def start(self) -> None:
        """Start the broker and return once it answers. Does nothing when it runs."""
        ...

    def stop(self) -> None:
        """End the broker in order, so that it saves what it holds."""
        ...

    def kill(self) -> None:
        """End the broker at once, as a crash would (SIGKILL)."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class BrokerError(Exception):
    """A local broker could not do what was asked of it."""


class BrokerNotInstalledError(BrokerError):
    """Programs or packages that the broker needs are missing."""

    def __init__(self, broker: str, missing: list[str], remedy: str) -> None:
        self.missing = missing
        super().__init__(f"{broker} cannot be used here: missing {', '.join(missing)}. {remedy}")


class BrokerInstallError(BrokerError):
    """The broker's files could not be fetched."""


class BrokerDidNotStartError(BrokerError):
    """The broker's process ended early or did not answer in time."""

    def __init__(self, broker: str, happened: str, log: Path, log_tail: str) -> None:
        self.log_tail = log_tail
        super().__init__(
            f"{broker} did not start: {happened}. Expected: an answer at its address. "
            f"Read the whole log in {log}. Its end:\n{log_tail or '(the log is empty)'}"
        )


def free_port(taken: tuple[int, ...] = ()) -> int:
    """Return a loopback port nobody listens on, outside the range of outgoing connections."""
    chooser = random.SystemRandom()
    for _ in range(_PORT_ATTEMPTS):
        port = chooser.randint(_FIRST_PORT, _LAST_PORT)
        if port not in taken and port_is_free(port):
            return port
    raise BrokerError(
        f"No free loopback port found: tried {_PORT_ATTEMPTS} between {_FIRST_PORT} and {_LAST_PORT}. "
        "Pass a port that is free."
    )


def port_is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do: a port whose last connections are still in TIME_WAIT can be listened on.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def port_taken(port: int) -> str:
    """Say that a port is in use, and what to do."""
    return f"another process listens on port {port} of {LOOPBACK}; end it, or use another home and port"


def wait_until(
    ready: Callable[[], bool], gone: Callable[[], bool], *, wait_s: float, pause_s: float = 0.05
) -> str | None:
    """Ask ``ready`` until it is true. Returns ``None`` then, otherwise what happened instead."""
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        if gone():
            return "its process ended"
        if ready():
            return None
        time.sleep(pause_s)
    return f"no answer within {wait_s:g} s"


class MetadataProbe:
    """Asks a broker for its metadata: every client's first question, so the proof that clients can come."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._admin = AdminClient(
            {
                "bootstrap.servers": bootstrap,
                "log_level": 0,  # refused connections are expected here
                "reconnect.backoff.ms": 20,
                "reconnect.backoff.max.ms": 100,
            }
        )

    def __call__(self) -> bool:
        """Tell whether the broker answered and names itself at the address asked."""
        try:
            metadata = self._admin.list_topics(timeout=0.5)
        except KafkaException:
            return False
        return any(f"{node.host}:{node.port}" == self._bootstrap for node in metadata.brokers.values())
