"""The time to comply: whether a report that an opt-out stops is a notify or a violation (legal 2.4.3)."""

from collections.abc import Iterable
from typing import NamedTuple

from disclosure_consumers.core.days.deadlines import (
    OPT_OUT_BUSINESS_DAYS,
    end_of_business_days_us,
    end_of_calendar_days_us,
)
from disclosure_consumers.core.question import Question
from disclosure_consumers.core.reasons import Flag
from disclosure_consumers.core.registry import FOREVER_US, Notice
from disclosure_consumers.core.subject.standing import Limit, Stop


class Wish(NamedTuple):
    """An opt-out or limit that a report came after."""

    received_us: int
    complied_us: int | None
    is_signal: bool
    is_limit: bool


def wishes(stops: Iterable[Stop], limits: Iterable[Limit]) -> set[Wish]:
    """What the subject asked that stops a report."""
    found = {Wish(s.received_us, s.complied_us, s.basis.is_signal, is_limit=False) for s in stops}
    return found | {Wish(m.received_us, m.complied_us, m.is_signal, is_limit=True) for m in limits}


def passed(question: Question, asked: Iterable[Wish]) -> frozenset[str]:
    """What had passed by then: compliance, the deadline, the notice's own; if nothing, it is a notify."""
    at_us, policy = question.occurrence.at_us, question.registry.policy
    flags: set[str] = set()
    for wish in asked:
        if at_us >= _compliance_us(wish):
            flags.add(Flag.AFTER_COMPLIANCE)
        deadline_us = end_of_business_days_us(wish.received_us, OPT_OUT_BUSINESS_DAYS, policy.business_days)
        if at_us >= deadline_us:
            flags.add(Flag.AFTER_DEADLINE)
        notice = question.registry.notice_at(wish.received_us) if policy.notice_sla_override else None
        promised = _days_promised(notice, wish)
        if promised is not None and at_us >= end_of_calendar_days_us(wish.received_us, promised):
            flags.add(Flag.AFTER_NOTICE_DEADLINE)
    return frozenset(flags)


def _days_promised(notice: Notice | None, wish: Wish) -> int | None:
    if notice is None:
        return None
    return notice.limit_days if wish.is_limit else notice.opt_out_days


def _compliance_us(wish: Wish) -> int:
    """Signals are processed by machine: without a mark they count as complied with at once."""
    if wish.complied_us is not None:
        return wish.complied_us
    return wish.received_us if wish.is_signal else FOREVER_US
