"""The brokers of the contract suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from broker_clients import BrokerClients
from disclosure_ledger.brokers.local import LocalBroker
from kafka_fixtures import new_apache_kafka, new_embedded_broker

APACHE = pytest.param("apache", marks=pytest.mark.kafka, id="apache")
EMBEDDED = pytest.param("embedded", id="embedded")

_NEW: dict[str, Callable[[Path], LocalBroker]] = {"apache": new_apache_kafka, "embedded": new_embedded_broker}
_SHARED = {"apache": "apache_kafka", "embedded": "embedded_broker"}


@pytest.fixture(params=[APACHE, EMBEDDED])
def broker(request: pytest.FixtureRequest) -> LocalBroker:
    """Each broker in turn, shared by all tests: never stop it."""
    return cast("LocalBroker", request.getfixturevalue(_SHARED[request.param]))


@pytest.fixture(params=[APACHE, EMBEDDED])
def own_broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalBroker]:
    """Each broker in turn, started for this test alone, which may stop and kill it."""
    with _NEW[request.param](tmp_path / "broker") as broker:
        yield broker


@pytest.fixture
def clients(broker: LocalBroker) -> Iterator[BrokerClients]:
    """Clients of the shared broker."""
    with BrokerClients(broker) as opened:
        yield opened
