"""A schema registry with the Confluent interface: Apicurio Registry, for development and tests."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from disclosure_ledger.brokers.jvm import JarFolder
from disclosure_ledger.brokers.local import LOOPBACK
from disclosure_ledger.brokers.server import LocalServer

# The last 2.6: Apicurio 3.3 needs Java 21, while this one runs on the Java that Kafka needs.
_LEAST_JAVA = 17
_POM = Path(__file__).parent / "registry" / "pom.xml"
_CONFLUENT_API = "/apis/ccompat/v7"
_HTTP_WAIT_S = 2.0


class SchemaRegistry(LocalServer):
    """One schema registry on the loopback interface. Its schemas are in a file under ``home``, not in Kafka.

    A schema whose id was given out survives ``kill()``.
    """

    name: ClassVar[str] = "The schema registry"

    def __init__(
        self,
        home: Path,
        port: int | None = None,
        *,
        cache: Path | None = None,
        heap_mb: int = 256,
        start_wait_s: float = 60.0,
    ) -> None:
        super().__init__(home, port, start_wait_s=start_wait_s)
        self._heap_mb = heap_mb
        self._program = JarFolder(
            _POM, cache or self.home / ".kafka", "registry", "apicurio.version", goal="unpack-dependencies"
        )

    @property
    def version(self) -> str:
        """The pinned version of Apicurio Registry."""
        return self._program.version

    @property
    def url(self) -> str:
        """The value for ``schema.registry.url``."""
        return f"http://{self.address}{_CONFLUENT_API}"

    def missing_requirements(self) -> list[str]:
        """Programs to install before ``start()`` can work, for example ``["java 17+", "mvn"]``."""
        return self._program.missing_requirements(_LEAST_JAVA)

    def install(self) -> None:
        """Fetch the program into the cache unless it is there."""
        self._program.require(self.name, _LEAST_JAVA)
        self._program.install()

    def _prepared_command(self) -> list[str]:
        # Written through at once, so that an id that was given out survives a crash.
        database = f"jdbc:h2:file:{self.home / 'data' / 'registry'};WRITE_DELAY=0"
        settings = {
            "quarkus.http.host": LOOPBACK,
            "quarkus.http.port": self._ports["main"],
            "quarkus.datasource.jdbc.url": database,
            "quarkus.datasource.jdbc.min-size": 1,
            "quarkus.datasource.jdbc.initial-size": 1,
            "quarkus.log.console.color": "false",
        }
        java = [self._program.require(self.name, _LEAST_JAVA), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        options = [f"-D{name}={value}" for name, value in settings.items()]
        archive = self._program.path / f"apicurio-registry-app-{self.version}-runner.jar"
        return [*java, f"-Xmx{self._heap_mb}m", *options, "-jar", str(archive)]

    def _readiness(self) -> Callable[[], bool]:
        return self._answers

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self._ports["main"], timeout=_HTTP_WAIT_S)
        try:
            connection.request("GET", f"{_CONFLUENT_API}/subjects")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
