"""Everybody's standing, kept up to date event by event: the fold of preferences and identities.

The result does not depend on the order of the events, nor on how often each is applied.
"""

from disclosure_consumers.core.links import Links
from disclosure_consumers.core.standing import (
    NOBODY,
    Protection,
    Standing,
    Stop,
    SubjectState,
    protections_of,
    standing_of,
    with_complied,
    with_protection,
)
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import PreferenceKind, SubjectType
from disclosure_schemas.moments import microseconds


class Subjects:
    """States of all subjects and the links between them.

    `stopped` maps the key of every subject that anything stops to its standing: the one look-up of the hot
    path. A key that is not in it stands for NOBODY.
    """

    def __init__(self) -> None:
        self.stopped: dict[bytes, Standing] = {}
        self._states: dict[bytes, SubjectState] = {}
        self._links = Links()

    def __len__(self) -> int:
        return len(self._states)

    def standing(self, subject_key: bytes) -> Standing:
        """What stops sale and sharing for this subject."""
        return self.stopped.get(subject_key, NOBODY)

    def apply_preference(self, preference: PreferenceRecorded) -> None:
        """Take in one preference, signal or fact."""
        key, at_us = preference.subject_key.bytes, microseconds(preference.occurred_at)
        changed = {key}
        if preference.kind is PreferenceKind.COMPLIED:
            self._states[key] = with_complied(self._states.get(key), preference.subject_type, at_us)
        for subject, subject_type, protection in protections_of(preference):
            self._protect(subject, subject_type, protection)
            changed.add(subject)
        if preference.kind is PreferenceKind.SIGNAL and preference.account_key is not None:
            self._links.login(key, preference.account_key.bytes, preference.event_id.bytes, at_us)
            changed.add(preference.account_key.bytes)
        self._refresh(changed)

    def apply_link(self, event: IdentityLinked) -> None:
        """Take in one change of who belongs to whom."""
        self._links.apply(event)
        self._refresh({event.subject_key.bytes, event.other_subject_key.bytes})

    def protect_unread(self, subject_key: bytes, protection: Protection) -> None:
        """Protect the subject of a control record that cannot be read: not knowing is not consent (G4)."""
        self._protect(subject_key, SubjectType.UNKNOWN, protection)
        self._refresh({subject_key})

    def _protect(self, subject: bytes, subject_type: SubjectType, protection: Protection) -> None:
        self._states[subject] = with_protection(self._states.get(subject), subject_type, protection)

    def _refresh(self, changed: set[bytes]) -> None:
        """Work out anew the standing of every subject that a change can have reached."""
        linked = {key for key in changed if self._links.is_linked(key)}
        near = set(changed)
        for key in linked:
            near |= self._links.around(key)
        for key in near:
            standing = self._work_out(key)
            if standing.stops:
                self.stopped[key] = standing
            else:
                self.stopped.pop(key, None)

    def _work_out(self, key: bytes) -> Standing:
        if not self._links.is_linked(key):
            state = self._states.get(key)
            return standing_of(_own_stops(state)) if state else NOBODY
        stops: list[Stop] = []
        for origin in self._links.around(key):
            state = self._states.get(origin)
            for protection in state.protections if state else ():
                reached_us = self._links.reach(origin, self._type_of(origin), protection.at_us).get(key)
                if state is not None and reached_us is not None:
                    stops.append(_stop(state, protection, reached_us, own=origin == key))
        return standing_of(stops)

    def _type_of(self, key: bytes) -> SubjectType:
        return self._links.subject_types.get(key, self._states[key].subject_type)


def _own_stops(state: SubjectState) -> list[Stop]:
    return [_stop(state, protection, protection.at_us, own=True) for protection in state.protections]


def _stop(state: SubjectState, protection: Protection, reached_us: int, *, own: bool) -> Stop:
    return Stop(
        reached_us=reached_us,
        received_us=protection.at_us,
        event_id=protection.event_id,
        basis=protection.basis,
        kinds=protection.kinds,
        own=own,
        complied_us=state.first_complied_us(protection),
    )
