"""The replica behind `/v1/check`: how old it says it is, and that a stale one fails closed."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import count
from typing import Any

import pytest

from disclosure_consumers.checking.checker import Checker
from disclosure_consumers.checking.replica import PreferenceReplica
from disclosure_consumers.control_tables import ControlTables
from disclosure_consumers.memory import MemoryControlLog, MemoryLog
from disclosure_consumers.ports import StateUnreadableError
from disclosure_consumers.registry_files import example_registry
from disclosure_consumers.registry_watch import RegistryWatch
from disclosure_producers.disclosure_content import disclosure_of
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import Mode, Outcome, PreferenceKind, PreferenceState
from gate_events import preference

PERSON, OTHER = uuid.UUID(int=0xA), uuid.UUID(int=0xB)
ENCODER = EventCodec(PreferenceRecorded)
PREFERENCES, IDENTITIES = "preferences", "identities"
SALE = disclosure_of(
    Mode.REQUEST, "crm", to="harborlight", kind="sale", items=("identifiers.email",), details={}
)
SERVICE = disclosure_of(
    Mode.REQUEST, "crm", to="payfern", kind="business_purpose", items=("identifiers.email",), details={}
)


class Broker(MemoryControlLog):
    """Control topics whose broker can go away."""

    is_away = False

    def end_offsets(self) -> Mapping[tuple[str, int], int]:
        """Ends, while there is a broker."""
        if Broker.is_away:
            raise StateUnreadableError("the broker is away")
        return super().end_offsets()


class World:
    """A replica of topics in memory, by a clock that only ticks, unless it is moved."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.log.create(PREFERENCES, 1)
        self.log.create(IDENTITIES, 1)
        self.now_s = 100.0
        ticks = count()
        self.replica = PreferenceReplica(
            self._open, barrier_timeout_s=0.2, refresh_s=0.01, clock_s=lambda: self.now_s + next(ticks) * 1e-7
        )

    def checker(self) -> Checker:
        """Checks that fail closed after a second."""
        return Checker(
            self.replica,
            RegistryWatch(example_registry(), ("neutral",)),
            staleness_max_s=1,
            permit_ttl_s=60,
            barrier_timeout_s=0.3,
        )

    def _open(self, applying: AbstractContextManager[Any]) -> ControlTables:
        return ControlTables(
            Broker(self.log, [PREFERENCES, IDENTITIES]),
            preferences_topic=PREFERENCES,
            identities_topic=IDENTITIES,
            preferences=EventCodec(PreferenceRecorded),
            identities=EventCodec(IdentityLinked),
            applying=applying,
        )


@pytest.fixture
def world() -> Iterator[World]:
    """A world whose broker is there."""
    Broker.is_away = False
    made = World()
    yield made
    Broker.is_away = False


def until(happened: Callable[[], bool]) -> None:
    """Wait for the replica's thread."""
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def outcome(checker: Checker, disclosure: Any) -> Outcome:
    """What a check says without asking the broker."""
    return checker.check(disclosure, OTHER).verdict.outcome


def test_before_the_first_turn_nothing_is_known_and_checks_fail_closed(world: World) -> None:
    """Without a broker from the start the age is unknown; sale stops, an ordinary service goes on."""
    Broker.is_away = True
    with world.replica:
        checker = world.checker()
        assert world.replica.age_s() is None
        assert world.replica.seen(1).state.freshness is PreferenceState.UNAVAILABLE
        assert (outcome(checker, SALE), outcome(checker, SERVICE)) == (Outcome.SUPPRESS, Outcome.PERMIT)


def test_the_age_is_the_time_since_the_last_turn_began_and_grows_in_an_outage(world: World) -> None:
    """Without the broker it grows with the clock; past its bound checks fail closed until it is back."""
    with world.replica:
        checker = world.checker()
        until(lambda: world.replica.age_s() is not None)
        assert outcome(checker, SALE) is Outcome.PERMIT
        Broker.is_away = True
        time.sleep(0.05)  # a turn that had begun ends
        world.now_s += 0.99
        assert checker.seen().age_s == pytest.approx(0.99, abs=0.005)
        assert outcome(checker, SALE) is Outcome.PERMIT
        world.now_s += 0.02
        seen = checker.seen()
        assert seen.state.freshness is PreferenceState.STALE
        assert seen.age_s == pytest.approx(1.01, abs=0.005)
        assert (outcome(checker, SALE), outcome(checker, SERVICE)) == (Outcome.SUPPRESS, Outcome.PERMIT)
        Broker.is_away = False
        until(lambda: checker.seen().state.is_current)
        assert outcome(checker, SALE) is Outcome.PERMIT


def test_a_fresh_check_has_what_was_acknowledged_before_it_or_fails_closed(world: World) -> None:
    """An opt-out that has just arrived stops the sale, and so does a broker that does not answer in time."""
    with world.replica:
        checker = world.checker()
        until(lambda: world.replica.age_s() is not None)
        world.log.append(
            PREFERENCES, 0, PERSON.bytes, ENCODER.encode(preference(PERSON, PreferenceKind.OPT_OUT))
        )
        checked = checker.check(SALE, PERSON, fresh=True)
        assert (checked.verdict.outcome, checked.verdict.reason) == (Outcome.SUPPRESS, "opted_out_of_sale")
        assert checker.check(SALE, OTHER, fresh=True).verdict.outcome is Outcome.PERMIT
        Broker.is_away = True
        time.sleep(0.05)
        world.now_s += 0.5
        late = checker.check(SALE, OTHER, fresh=True)
        assert late.seen.state.freshness is PreferenceState.STALE
        assert late.verdict.outcome is Outcome.SUPPRESS
        assert checker.check(SALE, OTHER).verdict.outcome is Outcome.PERMIT


def test_a_replica_whose_reading_fails_starts_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in one turn ends neither the thread nor the state; the next turn confirms it again."""
    faults = [RuntimeError("a fault")]
    real = Broker.end_offsets

    def faulty(log: Broker) -> Mapping[tuple[str, int], int]:
        if faults:
            raise faults.pop()
        return real(log)

    monkeypatch.setattr(Broker, "end_offsets", faulty)
    with world.replica:
        until(lambda: world.replica.age_s() is not None)
    assert faults == []
