"""Settings of every process, from the environment; each error names its variable."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from disclosure_schemas.errors import DisclosureError
from disclosure_schemas.subject_keys import SECRET_BYTES_MIN
from disclosure_schemas.topics import Topic


class SettingsError(DisclosureError):
    """A setting is missing or cannot be used."""


class KafkaSettings(BaseSettings):
    """Where the broker is and how to talk to it (`DISCLOSURE_KAFKA_...`)."""

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_KAFKA_", frozen=True, extra="ignore")

    bootstrap: str = Field(
        default="127.0.0.1:9092", description="host:port of one or more brokers, comma-separated"
    )
    topic_prefix: str = Field(
        default="", description="put in front of every topic name; for several pipelines on one broker"
    )
    client: Mapping[str, str | int | bool] = Field(
        default={},
        repr=False,  # it may hold a password
        description="JSON object of librdkafka settings for every client, such as security.protocol",
    )
    consumer: Mapping[str, str | int | bool] = Field(
        default={}, repr=False, description="JSON object of librdkafka settings for consumers alone"
    )
    max_group_members: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="most gates the broker can serve in one group; the embedded broker serves one",
    )

    def topic(self, topic: Topic) -> str:
        """Name of a topic on this broker."""
        return self.topic_prefix + topic.name

    def group(self, name: str) -> str:
        """Name of a consumer group on this broker; pipelines with topics of their own share no group."""
        return self.topic_prefix + name

    def client_config(self) -> dict[str, str | int | bool]:
        """librdkafka settings that every client of this broker needs."""
        return {"bootstrap.servers": self.bootstrap, **self.client}

    def consumer_config(self) -> dict[str, str | int | bool]:
        """librdkafka settings that every consumer of this broker needs."""
        return {**self.client_config(), **self.consumer}


class SubjectSettings(BaseSettings):
    """The secret that makes subject keys (`DISCLOSURE_SUBJECT_SECRET`)."""

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_SUBJECT_", frozen=True, extra="ignore")

    secret: SecretStr | None = Field(
        default=None, description="at least 32 bytes; hexadecimal text is taken as bytes"
    )

    def secret_bytes(self) -> bytes:
        """Return the secret; raises SettingsError where it is missing or short."""
        if self.secret is None:
            raise SettingsError(
                "the environment variable DISCLOSURE_SUBJECT_SECRET is not set; keys are made with it. "
                "Make one with `openssl rand -hex 32`, and give every application the same."
            )
        text = self.secret.get_secret_value()
        try:
            secret = bytes.fromhex(text)
        except ValueError:
            secret = text.encode()
        if len(secret) < SECRET_BYTES_MIN:
            raise SettingsError(
                f"DISCLOSURE_SUBJECT_SECRET has {len(secret)} bytes, at least {SECRET_BYTES_MIN} are needed. "
                "Make one with `openssl rand -hex 32`."
            )
        return secret


class RegistrySettings(BaseSettings):
    """Where the schema registry is, if there is one (`DISCLOSURE_SCHEMA_REGISTRY_URL`)."""

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_SCHEMA_REGISTRY_", frozen=True, extra="ignore")

    url: str | None = Field(default=None, description="with it events are written in Confluent wire format")


class LogSettings(BaseSettings):
    """What a long-running process writes on stderr (`DISCLOSURE_LOG_...`)."""

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_LOG_", frozen=True, extra="ignore")

    format: Literal["console", "json"] = Field(
        default="console", description="lines for people, or a JSON object a line"
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least of what is written"
    )


class MetricsSettings(BaseSettings):
    """Where a process tells Prometheus how it is (`DISCLOSURE_METRICS_...`)."""

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_METRICS_", frozen=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="address /metrics is served at")
    port: Annotated[int, Field(ge=0, le=65_535)] | None = Field(
        default=None, description="port of /metrics; 0 lets the system choose one, none is served without it"
    )
