"""What the person has chosen, and what is known of the person's age, as of one moment (legal 8.1.2)."""

from typing import Literal

from disclosure_consumers.core.registry import Policy
from disclosure_consumers.core.subject.ages import is_under_16, known_at, was_under_16_before
from disclosure_consumers.core.subject.consents import OptIn, opt_ins_at
from disclosure_consumers.core.subject.settings_obeyed import stands
from disclosure_consumers.core.subject.standing import Basis, Limit, Standing, Stop
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.vocabulary import Kind
from disclosure_schemas.moments import from_microseconds


class Choice(Value):
    """Where one choice stands; `since` and `processed_at` None where nobody said when.

    `agreed_again`: an opt-out was followed by an agreement, which may be limited to what it names.
    """

    state: Literal["stopped", "agreed_again", "not_stopped"]
    since: Moment | None = None
    processed_at: Moment | None = None


class OptOutStatus(Value):
    """Opt-outs of sale and sharing, the limit of sensitive information, and Global Privacy Control."""

    sale: Choice
    share: Choice
    limit_sensitive: Choice
    gpc_seen: bool
    gpc_last_at: Moment | None


class AgeKnowledge(Value):
    """What is known of the person's age; by known facts alone, for nobody needs to ask (legal 1.6.3)."""

    known_under_16: bool
    was_known_under_16: bool


NOT_STOPPED = Choice(state="not_stopped")


def opt_out_status(standings: tuple[Standing, ...], at_us: int, policy: Policy) -> OptOutStatus:
    """Status of a person known under several keys: what stops one of them stops the person."""
    stops = [stop for s in standings for stop in s.stops if _counts(stop, at_us, policy)]
    opt_ins = [o for s in standings for o in opt_ins_at(s, at_us, policy) if o.fault is None]
    limits = [limit for s in standings for limit in s.limits if limit.reached_us <= at_us]
    gpc = [stop.received_us for s in standings for stop in s.stops if stop.basis is Basis.GPC]
    return OptOutStatus(
        sale=_choice(stops, opt_ins, Kind.SALE),
        share=_choice(stops, opt_ins, Kind.SHARE),
        limit_sensitive=_limit(limits, opt_ins),
        gpc_seen=bool(gpc),
        gpc_last_at=from_microseconds(max(gpc)) if gpc else None,
    )


def age_knowledge(standings: tuple[Standing, ...], at_us: int) -> AgeKnowledge:
    """What is known of the age under any of the person's keys."""
    aged = [standing.ages for standing in standings if standing.ages]
    ages_now = [known_at(ages, at_us) for ages in aged]
    return AgeKnowledge(
        # Ignoring the signs of a child is the same as knowing (1798.120(c)).
        known_under_16=any(is_under_16(age.band) or age.willful_disregard for age in ages_now),
        was_known_under_16=any(was_under_16_before(ages, at_us) for ages in aged),
    )


def _counts(stop: Stop, at_us: int, policy: Policy) -> bool:
    denied = stop.denied_us is not None and stop.denied_us <= at_us
    of_cookies = stop.basis is Basis.COOKIE  # a banner speaks of cookies alone (11 CCR 7026(a)(4))
    return not denied and not of_cookies and stop.reached_us <= at_us and stands(stop, at_us, None, policy)


def _choice(stops: list[Stop], opt_ins: list[OptIn], kind: Kind) -> Choice:
    mine = [stop for stop in stops if kind in stop.kinds(californian=True)]
    if not mine:
        return NOT_STOPPED
    last = max(mine, key=lambda stop: stop.reached_us)
    agreed = any(kind in opt_in.of and opt_in.is_later_than(last.reached_us) for opt_in in opt_ins)
    first = min(mine, key=lambda stop: stop.reached_us)
    # A signal is processed as it comes; for a request somebody says when (legal 0.5).
    processed = [s.received_us if s.basis.is_signal else s.complied_us for s in mine]
    said = [us for us in processed if us is not None]
    return Choice(
        state="agreed_again" if agreed else "stopped",
        since=from_microseconds(first.reached_us),
        processed_at=from_microseconds(min(said)) if said else None,
    )


def _limit(limits: list[Limit], opt_ins: list[OptIn]) -> Choice:
    if not limits:
        return NOT_STOPPED
    last_us = max(limit.reached_us for limit in limits)
    agreed = any("sensitive" in opt_in.of and opt_in.is_later_than(last_us) for opt_in in opt_ins)
    said = [
        us
        for limit in limits
        if (us := limit.received_us if limit.is_signal else limit.complied_us) is not None
    ]
    return Choice(
        state="agreed_again" if agreed else "stopped",
        since=from_microseconds(min(limit.reached_us for limit in limits)),
        processed_at=from_microseconds(min(said)) if said else None,
    )
