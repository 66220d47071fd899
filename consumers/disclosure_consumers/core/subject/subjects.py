"""Everybody's standing, kept up to date event by event: the fold of preferences and identities.

The result does not depend on the order of the events, nor on how often each is applied.
"""

from collections.abc import Iterable
from typing import Protocol

from disclosure_consumers.core.registry import Policy
from disclosure_consumers.core.subject.arrivals import standing_of
from disclosure_consumers.core.subject.facts import (
    Fact,
    Said,
    SubjectState,
    said_by_link,
    said_by_preference,
    with_said,
)
from disclosure_consumers.core.subject.links import around
from disclosure_consumers.core.subject.standing import Standing
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import SubjectType

STANDINGS_MAX = 50_000
"""Most standings remembered; they are worked out again when asked for."""


class States(Protocol):
    """Where the states of subjects are kept."""

    def get(self, key: bytes, /) -> SubjectState | None:
        """State of a subject; None if nothing was said about it."""
        ...

    def __setitem__(self, key: bytes, state: SubjectState, /) -> None:
        """Keep the state of a subject."""
        ...

    def __len__(self) -> int:
        """Number of subjects about whom something was said."""
        ...


class Standings(dict[bytes, Standing]):
    """Standings by subject key; one that is not there is worked out when it is asked for.

    The one look-up of the hot path: `standings[key]`.
    """

    def __init__(self, states: States, policy: Policy) -> None:
        super().__init__()
        self._states = states
        self._policy = policy

    def __missing__(self, key: bytes) -> Standing:
        if len(self) >= STANDINGS_MAX:
            self.clear()
        standing = self[key] = standing_of(key, self._states.get, self._policy)
        return standing


class Subjects:
    """States of all subjects and what has reached each."""

    def __init__(self, policy: Policy | None = None, states: States | None = None) -> None:
        self._states: States = {} if states is None else states
        self.standings = Standings(self._states, policy or Policy())

    def __len__(self) -> int:
        return len(self._states)

    def standing(self, subject_key: bytes) -> Standing:
        """Everything that decides about this subject."""
        return self.standings[subject_key]

    def obey(self, policy: Policy) -> None:
        """Work with other settings from now on."""
        self.standings = Standings(self._states, policy)

    def apply_preference(self, preference: PreferenceRecorded) -> None:
        """Take in one preference, signal or fact."""
        self.take(said_by_preference(preference))

    def apply_link(self, event: IdentityLinked) -> None:
        """Take in one change of who belongs to whom."""
        self.take(said_by_link(event))

    def apply_unread(self, subject_key: bytes, fact: Fact) -> None:
        """Protect the subject of a control record that cannot be read: not knowing is not consent (G4)."""
        self.take([Said(subject_key, SubjectType.UNKNOWN, fact)])

    def take(self, all_said: Iterable[Said]) -> None:
        """Take in what one event says."""
        for said in all_said:
            before = self._states.get(said.subject)
            after = with_said(before, said)
            if after != before:
                self._states[said.subject] = after
                self._forget(said.subject, after)

    def _forget(self, subject: bytes, state: SubjectState) -> None:
        """Standings that a change can have reached are worked out anew."""
        near = around(subject, self._states.get) if state.ties else (subject,)
        for key in near:
            self.standings.pop(key, None)
