"""What no setting may weaken, and what a wrong setting says."""

from pathlib import Path
from typing import Any

import pytest

from disclosure_producers import kafka as kafka_edge
from disclosure_producers.client import DisclosureProducer
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.kafka import KafkaTransport
from disclosure_producers.settings import KafkaSettings, SettingsError
from disclosure_schemas.errors import InvalidEventError


def test_the_promises_of_the_client_cannot_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Idempotence, acks, partitioner and patience stay whatever the client settings say; others count."""
    configs: list[dict[str, Any]] = []

    class Spy:
        def __init__(self, config: dict[str, Any], **_: Any) -> None:
            configs.append(config)

        def produce(self) -> None:
            """Unused here."""

    monkeypatch.setattr(kafka_edge, "Producer", Spy)
    kafka = KafkaSettings(
        client={"acks": "0", "enable.idempotence": False, "message.timeout.ms": 5, "linger.ms": 77}
    )
    KafkaTransport(kafka, "topic", DeliverySettings())

    [config] = configs
    assert config["acks"] == "all"
    assert config["enable.idempotence"] is True
    assert config["message.timeout.ms"] == 0
    assert config["partitioner"] == "murmur2_random"
    assert config["linger.ms"] == 77


def test_a_client_setting_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """The error names the setting and the environment variable it came from."""
    kafka = KafkaSettings(client={"colour": "blue"})

    with pytest.raises(SettingsError, match=r"(?s)colour.*DISCLOSURE_KAFKA_CLIENT"):
        DisclosureProducer("crm", kafka=kafka, outbox_dir=tmp_path)


@pytest.mark.parametrize("emitter", ["", "x" * 513, "crm@example.com", None])
def test_an_emitter_needs_a_name(emitter: Any, tmp_path: Path) -> None:
    """An empty, endless or personal emitter is refused before anything is opened."""
    with pytest.raises(InvalidEventError, match="emitter"):
        DisclosureProducer(emitter, outbox_dir=tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each bound has its variable."""
    monkeypatch.setenv("DISCLOSURE_PRODUCER_OUTBOX_DIR", str(tmp_path))
    monkeypatch.setenv("DISCLOSURE_PRODUCER_MAX_BLOCK_MS", "7")

    delivery = DeliverySettings()

    assert (delivery.outbox_dir, delivery.max_block_ms) == (tmp_path, 7)
