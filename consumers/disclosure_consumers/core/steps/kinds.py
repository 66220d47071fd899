"""Step 5, second half: the kind a disclosure has in law, from contract and conduct (legal 0.1, 2.7)."""

from disclosure_consumers.core.question import Question
from disclosure_consumers.core.reasons import Flag
from disclosure_consumers.core.steps.opt_outs import opposition
from disclosure_consumers.core.verdict import NO_FLAGS
from disclosure_schemas.events.vocabulary import Consideration, Kind, RecipientRole

SALE = frozenset({Kind.SALE})
SHARE = frozenset({Kind.SHARE})
SALE_AND_SHARE = SALE | SHARE
BUSINESS_PURPOSE = frozenset({Kind.BUSINESS_PURPOSE})
OTHER = frozenset({Kind.OTHER})

Kinds = tuple[frozenset[Kind], frozenset[str]]


def derived_kinds(question: Question) -> Kinds:
    """Kinds a disclosure has in law, and the flags that say why they differ from the declared one."""
    disclosure = question.disclosure
    ads = disclosure.cross_context_ads
    paid = disclosure.consideration is not Consideration.NONE
    kind = disclosure.kind
    if kind is Kind.SALE:
        return (SALE_AND_SHARE if ads else SALE), NO_FLAGS
    if kind is Kind.SHARE:
        return (SALE_AND_SHARE if paid else SHARE), NO_FLAGS
    if kind is Kind.OTHER:
        return ((SALE if paid else frozenset()) | (SHARE if ads else frozenset())) or OTHER, NO_FLAGS
    if kind is Kind.BUSINESS_PURPOSE:
        return _business_purpose(question)
    # Whatever was refused as a carve-out is taken for what it would otherwise be.
    return (SHARE if ads else SALE), NO_FLAGS


def _business_purpose(question: Question) -> Kinds:
    disclosure = question.disclosure
    ads = disclosure.cross_context_ads
    if question.party is not question.addressee:
        return (SHARE if ads else SALE), frozenset({Flag.RECLASSIFIED_STEP_TRANSACTION})
    if question.party.role is RecipientRole.THIRD_PARTY:
        flag = question.party.flag
        return (SHARE if ads else SALE), NO_FLAGS if flag is None else frozenset({flag})
    if ads:  # 11 CCR 7050(b): a service provider cannot be hired for cross-context advertising
        return SHARE, frozenset({Flag.RECLASSIFIED_CROSS_CONTEXT_ADS})
    if disclosure.combines_data:  # 1798.140(e)(6): not the data of those who opted out (legal 1.1.5)
        if not question.state_available:
            return SALE_AND_SHARE, frozenset(
                {Flag.RECLASSIFIED_COMBINES_DATA}
            )  # who opted out is unknown (G4)
        stopped = frozenset(kind for kind in SALE_AND_SHARE if opposition(question, frozenset({kind})).left)
        if stopped:
            return stopped, frozenset({Flag.RECLASSIFIED_COMBINES_DATA})
    return BUSINESS_PURPOSE, NO_FLAGS
