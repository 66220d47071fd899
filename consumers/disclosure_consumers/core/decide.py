"""The decision: one pure function over frozen values, its steps in the order of the scenario format.

    1 EVENT   3 ROLE   4 EXEMPT   5 NO SALE, KIND   6 NOTICE   7 STATE   8 MINORS   9 OPT-OUT
    10 LIMIT   11 ELSEWHERE   12 CONTRACT, PERMIT, VERDICT

The first step that decides an item stops; flags add up. Step 2, amendments, is the casebook's.
"""

from disclosure_consumers.core.question import Occurrence, Question, shown
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.registry import Recipient, Registry
from disclosure_consumers.core.steps.carve_outs import no_sale
from disclosure_consumers.core.steps.event import is_malformed
from disclosure_consumers.core.steps.exemptions import exempt
from disclosure_consumers.core.steps.items import decide_declared
from disclosure_consumers.core.steps.kinds import derived_kinds
from disclosure_consumers.core.steps.notices import NOTICE, undeclared
from disclosure_consumers.core.steps.roles import Party, party_at
from disclosure_consumers.core.steps.whole import Answered, verdict_of, was_ignored
from disclosure_consumers.core.subject.position import BLANK, position_at
from disclosure_consumers.core.subject.standing import NOBODY, Standing
from disclosure_consumers.core.verdict import ItemVerdict, Verdict
from disclosure_schemas.events.disclosure import Disclosure, Item
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome, RecipientRole

EVENT, ROLE = 1, 3

__all__ = ["Answered", "decide"]


def decide(
    disclosure: Disclosure,
    occurrence: Occurrence,
    standing: Standing,
    registry: Registry,
    *,
    state_available: bool = True,
    answered: Answered | None = None,
) -> Verdict:
    """Decide one disclosure about one subject.

    `standing` is the subject's; for a report only what had reached the subject by then counts, at equal
    instants the opt-out wins (legal 0.7). `state_available` is False when preferences cannot be read (G4).
    `answered`: how the request was answered that a report follows.
    """
    if is_malformed(disclosure, occurrence, registry):
        return _refused(disclosure, Reason.MALFORMED, registry.recipients.get(disclosure.recipient_id))
    addressee = party_at(disclosure.recipient_id, registry, occurrence.at_us)
    if addressee is None:
        return _refused(disclosure, Reason.UNKNOWN_RECIPIENT, None, answered)
    notice, notice_holds = registry.notice_period(occurrence.at_us)
    party = _party(disclosure, addressee, registry, occurrence.at_us)
    if party is None:
        return _refused(disclosure, Reason.UNKNOWN_RECIPIENT, addressee.recipient, answered)
    collected_us = occurrence.collected_us
    question = Question(
        disclosure,
        occurrence,
        standing if state_available else NOBODY,
        position_at(disclosure, occurrence.at_us, standing, registry) if state_available else BLANK,
        registry,
        state_available=state_available,
        addressee=addressee,
        party=party,
        notice=notice,
        notice_at_collection=None if collected_us is None else registry.notice_at(collected_us),
    )
    question.kinds, question.kind_flags = derived_kinds(question)
    verdicts = tuple([_decide_item(question, item) for item in disclosure.items])
    return verdict_of(question, verdicts, notice_holds, answered)


def _party(disclosure: Disclosure, addressee: Party, registry: Registry, at_us: int) -> Party | None:
    """Who counts as the recipient: the steps of one transaction count as one (1798.190, legal 1.3.6).

    None if the data is passed on to somebody who is not in the registry.
    """
    if disclosure.kind is not Kind.BUSINESS_PURPOSE or disclosure.onward_recipient_id is None:
        return addressee
    onward = party_at(disclosure.onward_recipient_id, registry, at_us)
    return onward if onward is None or onward.role is RecipientRole.THIRD_PARTY else addressee


def _decide_item(question: Question, item: Item) -> ItemVerdict:
    exempted = exempt(question, item)
    if isinstance(exempted, ItemVerdict):
        return exempted
    carved_out = no_sale(question, item)
    if isinstance(carved_out, ItemVerdict):
        return carved_out._replace(flags=exempted) if exempted else carved_out
    flags = exempted | carved_out | question.kind_flags
    missing = undeclared(question, item, question.kinds)
    if missing is not None:
        reason, more = missing
        return ItemVerdict(Outcome.REJECT, shown(question.kinds), reason, NOTICE, flags | more)
    return decide_declared(question, item, question.kinds, flags)


def _refused(
    disclosure: Disclosure, reason: Reason, recipient: Recipient | None, answered: Answered | None = None
) -> Verdict:
    """Sent back as a whole; a report happened all the same, so it is a violation unless unreadable."""
    reported = disclosure.mode is Mode.REPORT and reason is not Reason.MALFORMED
    ignored = reported and answered is not None and was_ignored(disclosure.items, answered)
    return Verdict(
        outcome=Outcome.VIOLATION if reported else Outcome.REJECT,
        kind=disclosure.kind,
        reason=Reason.DECISION_IGNORED if ignored else reason,
        flags=(Flag.CRITICAL,) if ignored else (),
        recipient_name=recipient.name if recipient else None,
        recipient_category=recipient.category if recipient else None,
    )
