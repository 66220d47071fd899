"""Step 8: under 16 the default is no (1798.120(c), 11 CCR 7070, 7071; legal 0.4, 1.6.3)."""

from typing import NamedTuple

from disclosure_consumers.core.question import Question
from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.steps.opt_outs import fault_of
from disclosure_consumers.core.steps.parents import authorizations, authorizes
from disclosure_consumers.core.subject.ages import is_under_16, known_at
from disclosure_consumers.core.subject.consents import OptIn
from disclosure_schemas.events.vocabulary import Kind, PreferenceKind

MINORS = 8

_SIXTEEN_OR_OLDER = frozenset({"16_to_17", "adult"})


class Passed(NamedTuple):
    """The step lets a disclosure pass; `by`: what made it so, where it would have been stopped."""

    by: Reason | None = None


PASSED = Passed()


def of_age(question: Question, kinds: frozenset[Kind]) -> Reason | Passed:
    """Why a sale or sharing about this subject is stopped for age; else what it passes by."""
    position = question.position
    if not position.is_californian:
        return PASSED
    band = position.age.band
    if band == "under_13":
        return _by_parent(question, kinds)
    if band == "13_to_15":
        return _by_own_opt_in(question, kinds)
    if band == "unknown":
        return Reason.WILLFUL_DISREGARD_OF_AGE if position.age.willful_disregard else PASSED
    return _after_refusal(question, kinds) if position.permissions else PASSED


def has_aged_out(question: Question) -> bool:
    """Known to have turned 16, never refused (1798.135(c)(5))."""
    position = question.position
    if not (position.was_under_16 and position.age.band in _SIXTEEN_OR_OLDER):
        return False
    return not position.said(PreferenceKind.OPT_IN_DECLINED)


def _by_parent(question: Question, kinds: frozenset[Kind]) -> Reason | Passed:
    tried = authorizations(question)
    if any(authorizes(fact.content, question, kinds) for fact in tried):
        return Passed(Reason.MINOR_OPT_IN)
    return Reason.CONSENT_SCOPE if tried else Reason.MINOR_UNDER_13_WITHOUT_PARENT


def _by_own_opt_in(question: Question, kinds: frozenset[Kind]) -> Reason | Passed:
    """Two steps of the consumer's own, not begun while known to be under 13."""
    tried = [o for o in question.position.opt_ins if not _was_under_13(question, o)]
    sound = question.sound_opt_ins(kinds)
    if any(opt_in in sound for opt_in in tried):
        return Passed(Reason.MINOR_OPT_IN)
    return fault_of(tried[-1]) if tried else Reason.MINOR_13_TO_15_WITHOUT_OPT_IN


def _was_under_13(question: Question, opt_in: OptIn) -> bool:
    return known_at(question.standing.ages, opt_in.requested_us).band == "under_13"


def _after_refusal(question: Question, kinds: frozenset[Kind]) -> Reason | Passed:
    """A no said while under 16 stands until a later yes."""
    ages = question.standing.ages
    refusals = [
        fact.at_us
        for fact in question.position.said(PreferenceKind.OPT_IN_DECLINED)
        if is_under_16(known_at(ages, fact.at_us).band)
    ]
    if not refusals:
        return PASSED
    if any(opt_in.is_later_than(max(refusals)) for opt_in in question.sound_opt_ins(kinds)):
        return Passed(Reason.OPT_IN_VALID)
    return Reason.PRIOR_DECLINE
