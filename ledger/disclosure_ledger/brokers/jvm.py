"""Java programs from Maven Central: is Java here, and the folder of jars a ``pom.xml`` names."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from disclosure_ledger.brokers.local import BrokerInstallError, BrokerNotInstalledError

_MARKER = "complete"
_SHOWN_CHARACTERS = 3000
_MAVEN_WAIT_S = 900.0
_REMEDY = "Install them (Debian: openjdk-17-jre-headless, maven)."


def java_program() -> str | None:
    """The path of ``java``: from ``JAVA_HOME`` when set, else from ``PATH``."""
    java_home = os.environ.get("JAVA_HOME")
    if java_home:
        return shutil.which("java", path=str(Path(java_home) / "bin"))
    return shutil.which("java")


def java_major() -> int | None:
    """The major version of the installed Java, or ``None`` when there is none."""
    program = java_program()
    if program is None:
        return None
    answer = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', answer.stderr + answer.stdout)
    return int(found.group(1)) if found else None


class JarFolder:
    """The jars of one ``pom.xml``, fetched once into a cache shared by all processes."""

    def __init__(
        self, pom: Path, cache: Path, name: str, version_property: str, goal: str = "copy-dependencies"
    ) -> None:
        self.pom = pom
        self._goal = goal
        self.version = _pinned_version(pom, version_property)
        self.path = cache / f"{name}-{self.version}"

    @property
    def class_path(self) -> str:
        """The value for ``java -cp``."""
        return str(self.path / "*")

    def is_complete(self) -> bool:
        """Whether every jar of the present ``pom.xml`` is here."""
        marker = self.path / _MARKER
        return marker.exists() and marker.read_text(encoding="ascii") == self._pom_digest()

    def missing_requirements(self, least_java: int) -> list[str]:
        """Programs that must be installed first. Maven is only needed while jars are missing."""
        missing = [] if (java_major() or 0) >= least_java else [f"java {least_java}+"]
        if not self.is_complete() and shutil.which("mvn") is None:
            missing.append("mvn")
        return missing

    def require(self, what: str, least_java: int) -> str:
        """Return the path of ``java``, or raise naming what is missing."""
        missing = self.missing_requirements(least_java)
        program = java_program()
        if missing or program is None:
            raise BrokerNotInstalledError(what, missing, _REMEDY)
        return program

    def install(self) -> None:
        """Fetch the jars unless they are complete. Safe against interruption and against other processes."""
        if self.is_complete():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with _only_one_process(self.path.with_name(f"{self.path.name}.lock")):
            if self.is_complete():  # another process fetched them while this one waited
                return
            staging = self.path.with_name(f"{self.path.name}.partial")
            shutil.rmtree(staging, ignore_errors=True)
            self._fetch(staging)
            (staging / _MARKER).write_text(self._pom_digest(), encoding="ascii")
            shutil.rmtree(self.path, ignore_errors=True)
            staging.rename(self.path)  # the folder appears whole or not at all

    def _fetch(self, staging: Path) -> None:
        # Maven writes beside the pom it reads, and ours may lie in a read-only installation.
        staging.mkdir()
        pom = str(shutil.copy(self.pom, staging / "pom.xml"))
        target = f"-DoutputDirectory={staging.resolve()}"
        command = ["mvn", "-q", "-B", "-f", pom, f"dependency:{self._goal}", "-DincludeScope=runtime", target]
        try:
            answer = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=_MAVEN_WAIT_S
            )
        except subprocess.TimeoutExpired as error:
            raise BrokerInstallError(
                f"Maven did not fetch the jars of {self.pom} within {_MAVEN_WAIT_S:g} s. "
                "Check the way to the Maven repository and start again: jars it has are not fetched twice."
            ) from error
        if answer.returncode != 0 or not any(staging.glob("*.jar")):
            raise BrokerInstallError(
                f"Maven could not fetch the jars of {self.pom} (exit code {answer.returncode}). "
                f"Expected: jars in {staging}. Run it by hand to see more: {' '.join(command)}\n"
                f"{(answer.stdout + answer.stderr)[-_SHOWN_CHARACTERS:]}"
            )

    def _pom_digest(self) -> str:
        return hashlib.sha256(self.pom.read_bytes()).hexdigest()


def _pinned_version(pom: Path, version_property: str) -> str:
    tag = re.escape(version_property)
    found = re.search(f"<{tag}>([^<]+)</{tag}>", pom.read_text(encoding="utf-8"))
    if found is None:
        raise BrokerInstallError(f"{pom} has no property {version_property}. Expected: the pinned version.")
    return found.group(1)


@contextmanager
def _only_one_process(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # released by the system if this process dies
        yield
