"""What a pipeline consists of: which broker, how many gates, which folders and settings."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from disclosure_ledger.brokers.apache import APACHE_LIMITS, ApacheKafka
from disclosure_ledger.brokers.embedded import EMBEDDED_LIMITS, EmbeddedBroker
from disclosure_ledger.brokers.local import BrokerLimits, free_port
from disclosure_ledger.pipeline import state_file
from disclosure_ledger.pipeline.errors import TooManyGatesError

KafkaName = Literal["embedded", "apache"]

API_PORT = "DISCLOSURE_API_PORT"
_SECRET = "DISCLOSURE_SUBJECT_SECRET"  # noqa: S105 - the variable's name
_SECRET_BYTES = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A pipeline in one folder: `broker/`, `logs/`, `ledger/`, `gates/`, `outbox/` and `pipeline.env`.

    `console`: its recorder serves the API with the console.
    """

    folder: Path
    kafka: KafkaName = "embedded"
    gates: int = 1
    port: int | None = None
    jar_cache: Path | None = None
    console: bool = False

    @property
    def ledger_folder(self) -> Path:
        """Folder of the DuckDB ledger."""
        return self.folder / "ledger"

    @property
    def log_folder(self) -> Path:
        """Folder of what the processes print."""
        return self.folder / "logs"

    def broker(self) -> ApacheKafka | EmbeddedBroker:
        """The broker, not started; raises TooManyGatesError where it cannot serve so many gates."""
        limits = APACHE_LIMITS if self.kafka == "apache" else EMBEDDED_LIMITS
        most = limits.max_members_per_group
        if most is not None and self.gates > most:
            raise TooManyGatesError(
                f"{self.gates} gates were asked for, but the {self.kafka} broker serves at most {most} "
                "member of a consumer group. Use --gates 1, or --kafka apache for more."
            )
        home = self.folder / "broker"
        if self.kafka == "apache":
            return ApacheKafka(home, self.port, cache=self.jar_cache)
        return EmbeddedBroker(home, self.port)

    def settings(
        self, bootstrap: str, limits: BrokerLimits, environment: Mapping[str, str]
    ) -> dict[str, str]:
        """Environment variables that processes and applications of this pipeline need.

        The subject secret and the API's port are the environment's, else those of an earlier start in this
        folder, else new.
        """
        values = {
            "DISCLOSURE_KAFKA_BOOTSTRAP": bootstrap,
            "DISCLOSURE_KAFKA_TOPIC_PREFIX": "",
            "DISCLOSURE_KAFKA_CLIENT": "{}",
            "DISCLOSURE_KAFKA_CONSUMER": json.dumps(dict(limits.client_overrides)),
            "DISCLOSURE_TOPICS_CONFIG": json.dumps(dict(limits.topic_overrides)),
            "DISCLOSURE_LEDGER_DIR": str(self.ledger_folder.resolve()),
            "DISCLOSURE_PRODUCER_OUTBOX_DIR": str((self.folder / "outbox").resolve()),
            _SECRET: self._secret(environment),
        }
        if self.console:
            values[API_PORT] = environment.get(API_PORT) or self._kept(API_PORT) or str(free_port())
        if limits.max_members_per_group is not None:
            values["DISCLOSURE_KAFKA_MAX_GROUP_MEMBERS"] = str(limits.max_members_per_group)
        return values

    def gate_settings(self, number: int) -> dict[str, str]:
        """Environment variables of one gate alone; gates are numbered from 1."""
        name = f"gate-{number}"
        return {
            # A fixed name lets a restarted gate take over at once and fences what is left of the old one.
            "DISCLOSURE_GATE_INSTANCE": name,
            "DISCLOSURE_GATE_STATE": str((self.folder / "gates" / name).resolve()),
        }

    def _secret(self, environment: Mapping[str, str]) -> str:
        return environment.get(_SECRET) or self._kept(_SECRET) or secrets.token_hex(_SECRET_BYTES)

    def _kept(self, name: str) -> str | None:
        """A setting of an earlier start in this folder."""
        earlier = self.folder / state_file.FILE_NAME
        return state_file.read(earlier).get(name) if earlier.exists() else None
