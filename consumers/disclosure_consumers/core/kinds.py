"""Steps 4 and 5: exemptions, what is no sale, and the kind derived from contract and conduct."""

from disclosure_consumers.core.question import Question, shown
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.verdict import ItemVerdict
from disclosure_schemas.events.disclosure import Item
from disclosure_schemas.events.vocabulary import Consideration, Exemption, Kind, Outcome, RecipientRole

EXEMPT, NO_SALE = 4, 5


def exempt(question: Question, item: Item) -> ItemVerdict | frozenset[str]:
    """Step 4: out of scope by law or quality of the item; else the flags of a tag that does not hold."""
    disclosure = question.disclosure
    if disclosure.wholly_outside_california:
        return _out_of_scope(question, Reason.OUTSIDE_CALIFORNIA)
    if item.exemption is None:
        return frozenset()
    if item.exemption is Exemption.DEIDENTIFIED:
        if item.element in question.registry.taxonomy.unique_identifiers:
            return frozenset({Flag.RECLASSIFIED_PSEUDONYMOUS})  # 1798.140(aj)
        at_us = question.occurrence.at_us
        bound = any(c.deidentification and c.period.holds(at_us) for c in question.recipient.contracts)
        if not bound:
            return frozenset({Flag.RECLASSIFIED_NOT_DEIDENTIFIED})  # 1798.140(m)(3), legal 1.1.14
    flags: frozenset[str] = frozenset()
    if item.exemption is Exemption.HIPAA and disclosure.purpose != "treatment_payment_operations":
        flags = frozenset({Flag.HIPAA_ACCOUNTING})  # 45 CFR 164.528
    return _out_of_scope(question, Reason(f"exempt_{item.exemption.value}"), flags)


def no_sale(question: Question, item: Item) -> ItemVerdict | frozenset[str]:
    """Step 5: carve-outs of 1798.140(ad)(2) and 1798.145(a); else the flags of an imitation (legal 1.3)."""
    disclosure = question.disclosure
    if question.role.role is RecipientRole.SAME_BUSINESS:
        return _permit(disclosure.kind, Reason.SAME_BUSINESS)
    if disclosure.kind is Kind.LEGAL_PROCESS and disclosure.consideration is Consideration.NONE:
        return _permit(Kind.LEGAL_PROCESS, Reason.LEGAL_PROCESS)
    if disclosure.kind is Kind.CORPORATE_TRANSACTION:
        if disclosure.control_transferred:
            return _permit(Kind.CORPORATE_TRANSACTION, Reason.MERGER_TRANSFER)
        return frozenset({Flag.NO_CONTROL_YET})
    if disclosure.kind is Kind.OPT_OUT_RELAY:
        relayed = disclosure.purpose == "opt_out_notice" and not disclosure.cross_context_ads
        if relayed and item.category == "identifiers":
            return _permit(Kind.OPT_OUT_RELAY, Reason.OPT_OUT_RELAY)
        return frozenset({Flag.NOT_FOR_RELAY})
    return frozenset()


def derived_kinds(question: Question) -> tuple[frozenset[Kind], frozenset[str]]:
    """Kinds a disclosure has in law, and the flags that say why they differ from the declared one."""
    disclosure = question.disclosure
    ads = disclosure.cross_context_ads
    paid = disclosure.consideration is not Consideration.NONE
    if disclosure.kind is Kind.SALE:
        return frozenset({Kind.SALE, Kind.SHARE} if ads else {Kind.SALE}), frozenset()
    if disclosure.kind is Kind.SHARE:
        return frozenset({Kind.SALE, Kind.SHARE} if paid else {Kind.SHARE}), frozenset()
    if disclosure.kind is Kind.OTHER:
        kinds = {Kind.SALE} if paid else set()
        kinds |= {Kind.SHARE} if ads else set()
        return frozenset(kinds or {Kind.OTHER}), frozenset()
    if disclosure.kind is Kind.BUSINESS_PURPOSE:
        return _business_purpose(question)
    # Whatever step 5 refused is taken for what it would otherwise be.
    return frozenset({Kind.SHARE if ads else Kind.SALE}), frozenset()


def _business_purpose(question: Question) -> tuple[frozenset[Kind], frozenset[str]]:
    disclosure = question.disclosure
    ads = disclosure.cross_context_ads
    if question.party is not question.recipient:
        return frozenset({Kind.SHARE if ads else Kind.SALE}), frozenset({Flag.RECLASSIFIED_STEP_TRANSACTION})
    if question.role.role is RecipientRole.THIRD_PARTY:
        flag = question.role.flag
        return frozenset({Kind.SHARE if ads else Kind.SALE}), frozenset({flag} if flag else ())
    if ads:  # 11 CCR 7050(b): a service provider cannot be hired for cross-context advertising
        return frozenset({Kind.SHARE}), frozenset({Flag.RECLASSIFIED_CROSS_CONTEXT_ADS})
    if disclosure.combines_data:  # 1798.140(e)(6): not the data of those who opted out (legal 1.1.5)
        stopped = frozenset(kind for stop in question.standing.stops for kind in stop.kinds)
        if stopped:
            return stopped, frozenset({Flag.RECLASSIFIED_COMBINES_DATA})
    return frozenset({Kind.BUSINESS_PURPOSE}), frozenset()


def _permit(kind: Kind, reason: Reason) -> ItemVerdict:
    return ItemVerdict(outcome=Outcome.PERMIT, kind=kind, reason=reason, step=NO_SALE)


def _out_of_scope(question: Question, reason: Reason, flags: frozenset[str] = frozenset()) -> ItemVerdict:
    kind = shown(derived_kinds(question)[0])
    return ItemVerdict(outcome=Outcome.OUT_OF_SCOPE, kind=kind, reason=reason, step=EXEMPT, flags=flags)
