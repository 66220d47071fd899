"""Apache Kafka itself, as one KRaft node from Maven Central: the reference for every promise."""

from __future__ import annotations

import base64
import subprocess
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from disclosure_ledger.brokers.jvm import JarFolder
from disclosure_ledger.brokers.local import LOOPBACK, BrokerLimits, MetadataProbe, Setting
from disclosure_ledger.brokers.server import LocalServer

_LEAST_JAVA = 17
_POM = Path(__file__).parent / "apache" / "pom.xml"
_FORMAT_WAIT_S = 60.0
_TUNED_HEAP_MB = 1024

APACHE_LIMITS = BrokerLimits()


class ApacheKafka(LocalServer):
    """One Apache Kafka node, broker and controller in one process, on the loopback interface.

    ``home`` holds the data, the settings and ``broker.log``; ``cache`` holds the jars and may be shared
    (default: ``.kafka`` under ``home``). ``tuned`` gives up a quick start for throughput. ``properties`` are
    added to the server's, and win.
    """

    name: ClassVar[str] = "Apache Kafka"
    # The quorum's log names the controller's address, so that port stays with the data too.
    port_names: ClassVar[tuple[str, ...]] = ("main", "controller")

    def __init__(
        self,
        home: Path,
        port: int | None = None,
        heap_mb: int = 512,
        *,
        cache: Path | None = None,
        tuned: bool = False,
        properties: Mapping[str, Setting] | None = None,
        start_wait_s: float = 60.0,
    ) -> None:
        super().__init__(home, port, start_wait_s=start_wait_s)
        self.limits = APACHE_LIMITS
        self._jars = JarFolder(_POM, cache or self.home / ".kafka", "libs", "kafka.version")
        self._heap_mb = max(heap_mb, _TUNED_HEAP_MB) if tuned else heap_mb
        self._tuned = tuned
        self._extra = dict(properties or {})

    @property
    def version(self) -> str:
        """The pinned version of Apache Kafka."""
        return self._jars.version

    @property
    def bootstrap(self) -> str:
        """The value for ``bootstrap.servers``."""
        return self.address

    def missing_requirements(self) -> list[str]:
        """Programs to install before ``start()`` can work, for example ``["java 17+", "mvn"]``."""
        return self._jars.missing_requirements(_LEAST_JAVA)

    def install(self) -> None:
        """Fetch the jars into the cache unless they are there."""
        self._jars.require(self.name, _LEAST_JAVA)
        self._jars.install()

    def server_properties(self) -> dict[str, Setting]:
        """The settings of the node."""
        controller = f"{LOOPBACK}:{self._ports['controller']}"
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.bootstrap.servers": controller,
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(self.home / "data"),
            **_SINGLE_NODE,
            **self._extra,
        }

    def _prepared_command(self) -> list[str]:
        # In this file format a backslash starts an escape.
        lines = [f"{name}={value}".replace("\\", "\\\\") for name, value in self.server_properties().items()]
        self._settings_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        if not (self.home / "data" / "meta.properties").exists():
            self._format()
        return [*self._java(), "kafka.Kafka", str(self._settings_file)]

    def _readiness(self) -> Callable[[], bool]:
        return MetadataProbe(self.bootstrap)

    @property
    def _settings_file(self) -> Path:
        return self.home / "server.properties"

    def _format(self) -> None:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
        command = [*self._java(), "kafka.tools.StorageTool", "format", "--standalone"]
        # One word: an id may begin with a dash, which would pass for an option.
        command += [f"--cluster-id={cluster_id}", "--config", str(self._settings_file)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_FORMAT_WAIT_S)
        if answer.returncode != 0:
            happened = f"formatting its data folder failed with exit code {answer.returncode}"
            raise self._did_not_start(happened, answer.stdout + answer.stderr)

    def _java(self) -> list[str]:
        speed = [] if self._tuned else ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        options = ["-Xms128m", f"-Xmx{self._heap_mb}m", "-Djava.awt.headless=true", "-Dlog4j2.level=WARN"]
        return [self._jars.require(self.name, _LEAST_JAVA), *speed, *options, "-cp", self._jars.class_path]


_SINGLE_NODE: Mapping[str, Setting] = {
    "num.partitions": 1,
    "auto.create.topics.enable": "false",
    "num.network.threads": 2,
    "num.io.threads": 4,
    # One node cannot hold copies, and few partitions of the internal topics start quicker.
    "offsets.topic.num.partitions": 4,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    # A group starts at once, and tests may choose a short session.
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1000,
    "group.consumer.min.session.timeout.ms": 1000,
    # A dead producer's transaction ends soon after its own transaction.timeout.ms.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": 500,
    # After a crash the node is let in again only when the session of its former life is over (default 9 s).
    "broker.session.timeout.ms": 3000,
    "broker.heartbeat.interval.ms": 500,
    # The default of 128 MB does not fit into a small heap.
    "log.cleaner.dedupe.buffer.size": 4194304,
}
