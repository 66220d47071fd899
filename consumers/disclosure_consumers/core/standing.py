"""What stands between a subject and a sale or sharing: protections, and which of them reach whom.

The fold is order-independent and idempotent: a subject's state is the set of its protections by event id.
Keys and event ids are 16 raw bytes, moments microseconds since 1970 UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import Kind, PreferenceChannel, PreferenceKind, SubjectType
from disclosure_schemas.moments import microseconds

SALE_AND_SHARE = frozenset({Kind.SALE, Kind.SHARE})


class Basis(StrEnum):
    """What a protection rests on; decides the reason that is given."""

    OPT_OUT = "opt_out"
    INHERITED = "inherited"
    FORWARDED = "forwarded"
    PENDING = "pending"
    GPC_KNOWN_CONSUMER = "gpc_known_consumer"
    GPC_DEVICE = "gpc_device"
    UNPARSEABLE = "unparseable"

    @property
    def is_signal(self) -> bool:
        """Signals are processed by machine and leave no time to comply."""
        return self in {Basis.GPC_KNOWN_CONSUMER, Basis.GPC_DEVICE, Basis.UNPARSEABLE}


class Protection(NamedTuple):
    """One opt-out or signal, as made by one subject."""

    at_us: int
    event_id: bytes
    basis: Basis
    kinds: frozenset[Kind]
    processed_us: int | None = None


@dataclass(frozen=True, slots=True)
class SubjectState:
    """All that one subject asked for itself."""

    subject_type: SubjectType
    protections: tuple[Protection, ...] = ()
    complied_us: tuple[int, ...] = ()

    def first_complied_us(self, protection: Protection) -> int | None:
        """When the business said it honors this protection; without it, when our systems took it in."""
        later = [moment for moment in self.complied_us if moment >= protection.at_us]
        return min(later, default=protection.processed_us)


class Stop(NamedTuple):
    """A protection that has reached a subject, by its own hand or over links."""

    reached_us: int
    received_us: int
    event_id: bytes
    basis: Basis
    kinds: frozenset[Kind]
    own: bool
    complied_us: int | None


class Standing(NamedTuple):
    """Everything that stops sale or sharing for one subject.

    Two standings with equal `signature` are decided alike when asked now; only reports read the moments.
    """

    stops: tuple[Stop, ...]
    signature: tuple[tuple[Basis, frozenset[Kind], bool], ...]

    @property
    def event_ids(self) -> tuple[bytes, ...]:
        """Ids of the preference events, in a stable order."""
        return tuple(sorted(stop.event_id for stop in self.stops))


NOBODY = Standing((), ())
"""Standing of a subject of whom nothing is known: nothing stops."""


def standing_of(stops: Iterable[Stop]) -> Standing:
    """Make a standing of stops in any order."""
    ordered = tuple(sorted(stops, key=lambda stop: (stop.reached_us, stop.event_id)))
    signature = {(stop.basis, stop.kinds, stop.own) for stop in ordered}
    return Standing(
        ordered, tuple(sorted(signature, key=lambda entry: (entry[0], sorted(entry[1]), entry[2])))
    )


def protections_of(preference: PreferenceRecorded) -> tuple[tuple[bytes, SubjectType, Protection], ...]:
    """Protections a preference makes, each with the subject it is made for.

    A signal counts for the device and, if the visitor was logged in, for the account (11 CCR 7025(c)(1)).
    """
    at_us = microseconds(preference.occurred_at)
    event_id = preference.event_id.bytes
    processed = preference.processed_at
    processed_us = None if processed is None else microseconds(processed)
    own = (preference.subject_key.bytes, preference.subject_type)
    if preference.kind is PreferenceKind.OPT_OUT:
        kinds = _kinds_opted_out(preference)
        if not kinds:
            return ()
        return ((*own, Protection(at_us, event_id, _opt_out_basis(preference), kinds, processed_us)),)
    if preference.kind is PreferenceKind.SIGNAL:
        subjects = [own]
        if preference.account_key is not None:
            subjects.append((preference.account_key.bytes, SubjectType.ACCOUNT))
        return tuple(
            (key, subject_type, Protection(at_us, event_id, basis, SALE_AND_SHARE))
            for key, subject_type in subjects
            for basis in signal_bases(preference.signals, subject_type)
        )
    if preference.kind is PreferenceKind.UNKNOWN:
        # A kind newer than this reader: not knowing is not consent (G4).
        return ((*own, Protection(at_us, event_id, Basis.UNPARSEABLE, SALE_AND_SHARE)),)
    return ()


def signal_bases(signals: Signals, subject_type: SubjectType) -> tuple[Basis, ...]:
    """What the signals of one interaction stop.

    Sec-GPC counts if any value is exactly 1 (legal 5.1.1); a US Privacy string if its third character is Y.
    A GPP string counts as unreadable, hence as an opt-out, until a decoder can say otherwise.
    """
    bases: list[Basis] = []
    if "1" in signals.gpc:
        known = subject_type in {SubjectType.ACCOUNT, SubjectType.PROFILE}
        bases.append(Basis.GPC_KNOWN_CONSUMER if known else Basis.GPC_DEVICE)
    if signals.usp is not None and (len(signals.usp) != 4 or signals.usp[0] != "1"):
        bases.append(Basis.UNPARSEABLE)
    elif signals.usp is not None and signals.usp[2] in "Yy":
        bases.append(Basis.OPT_OUT)
    if signals.gpp is not None:
        bases.append(Basis.UNPARSEABLE)
    return tuple(dict.fromkeys(bases))


def with_protection(
    state: SubjectState | None, subject_type: SubjectType, protection: Protection
) -> SubjectState:
    """Add a protection; adding it again changes nothing."""
    base = state or SubjectState(subject_type)
    if protection in base.protections:
        return base
    return replace(base, protections=tuple(sorted((*base.protections, protection), key=_protection_order)))


def with_complied(state: SubjectState | None, subject_type: SubjectType, at_us: int) -> SubjectState:
    """Note that the business honors from now on what this subject asked before."""
    base = state or SubjectState(subject_type)
    return replace(base, complied_us=tuple(sorted({*base.complied_us, at_us})))


def _protection_order(protection: Protection) -> tuple[int, bytes, Basis, list[Kind]]:
    return protection.at_us, protection.event_id, protection.basis, sorted(protection.kinds)


def _kinds_opted_out(preference: PreferenceRecorded) -> frozenset[Kind]:
    """A choice of one kind means both unless the choice of all was offered (11 CCR 7026(h))."""
    named = {Kind(word) for word in preference.of if word in {Kind.SALE, Kind.SHARE}}
    if preference.of and not named:
        return frozenset()
    if not named or not preference.global_option_offered:
        return SALE_AND_SHARE
    return frozenset(named)


def _opt_out_basis(preference: PreferenceRecorded) -> Basis:
    if preference.channel is PreferenceChannel.TRANSFEROR:
        return Basis.INHERITED
    if preference.channel is PreferenceChannel.FORWARDED:
        return Basis.FORWARDED
    if preference.channel is PreferenceChannel.AGENT and preference.agent_permission != "signed":
        return Basis.PENDING
    return Basis.OPT_OUT
