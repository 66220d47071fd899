"""Steps 7 to 12 of one item that the notices declare, and what it is permitted by."""

from disclosure_consumers.core.question import Question, shown
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.steps.availability import STATE, fails_closed, withheld
from disclosure_consumers.core.steps.elsewhere import ELSEWHERE, european_basis, state_rule
from disclosure_consumers.core.steps.limits import LIMIT, limiting
from disclosure_consumers.core.steps.minors import MINORS, Passed, has_aged_out, of_age
from disclosure_consumers.core.steps.notices import is_named_in_consent
from disclosure_consumers.core.steps.opt_outs import OPT_OUT, conflict_flags, opposition, stopped_because
from disclosure_consumers.core.subject.position import BLANK
from disclosure_consumers.core.verdict import NO_FLAGS, ItemVerdict
from disclosure_schemas.events.disclosure import Item
from disclosure_schemas.events.vocabulary import Kind, Outcome

CONTRACT, PERMIT = 12, 13

SALE_AND_SHARE = frozenset({Kind.SALE, Kind.SHARE})
_ADVISORY = frozenset({Flag.ADVISORY})
_DEGRADED = frozenset({Flag.DEGRADED})


def decide_declared(
    question: Question, item: Item, kinds: frozenset[Kind], flags: frozenset[str]
) -> ItemVerdict:
    """Decide an item of these kinds; `flags` were found before."""
    kind = shown(kinds)
    if not question.state_available:
        if fails_closed(question, item, kinds):
            return ItemVerdict(Outcome.SUPPRESS, kind, Reason.STATE_STORE_UNAVAILABLE, STATE, flags)
        return ItemVerdict(Outcome.PERMIT, kind, _plain_reason(kind), STATE, flags | _DEGRADED)
    reason = withheld(question, kinds)
    if reason is not None:
        return ItemVerdict(Outcome.SUPPRESS, kind, reason, STATE, flags)
    if question.position is BLANK:
        return _permitted(question, kinds, flags, NO_FLAGS)
    if question.position.is_european:
        basis = european_basis(question, kinds)
        if basis is None:
            return ItemVerdict(Outcome.SUPPRESS, kind, Reason.GDPR_NO_BASIS, ELSEWHERE, flags)
        if question.disclosure.combines_data and kind is Kind.BUSINESS_PURPOSE:
            flags |= _ADVISORY
        return ItemVerdict(Outcome.PERMIT, kind, basis, PERMIT, flags)
    return _decide_for_person(question, item, kinds, flags)


def _decide_for_person(
    question: Question, item: Item, kinds: frozenset[Kind], flags: frozenset[str]
) -> ItemVerdict:
    """Steps 8 to 12: what was asked by, or for, this subject."""
    kind, sold = shown(kinds), kinds & SALE_AND_SHARE
    by: set[str] = set()
    if sold:
        age = of_age(question, sold)
        if not isinstance(age, Passed):
            return ItemVerdict(Outcome.SUPPRESS, kind, age, MINORS, flags)
        against = opposition(question, sold)
        if against.left:
            reason = stopped_because(question, sold, against.left)
            flags |= conflict_flags(question, sold, against.left)
            return ItemVerdict(Outcome.SUPPRESS, kind, reason, OPT_OUT, flags, against.left)
        by |= against.cleared_by | ({age.by} if age.by else set())
    limited = limiting(question, item, kinds)
    if limited.stopped is not None:
        return ItemVerdict(Outcome.SUPPRESS, kind, limited.stopped, LIMIT, flags, limits=limited.left)
    rule = state_rule(question, item, kinds)
    if rule.stopped is not None:
        return ItemVerdict(Outcome.SUPPRESS, kind, rule.stopped, ELSEWHERE, flags)
    if limited.by is Reason.OPT_IN_VALID or rule.by_consent:
        by.add(Reason.OPT_IN_VALID)
    if not sold and limited.by is not None:
        by.add(limited.by)
    return _permitted(question, kinds, flags, frozenset(by))


def _permitted(
    question: Question, kinds: frozenset[Kind], flags: frozenset[str], by: frozenset[str]
) -> ItemVerdict:
    """Step 12 and the reason of a permit; `by`: what made it so where it would have been stopped."""
    kind, sold = shown(kinds), kinds & SALE_AND_SHARE
    if sold:
        if question.third_party_contract is None:  # 11 CCR 7053(a), legal 2.7.6
            return ItemVerdict(Outcome.REJECT, kind, Reason.NO_THIRD_PARTY_CONTRACT, CONTRACT, flags)
        return _sold(question, kind, sold, flags, by)
    if kind is Kind.OTHER:
        if question.position.opt_ins and is_named_in_consent(question):
            return ItemVerdict(Outcome.PERMIT, kind, Reason.CONSENTED_ENTITY, PERMIT, flags)
        return ItemVerdict(Outcome.PERMIT, kind, Reason.NO_CONSIDERATION, PERMIT, flags | _ADVISORY)
    if question.disclosure.combines_data:
        flags |= _ADVISORY
    limited = (Reason.SENSITIVE_EXEMPT_PURPOSE, Reason.LIMIT_DOES_NOT_COVER, Reason.OPT_IN_VALID)
    reason = next((r for r in limited if r in by), Reason.BUSINESS_PURPOSE)
    return ItemVerdict(Outcome.PERMIT, kind, reason, PERMIT, flags)


def _sold(
    question: Question, kind: Kind, sold: frozenset[Kind], flags: frozenset[str], by: frozenset[str]
) -> ItemVerdict:
    """The reason of a sale or sharing that may be made: the first that fits."""
    position = question.position
    if position is BLANK:
        return ItemVerdict(Outcome.PERMIT, kind, Reason.NOT_OPTED_OUT, PERMIT, flags)
    for reason in (
        Reason.MINOR_OPT_IN,
        Reason.FINANCIAL_INCENTIVE,
        Reason.OPT_IN_VALID,
        Reason.OPT_OUT_DENIED_AS_FRAUD,
    ):
        if reason in by:
            return ItemVerdict(Outcome.PERMIT, kind, reason, PERMIT, flags)
    if opposition(question, SALE_AND_SHARE - sold).left:
        return ItemVerdict(Outcome.PERMIT, kind, Reason.PARTIAL_OPT_OUT, PERMIT, flags)
    if has_aged_out(question):
        if question.registry.policy.aged_out_requires_notice:
            flags |= {Flag.NOTICE_FIRST}
        return ItemVerdict(Outcome.PERMIT, kind, Reason.AGED_OUT, PERMIT, flags)
    if not position.is_californian:
        return ItemVerdict(Outcome.OUT_OF_SCOPE, kind, Reason.NON_RESIDENT, PERMIT, flags)
    return ItemVerdict(Outcome.PERMIT, kind, Reason.NOT_OPTED_OUT, PERMIT, flags)


def _plain_reason(kind: Kind) -> Reason:
    """Reason of a permit given without knowing what the subject asked."""
    if kind is Kind.BUSINESS_PURPOSE:
        return Reason.BUSINESS_PURPOSE
    return Reason.NO_CONSIDERATION if kind is Kind.OTHER else Reason.NOT_OPTED_OUT
