"""Creates the topics of `disclosure_schemas.topics`, compares them with the broker, and looks at groups."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from disclosure_consumers.kafka.client import BrokerUnreachableError
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.errors import DisclosureError
from disclosure_schemas.topics import TOPICS, Topic

WAIT_S = 10.0
"""Longest wait for one answer of the broker."""

_ERROR_LEVEL_NONE = 0
_POLL_S = 0.05


class TopicAdminError(DisclosureError):
    """The broker refused to create or describe a topic."""


class TopicSettings(BaseSettings):
    """What differs between brokers when topics are created (`DISCLOSURE_TOPICS_...`)."""

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_TOPICS_", frozen=True, extra="ignore")

    replication_factor: int = Field(
        default=-1, description="copies of each partition; -1 leaves it to the broker"
    )
    config: Mapping[str, str] = Field(
        default={}, description="JSON object of Kafka topic settings that replace those of the table"
    )

    def wanted(self, topic: Topic) -> dict[str, str]:
        """Kafka settings a topic should have on this broker."""
        return {**topic.config(), **self.config}


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One way in which a topic on the broker is not as the table says."""

    setting: str
    expected: str
    got: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicState:
    """A topic of the table beside what the broker says of it; `partitions` is None where it is missing."""

    topic: Topic
    name: str
    partitions: int | None
    replicas: int | None
    differences: tuple[Difference, ...]

    @property
    def exists(self) -> bool:
        """Whether the broker has the topic."""
        return self.partitions is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatedTopic:
    """What became of one topic that was to be created."""

    topic: Topic
    name: str
    result: Literal["created", "already_exists"]


class TopicAdmin:
    """Asks one broker about topics and groups.

    Every question waits at most `wait_s` seconds for an answer (WAIT_S if None), then raises
    BrokerUnreachableError.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        topic_settings: TopicSettings | None = None,
        *,
        wait_s: float | None = None,
    ) -> None:
        self._settings = settings
        self._topic_settings = topic_settings or TopicSettings()
        self._wait_s = WAIT_S if wait_s is None else wait_s
        # What librdkafka would print of refused connections is said by our own error.
        self._admin = AdminClient({**settings.client_config(), "log_level": _ERROR_LEVEL_NONE})

    def create(self, topics: Sequence[Topic] = TOPICS) -> list[CreatedTopic]:
        """Create what is missing; a topic that exists is left as it is, whatever its settings."""
        present = self._partition_counts()
        missing = [topic for topic in topics if self._settings.topic(topic) not in present]
        new = [
            NewTopic(
                self._settings.topic(topic),
                num_partitions=topic.partitions,
                replication_factor=self._topic_settings.replication_factor,
                config=self._topic_settings.wanted(topic),
            )
            for topic in missing
        ]
        raced: set[str] = set()
        if new:
            for name, answer in self._admin.create_topics(new, request_timeout=self._wait_s).items():
                try:
                    answer.result(self._wait_s)
                except KafkaException as error:
                    if _kafka_error(error).code() != KafkaError.TOPIC_ALREADY_EXISTS:
                        raise self._refused(f"create the topic {name}", error) from error
                    raced.add(name)
            self._wait_until_known({self._settings.topic(topic) for topic in missing})
        made = {self._settings.topic(topic) for topic in missing} - raced
        return [
            CreatedTopic(topic=topic, name=name, result="created" if name in made else "already_exists")
            for topic in topics
            for name in (self._settings.topic(topic),)
        ]

    def describe(self, topics: Sequence[Topic] = TOPICS) -> list[TopicState]:
        """Compare the broker's topics with the table."""
        counts = self._partition_counts()
        present = [name for topic in topics if (name := self._settings.topic(topic)) in counts]
        configs = self._configs(present)
        return [self._state(topic, counts, configs) for topic in topics]

    def group_member_count(self, group: str) -> int:
        """How many members of a consumer group hold at least one partition; 0 for an unknown group."""
        name = self._settings.group(group)
        answer = self._admin.describe_consumer_groups([name], request_timeout=self._wait_s)[name]
        try:
            described = answer.result(self._wait_s)
        except (KafkaException, TimeoutError):  # no coordinator yet, so nobody can be a member
            return 0
        return sum(1 for member in described.members if member.assignment.topic_partitions)

    def other_members(self, group: str, instance: str) -> list[str]:
        """Names of the members of a group, other than the static member of this name."""
        name = self._settings.group(group)
        answer = self._admin.describe_consumer_groups([name], request_timeout=self._wait_s)[name]
        try:
            members = answer.result(self._wait_s).members
        except (KafkaException, TimeoutError):  # no coordinator yet, so nobody can be a member
            return []
        names = [member.group_instance_id or member.member_id for member in members]
        return [other for other in names if other != instance]

    def lag(self, group: str, topic: Topic) -> int:
        """How many records of a topic lie between what a group has committed and the end."""
        ends = self._end_offsets(topic)
        group_name = self._settings.group(group)
        answers = self._admin.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group_name)], request_timeout=self._wait_s
        )
        try:
            committed = answers[group_name].result(self._wait_s).topic_partitions
        except KafkaException as error:
            raise self._refused(f"tell the offsets of the group {group_name}", error) from error
        name = self._settings.topic(topic)
        done = {place.partition: place.offset for place in committed if place.topic == name}
        return sum(end - max(done.get(partition, 0), 0) for partition, end in ends.items())

    def _end_offsets(self, topic: Topic) -> dict[int, int]:
        name = self._settings.topic(topic)
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        partitions, _ = self._partition_counts()[name]
        asked = {TopicPartition(name, partition): latest for partition in range(partitions)}
        answers = self._admin.list_offsets(asked, request_timeout=self._wait_s)
        try:
            return {place.partition: answer.result(self._wait_s).offset for place, answer in answers.items()}
        except KafkaException as error:
            raise self._refused(f"tell the end offsets of {name}", error) from error

    def _wait_until_known(self, names: set[str]) -> None:
        """A created topic is in the controller's log; every client sees it only a little later."""
        deadline = time.monotonic() + self._wait_s
        while unknown := names - self._partition_counts().keys():
            if time.monotonic() > deadline:
                raise TopicAdminError(
                    f"the broker at {self._settings.bootstrap} accepted {', '.join(sorted(unknown))}, but "
                    f"does not list them after {self._wait_s:g} s. Read the broker's own log."
                )
            time.sleep(_POLL_S)

    def _state(
        self,
        topic: Topic,
        counts: Mapping[str, tuple[int, int]],
        configs: Mapping[str, Mapping[str, str]],
    ) -> TopicState:
        name = self._settings.topic(topic)
        if name not in counts:
            return TopicState(topic=topic, name=name, partitions=None, replicas=None, differences=())
        partitions, replicas = counts[name]
        found = {"partitions": str(partitions), **configs.get(name, {})}
        expected = {"partitions": str(topic.partitions), **self._topic_settings.wanted(topic)}
        differences = tuple(
            Difference(setting=setting, expected=value, got=found.get(setting, "(not told)"))
            for setting, value in expected.items()
            if found.get(setting) != value
        )
        return TopicState(
            topic=topic, name=name, partitions=partitions, replicas=replicas, differences=differences
        )

    def _partition_counts(self) -> dict[str, tuple[int, int]]:
        """Partitions and replicas of every topic on the broker."""
        try:
            metadata = self._admin.list_topics(timeout=self._wait_s)
        except KafkaException as error:
            raise BrokerUnreachableError(
                f"no Kafka broker answered at {self._settings.bootstrap} within {self._wait_s:g} s "
                f"({_kafka_error(error).name()}). Start one with `disclosures up`, or set "
                "DISCLOSURE_KAFKA_BOOTSTRAP to the address of yours."
            ) from error
        return {
            name: (
                len(found.partitions),
                max((len(p.replicas) for p in found.partitions.values()), default=0),
            )
            for name, found in metadata.topics.items()
            if found.error is None
        }

    def _configs(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        asked = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        answers = self._admin.describe_configs(asked, request_timeout=self._wait_s)
        configs: dict[str, dict[str, str]] = {}
        for resource, answer in answers.items():
            try:
                entries = answer.result(self._wait_s)
            except KafkaException as error:
                raise self._refused(f"describe the topic {resource.name}", error) from error
            configs[resource.name] = {key: entry.value for key, entry in entries.items()}
        return configs

    def _refused(self, what: str, error: KafkaException) -> TopicAdminError:
        cause = _kafka_error(error)
        return TopicAdminError(
            f"the broker at {self._settings.bootstrap} refused to {what}: {cause.name()}: {cause.str()}. "
            "Check the rights of this user and the broker's own log."
        )


def _kafka_error(error: KafkaException) -> KafkaError:
    cause = error.args[0]
    assert isinstance(cause, KafkaError), "confluent_kafka puts its error first"
    return cause
