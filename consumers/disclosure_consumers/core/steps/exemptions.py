"""Step 4: what another law or the quality of the data takes out of the CCPA (legal 1.10, 1.1.14, 1.1.15)."""

from disclosure_consumers.core.question import Question, shown
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.verdict import NO_FLAGS, ItemVerdict
from disclosure_schemas.events.disclosure import Item
from disclosure_schemas.events.vocabulary import Exemption, Kind, Outcome, RecipientRole

EXEMPT = 4

_FINANCIAL_KINDS = frozenset({Kind.SALE, Kind.SHARE, Kind.OTHER})
_CARVE_OUTS = frozenset(
    {Kind.LEGAL_PROCESS, Kind.CONSUMER_DIRECTED, Kind.CORPORATE_TRANSACTION, Kind.OPT_OUT_RELAY}
)
_REASONS: dict[Exemption, Reason] = {
    exemption: Reason(f"exempt_{exemption.value}")
    for exemption in Exemption
    if exemption is not Exemption.UNKNOWN
}


def exempt(question: Question, item: Item) -> ItemVerdict | frozenset[str]:
    """Out of scope, or stopped by the other law; else the flags of a tag that does not hold."""
    if question.disclosure.wholly_outside_california:
        return _verdict(question, Outcome.OUT_OF_SCOPE, Reason.OUTSIDE_CALIFORNIA)  # 1798.145(a)(1)(G)
    tag = item.exemption
    if tag is None:
        return NO_FLAGS
    if tag is Exemption.DEIDENTIFIED:
        if item.element in question.registry.taxonomy.unique_identifiers:
            return frozenset({Flag.RECLASSIFIED_PSEUDONYMOUS})  # 1798.140(aj)
        if not question.addressee.is_bound_not_to_reidentify:
            return frozenset({Flag.RECLASSIFIED_NOT_DEIDENTIFIED})  # 1798.140(m)(3), legal 1.1.14
    if tag is Exemption.GLBA and _is_financial_disclosure(question):
        if not question.state_available:  # whether the subject opted out cannot be known (G4)
            return _verdict(question, Outcome.SUPPRESS, Reason.STATE_STORE_UNAVAILABLE)
        if question.position.financial:
            return _verdict(question, Outcome.SUPPRESS, Reason.GLBA_OPT_OUT)  # legal 4.17
    flags = NO_FLAGS
    if tag is Exemption.HIPAA and question.disclosure.purpose != "treatment_payment_operations":
        flags = frozenset({Flag.HIPAA_ACCOUNTING})  # 45 CFR 164.528, legal 4.15
    return _verdict(question, Outcome.OUT_OF_SCOPE, _REASONS[tag], flags)


def _is_financial_disclosure(question: Question) -> bool:
    """To a nonaffiliated third party, and not as a service (legal 4.17)."""
    return (
        question.disclosure.kind in _FINANCIAL_KINDS
        and question.addressee.role is RecipientRole.THIRD_PARTY
        and question.recipient.affiliate is None
    )


def _verdict(
    question: Question, outcome: Outcome, reason: Reason, flags: frozenset[str] = NO_FLAGS
) -> ItemVerdict:
    # The kind of a carve-out is found only in the next step: until then it is the declared one.
    declared = question.disclosure.kind
    kind = declared if declared in _CARVE_OUTS else shown(question.kinds)
    return ItemVerdict(outcome, kind, reason, EXEMPT, flags)
