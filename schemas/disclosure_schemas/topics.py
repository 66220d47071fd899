"""The topics: one table that creates them, describes them and documents them."""

from collections.abc import Mapping
from dataclasses import dataclass

_DAY_MS = 24 * 60 * 60 * 1000
FOREVER_MS = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """One topic: what is in it, who writes, who reads, how long it is kept."""

    name: str
    record: str
    purpose: str
    partitions: int
    retention_ms: int
    max_message_bytes: int
    writers: tuple[str, ...]
    readers: tuple[str, ...]

    def config(self) -> Mapping[str, str]:
        """Kafka topic settings."""
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_ms),
            "retention.bytes": "-1",
            "max.message.bytes": str(self.max_message_bytes),
            # A clock that is wrong in an application must not make the broker delete its events early.
            "message.timestamp.type": "LogAppendTime",
        }


REQUESTED = Topic(
    name="disclosures.requested",
    record="DisclosureRequested",
    purpose="disclosures asked for or reported, as applications emit them",
    partitions=6,
    retention_ms=30 * _DAY_MS,
    max_message_bytes=1_048_588,
    writers=("applications",),
    readers=("gate",),
)
DECIDED = Topic(
    name="disclosures.decided",
    record="DisclosureDecided",
    purpose="every decision with the request it decides; read committed",
    partitions=6,
    retention_ms=30 * _DAY_MS,
    max_message_bytes=1_048_588,
    writers=("gate",),
    readers=("recorder", "delivery connectors"),
)
PREFERENCES = Topic(
    name="privacy.preferences",
    record="PreferenceRecorded",
    purpose="opt-outs, signals, consents and facts about subjects; read whole by every gate",
    partitions=3,
    retention_ms=FOREVER_MS,
    max_message_bytes=1_048_588,
    writers=("preference centre", "consent tools", "agents' intake"),
    readers=("gate", "recorder", "in-process check"),
)
IDENTITIES = Topic(
    name="privacy.identities",
    record="IdentityLinked",
    purpose="which subject keys belong together; read whole by every gate",
    partitions=3,
    retention_ms=FOREVER_MS,
    max_message_bytes=1_048_588,
    writers=("login", "identity resolution"),
    readers=("gate", "recorder", "in-process check"),
)
DEAD_LETTER = Topic(
    name="disclosures.dead-letter",
    record="DeadLetter",
    purpose="records that could not be taken in, with original bytes and cause",
    partitions=6,
    retention_ms=FOREVER_MS,
    max_message_bytes=4_194_304,  # an original of the largest size plus what is said about it
    writers=("gate",),
    readers=("recorder", "operators"),
)
BULKS = Topic(
    name="disclosures.bulks",
    record="BulkAnnounced",
    purpose="bulks of requests: what is disclosed to whom, and how many belong together; keyed by the bulk",
    partitions=1,
    # As long as the rows that are announced: without them an announcement says nothing.
    retention_ms=REQUESTED.retention_ms,
    max_message_bytes=1_048_588,
    writers=("applications",),
    readers=("recorder",),
)

NOTIFICATIONS = Topic(
    name="privacy.notifications",
    record="RecipientNotified",
    purpose="opt-outs, limits and deletions of which recipients with the channel kafka are told",
    partitions=3,
    retention_ms=90 * _DAY_MS,
    max_message_bytes=1_048_588,
    writers=("worklist",),
    readers=("notification connectors",),
)

TOPICS: tuple[Topic, ...] = (REQUESTED, DECIDED, PREFERENCES, IDENTITIES, DEAD_LETTER, NOTIFICATIONS, BULKS)
