"""All that was ever said in the control topics, and how it stood at any vector of offsets.

A decision stores how far each partition of both topics had been read. Vectors of several gates are not
ordered among each other, so what is said keeps where it was said, and a standing is made of what lies below.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from disclosure_consumers.core.registry import Policy
from disclosure_consumers.core.subject.arrivals import standing_of
from disclosure_consumers.core.subject.facts import Fact, Said, SubjectState, Tie, with_said
from disclosure_consumers.core.subject.standing import NOBODY, Standing
from disclosure_schemas.events.vocabulary import SubjectType

REMEMBERED_MAX = 200_000
"""Most states and standings remembered; they are worked out again when asked for."""

PREFERENCES, IDENTITIES = 0, 1
"""The control topics by their places in a vector."""


class Vector(NamedTuple):
    """Next offset of each partition, by partition, of both control topics."""

    preferences: tuple[int, ...]
    identities: tuple[int, ...]


class Place(NamedTuple):
    """Where something was said; `topic` is PREFERENCES or IDENTITIES."""

    topic: int
    partition: int
    offset: int


_Entry = tuple[int, SubjectType, Fact | None, Tie | None]
"""Offset, then what a Said holds but its subject."""


class _Run:
    """What was said of one subject in one partition, in the order of offsets."""

    __slots__ = ("entries", "partition", "topic")

    def __init__(self, topic: int, partition: int) -> None:
        self.topic = topic
        self.partition = partition
        self.entries: list[_Entry] = []

    def visible(self, vector: Vector) -> int:
        """How many of them lie below a vector; none of a partition that was not read."""
        ends = vector[self.topic]
        if self.partition >= len(ends):
            return 0
        return bisect_left(self.entries, ends[self.partition], key=_offset)


def _offset(entry: _Entry) -> int:
    return entry[0]


class _State(NamedTuple):
    """The state of a subject, and how much of each of its runs is in it."""

    visible: tuple[int, ...]
    state: SubjectState | None


class _Remembered(NamedTuple):
    """A standing, and the states it was worked out from."""

    standing: Standing
    states: tuple[tuple[bytes, SubjectState | None], ...]


class History:
    """What was said, by subject; standings are those of one policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._runs: dict[bytes, tuple[_Run, ...]] = {}
        self._states: dict[bytes, _State] = {}
        self._standings: dict[bytes, _Remembered] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def add(self, place: Place, all_said: Iterable[Said]) -> None:
        """Take in what one record says; records of one partition come in the order of offsets."""
        for subject, subject_type, fact, tie in all_said:
            self._run(subject, place).entries.append((place.offset, subject_type, fact, tie))

    def at(self, vector: Vector) -> "StandingsAt":
        """Everybody's standing at a vector, worked out when it is asked for."""
        return StandingsAt(self, vector)

    def standing(self, key: bytes, vector: Vector) -> Standing:
        """One subject's standing at a vector."""
        if key not in self._runs:
            return NOBODY
        remembered = self._standings.get(key)
        if remembered is not None and all(
            self._state(other, vector) is state for other, state in remembered.states
        ):
            return remembered.standing
        states: dict[bytes, SubjectState | None] = {}

        def state_of(other: bytes) -> SubjectState | None:
            if other not in states:
                states[other] = self._state(other, vector)
            return states[other]

        standing = standing_of(key, state_of, self._policy)
        if len(self._standings) >= REMEMBERED_MAX:
            self._standings.clear()
        self._standings[key] = _Remembered(standing, tuple(states.items()))
        return standing

    def _run(self, subject: bytes, place: Place) -> _Run:
        runs = self._runs.get(subject, ())
        for run in runs:
            if run.partition == place.partition and run.topic == place.topic:
                return run
        run = _Run(place.topic, place.partition)
        self._runs[subject] = (*runs, run)
        return run

    def _state(self, key: bytes, vector: Vector) -> SubjectState | None:
        """State of a subject at a vector: the same object for as long as the same is visible."""
        runs = self._runs.get(key)
        if runs is None:
            return None
        visible = tuple(run.visible(vector) for run in runs)
        known = self._states.get(key)
        if known is None or len(known.visible) != len(visible):
            known = _State((0,) * len(visible), None)
        if visible == known.visible:
            return known.state
        if any(now < before for now, before in zip(visible, known.visible, strict=True)):
            known = _State((0,) * len(visible), None)
        state = known.state
        for run, before, now in zip(runs, known.visible, visible, strict=True):
            for _, subject_type, fact, tie in run.entries[before:now]:
                state = with_said(state, Said(key, subject_type, fact, tie))
        if len(self._states) >= REMEMBERED_MAX:
            self._states.clear()
        self._states[key] = _State(visible, state)
        return state


class StandingsAt:
    """Standings at one vector, by subject key; whoever nobody spoke of has one too."""

    def __init__(self, history: History, vector: Vector) -> None:
        self._history = history
        self._vector = vector

    def __getitem__(self, key: bytes, /) -> Standing:
        return self._history.standing(key, self._vector)
