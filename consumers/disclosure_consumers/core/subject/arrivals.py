"""What reaches one subject, and when: from states to a standing.

Protections travel over links, permissions never do (scenario format, "Subjects and links"). A standing is
worked out from states alone; nothing in it depends on the order in which events arrived.
"""

from typing import NamedTuple

from disclosure_consumers.core.registry import Policy
from disclosure_consumers.core.subject.effects import financial_stop, limit_made, stops_made
from disclosure_consumers.core.subject.facts import Fact, SubjectState
from disclosure_consumers.core.subject.links import PERSONS, StateOf, around, reach
from disclosure_consumers.core.subject.standing import (
    NOBODY,
    AgeKnown,
    Deletion,
    Limit,
    RegionKnown,
    Standing,
    Stop,
    signed,
)
from disclosure_schemas.events.vocabulary import PreferenceKind, SubjectType

_PERMISSIONS = frozenset(
    {
        PreferenceKind.OPT_IN_REQUESTED,
        PreferenceKind.OPT_IN_CONFIRMED,
        PreferenceKind.OPT_IN_DECLINED,
        PreferenceKind.PARENTAL_AUTHORIZATION,
        PreferenceKind.PROGRAM_CHOICE,
        PreferenceKind.DIRECTION,
    }
)
_STOPS = frozenset(
    {
        PreferenceKind.OPT_OUT,
        PreferenceKind.SIGNAL,
        PreferenceKind.COOKIE_REJECT,
        PreferenceKind.PROGRAM_CHOICE,
        PreferenceKind.UNKNOWN,
    }
)


def standing_of(subject_key: bytes, state_of: StateOf, policy: Policy) -> Standing:
    """Work out the standing of one subject."""
    own = state_of(subject_key)
    if own is None:
        return NOBODY
    origins = around(subject_key, state_of) if own.ties else {subject_key}
    collected = _Collected(policy)
    for origin in origins:
        state = state_of(origin)
        if state is None:
            continue
        for fact in state.facts:
            arrival = _Arrival(fact.at_us, fact.at_us)
            if origin != subject_key:
                arrival = _arrival(subject_key, origin, fact, state_of, policy)
            devices = _devices(state, state_of) if fact.content.unreadable else (state,)
            collected.take(origin, state, fact, arrival, own=origin == subject_key, devices=devices)
    return collected.standing(own.subject_type)


class _Arrival(NamedTuple):
    """When a fact reaches a subject: what it stops, and all else it says; None where it does not."""

    stops_us: int | None = None
    rest_us: int | None = None


def _arrival(subject_key: bytes, origin: bytes, fact: Fact, state_of: StateOf, policy: Policy) -> _Arrival:
    content = fact.content
    if content.kind is PreferenceKind.PROGRAM_CHOICE:
        travels = content.choice == "withdraws"
    else:
        travels = content.kind in _TRAVELLING
    if not travels:
        return _Arrival()
    households = content.kind in _INTO_HOUSEHOLDS and policy.household_strictest
    forward = reach(origin, fact.at_us, state_of, into_households=households).get(subject_key)
    logins = policy.retro_link_device_opt_out_to_account
    if logins == "forward_only" or content.kind not in _STOPS:
        return _Arrival(forward, forward)
    # The setting is about a device's opt-out; what else a signal says travels as anything does.
    reached = reach(origin, fact.at_us, state_of, into_households=households, later_logins=logins)
    return _Arrival(reached.get(subject_key), forward)


_INTO_HOUSEHOLDS = frozenset(
    {
        PreferenceKind.OPT_OUT,
        PreferenceKind.SIGNAL,
        PreferenceKind.PROGRAM_CHOICE,
        PreferenceKind.UNKNOWN,
        PreferenceKind.LIMIT_SENSITIVE,
    }
)
_TRAVELLING = _INTO_HOUSEHOLDS | {
    PreferenceKind.DELETE,
    PreferenceKind.DELETION_COMPLETED,
    PreferenceKind.DROP_MATCH,
    PreferenceKind.AGE,
    PreferenceKind.RESIDENCY,
}


def _devices(state: SubjectState, state_of: StateOf) -> tuple[SubjectState, ...]:
    """Where a signal may have been sent from: the subject itself if a device, and devices linked to it."""
    if state.subject_type not in PERSONS:
        return (state,)
    found = (state_of(other) for other in sorted({tie.other for tie in state.ties}))
    return (
        state,
        *(device for device in found if device is not None and device.subject_type is SubjectType.DEVICE),
    )


class _Collected:
    """What reached a subject, taken in fact by fact."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.stops: list[Stop] = []
        self.financial: list[Stop] = []
        self.limits: list[Limit] = []
        self.deletions: list[Deletion] = []
        self.matches: list[tuple[int, bytes]] = []
        self.ages: list[AgeKnown] = []
        self.regions: list[RegionKnown] = []
        self.permissions: list[Fact] = []

    def take(
        self,
        origin: bytes,
        state: SubjectState,
        fact: Fact,
        arrival: _Arrival,
        *,
        own: bool,
        devices: tuple[SubjectState, ...],
    ) -> None:
        """Take in one fact of one subject."""
        if own and fact.content.kind in _PERMISSIONS:
            self.permissions.append(fact)
        if arrival.stops_us is not None:
            for stop in stops_made(state, fact, devices, self._policy):
                self.stops.append(stop._replace(reached_us=arrival.stops_us, own=own))
            financial = financial_stop(state, fact)
            if financial is not None:
                self.financial.append(financial._replace(reached_us=arrival.stops_us, own=own))
        if arrival.rest_us is not None:
            self._take_rest(origin, state, fact, arrival.rest_us)

    def _take_rest(self, origin: bytes, state: SubjectState, fact: Fact, reached_us: int) -> None:
        content = fact.content
        limit = limit_made(state, fact)
        if limit is not None:
            self.limits.append(limit._replace(reached_us=reached_us))
        if content.kind in {PreferenceKind.DELETE, PreferenceKind.DELETION_COMPLETED}:
            completed = content.kind is PreferenceKind.DELETION_COMPLETED
            self.deletions.append(Deletion(reached_us, fact.event_id, completed))
        elif content.kind is PreferenceKind.DROP_MATCH and content.effective:
            self.matches.append((reached_us, fact.event_id))
        elif content.kind is PreferenceKind.AGE and content.band is not None:
            age = AgeKnown(reached_us, fact.at_us, origin, content.band, content.willful_disregard)
            self.ages.append(age)
        elif content.kind is PreferenceKind.RESIDENCY and content.region is not None:
            self.regions.append(RegionKnown(reached_us, fact.at_us, content.region))

    def standing(self, subject_type: SubjectType) -> Standing:
        """The standing, its parts in a fixed order."""
        standing = Standing(
            subject_type=subject_type,
            stops=tuple(sorted(self.stops, key=lambda stop: (stop.reached_us, stop.event_id, stop.own))),
            financial=tuple(sorted(self.financial, key=lambda stop: stop[:3])),
            limits=tuple(sorted(self.limits, key=lambda limit: limit[:3])),
            deletions=tuple(sorted(self.deletions)),
            matches=tuple(sorted(self.matches)),
            ages=tuple(sorted(self.ages)),
            regions=tuple(sorted(self.regions)),
            permissions=tuple(self.permissions),
        )
        return standing if standing == NOBODY else signed(standing)
