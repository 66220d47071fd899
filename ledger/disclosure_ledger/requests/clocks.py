"""Clocks of a request: what is owed by which day, and how it stands on a day (legal 2.8.1, 9)."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from disclosure_consumers.core.days.calendars import (
    CONFIRM_BUSINESS_DAYS,
    LIMIT_BUSINESS_DAYS,
    OPT_OUT_BUSINESS_DAYS,
    BusinessDates,
    BusinessDays,
    Regime,
    business_dates_after,
    calendar_day_after,
    response_dates,
)
from disclosure_consumers.core.days.deadlines import california_day
from disclosure_consumers.core.registry import Notice, Registry
from disclosure_ledger.requests.request import Request
from disclosure_ledger.requests.vocabulary import VERIFIED_NATURES, Nature, Status
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.moments import microseconds

DUE_SOON_DAYS = 5
"""A request is due soon when the day that binds is this near, in calendar days."""


class Duty(StrEnum):
    """What is owed."""

    CONFIRM = "confirm"
    RESPOND = "respond"
    COMPLY = "comply"


class Clock(Value):
    """One duty and the days by which it is done in time.

    `last_day` binds. `strict`, `target`, `outer`: by the three readings of "business day", where it is one
    (legal 9.4). `promised`: by the notice in force at receipt. `extended`: the last day that an extension can
    give. `done_on`: None while it is owed.
    """

    duty: Duty
    last_day: date
    rule: str
    strict: date | None = None
    target: date | None = None
    outer: date | None = None
    promised: date | None = None
    extended: date | None = None
    done_on: date | None = None

    def is_late(self, today: date) -> bool:
        """Whether it was done too late, or is owed and late."""
        return (self.done_on or today) > self.last_day


_COMPLY = {
    Nature.OPT_OUT: (OPT_OUT_BUSINESS_DAYS, "11 CCR 7026(f)(1)"),
    Nature.LIMIT: (LIMIT_BUSINESS_DAYS, "11 CCR 7027"),
}
_RESPOND_RULES = {
    Regime.CCPA: "Civ. Code 1798.130(a)(2)(A)",
    Regime.OREGON: "ORS 646A.576",
    Regime.MINNESOTA: "Minn. Stat. 325M.14",
    Regime.CONNECTICUT: "C.G.S. 42-518",
    Regime.DELAWARE: "6 Del. C. 12D-104",
    Regime.HIPAA: "45 CFR 164.528(c)",
    Regime.GDPR: "GDPR Art. 12(3)",
}


def clocks_of(request: Request, registry: Registry, holidays: frozenset[date]) -> tuple[Clock, ...]:
    """What a request obliges to.

    `holidays`: of the year of receipt and the next; none moves a day that binds.
    """
    received = _day(request.received_at)
    business_days = registry.policy.business_days
    if request.regime is Regime.CCPA and request.nature in _COMPLY:
        count, rule = _COMPLY[request.nature]
        dates = business_dates_after(received, count, holidays)
        promised = _promised(request, registry)
        binding = _binding(dates, business_days)
        last_day = binding if promised is None else min(binding, promised)
        return (
            Clock(
                duty=Duty.COMPLY,
                last_day=last_day,
                rule=rule if last_day != promised else f"{rule}; promise of the notice",
                promised=promised,
                done_on=_done(request.responded_at),
                **dates._asdict(),
            ),
        )
    respond = _response_clock(request, received)
    if request.regime is not Regime.CCPA or request.nature not in VERIFIED_NATURES:
        return (respond,)
    dates = business_dates_after(received, CONFIRM_BUSINESS_DAYS, holidays)
    confirm = Clock(
        duty=Duty.CONFIRM,
        last_day=_binding(dates, business_days),
        rule="11 CCR 7021(a)",
        done_on=_done(request.confirmed_at or request.responded_at),
        **dates._asdict(),
    )
    return confirm, respond


def due(clocks: Iterable[Clock]) -> date | None:
    """The next day by which something is owed; None if nothing is."""
    return min((clock.last_day for clock in clocks if clock.done_on is None), default=None)


def status_of(request: Request, clocks: Iterable[Clock], today: date) -> Status:
    """How a request stands on a day in California."""
    if request.is_closed:
        return Status.CLOSED
    next_day = due(clocks)
    if next_day is None:
        return Status.OPEN
    if next_day < today:
        return Status.OVERDUE
    return Status.DUE_SOON if (next_day - today).days <= DUE_SOON_DAYS else Status.OPEN


def last_day_to_extend(request: Request) -> date:
    """Last day on which an extension can still be told (legal 9.8)."""
    return response_dates(_day(request.received_at), request.regime).respond


def _response_clock(request: Request, received: date) -> Clock:
    dates = response_dates(received, request.regime)
    return Clock(
        duty=Duty.RESPOND,
        last_day=dates.respond if request.extended_at is None else dates.extended,
        rule=_RESPOND_RULES[request.regime],
        extended=dates.extended,
        done_on=_done(request.responded_at),
    )


def _binding(dates: BusinessDates, business_days: BusinessDays) -> date:
    return dates.strict if business_days == "mon_sat" else dates.target


def _promised(request: Request, registry: Registry) -> date | None:
    if not registry.policy.notice_sla_override:
        return None
    notice = registry.notice_at(microseconds(request.received_at))
    days = None if notice is None else _days_promised(notice, request.nature)
    return None if days is None else calendar_day_after(_day(request.received_at), days)


def _days_promised(notice: Notice, nature: Nature) -> int | None:
    return notice.limit_days if nature is Nature.LIMIT else notice.opt_out_days


def _done(at: Moment | None) -> date | None:
    return None if at is None else _day(at)


def _day(at: Moment) -> date:
    return california_day(microseconds(at))
