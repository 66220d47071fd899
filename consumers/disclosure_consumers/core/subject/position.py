"""Where a subject stands at the moment of a disclosure: what holds then, of all that has reached it.

A request is answered by everything that has arrived, for nothing has been disclosed yet: a protection counts
whatever its moment. A report is judged by what held when it happened. Permissions count from their moment on.
"""

from typing import NamedTuple

from disclosure_consumers.core.registry import ALWAYS, FOREVER_US, Policy, Registry, between
from disclosure_consumers.core.signals.reading import read_signals
from disclosure_consumers.core.subject.ages import (
    Age,
    is_californian,
    is_european,
    is_under_16,
    known_at,
    region_at,
    was_under_16_before,
    younger,
)
from disclosure_consumers.core.subject.consents import OptIn, expiry_us, opt_ins_at
from disclosure_consumers.core.subject.facts import Fact
from disclosure_consumers.core.subject.links import PERSONS
from disclosure_consumers.core.subject.settings_obeyed import stands
from disclosure_consumers.core.subject.standing import NOBODY, Basis, Limit, Standing, Stop
from disclosure_schemas.events.disclosure import Disclosure, Signals
from disclosure_schemas.events.vocabulary import Mode, PreferenceKind, SubjectType


class Position(NamedTuple):
    """What holds for a subject at one moment.

    `denied`: opt-outs that were denied as fraud. Between `from_us` and `until_us` nothing of this changes by
    itself. `is_shared`: it is anybody's of whom the same was said; moments and ids in it are not the
    subject's own.
    """

    subject_type: SubjectType = SubjectType.UNKNOWN
    stops: tuple[Stop, ...] = ()
    denied: tuple[Stop, ...] = ()
    limits: tuple[Limit, ...] = ()
    financial: bool = False
    is_deleted: bool = False
    is_being_deleted: bool = False
    is_matched: bool = False
    age: Age = Age()
    was_under_16: bool = False
    is_californian: bool = True
    is_european: bool = False
    region: str | None = None
    opt_ins: tuple[OptIn, ...] = ()
    permissions: tuple[Fact, ...] = ()
    from_us: int = -FOREVER_US
    until_us: int = FOREVER_US
    is_shared: bool = False

    @property
    def is_known_under_16(self) -> bool:
        """Known, by this moment, to be under 16."""
        return is_under_16(self.age.band)

    def said(self, kind: PreferenceKind) -> list[Fact]:
        """Permissions of one kind, in the order of their moments."""
        return [fact for fact in self.permissions if fact.content.kind is kind]


REMEMBERED_MAX = 10_000
"""Most answers remembered with a registry."""

_UNKNOWN_AGE = Age()
BLANK = Position()
"""Position of a subject of whom nothing is known: an adult Californian."""


def position_at(disclosure: Disclosure, at_us: int, standing: Standing, registry: Registry) -> Position:
    """Position of the subject of a disclosure, with the signals that came with it."""
    signalled = _has_signals(disclosure.signals)
    if standing is NOBODY and not signalled and disclosure.residency is None:
        return BLANK
    if standing.is_timed or signalled or disclosure.mode is not Mode.REQUEST:
        return _position(disclosure, at_us, standing, registry.policy, signalled=signalled)
    # Moments cannot matter to this request: subjects of whom the same was said share a position.
    key = ("position", standing.signature, disclosure.residency)
    known = registry.remembered.get(key)
    if not isinstance(known, Position):
        known = _position(disclosure, at_us, standing, registry.policy, signalled=False)
        known = known._replace(is_shared=True)
        if len(registry.remembered) > REMEMBERED_MAX:  # free texts, such as regions, must not pile up
            registry.remembered.clear()
        registry.remembered[key] = known
    return known


def _position(
    disclosure: Disclosure, at_us: int, standing: Standing, policy: Policy, *, signalled: bool
) -> Position:
    is_report = disclosure.mode is Mode.REPORT
    skew_us = policy.clock_skew_bound_ms * 1000
    # A request counts every protection it knows of; of several ages or residencies, the one of its moment.
    latest_us = facts_us = at_us if is_report else FOREVER_US
    age = known_at(standing.ages, facts_us) if standing.ages else _UNKNOWN_AGE
    if standing.is_timed and not is_report:
        facts_us = at_us + skew_us
        age = younger(age, known_at(standing.ages, facts_us))  # one said in advance may only protect
    region = region_at(standing.regions, facts_us) if standing.regions else disclosure.residency
    stops = [stop for stop in standing.stops if _counts(stop, at_us, region, policy, is_report=is_report)]
    limits = standing.limits
    if is_report and limits:
        limits = tuple(m for m in limits if _reached_us(m, 0 if m.is_signal else skew_us) <= at_us)
    denied: tuple[Stop, ...] = ()
    if standing.is_timed:
        denied = tuple(stop for stop in stops if _is_denied(stop, at_us))
        stops = [stop for stop in stops if not _is_denied(stop, at_us)]
    if signalled:
        came_stops, came_limits = _came_along(disclosure, at_us, region, policy)
        stops, limits = stops + came_stops, (*limits, *came_limits)
    holds = between(_changes_us(standing, policy), at_us) if standing.is_timed else ALWAYS
    return Position(
        standing.subject_type,
        tuple(stops),
        denied,
        limits,
        bool(standing.financial) and _has_financial_opt_out(standing, at_us, latest_us, skew_us),
        *_erasure(standing, latest_us),
        age=age,
        was_under_16=bool(standing.ages) and was_under_16_before(standing.ages, latest_us),
        is_californian=is_californian(region),
        is_european=is_european(region),
        region=region,
        opt_ins=opt_ins_at(standing, at_us, policy) if standing.permissions else (),
        permissions=tuple([fact for fact in standing.permissions if fact.at_us <= at_us]),
        from_us=holds.from_us,
        until_us=holds.until_us,
    )


def _has_financial_opt_out(standing: Standing, at_us: int, latest_us: int, skew_us: int) -> bool:
    return any(
        _reached_us(stop, skew_us) <= latest_us and not _is_denied(stop, at_us) for stop in standing.financial
    )


def _erasure(standing: Standing, latest_us: int) -> tuple[bool, bool, bool]:
    """Whether the subject was deleted, is being deleted, is on the deletion platform."""
    if not (standing.deletions or standing.matches):
        return False, False, False
    reached = [deletion for deletion in standing.deletions if deletion.reached_us <= latest_us]
    matched = any(reached_us <= latest_us for reached_us, _ in standing.matches)
    return any(deletion.completed for deletion in reached), bool(reached), matched


def _has_signals(signals: Signals) -> bool:
    return bool(signals.gpc) or not (signals.gpp is None and signals.usp is None and signals.dnt is None)


def _counts(stop: Stop, at_us: int, region: str | None, policy: Policy, *, is_report: bool) -> bool:
    """Whether a stop has reached the subject and stands."""
    # Clocks may differ, and the doubt is the subject's to gain: an opt-out counts a little earlier.
    early_us = 0 if stop.basis.is_signal else policy.clock_skew_bound_ms * 1000
    if is_report and _reached_us(stop, early_us) > at_us:
        return False
    return stands(stop, at_us, region, policy)


def _reached_us(protection: Stop | Limit, early_us: int) -> int:
    """When it counts from; what came over a later link counts from the link."""
    own_moment = protection.reached_us == protection.received_us
    return protection.reached_us - early_us if own_moment else protection.reached_us


def _is_denied(stop: Stop, at_us: int) -> bool:
    return stop.denied_us is not None and stop.denied_us <= at_us


def _came_along(
    disclosure: Disclosure, at_us: int, region: str | None, policy: Policy
) -> tuple[list[Stop], list[Limit]]:
    """What the signals say that came with the disclosure itself."""
    reading = read_signals(disclosure.signals, dnt_counts=policy.treat_dnt_as_opt_out)
    said = (
        (Basis.GPC, reading.gpc),
        (Basis.STRING, reading.opted_out),
        (Basis.UNPARSEABLE, reading.unreadable),
    )
    stops = [Stop(at_us, at_us, b"", basis) for basis, is_said in said if is_said]
    limits = (
        [Limit(at_us, at_us, b"", reading.limited_elements, is_signal=True)]
        if reading.limited_elements
        else []
    )
    return [s for s in stops if _counts(s, at_us, region, policy, is_report=False)], limits


def subject_type_of(disclosure: Disclosure, position: Position) -> SubjectType:
    """What the subject is: as said of it elsewhere, else as the sender says."""
    if position.subject_type is SubjectType.UNKNOWN:
        return disclosure.subject_type
    return position.subject_type


def is_person(subject_type: SubjectType) -> bool:
    """An account or profile, not a device or household."""
    return subject_type in PERSONS


def _changes_us(standing: Standing, policy: Policy) -> list[int]:
    """Moments at which the position changes without anything new being said."""
    # Ages and residencies count a little before their moment.
    skew_us = policy.clock_skew_bound_ms * 1000
    moments = [fact.at_us for fact in standing.permissions]
    moments += [age.reached_us - skew_us for age in standing.ages]
    moments += [region.reached_us - skew_us for region in standing.regions]
    for stop in (*standing.stops, *standing.financial):
        moments += [m for m in (stop.denied_us, stop.ended_us, stop.unsent_us) if m is not None]
    for opt_in in opt_ins_at(standing, FOREVER_US - 1, policy):
        expires_us = expiry_us(opt_in, policy)
        if expires_us is not None:
            moments.append(expires_us)
    return moments
