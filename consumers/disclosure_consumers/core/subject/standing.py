"""What has reached one subject, as values: protections from wherever they were made, own permissions."""

from collections.abc import Hashable, Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple, TypeVar

from disclosure_consumers.core.subject.facts import Fact
from disclosure_schemas.events.vocabulary import Kind, SubjectType

SALE_AND_SHARE = frozenset({Kind.SALE, Kind.SHARE})


class Basis(StrEnum):
    """What a stop rests on; decides the reason that is given."""

    OPT_OUT = "opt_out"
    INHERITED = "inherited"
    FORWARDED = "forwarded"
    PENDING = "pending"
    GPC = "gpc"
    DNT = "dnt"
    STRING = "string"
    UNPARSEABLE = "unparseable"
    COOKIE = "cookie"

    @property
    def is_signal(self) -> bool:
        """Signals and banners are processed by machine and leave no time to comply."""
        return self in _SIGNALS

    @property
    def is_gpc(self) -> bool:
        """GPC, and Do Not Track where it counts as GPC."""
        return self in {Basis.GPC, Basis.DNT}


_SIGNALS = frozenset({Basis.GPC, Basis.DNT, Basis.STRING, Basis.UNPARSEABLE, Basis.COOKIE})


class Stop(NamedTuple):
    """An opt-out, signal or banner rejection that has reached a subject.

    `named`: the kinds it names; both, in California, if no choice of all was offered (11 CCR 7026(h)).
    `complied_us`: when it was complied with, or taken in; None if nobody said. `denied_us`: when it was
    denied as fraud. `ended_us`: when a readable string took the place of an unreadable one. `unsent_us`: the
    device's next visit without the signal.
    """

    reached_us: int
    received_us: int
    event_id: bytes
    basis: Basis
    named: frozenset[Kind] = SALE_AND_SHARE
    global_option_offered: bool = True
    own: bool = True
    complied_us: int | None = None
    denied_us: int | None = None
    ended_us: int | None = None
    unsent_us: int | None = None

    @property
    def says(self) -> Hashable:
        """What it says; of several that say the same one is named in a decision."""
        return self.basis, self.named, self.own

    def kinds(self, *, californian: bool) -> frozenset[Kind]:
        """Kinds it stops."""
        return SALE_AND_SHARE if californian and not self.global_option_offered else self.named


class Limit(NamedTuple):
    """A limit of sensitive information that has reached a subject; `elements` None: all of them."""

    reached_us: int
    received_us: int
    event_id: bytes
    elements: frozenset[str] | None = None
    is_signal: bool = False
    complied_us: int | None = None

    @property
    def says(self) -> Hashable:
        """What it says."""
        return "limit", self.elements


class Deletion(NamedTuple):
    """A deletion request that is being worked on, or was completed."""

    reached_us: int
    event_id: bytes
    completed: bool


class AgeKnown(NamedTuple):
    """An age fact; `about` is the subject it was said of."""

    reached_us: int
    at_us: int
    about: bytes
    band: str
    willful_disregard: bool


class RegionKnown(NamedTuple):
    """A residency fact."""

    reached_us: int
    at_us: int
    region: str


FINANCIAL, DELETION, MATCH = "financial", "deletion", "match"
"""What protections say that need no more words."""


class Standing(NamedTuple):
    """Everything that decides about one subject.

    Two standings with equal `signature` are decided alike when asked at one moment. `is_timed`: whether the
    moment of asking can matter.
    """

    subject_type: SubjectType = SubjectType.UNKNOWN
    stops: tuple[Stop, ...] = ()
    financial: tuple[Stop, ...] = ()
    limits: tuple[Limit, ...] = ()
    deletions: tuple[Deletion, ...] = ()
    matches: tuple[tuple[int, bytes], ...] = ()
    ages: tuple[AgeKnown, ...] = ()
    regions: tuple[RegionKnown, ...] = ()
    permissions: tuple[Fact, ...] = ()
    signature: object = ()
    is_timed: bool = False

    def evidence(self) -> Iterator[tuple[Hashable, bytes]]:
        """Every protection: what it says, and the id of its event; the first to arrive first."""
        for stop in self.stops:
            yield stop.says, stop.event_id
        for limit in self.limits:
            yield limit.says, limit.event_id
        for stop in self.financial:
            yield FINANCIAL, stop.event_id
        for deletion in self.deletions:
            yield DELETION, deletion.event_id
        for _, event_id in self.matches:
            yield MATCH, event_id

    def named(self, said: frozenset[Hashable]) -> tuple[bytes, ...]:
        """Ids of the events that say these things; of those that say the same the first."""
        first: dict[Hashable, bytes] = {}
        for says, event_id in self.evidence():
            if says in said:
                first.setdefault(says, event_id)
        return tuple(sorted(set(first.values())))


NOBODY = Standing()
"""Standing of a subject of whom nothing is known."""


def joined(standing: Standing, others: Iterable[Standing], at_us: int) -> Standing:
    """Standing with the protections of others whom the sender says, at a moment, to be the same person.

    As over any link, what was said before the link arrives with it, and permissions do not travel.
    """
    merged = standing
    for other in others:
        stops = (stop for stop in other.stops if stop.basis is not Basis.COOKIE)
        merged = merged._replace(
            stops=(
                *merged.stops,
                *(s._replace(own=False, reached_us=max(s.reached_us, at_us)) for s in stops),
            ),
            financial=(*merged.financial, *_arrived(other.financial, at_us)),
            limits=(*merged.limits, *_arrived(other.limits, at_us)),
            deletions=(*merged.deletions, *_arrived(other.deletions, at_us)),
            matches=(*merged.matches, *((max(reached_us, at_us), i) for reached_us, i in other.matches)),
            ages=(*merged.ages, *_arrived(other.ages, at_us)),
            regions=(*merged.regions, *_arrived(other.regions, at_us)),
        )
    return merged if merged is standing else signed(merged)


_T = TypeVar("_T", Stop, Limit, Deletion, AgeKnown, RegionKnown)


def _arrived(protections: Iterable[_T], at_us: int) -> Iterator[_T]:
    for protection in protections:
        yield protection._replace(reached_us=max(protection.reached_us, at_us))


def signed(standing: Standing) -> Standing:
    """Standing with its signature: without moments where they cannot matter to a request."""
    timed = (
        bool(standing.permissions)
        or len(standing.ages) > 1
        or len(standing.regions) > 1
        or any(s.denied_us is not None or s.ended_us is not None or s.unsent_us is not None
               for s in (*standing.stops, *standing.financial))
    )  # fmt: skip
    if timed:
        # A text remembers its hash; a nest of tuples would be hashed at every look-up.
        return standing._replace(signature=repr(standing[:-2]), is_timed=True)
    signature = (
        standing.subject_type,
        frozenset((s.basis, s.named, s.global_option_offered, s.own) for s in standing.stops),
        bool(standing.financial),
        frozenset((limit.elements, limit.is_signal) for limit in standing.limits),
        frozenset(deletion.completed for deletion in standing.deletions),
        bool(standing.matches),
        tuple((age.band, age.willful_disregard) for age in standing.ages),
        tuple(region.region for region in standing.regions),
    )
    return standing._replace(signature=signature, is_timed=False)
