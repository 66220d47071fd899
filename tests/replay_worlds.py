"""Random worlds for replays: several gates, each as far behind as chance has it, over one log in memory."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from core_events import KEYS, TYPES, Control, control_event, event_id, request_of
from core_sayings import histories
from core_strategies import disclosures, moments_of_deciding
from disclosure_consumers.control_tables import ControlTables
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_consumers.deciding import Codecs, Decider
from disclosure_consumers.memory import MemoryControlLog, MemoryLog
from disclosure_consumers.ports import Message, StateUnreadableError
from disclosure_schemas.errors import UndecodableError
from disclosure_schemas.events.disclosure import DisclosureRequested, Signals
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.vocabulary import SubjectType
from disclosure_schemas.moments import from_microseconds
from gate_events import (
    DEAD_LETTER_CODEC,
    DEAD_LETTERS,
    DECIDED_CODEC,
    DECISIONS,
    IDENTITIES,
    IDENTITY_CODEC,
    PREFERENCE_CODEC,
    PREFERENCES,
    REQUESTED_CODEC,
    REQUESTS,
)
from reference_registry import Said

PARTITIONS = 2
NAMES = list(KEYS)


class SteeredControlLog(MemoryControlLog):
    """Control topics of which a gate sees no more than it is let see.

    `ends`: "true" where they really end, "seen" as if they ended there, None for a broker that does not tell.
    """

    def __init__(self, log: MemoryLog) -> None:
        super().__init__(log, [PREFERENCES, IDENTITIES])
        self.ends: str | None = "true"
        self.let: dict[tuple[str, int], int] = {}

    def end_offsets(self) -> Mapping[tuple[str, int], int]:
        if self.ends is None:
            raise StateUnreadableError("asked for by the test")
        if self.ends == "seen":
            return {where: self._let(where) for where in self._positions}
        return super().end_offsets()

    def read(self, wait_s: float) -> Sequence[Message]:
        found: list[Message] = []
        for where, position in self._positions.items():
            end = self._let(where)
            found += self._log.partitions[where][position:end]
            self._positions[where] = max(position, end)
        return found

    def _let(self, where: tuple[str, int]) -> int:
        there = len(self._log.partitions[where])
        return min(there, max(self.let.get(where, there), self._positions[where]))


class SteeredGate:
    """One gate that is told when to decide what, and how far it sees."""

    def __init__(self, log: MemoryLog, registry: Registry, *, permit_ttl_s: float = 300.0) -> None:
        self._log = log
        self._control_log = SteeredControlLog(log)
        self._control = ControlTables(
            self._control_log,
            preferences_topic=PREFERENCES,
            identities_topic=IDENTITIES,
            preferences=PREFERENCE_CODEC,
            identities=IDENTITY_CODEC,
            subjects=Subjects(registry.policy),
        )
        self._decider = Decider(
            registry,
            Codecs(REQUESTED_CODEC, DECIDED_CODEC, DEAD_LETTER_CODEC),
            decided_topic=DECISIONS,
            dead_letter_topic=DEAD_LETTERS,
            group="gate",
            permit_ttl_s=permit_ttl_s,
        )

    def decide(self, messages: Sequence[Message], now_us: int, random: Random) -> None:
        """Decide a batch by what chance lets it see of the control topics."""
        self._control_log.ends = random.choice(["true", "true", "seen", "seen", "seen", None])
        whole = random.random() < 0.5
        self._control_log.let = (
            {}
            if whole
            else {
                where: random.randint(0, len(records))
                for where, records in self._log.partitions.items()
                if where[0] in {PREFERENCES, IDENTITIES}
            }
        )
        seen = self._control.barrier(0.0)
        batch = self._decider.decide(messages, self._control.subjects, seen, now_us)
        for record in batch.records:
            self._log.append(record.topic, record.partition, record.key, record.value)


def new_log() -> MemoryLog:
    """A log with all topics."""
    log = MemoryLog()
    for topic in (REQUESTS, DECISIONS, DEAD_LETTERS, PREFERENCES, IDENTITIES):
        log.create(topic, PARTITIONS)
    return log


def partition_of(key: bytes) -> int:
    """Partition of a subject."""
    return key[-1] % PARTITIONS


def say(log: MemoryLog, event: Control) -> None:
    """The broker takes in a preference, fact or link."""
    key = event.subject_key.bytes
    if isinstance(event, IdentityLinked):
        log.append(IDENTITIES, partition_of(key), key, IDENTITY_CODEC.encode(event))
    else:
        log.append(PREFERENCES, partition_of(key), key, PREFERENCE_CODEC.encode(event))


def ask(log: MemoryLog, event: DisclosureRequested) -> Message:
    """The broker takes in a request or report."""
    key = event.subject_key.bytes
    offset = log.append(REQUESTS, partition_of(key), key, REQUESTED_CODEC.encode(event))
    return log.partitions[REQUESTS, partition_of(key)][offset]


def request(what: Said, at_us: int, number: int, random: Random) -> DisclosureRequested:
    """An ask or report of this content about anybody, with references now and then."""
    name = random.choice(["alice", "alice", *NAMES])
    mode = random.choice(["request", "report"])
    event = request_of(what | {"about": name, "transaction": None, "collected_at": None}, mode, at_us, number)
    seldom = random.random()
    changes: dict[str, object] = {}
    if seldom < 0.1:
        changes["collected_at"] = what["collected_at"] and from_microseconds(what["collected_at"])
    elif seldom < 0.2:
        changes["transaction_id"] = what["transaction"]
    elif seldom < 0.3:
        changes["linked_subject_keys"] = tuple(random.sample(list(KEYS.values()), 2))
    elif seldom < 0.35:
        changes["corrects_event_id"] = event_id(1)
    elif seldom < 0.4:
        changes["retracts_event_id"] = event_id(1)
    told: dict[str, object] = {"subject_type": SubjectType(TYPES[name])}
    if random.random() < 0.2:
        told["signals"] = random.choice([Signals(gpc=("1",)), Signals(usp="1YYN"), Signals(gpp="what")])
    if random.random() < 0.2:
        told["residency"] = random.choice(["US-CA", "US-OR", "FR", "US-CT"])
    disclosure = event.disclosure.model_copy(update=told)
    return event.model_copy(update=changes | {"disclosure": disclosure})


def control_events_of(log: MemoryLog) -> list[Control]:
    """Preferences, facts and links of a log, those that can be read."""
    found: list[Control] = []
    for topic, codec in ((PREFERENCES, PREFERENCE_CODEC), (IDENTITIES, IDENTITY_CODEC)):
        for message in log.records(topic):
            with suppress(UndecodableError):
                found.append(codec.decode(message.value() or b""))
    return found


@dataclass(frozen=True)
class Course:
    """What happens in a world: what is said, what is disclosed, when it is decided, and chance."""

    history: Sequence[Said]
    contents: Sequence[Said]
    moments: Sequence[int]
    random: Random

    def run(self, log: MemoryLog, registry: Registry) -> None:
        """Let it be said and decided, in turns, by up to three gates."""
        random = self.random
        gates = [SteeredGate(log, registry) for _ in range(random.randint(1, 3))]
        sayings = [control_event(said) for said in self.history]
        sayings += random.sample(sayings, min(len(sayings), 2))  # delivered again
        numbers = count(1_000)
        for now_us in self.moments:
            for _ in range(random.randint(0, 4)):
                if sayings:
                    say(log, sayings.pop(random.randrange(len(sayings))))
            if random.random() < 0.1:
                key = random.choice(list(KEYS.values())).bytes
                log.append(PREFERENCES, partition_of(key), key, b"garbage")
            messages = [
                ask(log, request(random.choice(self.contents), at_us, next(numbers), random))
                for at_us in random.choices([now_us, *self.moments], k=random.randint(1, 6))
            ]
            random.choice(gates).decide(messages, now_us, random)


def courses() -> SearchStrategy[Course]:
    """Courses of a few people, disclosures and moments; the clocks of gates may step back."""
    return st.builds(
        Course,
        histories(),
        st.lists(disclosures(), min_size=1, max_size=3),
        st.lists(moments_of_deciding(), min_size=1, max_size=6),
        st.randoms(use_true_random=False),
    )
