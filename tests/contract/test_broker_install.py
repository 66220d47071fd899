"""How the programs from Maven Central are fetched: once, whole, and with a clear word when it fails."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.brokers.embedded import EmbeddedBroker
from disclosure_ledger.brokers.jvm import JarFolder
from disclosure_ledger.brokers.local import (
    BrokerInstallError,
    BrokerLimits,
    BrokerNotInstalledError,
    LocalBroker,
)

POM = "<project><properties><kafka.version>9.9</kafka.version></properties></project>"

# Stands in for Maven: counts its runs and puts one jar where it is told to.
MAVEN = """#!/bin/sh
echo run >> "$0.runs"
for argument in "$@"; do
  case "$argument" in -DoutputDirectory=*) target="${argument#*=}" ;; esac
done
mkdir -p "$target" && echo jar > "$target/kafka.jar"
sleep 0.2
[ ! -e "$0.fails" ] || { echo "the repository does not answer"; exit 1; }
"""


class Workshop:
    """A pom, a cache and a Maven that the test controls."""

    def __init__(self, folder: Path) -> None:
        self.pom, self.cache = folder / "pom.xml", folder / "cache"
        self.maven = folder / "bin" / "mvn"
        self.maven.parent.mkdir()
        self.maven.write_text(MAVEN, encoding="ascii")
        self.maven.chmod(0o755)
        self.pom.write_text(POM, encoding="ascii")

    def jars(self) -> JarFolder:
        return JarFolder(self.pom, self.cache, "libs", "kafka.version")

    @property
    def runs(self) -> int:
        record = Path(f"{self.maven}.runs")
        return len(record.read_text(encoding="ascii").split()) if record.exists() else 0

    def fail(self, fails: bool) -> None:
        switch = Path(f"{self.maven}.fails")
        switch.touch() if fails else switch.unlink()


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Nothing is fetched yet."""
    made = Workshop(tmp_path)
    monkeypatch.setenv("PATH", f"{made.maven.parent}:/usr/bin:/bin")
    return made


def test_jars_are_fetched_once(workshop: Workshop) -> None:
    """A second install of the same pom does not run Maven."""
    for _ in range(2):
        workshop.jars().install()
    assert workshop.runs == 1
    assert (workshop.jars().path / "kafka.jar").exists()


def test_a_changed_pom_is_fetched_again(workshop: Workshop) -> None:
    """Jars of another pom do not count, even under the same version."""
    workshop.jars().install()
    workshop.pom.write_text(POM + "\n<!-- another logging library -->", encoding="ascii")
    assert not workshop.jars().is_complete()
    workshop.jars().install()
    assert workshop.runs == 2


def test_two_installs_at_once_run_maven_once(workshop: Workshop) -> None:
    """The second install waits for the first and uses its jars."""
    both = [threading.Thread(target=workshop.jars().install) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert workshop.runs == 1


def test_an_interrupted_install_is_begun_anew(workshop: Workshop) -> None:
    """Jars that an interrupted run left behind are never taken for complete."""
    workshop.fail(True)
    with pytest.raises(BrokerInstallError, match="the repository does not answer"):
        workshop.jars().install()
    assert not workshop.jars().path.exists()
    workshop.fail(False)
    workshop.jars().install()
    assert workshop.jars().is_complete()


def test_missing_programs_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Java and Maven the broker names both, and what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    broker = ApacheKafka(tmp_path / "broker")
    assert broker.missing_requirements() == ["java 17+", "mvn"]
    with pytest.raises(BrokerNotInstalledError, match=r"missing java 17\+, mvn\. Install them"):
        broker.start()


def test_both_brokers_keep_to_the_interface(tmp_path: Path) -> None:
    """Apache Kafka has no limits of its own; the embedded one allows a single member a group."""
    apache: LocalBroker = ApacheKafka(tmp_path / "apache")
    embedded: LocalBroker = EmbeddedBroker(tmp_path / "embedded")
    assert apache.limits == BrokerLimits()
    assert embedded.limits.max_members_per_group == 1
    assert not apache.is_running
    assert not embedded.is_running
