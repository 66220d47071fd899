"""Step 9: opt-outs and signals stop sale and sharing (1798.120(d), 11 CCR 7025, 7026; legal 2.3, 2.4)."""

from typing import NamedTuple

from disclosure_consumers.core.question import Question, shown
from disclosure_consumers.core.reasons import TABLE_ORDER, Flag, Reason
from disclosure_consumers.core.steps.parents import authorizations, authorizes
from disclosure_consumers.core.subject.consents import OptIn
from disclosure_consumers.core.subject.position import is_person, subject_type_of
from disclosure_consumers.core.subject.standing import Basis, Stop
from disclosure_consumers.core.verdict import NO_FLAGS
from disclosure_schemas.events.vocabulary import DisclosureChannel, Kind, PreferenceKind, SubjectType

OPT_OUT = 9

_REASON_OF_BASIS = {
    Basis.INHERITED: Reason.OPT_OUT_INHERITED,
    Basis.FORWARDED: Reason.OPT_OUT_FORWARDED,
    Basis.PENDING: Reason.OPT_OUT_PENDING,
    Basis.UNPARSEABLE: Reason.SIGNAL_UNPARSEABLE,
    Basis.COOKIE: Reason.COOKIE_REJECT,
}


class Opposition(NamedTuple):
    """What stands against a disclosure of some kinds, and what was there and does not count.

    `cleared_by`: why something that had reached the subject does not stop it (the permit's reason).
    """

    left: tuple[Stop, ...] = ()
    cleared_by: frozenset[Reason] = frozenset()


NO_OPPOSITION = Opposition()


def opposition(question: Question, kinds: frozenset[Kind]) -> Opposition:
    """Collect what has reached the subject and stops these kinds, with the exceptions of step 9."""
    position = question.position
    if not (position.stops or position.denied):
        return NO_OPPOSITION
    sound = question.sound_opt_ins(kinds)
    authorized_us = _authorized_us(question, kinds)
    stays = _stays_in_program(question)
    left: list[Stop] = []
    cleared: set[Reason] = set()
    for stop in position.stops:
        if not stop.kinds(californian=position.is_californian) & kinds:
            continue
        if stop.basis is Basis.COOKIE and question.disclosure.channel is not DisclosureChannel.COOKIE:
            continue  # a banner speaks of cookies (11 CCR 7026(a)(4))
        reason = _cleared(stop, sound, authorized_us, stays=stays)
        if reason is None:
            left.append(stop)
        else:
            cleared.add(reason)
    if any(stop.kinds(californian=position.is_californian) & kinds for stop in position.denied):
        cleared.add(Reason.OPT_OUT_DENIED_AS_FRAUD)
    return Opposition(tuple(left), frozenset(cleared))


def _cleared(stop: Stop, sound: list[OptIn], authorized_us: int | None, *, stays: bool) -> Reason | None:
    """Why a stop does not count; None if it does."""
    if stop.basis.is_gpc and stays:
        return Reason.FINANCIAL_INCENTIVE  # 11 CCR 7025(c)(4), legal 2.3.5
    if any(opt_in.is_later_than(stop.reached_us) for opt_in in sound):
        return Reason.OPT_IN_VALID
    if stop.basis.is_gpc and any(opt_in.informed_of_signal for opt_in in sound):
        return Reason.OPT_IN_VALID  # 11 CCR 7025(c)(3), legal 2.3.4
    if authorized_us is not None and authorized_us > stop.reached_us:
        return Reason.MINOR_OPT_IN
    return None


def stopped_because(question: Question, kinds: frozenset[Kind], left: tuple[Stop, ...]) -> Reason:
    """The fault of the latest opt-in for this kind requested after all of them; else the first that fits."""
    last_us = max(stop.reached_us for stop in left)
    tried = [o for o in question.position.opt_ins if o.of & kinds and o.requested_us > last_us]
    if tried:
        return fault_of(tried[-1])
    return min((_reason_of_stop(question, kinds, stop) for stop in left), key=TABLE_ORDER.__getitem__)


def fault_of(opt_in: OptIn) -> Reason:
    """Why an opt-in does not help; one that is sound does not cover the disclosure."""
    return Reason.CONSENT_SCOPE if opt_in.fault is None else opt_in.fault


def _reason_of_stop(question: Question, kinds: frozenset[Kind], stop: Stop) -> Reason:
    subject_type = subject_type_of(question.disclosure, question.position)
    if not stop.own:
        return Reason.HOUSEHOLD if subject_type is SubjectType.HOUSEHOLD else Reason.LINKED_PROFILE
    if stop.basis.is_gpc:
        return Reason.GPC_KNOWN_CONSUMER if is_person(subject_type) else Reason.GPC_DEVICE
    if stop.basis in {Basis.OPT_OUT, Basis.STRING}:
        stopped = shown(stop.kinds(californian=question.position.is_californian) & kinds)
        return Reason.OPTED_OUT_OF_SALE if stopped is Kind.SALE else Reason.OPTED_OUT_OF_SHARING
    return _REASON_OF_BASIS[stop.basis]


def conflict_flags(question: Question, kinds: frozenset[Kind], left: tuple[Stop, ...]) -> frozenset[str]:
    """A signal overrides a confirmed opt-in; the business may tell and ask (11 CCR 7025(c)(3))."""
    consents = [o for o in question.position.opt_ins if o.fault is None and o.of & kinds]
    overridden = any(
        stop.basis.is_gpc and opt_in.confirmed_us is not None and opt_in.confirmed_us <= stop.reached_us
        for stop in left
        for opt_in in consents
    )
    return frozenset({Flag.CONFLICTS_WITH_CONSENT}) if overridden else NO_FLAGS


def _stays_in_program(question: Question) -> bool:
    """The latest choice about the disclosure's program; at one instant withdrawing wins."""
    program = question.disclosure.program
    if program is None:
        return False
    choices = [
        (fact.at_us, fact.content.choice != "stays", fact.content.choice)
        for fact in question.position.said(PreferenceKind.PROGRAM_CHOICE)
        if fact.content.program == program
    ]
    return bool(choices) and max(choices)[2] == "stays"


def _authorized_us(question: Question, kinds: frozenset[Kind]) -> int | None:
    """When a verified parent of a child under 13 last authorized these kinds (11 CCR 7070)."""
    if question.position.age.band != "under_13":
        return None
    granted = (fact.at_us for fact in authorizations(question) if authorizes(fact.content, question, kinds))
    return max(granted, default=None)
