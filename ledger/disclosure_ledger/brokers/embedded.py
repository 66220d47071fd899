"""The broker that pip installs: no Java, quick, small, and for trying and developing only.

It is the program of the package ``noida-db``. Of the brokers on the package index it is the only one that
hides aborted transactions and fences zombies. What it cannot do is stated in ``EMBEDDED_LIMITS``.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from importlib import metadata, resources
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from disclosure_ledger.brokers.local import LOOPBACK, BrokerLimits, BrokerNotInstalledError, MetadataProbe
from disclosure_ledger.brokers.server import LocalServer

_PACKAGE, _VERSION = "noida-db", "0.2.3"

EMBEDDED_NOTICE = (
    "The embedded broker is for trying and developing: one consumer a group, small backlogs, and a crash of "
    "the broker can lose the last second. Use Apache Kafka for anything that matters."
)

EMBEDDED_LIMITS = BrokerLimits(
    max_members_per_group=1,
    max_backlog_messages=50_000,
    min_session_timeout_ms=6000,
    needs_static_membership=True,
    expires_dead_transactions=False,
    keeps_open_transactions=False,
    keeps_acknowledged_after_kill=False,
    holds_fetches=False,
    client_overrides=MappingProxyType(
        {
            "partition.assignment.strategy": "range",  # cooperative-sticky stalls
            "receive.message.max.bytes": 1_000_000_000,  # its answers ignore the sizes a fetch asks for
        }
    ),
    topic_overrides=MappingProxyType({"retention.ms": "-1"}),
)


class EmbeddedBroker(LocalServer):
    """The pip-installed broker as a child process on the loopback interface.

    ``home`` holds the data, the port and ``broker.log``. Apply ``limits`` to every consumer and topic.
    """

    name: ClassVar[str] = "The embedded broker"

    def __init__(self, home: Path, port: int | None = None, *, start_wait_s: float = 15.0) -> None:
        super().__init__(home, port, start_wait_s=start_wait_s)
        self.limits = EMBEDDED_LIMITS

    @property
    def bootstrap(self) -> str:
        """The value for ``bootstrap.servers``."""
        return self.address

    def missing_requirements(self) -> list[str]:
        """The package to install before ``start()`` can work, if it is missing."""
        try:
            installed = metadata.version(_PACKAGE)
        except metadata.PackageNotFoundError:
            return [f"{_PACKAGE}=={_VERSION}"]
        return [] if installed == _VERSION else [f"{_PACKAGE}=={_VERSION} (got {installed})"]

    def install(self) -> None:
        """Check that the tested version of the package is here: pip installs it, not this program."""
        if missing := self.missing_requirements():
            remedy = f"Run: pip install '{_PACKAGE}=={_VERSION}' (other versions were not tested)."
            raise BrokerNotInstalledError(self.name, missing, remedy)

    def _prepared_command(self) -> list[str]:
        place = ["--data-dir", str(self.home / "data"), "--host", LOOPBACK]
        return [str(_program()), "start", "--only", "kafka", "--kafka-port", str(self._ports["main"]), *place]

    def _readiness(self) -> Callable[[], bool]:
        return MetadataProbe(self.bootstrap)


def _program() -> Path:
    # Without the package's own launcher, which would stand between us and the broker's process id.
    program = Path(str(resources.files("noida_db"))) / "noida-db"
    if not program.stat().st_mode & stat.S_IXUSR:  # a wheel unpacked by some installers loses the mode
        program.chmod(0o755)
    return program
