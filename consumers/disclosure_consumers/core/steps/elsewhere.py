"""Step 11: rules of other states, and of Europe (legal 4.1 to 4.10)."""

from typing import NamedTuple

from disclosure_consumers.core.question import Question, is_sensitive
from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.subject.standing import Basis
from disclosure_schemas.events.disclosure import Item
from disclosure_schemas.events.vocabulary import Kind

ELSEWHERE = 11

_SENSITIVE = frozenset({"sensitive"})


class StateRule(NamedTuple):
    """`stopped`: why a state's rule stops it; `by_consent`: whether it passes by a consent alone."""

    stopped: Reason | None = None
    by_consent: bool = False


NO_RULE = StateRule()


def state_rule(question: Question, item: Item, kinds: frozenset[Kind]) -> StateRule:
    """What the law of the subject's state says of an item."""
    region = question.position.region
    if region is None or question.position.is_californian:
        return NO_RULE
    if region == "US-OR" and _is_banned_in_oregon(question, item, kinds):
        return StateRule(Reason.STATE_BAN)
    if Kind.SALE not in kinds:
        return NO_RULE
    sensitive = is_sensitive(item, question.registry.taxonomy)
    if region == "US-MD" and sensitive:
        return StateRule(Reason.STATE_BAN)  # Md. Com. Law 14-4701 ff.: even with consent
    if region == "US-CT" and sensitive:
        wanted = kinds | _SENSITIVE
        consents = [
            o for o in question.position.opt_ins if o.fault is None and question.is_covered_by(o, wanted)
        ]
        return StateRule(by_consent=True) if consents else StateRule(Reason.SENSITIVE_WITHOUT_OPT_IN)
    if region == "US-WA" and item.element == "health":
        signed = [o for o in question.sound_opt_ins(kinds) if o.method == "signed_authorization"]
        return StateRule(by_consent=True) if signed else StateRule(Reason.STATE_AUTHORIZATION_MISSING)
    return NO_RULE


def _is_banned_in_oregon(question: Question, item: Item, kinds: frozenset[Kind]) -> bool:
    """ORS 646A.570 ff. as amended 2026: precise location, and anything about those under 16."""
    if question.position.is_known_under_16 and kinds & {Kind.SALE, Kind.SHARE}:
        return True
    return Kind.SALE in kinds and item.element == "precise_geolocation"


def european_basis(question: Question, kinds: frozenset[Kind]) -> Reason | None:
    """The basis on which data of a European subject may go; None if there is none (GDPR Art. 6, 7(3), 28)."""
    if Kind.BUSINESS_PURPOSE in kinds and question.addressee.is_gdpr_processor:
        return Reason.PROCESSOR
    withdrawn = [stop.reached_us for stop in question.position.stops if stop.basis is not Basis.COOKIE]
    for opt_in in question.sound_opt_ins(kinds):
        if all(opt_in.is_later_than(moment_us) for moment_us in withdrawn):
            return Reason.OPT_IN_VALID
    return None
