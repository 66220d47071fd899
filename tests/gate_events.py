"""Events, registries and a gate on the in-memory double, for the gate's tests."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from disclosure_consumers.control_tables import ControlTables
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.deciding import Codecs, Decider
from disclosure_consumers.gate import Gate
from disclosure_consumers.gate_meter import GateMeter
from disclosure_consumers.memory import MemoryControlLog, MemoryLog, MemorySink, MemorySource
from disclosure_consumers.ports import ControlLog
from disclosure_consumers.registry_files import example_registry, load_registry
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.dead_letter import DeadLetter
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested, Item
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import Kind, LinkAction, Mode, PreferenceKind, SubjectType
from disclosure_schemas.moments import microseconds

NOW = datetime(2026, 4, 6, 16, 0, tzinfo=UTC)  # a Monday morning in California
PRODUCER = uuid.UUID(int=7)
REQUESTS, DECISIONS, DEAD_LETTERS = "requests", "decisions", "dead-letters"
PREFERENCES, IDENTITIES = "preferences", "identities"

REQUESTED_CODEC = EventCodec(DisclosureRequested)
DECIDED_CODEC = EventCodec(DisclosureDecided)
DEAD_LETTER_CODEC = EventCodec(DeadLetter)
PREFERENCE_CODEC = EventCodec(PreferenceRecorded)
IDENTITY_CODEC = EventCodec(IdentityLinked)


def registry(*published: str) -> Registry:
    """The example registry with these notices published; `neutral` declares everything."""
    return load_registry(example_registry(), published or ("neutral",))


def event_id(at: datetime = NOW) -> uuid.UUID:
    """A fresh event id."""
    return new_event_id(microseconds(at) // 1000)


def disclosure(**changes: Any) -> Disclosure:
    """A sale of e-mail addresses to Harborlight, with changes; `items` as texts."""
    fields: dict[str, Any] = {
        "mode": Mode.REQUEST,
        "kind": Kind.SALE,
        "recipient_id": "harborlight",
        "purpose": "marketing",
        "items": ("identifiers.email",),
        "emitter": "crm",
    } | changes
    fields["items"] = tuple(Item.parse(i) if isinstance(i, str) else i for i in fields["items"])
    return Disclosure(**fields)


def request(subject: uuid.UUID, what: Disclosure | None = None, **changes: Any) -> DisclosureRequested:
    """A request (or report) about a subject."""
    fields: dict[str, Any] = {
        "event_id": event_id(),
        "subject_key": subject,
        "producer_id": PRODUCER,
        "occurred_at": NOW,
        "emitted_at": NOW,
        "sequence": 0,
        "disclosure": what or disclosure(),
    }
    return DisclosureRequested(**(fields | changes))


def preference(subject: uuid.UUID, kind: PreferenceKind, **changes: Any) -> PreferenceRecorded:
    """A preference of a subject, an hour ago."""
    an_hour_ago = NOW - timedelta(hours=1)
    fields: dict[str, Any] = {
        "event_id": event_id(),
        "subject_key": subject,
        "producer_id": PRODUCER,
        "occurred_at": an_hour_ago,
        "emitted_at": an_hour_ago,
        "sequence": 0,
        "kind": kind,
    }
    return PreferenceRecorded(**(fields | changes))


def link(one: uuid.UUID, other: uuid.UUID, **changes: Any) -> IdentityLinked:
    """A link of a device (first) and an account (second), two hours ago."""
    earlier = NOW - timedelta(hours=2)
    fields: dict[str, Any] = {
        "event_id": event_id(),
        "subject_key": one,
        "producer_id": PRODUCER,
        "occurred_at": earlier,
        "emitted_at": earlier,
        "sequence": 0,
        "action": LinkAction.LINK,
        "subject_type": SubjectType.DEVICE,
        "other_subject_key": other,
        "other_subject_type": SubjectType.ACCOUNT,
    }
    return IdentityLinked(**(fields | changes))


@dataclass
class World:
    """A gate with everything around it in memory."""

    published: tuple[str, ...] = ("neutral",)
    log: MemoryLog = field(default_factory=MemoryLog)
    committed: dict[int, int] = field(default_factory=dict)
    now: datetime = NOW
    meter: GateMeter = field(default_factory=GateMeter)

    def __post_init__(self) -> None:
        for topic in (REQUESTS, DECISIONS, DEAD_LETTERS):
            self.log.create(topic, 2)
        for topic in (PREFERENCES, IDENTITIES):
            self.log.create(topic, 1)
        self.sink = MemorySink(self.log, self.committed)
        self.control_log: ControlLog = MemoryControlLog(self.log, [PREFERENCES, IDENTITIES])

    def ask(self, event: DisclosureRequested, partition: int = 0) -> None:
        """An application emits."""
        value = REQUESTED_CODEC.encode(event)
        self.log.append(REQUESTS, partition, event.subject_key.bytes, value, timestamp_ms=self._now_ms())

    def prefer(self, event: PreferenceRecorded) -> None:
        """The broker acknowledges a preference."""
        value = PREFERENCE_CODEC.encode(event)
        self.log.append(PREFERENCES, 0, event.subject_key.bytes, value, timestamp_ms=self._now_ms())

    def link(self, event: IdentityLinked) -> None:
        """The broker acknowledges a link."""
        self.log.append(IDENTITIES, 0, event.subject_key.bytes, IDENTITY_CODEC.encode(event))

    def gate(
        self,
        control: ControlTables | None = None,
        batch_events: int = 1000,
        new_registry: Callable[[], Registry | None] | None = None,
    ) -> Gate:
        """A gate that begins at the committed offsets."""
        return Gate(
            MemorySource(self.log, REQUESTS, self.committed),
            self.sink,
            control or self.control(),
            self.decider(),
            batch_events=batch_events,
            barrier_timeout_s=0.0,
            clock_us=lambda: microseconds(self.now),
            new_registry=new_registry,
            meter=self.meter,
        )

    def _now_ms(self) -> int:
        return microseconds(self.now) // 1000

    def control(self) -> ControlTables:
        """Control tables over the log in memory."""
        return ControlTables(
            self.control_log,
            preferences_topic=PREFERENCES,
            identities_topic=IDENTITIES,
            preferences=PREFERENCE_CODEC,
            identities=IDENTITY_CODEC,
            meter=self.meter,
            clock_us=lambda: microseconds(self.now),
        )

    def decider(self) -> Decider:
        """A decider with the published notices."""
        return Decider(
            registry(*self.published),
            Codecs(REQUESTED_CODEC, DECIDED_CODEC, DEAD_LETTER_CODEC),
            decided_topic=DECISIONS,
            dead_letter_topic=DEAD_LETTERS,
            group="gate",
            permit_ttl_s=300,
        )

    def decisions(self) -> list[DisclosureDecided]:
        """All decisions so far."""
        return [DECIDED_CODEC.decode(m.value() or b"") for m in self.log.records(DECISIONS)]

    def dead_letters(self) -> list[DeadLetter]:
        """All dead letters so far."""
        return [DEAD_LETTER_CODEC.decode(m.value() or b"") for m in self.log.records(DEAD_LETTERS)]
