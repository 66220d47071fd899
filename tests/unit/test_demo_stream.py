"""The demo's stream: the same for the same seed, believable, and with one story in it."""

import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from disclosure_consumers.core.decide import decide
from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.subject.standing import NOBODY
from disclosure_consumers.registry_files import example_registry, load_registry
from disclosure_ledger.demo.catalogue import HABITS, Habit
from disclosure_ledger.demo.flaws import broken_record
from disclosure_ledger.demo.stream import (
    EVENTS_MIN,
    Broken,
    Disclose,
    Flaw,
    LogIn,
    Prefer,
    Settle,
    Step,
    device_of,
    email_of,
    steps,
    story_person,
)
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.errors import UndecodableError
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.vocabulary import Kind, Mode, PreferenceKind
from disclosure_schemas.moments import microseconds
from disclosure_schemas.subject_keys import IdentifierType, normalise

REGISTRY = load_registry(example_registry())
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PEOPLE, EVENTS = 300, 3_000
FINE = {
    "not_opted_out",
    "business_purpose",
    "same_business",
    "legal_process",
}


def stream(seed: int = 42, events: int = EVENTS, people: int = PEOPLE) -> list[Step]:
    """The steps of a stream."""
    return list(steps(seed=seed, events=events, people=people))


def reasons_of(habit: Habit) -> set[str]:
    """Reasons the gate gives for everything this habit can send, with nobody opted out."""
    occurrence = Occurrence(at_us=microseconds(NOW), emitted_us=microseconds(NOW))
    return {
        str(
            decide(
                habit.disclosure(recipient, items, mode=Mode.REQUEST),
                occurrence,
                NOBODY,
                REGISTRY,
                state_available=True,
            ).reason
        )
        for recipient in habit.recipients
        for items in habit.item_sets
    }


def test_the_same_seed_gives_the_same_stream() -> None:
    """A stream depends on its seed alone, and on that it does depend."""
    assert stream(7) == stream(7)
    assert stream(7) != stream(8)


@pytest.mark.parametrize(("events", "people"), [(EVENTS_MIN, 10), (EVENTS, PEOPLE), (1_000, 5_000)])
def test_the_stream_has_as_many_disclosures_as_asked_for(events: int, people: int) -> None:
    """Sound and broken disclosures together are the number asked for, about people who exist."""
    sent = [step for step in stream(events=events, people=people) if isinstance(step, Disclose | Broken)]
    assert len(sent) == events
    assert {step.person for step in sent} <= set(range(people))


def test_most_of_the_stream_is_fine() -> None:
    """More than nine in ten disclosures are such that a person who asked for nothing has them permitted."""
    reasons = {id(habit): reasons_of(habit) for habit in HABITS}
    sent = [step for step in stream() if isinstance(step, Disclose)]
    fine = sum(reasons[id(step.habit)] <= FINE for step in sent)
    assert 0.9 < fine / len(sent) < 1.0


def test_every_kind_of_fault_is_in_the_stream() -> None:
    """What the notice does not declare, unknown recipients, ended contracts, and the browser's signal."""
    found = set().union(*(reasons_of(habit) for habit in HABITS))
    assert found >= FINE | {
        "undeclared_kind",
        "undeclared_purpose",
        "undeclared_recipient",
        "unknown_recipient",
        "no_third_party_contract",
        "element_is_sensitive",
        "gpc_known_consumer",
    }
    used = {id(step.habit) for step in stream() if isinstance(step, Disclose)}
    assert used == {id(habit) for habit in HABITS}


def test_people_choose_while_the_stream_goes_on() -> None:
    """Opt-outs of both kinds, signals and log-ins come in between, in both halves."""
    sent = stream()
    places = [index for index, step in enumerate(sent) if isinstance(step, Prefer)]
    assert places[0] < len(sent) / 4
    assert places[-1] > 3 * len(sent) / 4
    kinds = Counter(step.kind for step in sent if isinstance(step, Prefer))
    assert kinds[PreferenceKind.OPT_OUT] > kinds[PreferenceKind.SIGNAL] > 0
    assert {step.of for step in sent if isinstance(step, Prefer)} == {
        (),
        ("sale", "share"),
        ("sale",),
        ("share",),
    }
    assert any(isinstance(step, LogIn) for step in sent)
    assert {step.mode for step in sent if isinstance(step, Disclose)} == {Mode.REQUEST, Mode.REPORT}


@pytest.mark.parametrize(("events", "people"), [(EVENTS_MIN, 10), (EVENTS, PEOPLE)])
def test_one_person_opts_out_in_the_middle(events: int, people: int) -> None:
    """Sold, shared and served before; an opt-out alone between two settlings; asked for again after."""
    sent = stream(events=events, people=people)
    person = story_person(people)
    settled = [index for index, step in enumerate(sent) if isinstance(step, Settle)]
    assert len(settled) == 2
    between = sent[settled[0] + 1 : settled[1]]
    assert between == [Prefer(person, PreferenceKind.OPT_OUT, ("sale", "share"))]
    for half in (sent[: settled[0]], sent[settled[1] :]):
        kinds = {
            step.habit.kind
            for step in half
            if isinstance(step, Disclose) and step.person == person and step.mode is Mode.REQUEST
        }
        assert kinds == {Kind.SALE, Kind.SHARE, Kind.BUSINESS_PURPOSE}
    assert [step for step in sent if isinstance(step, Prefer) and step.person == person] == between


@pytest.mark.parametrize("flaw", list(Flaw))
def test_a_broken_record_cannot_be_taken_in(flaw: Flaw) -> None:
    """Each flaw is what it says: unreadable bytes, an unknown schema, or a key that is not the subject's."""
    codec = EventCodec(DisclosureRequested)
    event_id = new_event_id(time.time_ns() // 1_000_000)
    sound = DisclosureRequested(
        event_id=event_id,
        subject_key=event_id,
        producer_id=event_id,
        occurred_at=NOW,
        emitted_at=NOW,
        sequence=0,
        disclosure=HABITS[0].disclosure("harborlight", HABITS[0].item_sets[0], mode=Mode.REQUEST),
    )
    key, value = broken_record(flaw, event_id.bytes, codec.encode(sound))
    if flaw is Flaw.WRONG_KEY:
        assert codec.decode(value) == sound
        assert key != event_id.bytes
        return
    assert key == event_id.bytes
    with pytest.raises(UndecodableError) as caught:
        codec.decode(value)
    assert caught.value.cause == ("unknown_schema" if flaw is Flaw.UNKNOWN_SCHEMA else "malformed")


@pytest.mark.parametrize("person", [0, 42, 99_999, 123_456])
def test_invented_identifiers_are_in_order(person: int) -> None:
    """E-mail addresses and devices of invented people are normalised already, and the domain is nobody's."""
    assert normalise(IdentifierType.EMAIL, email_of(person)) == email_of(person)
    assert normalise(IdentifierType.DEVICE, device_of(person)) == device_of(person)
    assert email_of(person).endswith("@example.com")
