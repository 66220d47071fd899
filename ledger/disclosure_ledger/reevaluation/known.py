"""What the ledger knows of some subjects: their preferences, facts and links, folded as gates do."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from disclosure_consumers.core.registry import Policy
from disclosure_consumers.core.subject.facts import Said, SubjectState, said_by_link, said_by_preference
from disclosure_consumers.core.subject.links import LONGEST_WAY, around
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_ledger.said import link_of, preference_of
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.uuid_lists import uuid_list
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import SubjectType
from disclosure_schemas.topics import IDENTITIES, PREFERENCES


class Place(NamedTuple):
    """Where something was said: topic (name of the table of topics), partition and offset."""

    topic: str
    partition: int
    offset: int


class Control(NamedTuple):
    """One preference, fact or link of the ledger, what it says, and where it came from."""

    place: Place
    event: PreferenceRecorded | IdentityLinked
    said: tuple[Said, ...]


class Known:
    """States of the subjects that were loaded, and of whoever can reach them."""

    def __init__(self, snapshot: Snapshot, policy: Policy) -> None:
        self._snapshot = snapshot
        self._states: dict[bytes, SubjectState] = {}
        self._loaded: set[bytes] = set()
        self._types: dict[bytes, set[SubjectType]] = {}
        self._controls: dict[bytes, dict[Place, Control]] = {}
        self.subjects = Subjects(policy, self._states)

    def load(self, keys: Iterable[bytes]) -> None:
        """Load subjects and all that can bear on them; those that are loaded already cost nothing."""
        frontier = set(keys)
        # One step more than the longest way: which devices a person has matters at its end, too.
        for _ in range(LONGEST_WAY + 2):
            frontier -= self._loaded
            if not frontier:
                break
            for control in self._fetch(frontier):
                self.take(control)
            self._loaded |= frontier
            frontier = {tie.other for key in frontier for tie in self._ties(key)}

    def take(self, control: Control) -> None:
        """Take in one control record; again makes no difference."""
        self.subjects.take(control.said)
        for said in control.said:
            self._types.setdefault(said.subject, set()).add(said.subject_type)
            self._controls.setdefault(said.subject, {})[control.place] = control

    def state(self, key: bytes) -> SubjectState | None:
        """State of a loaded subject; None if nothing was said about it."""
        return self._states.get(key)

    def near(self, key: bytes) -> set[bytes]:
        """Subjects that can reach this one, or be reached from it; itself included."""
        return around(key, self._states.get)

    def controls_of(self, key: bytes) -> Iterable[Control]:
        """What was said of a loaded subject."""
        return self._controls.get(key, {}).values()

    def is_disputed(self, key: bytes) -> bool:
        """Whether senders disagree on what the subject is."""
        return len(self._types.get(key, ())) > 1

    def _ties(self, key: bytes) -> Iterable[Any]:
        state = self._states.get(key)
        return () if state is None else state.ties

    def _fetch(self, keys: set[bytes]) -> Iterator[Control]:
        params = {"keys": uuid_list(uuid.UUID(bytes=key) for key in keys)}
        yield from map(preference_control, self._snapshot.fetch("preferences_of_subjects", params))
        yield from map(identity_control, self._snapshot.fetch("identities_of_subjects", params))


def preference_control(row: Mapping[str, Any]) -> Control:
    """A row of `preference` as the event it was."""
    event = preference_of(row)
    return Control(_place(PREFERENCES.name, row), event, tuple(said_by_preference(event)))


def identity_control(row: Mapping[str, Any]) -> Control:
    """A row of `identity_link` as the event it was."""
    event = link_of(row)
    return Control(_place(IDENTITIES.name, row), event, tuple(said_by_link(event)))


def _place(topic: str, row: Mapping[str, Any]) -> Place:
    return Place(topic, row["topic_partition"], row["topic_offset"])
