"""Brokers for tests, one of each kind a session. Loaded by ``pytest_plugins = ["kafka_fixtures"]``."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.brokers.embedded import EmbeddedBroker
from disclosure_ledger.brokers.local import LocalBroker
from disclosure_ledger.brokers.registry import SchemaRegistry

JAR_CACHE = Path(__file__).parents[1] / ".kafka"


def need(name: str, missing: list[str]) -> None:
    """Skip the test when something is missing here; fail it in CI, where nothing may be skipped unseen."""
    if not missing:
        return
    reason = f"{name} cannot run here: missing {', '.join(missing)}"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{reason}. CI must have it", pytrace=False)
    pytest.skip(reason)


def new_apache_kafka(home: Path, properties: Mapping[str, str | int] | None = None) -> ApacheKafka:
    """A broker that is not started yet, for tests that stop and kill it."""
    broker = ApacheKafka(home, cache=JAR_CACHE, properties=properties)
    need(broker.name, broker.missing_requirements())
    return broker


def new_embedded_broker(home: Path) -> EmbeddedBroker:
    """A broker that is not started yet, for tests that stop and kill it."""
    broker = EmbeddedBroker(home)
    need(broker.name, broker.missing_requirements())
    return broker


def new_schema_registry(home: Path) -> SchemaRegistry:
    """A registry that is not started yet, for tests that stop and kill it."""
    registry = SchemaRegistry(home, cache=JAR_CACHE)
    need(registry.name, registry.missing_requirements())
    return registry


@pytest.fixture(scope="session")
def apache_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApacheKafka]:
    """Apache Kafka, started once. Use fresh topics and groups; do not stop it."""
    with new_apache_kafka(tmp_path_factory.mktemp("apache-kafka")) as broker:
        yield broker


@pytest.fixture(scope="session")
def schema_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SchemaRegistry]:
    """A schema registry with the Confluent interface, started once. Use fresh subjects; do not stop it."""
    with new_schema_registry(tmp_path_factory.mktemp("schema-registry")) as registry:
        yield registry


@pytest.fixture(scope="session")
def embedded_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """The pip-installed broker, started once. Use fresh topics and groups; do not stop it."""
    with new_embedded_broker(tmp_path_factory.mktemp("embedded-broker")) as broker:
        yield broker


def fresh_name(kind: str = "topic") -> str:
    """A name for a topic, a group or a transactional id that no other test uses."""
    return f"{kind}-{uuid.uuid4().hex[:12]}"


def create_topic(broker: LocalBroker, partitions: int = 1, topic: str | None = None) -> str:
    """Create a topic with the settings this broker needs and return its name."""
    name = topic or fresh_name()
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    new = NewTopic(
        name, num_partitions=partitions, replication_factor=1, config=dict(broker.limits.topic_overrides)
    )
    admin.create_topics([new])[name].result(timeout=20)
    return name
