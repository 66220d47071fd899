"""Step 9: opt-outs and signals stop sale and sharing (1798.120(d), 11 CCR 7025, 7026; legal 2.3, 2.4)."""

from disclosure_consumers.core.deadlines import (
    OPT_OUT_BUSINESS_DAYS,
    end_of_business_days_us,
    end_of_calendar_days_us,
)
from disclosure_consumers.core.question import Question, shown
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.registry import FOREVER_US
from disclosure_consumers.core.standing import Basis, Stop
from disclosure_schemas.events.vocabulary import Kind, SubjectType

OPT_OUT = 9

# The order of the table of reasons: of several that fit, the first is given.
_PRECEDENCE: tuple[Reason, ...] = (
    Reason.OPTED_OUT_OF_SALE,
    Reason.OPTED_OUT_OF_SHARING,
    Reason.OPT_OUT_INHERITED,
    Reason.OPT_OUT_FORWARDED,
    Reason.OPT_OUT_PENDING,
    Reason.GPC_KNOWN_CONSUMER,
    Reason.GPC_DEVICE,
    Reason.HOUSEHOLD,
    Reason.LINKED_PROFILE,
    Reason.SIGNAL_UNPARSEABLE,
)
_REASON_OF_BASIS = {
    Basis.INHERITED: Reason.OPT_OUT_INHERITED,
    Basis.FORWARDED: Reason.OPT_OUT_FORWARDED,
    Basis.PENDING: Reason.OPT_OUT_PENDING,
    Basis.GPC_KNOWN_CONSUMER: Reason.GPC_KNOWN_CONSUMER,
    Basis.GPC_DEVICE: Reason.GPC_DEVICE,
    Basis.UNPARSEABLE: Reason.SIGNAL_UNPARSEABLE,
}


def stopping(question: Question, kinds: frozenset[Kind]) -> tuple[Stop, ...]:
    """Stops that keep a disclosure of these kinds from being made."""
    return tuple(stop for stop in question.standing.stops if stop.kinds & kinds)


def reason_of(question: Question, kinds: frozenset[Kind], stops: tuple[Stop, ...]) -> Reason:
    """First reason that fits, in the order of the table of reasons."""
    fitting = {_reason_of_stop(question, kinds, stop) for stop in stops}
    return min(fitting, key=_PRECEDENCE.index)


def _reason_of_stop(question: Question, kinds: frozenset[Kind], stop: Stop) -> Reason:
    if not stop.own:
        household = question.disclosure.subject_type is SubjectType.HOUSEHOLD
        return Reason.HOUSEHOLD if household else Reason.LINKED_PROFILE
    if stop.basis is Basis.OPT_OUT:
        stopped = shown(stop.kinds & kinds)
        return Reason.OPTED_OUT_OF_SALE if stopped is Kind.SALE else Reason.OPTED_OUT_OF_SHARING
    return _REASON_OF_BASIS[stop.basis]


def passed_limits(question: Question, stops: tuple[Stop, ...]) -> frozenset[str]:
    """Limits of the time to comply that had passed when a report happened; empty: it is a notify."""
    at_us, policy = question.occurrence.at_us, question.registry.policy
    flags: set[str] = set()
    for stop in stops:
        if at_us >= _compliance_us(stop):
            flags.add(Flag.AFTER_COMPLIANCE)
        deadline_us = end_of_business_days_us(stop.received_us, OPT_OUT_BUSINESS_DAYS, policy.business_days)
        if at_us >= deadline_us:
            flags.add(Flag.AFTER_DEADLINE)
        notice = question.registry.notice_at(stop.received_us)
        promised = notice.opt_out_days if notice and policy.notice_sla_override else None
        if promised is not None and at_us >= end_of_calendar_days_us(stop.received_us, promised):
            flags.add(Flag.AFTER_NOTICE_DEADLINE)
    return frozenset(flags)


def _compliance_us(stop: Stop) -> int:
    """Signals are processed by machine: without a mark they count as complied with at once."""
    if stop.complied_us is not None:
        return stop.complied_us
    return stop.received_us if stop.basis.is_signal else FOREVER_US
