"""What somebody has asked for and what of it holds, to be shown to them (11 CCR 7025(c)(6), 7026(g))."""

from collections.abc import Iterable
from typing import NamedTuple

from disclosure_consumers.core.registry import Registry
from disclosure_consumers.core.subject.consents import OptIn
from disclosure_consumers.core.subject.position import Position, position_at
from disclosure_consumers.core.subject.standing import Basis, Limit, Standing, Stop
from disclosure_schemas.events.disclosure import Disclosure, Item
from disclosure_schemas.events.vocabulary import Kind, Mode

HONORED = "Opt-Out Request Honored"
"""The words of 11 CCR 7025(c)(6) (legal 2.3.7)."""

NOT_OPTED_OUT = "Not opted out of sale or sharing"


class Choice(NamedTuple):
    """Whether something is stopped, since when and on what grounds; `since_us`: microseconds since 1970."""

    stopped: bool
    since_us: int | None = None
    bases: tuple[Basis, ...] = ()


class CurrentPreferences(NamedTuple):
    """What holds now. `financial`: affiliate sharing of a bank or the like. `limited_elements` None: all.

    `opt_in_needed`: the person is under 16, so nothing is sold or shared unless agreed to.
    """

    sale: Choice
    share: Choice
    sensitive: Choice
    limited_elements: frozenset[str] | None
    financial: bool
    is_deleted: bool
    is_being_deleted: bool
    opt_in_needed: bool

    @property
    def is_opted_out(self) -> bool:
        """Whether neither sale nor sharing goes on."""
        return self.sale.stopped and self.share.stopped

    @property
    def gpc_honored(self) -> bool:
        """Whether a Global Privacy Control signal is among the grounds."""
        return any(basis.is_gpc for basis in (*self.sale.bases, *self.share.bases))


def current_preferences(standing: Standing, at_us: int, registry: Registry) -> CurrentPreferences:
    """What holds of all that has reached a subject, at a moment.

    Only an opt-in that names no purpose, recipient or transaction lifts what is shown: another lets single
    disclosures through, while the opt-out stands.
    """
    position = position_at(_ANY, at_us, standing, registry)
    opt_ins = [o for o in position.opt_ins if o.fault is None and _is_general(o)]
    limits = [limit for limit in position.limits if not _is_lifted_limit(limit, opt_ins)]
    return CurrentPreferences(
        sale=_choice(_stops(position, opt_ins, Kind.SALE)),
        share=_choice(_stops(position, opt_ins, Kind.SHARE)),
        sensitive=Choice(bool(limits), min((limit.reached_us for limit in limits), default=None)),
        limited_elements=_elements(limits),
        financial=position.financial,
        is_deleted=position.is_deleted,
        is_being_deleted=position.is_being_deleted,
        opt_in_needed=position.is_known_under_16,
    )


def _stops(position: Position, opt_ins: list[OptIn], kind: Kind) -> list[Stop]:
    return [
        stop
        for stop in position.stops
        if kind in stop.kinds(californian=position.is_californian)
        and stop.basis is not Basis.COOKIE  # a banner speaks of cookies, not of sale (11 CCR 7026(a)(4))
        and not _is_lifted(stop, kind, opt_ins)
    ]


def _is_lifted(stop: Stop, kind: Kind, opt_ins: list[OptIn]) -> bool:
    return any(
        kind in opt_in.of
        and (opt_in.is_later_than(stop.reached_us) or (stop.basis.is_gpc and opt_in.informed_of_signal))
        for opt_in in opt_ins
    )


def _is_lifted_limit(limit: Limit, opt_ins: list[OptIn]) -> bool:
    return any("sensitive" in opt_in.of and opt_in.is_later_than(limit.reached_us) for opt_in in opt_ins)


def _is_general(opt_in: OptIn) -> bool:
    return opt_in.purposes is None and opt_in.recipients is None and opt_in.transactions is None


def _choice(stops: list[Stop]) -> Choice:
    if not stops:
        return Choice(stopped=False)
    bases = tuple(sorted({stop.basis for stop in stops}))
    return Choice(True, min(stop.reached_us for stop in stops), bases)


def _elements(limits: Iterable[Limit]) -> frozenset[str] | None:
    named = [limit.elements for limit in limits]
    if None in named:
        return None
    return frozenset().union(*(elements for elements in named if elements is not None))


_ANY = Disclosure(
    mode=Mode.REQUEST,
    kind=Kind.SALE,
    recipient_id="anybody",
    purpose="marketing",
    items=(Item(category="identifiers"),),
    emitter="status",
)
"""Of a disclosure the position reads signals and residency, of which it has none."""
