"""The demo's stream as values: the same seed gives the same steps. No clock, no Kafka."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from disclosure_ledger.demo.catalogue import ADVICE, HABITS, PAYMENT, SALE, SHARE, Habit
from disclosure_schemas.events.vocabulary import Mode, PreferenceChannel, PreferenceKind

EVENTS_MIN = 100
"""Fewest events that hold the story of one person and a believable rest."""

_REPORTED_SHARE = 0.06
_BROKEN_SHARE = 1 / 2000
_BROKEN_MIN = 4
_CHOOSING_SHARE = 0.06
_LINKED_SHARE = 0.2
_STORY_PERSON = 42


Of = Literal["sale", "share"]


class Flaw(StrEnum):
    """What is wrong with a record that a careless sender puts on the topic."""

    NOT_AVRO = "not_avro"
    CUT_SHORT = "cut_short"
    WRONG_KEY = "wrong_key"
    UNKNOWN_SCHEMA = "unknown_schema"


@dataclass(frozen=True, slots=True)
class Disclose:
    """A disclosure about a person, asked for or reported."""

    person: int
    habit: Habit
    recipient_id: str
    items: tuple[str, ...]
    mode: Mode


@dataclass(frozen=True, slots=True)
class Prefer:
    """Something a person asked for; a signal comes from the person's device."""

    person: int
    kind: PreferenceKind
    of: tuple[Of, ...] = ()
    channel: PreferenceChannel = PreferenceChannel.WEB_FORM


@dataclass(frozen=True, slots=True)
class LogIn:
    """A person logs in on a device: the two belong together from now on."""

    person: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be taken in."""

    person: int
    flaw: Flaw


@dataclass(frozen=True, slots=True)
class Settle:
    """Wait until everything before this is decided and every preference is acknowledged."""


Step = Disclose | Prefer | LogIn | Broken | Settle


def email_of(person: int) -> str:
    """The e-mail address of an invented person."""
    return f"person{person:05}@example.com"


def device_of(person: int) -> str:
    """The device id of an invented person."""
    return f"demo-device-{person:05}"


def story_person(people: int) -> int:
    """The person whose answer the demo shows: opts out in the middle of the stream."""
    return min(_STORY_PERSON, people - 1)


def steps(*, seed: int, events: int, people: int) -> Iterator[Step]:
    """The stream: `events` disclosures (broken ones among them) and what people ask for in between.

    `events` is at least EVENTS_MIN, `people` at least 2.
    """
    chance = random.Random(seed)  # noqa: S311 - a believable stream, not a secret
    story = story_person(people)
    ordinary = _ordinary(chance, events - _STORY_EVENTS, people, story)
    half = len(ordinary) // 2
    before, after = _story_before(story), _story_after(story)
    yield from _spread(chance, ordinary[:half], before)
    yield Settle()
    yield Prefer(story, PreferenceKind.OPT_OUT, ("sale", "share"))
    yield Settle()
    yield from _spread(chance, ordinary[half:], after)


def disclosure_count(events: int) -> int:
    """How many of the events of a stream are well-formed disclosures."""
    return events - _broken_count(events - _STORY_EVENTS)


def _ordinary(chance: random.Random, events: int, people: int, story: int) -> list[Step]:
    """Everybody but the person of the story."""
    others = [person for person in range(people) if person != story]
    broken = _broken_count(events)
    flaws = list(Flaw)
    stream: list[Step] = [Broken(chance.choice(others), flaws[index % len(flaws)]) for index in range(broken)]
    weights = [habit.weight for habit in HABITS]
    # Some people are busy, most are not: activity falls off as in any customer base.
    busy = [1.0 / (1 + rank) ** 0.4 for rank in range(len(others))]
    chance.shuffle(others)
    whom = chance.choices(others, busy, k=events - broken)
    what = chance.choices(HABITS, weights, k=events - broken)
    stream += [_one(chance, person, habit) for person, habit in zip(whom, what, strict=True)]
    stream += [LogIn(person) for person in others if chance.random() < _LINKED_SHARE]
    stream += [_choice(chance, person) for person in others if chance.random() < _CHOOSING_SHARE]
    chance.shuffle(stream)
    return stream


def _one(chance: random.Random, person: int, habit: Habit) -> Disclose:
    mode = Mode.REPORT if chance.random() < _REPORTED_SHARE else Mode.REQUEST
    recipient, items = chance.choice(habit.recipients), chance.choice(habit.item_sets)
    return Disclose(person, habit, recipient, items, mode)


def _choice(chance: random.Random, person: int) -> Prefer:
    """Most who choose opt out of everything; some of one kind, some through their browser or an agent."""
    both: tuple[Of, ...] = ("sale", "share")
    return chance.choices(
        (
            Prefer(person, PreferenceKind.OPT_OUT, both),
            Prefer(person, PreferenceKind.OPT_OUT, ("sale",)),
            Prefer(person, PreferenceKind.OPT_OUT, ("share",)),
            Prefer(person, PreferenceKind.OPT_OUT, both, PreferenceChannel.AGENT),
            Prefer(person, PreferenceKind.SIGNAL, channel=PreferenceChannel.BROWSER),
        ),
        (45, 12, 12, 6, 25),
    )[0]


def _broken_count(events: int) -> int:
    return max(_BROKEN_MIN, round(events * _BROKEN_SHARE))


def _story_before(person: int) -> list[Step]:
    return [_told(person, habit) for habit in (PAYMENT, SALE, SHARE, ADVICE, SALE, SHARE, PAYMENT)]


def _story_after(person: int) -> list[Step]:
    """The same habits go on, and are stopped where the opt-out says so; one sender did not ask at all."""
    asked: list[Step] = [_told(person, habit) for habit in (SALE, PAYMENT, SHARE, SALE, ADVICE)]
    return [*asked, Disclose(person, SHARE, "chirrup", SHARE.item_sets[1], Mode.REPORT)]


def _told(person: int, habit: Habit) -> Disclose:
    return Disclose(person, habit, habit.recipients[0], habit.item_sets[0], Mode.REQUEST)


def _spread(chance: random.Random, stream: list[Step], story: list[Step]) -> list[Step]:
    """Put the steps of a story into a stream, in their order."""
    places = sorted(chance.sample(range(len(stream) + 1), len(story)), reverse=True)
    for place, step in zip(places, reversed(story), strict=True):
        stream.insert(place, step)
    return stream


_STORY_EVENTS = len(_story_before(0)) + len(_story_after(0))
