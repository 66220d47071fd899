"""Step 5, first half: what is no sale whatever the subject asked (1798.140(ad)(2); legal 1.3)."""

from disclosure_consumers.core.question import Question
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.verdict import NO_FLAGS, ItemVerdict
from disclosure_schemas.events.disclosure import Item
from disclosure_schemas.events.vocabulary import Consideration, Kind, Outcome, PreferenceKind, RecipientRole

NO_SALE = 5


def no_sale(question: Question, item: Item) -> ItemVerdict | frozenset[str]:
    """The carve-out that applies; else the flags of an imitation."""
    disclosure = question.disclosure
    if question.addressee.role is RecipientRole.SAME_BUSINESS:
        return _permit(disclosure.kind, Reason.SAME_BUSINESS)  # 1798.140(d)(2)
    kind = disclosure.kind
    if kind is Kind.LEGAL_PROCESS and disclosure.consideration is Consideration.NONE:
        return _permit(kind, Reason.LEGAL_PROCESS)
    if kind is Kind.CORPORATE_TRANSACTION:
        if disclosure.control_transferred:
            return _permit(kind, Reason.MERGER_TRANSFER)
        return frozenset({Flag.NO_CONTROL_YET})
    if kind is Kind.OPT_OUT_RELAY:
        relayed = disclosure.purpose == "opt_out_notice" and not disclosure.cross_context_ads
        if relayed and item.category == "identifiers":
            return _permit(kind, Reason.OPT_OUT_RELAY)
        return frozenset({Flag.NOT_FOR_RELAY})
    if kind is Kind.CONSUMER_DIRECTED:
        return _directed(question, item)
    return NO_FLAGS


def _directed(question: Question, item: Item) -> ItemVerdict | frozenset[str]:
    """Only a click is intentional, not hovering, muting, pausing or closing (1798.140(s), legal 1.1.18)."""
    actions = [
        fact.content
        for fact in question.position.said(PreferenceKind.DIRECTION)
        if question.recipient.id in fact.content.recipients
    ]
    clicks = [action for action in actions if action.action == "click"]
    if any(item.category in click.elements or str(item) in click.elements for click in clicks):
        return _permit(Kind.CONSUMER_DIRECTED, Reason.CONSUMER_DIRECTED)
    return frozenset({Flag.NO_INTENTIONAL_INTERACTION}) if actions and not clicks else NO_FLAGS


def _permit(kind: Kind, reason: Reason) -> ItemVerdict:
    return ItemVerdict(Outcome.PERMIT, kind, reason, NO_SALE)
