"""The decision: one pure function over frozen values, its steps in the order of the scenario format.

    1 EVENT   3 ROLE   4 EXEMPT   5 NO SALE, KIND   6 NOTICE   7 STATE   9 OPT-OUT
    12 CONTRACT, PERMIT, VERDICT

The first step that decides an item stops; flags add up.
"""

from collections.abc import Mapping

from disclosure_consumers.core import kinds as kind_steps
from disclosure_consumers.core import notices, opt_outs
from disclosure_consumers.core.question import Occurrence, Question, is_sensitive, shown
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.registry import Recipient, Registry
from disclosure_consumers.core.roles import role_at, third_party_contract
from disclosure_consumers.core.standing import SALE_AND_SHARE as BOTH
from disclosure_consumers.core.standing import Basis, Standing, Stop, signal_bases, standing_of
from disclosure_consumers.core.verdict import ItemVerdict, Verdict
from disclosure_schemas.events.disclosure import Disclosure, Item
from disclosure_schemas.events.vocabulary import (
    ActingAs,
    Bought,
    Consideration,
    DisclosureChannel,
    Exemption,
    Kind,
    Mode,
    Outcome,
    RecipientRole,
    SubjectType,
)

EVENT, ROLE, STATE, CONTRACT, PERMIT = 1, 3, 7, 12, 13
_GOES = frozenset({Outcome.PERMIT, Outcome.OUT_OF_SCOPE})


def decide(
    disclosure: Disclosure,
    occurrence: Occurrence,
    standing: Standing,
    registry: Registry,
    *,
    state_available: bool = True,
) -> Verdict:
    """Decide one disclosure about one subject.

    `standing` is the subject's; for a report only what had reached the subject by then counts, at equal
    instants the opt-out wins (legal 0.7). `state_available` is False when preferences cannot be read (G4).
    """
    recipient = registry.recipients.get(disclosure.recipient_id)
    if _is_malformed(disclosure, occurrence, registry):
        return _refused(disclosure, Reason.MALFORMED, recipient)
    if recipient is None:
        return _refused(disclosure, Reason.UNKNOWN_RECIPIENT, None)
    question = _ask(disclosure, occurrence, standing, registry, recipient, state_available=state_available)
    verdicts = [_decide_item(question, item) for item in disclosure.items]
    return _verdict(question, verdicts)


def _is_malformed(disclosure: Disclosure, occurrence: Occurrence, registry: Registry) -> bool:
    """Step 1: a word that does not exist, or a report emitted before it happened (legal 0.8)."""
    words = registry.taxonomy
    skew_us = registry.policy.clock_skew_bound_ms * 1000
    return (
        disclosure.mode is Mode.UNKNOWN
        or disclosure.kind is Kind.UNKNOWN
        or disclosure.consideration is Consideration.UNKNOWN
        or disclosure.channel is DisclosureChannel.UNKNOWN
        or disclosure.acting_as is ActingAs.UNKNOWN
        or disclosure.bought is Bought.UNKNOWN
        or disclosure.subject_type is SubjectType.UNKNOWN
        or disclosure.purpose not in words.purposes
        or any(not _exists(item, words.elements) for item in disclosure.items)
        or (disclosure.mode is Mode.REPORT and occurrence.emitted_us + skew_us < occurrence.at_us)
    )


def _exists(item: Item, elements: Mapping[str, frozenset[str]]) -> bool:
    known = elements.get(item.category)
    return (
        known is not None
        and (item.element is None or item.element in known)
        and item.exemption is not Exemption.UNKNOWN
    )


def _ask(
    disclosure: Disclosure,
    occurrence: Occurrence,
    standing: Standing,
    registry: Registry,
    recipient: Recipient,
    *,
    state_available: bool,
) -> Question:
    """Step 3 and look-ups: role at that moment, who counts as the recipient, the notices."""
    at_us = occurrence.at_us
    role, party = role_at(recipient, registry, at_us), recipient
    onward = registry.recipients.get(disclosure.onward_recipient_id or "")
    if disclosure.kind is Kind.BUSINESS_PURPOSE and onward is not None:
        onward_role = role_at(onward, registry, at_us)
        if onward_role.role is RecipientRole.THIRD_PARTY:
            role, party = onward_role, onward
    return Question(
        disclosure=disclosure,
        occurrence=occurrence,
        standing=_in_force(disclosure, occurrence, standing, registry),
        state_available=state_available,
        registry=registry,
        recipient=recipient,
        party=party,
        role=role,
        third_party_contract=third_party_contract(party, registry, at_us),
        notice=registry.notice_at(at_us),
        notice_at_collection=(
            None if occurrence.collected_us is None else registry.notice_at(occurrence.collected_us)
        ),
    )


def _in_force(
    disclosure: Disclosure, occurrence: Occurrence, standing: Standing, registry: Registry
) -> Standing:
    """Standing at the moment of the disclosure, with the signals that came with it.

    A request is answered by all that has arrived: nothing has been disclosed yet.
    """
    stops = standing.stops
    if disclosure.mode is Mode.REPORT:
        bound_us = occurrence.at_us + registry.policy.clock_skew_bound_ms * 1000
        stops = tuple(stop for stop in stops if stop.reached_us <= bound_us)
    ignored = registry.policy.unparseable_signal == "ignore"
    if ignored:
        stops = tuple(stop for stop in stops if stop.basis is not Basis.UNPARSEABLE)
    bases = signal_bases(disclosure.signals, disclosure.subject_type)
    came_along = [
        Stop(occurrence.at_us, occurrence.at_us, b"", basis, BOTH, own=True, complied_us=None)
        for basis in bases
        if not (ignored and basis is Basis.UNPARSEABLE)
    ]
    return standing_of((*stops, *came_along))


def _decide_item(question: Question, item: Item) -> ItemVerdict:
    exempt = kind_steps.exempt(question, item)
    if isinstance(exempt, ItemVerdict):
        return exempt
    carved_out = kind_steps.no_sale(question, item)
    if isinstance(carved_out, ItemVerdict):
        return carved_out
    kinds, kind_flags = kind_steps.derived_kinds(question)
    flags = exempt | carved_out | kind_flags
    kind = shown(kinds)
    undeclared = notices.undeclared(question, item, kinds)
    if undeclared is not None:
        reason, more = undeclared
        return _item(Outcome.REJECT, kind, reason, notices.NOTICE, flags | more)
    return _decide_declared(question, item, kinds, flags)


def _decide_declared(
    question: Question, item: Item, kinds: frozenset[Kind], flags: frozenset[str]
) -> ItemVerdict:
    """Steps 7 to 12 of an item that the notices declare."""
    kind, sold = shown(kinds), kinds & BOTH
    if not question.state_available:
        return _without_state(question, item, kinds, flags)
    if sold and question.disclosure.bought is Bought.WITHOUT_NOTICE:
        return _item(Outcome.SUPPRESS, kind, Reason.RESALE_WITHOUT_NOTICE, STATE, flags)  # 1798.115(d)
    stops = opt_outs.stopping(question, kinds) if sold else ()
    if stops:
        reason = opt_outs.reason_of(question, kinds, stops)
        return _item(Outcome.SUPPRESS, kind, reason, opt_outs.OPT_OUT, flags)
    if sold and question.third_party_contract is None:
        return _item(Outcome.REJECT, kind, Reason.NO_THIRD_PARTY_CONTRACT, CONTRACT, flags)  # 11 CCR 7053
    if sold:
        reason = Reason.PARTIAL_OPT_OUT if question.standing.stops else Reason.NOT_OPTED_OUT
        return _item(Outcome.PERMIT, kind, reason, PERMIT, flags)
    if kind is Kind.OTHER:
        return _item(Outcome.PERMIT, kind, Reason.NO_CONSIDERATION, PERMIT, flags | {Flag.ADVISORY})
    if question.disclosure.combines_data:
        flags |= {Flag.ADVISORY}
    return _item(Outcome.PERMIT, kind, Reason.BUSINESS_PURPOSE, PERMIT, flags)


def _without_state(
    question: Question, item: Item, kinds: frozenset[Kind], flags: frozenset[str]
) -> ItemVerdict:
    """Step 7 with preferences unreadable: sale, share and sensitive fail closed, the rest goes on (G4)."""
    sensitive = is_sensitive(item, question.registry) and question.disclosure.limit_exception is None
    if kinds & BOTH or sensitive:
        return _item(Outcome.SUPPRESS, shown(kinds), Reason.STATE_STORE_UNAVAILABLE, STATE, flags)
    reason = Reason.NO_CONSIDERATION if Kind.OTHER in kinds else Reason.BUSINESS_PURPOSE
    return _item(Outcome.PERMIT, shown(kinds), reason, STATE, flags | {Flag.DEGRADED})


def _item(outcome: Outcome, kind: Kind, reason: Reason, step: int, flags: frozenset[str]) -> ItemVerdict:
    return ItemVerdict(outcome=outcome, kind=kind, reason=reason, step=step, flags=flags)


def _verdict(question: Question, items: list[ItemVerdict]) -> Verdict:
    """All items may go, none may, or some."""
    stopped = [item for item in items if item.outcome not in _GOES]
    flags = frozenset().union(*(item.flags for item in items))
    if not stopped:
        main = next((item for item in items if item.outcome is Outcome.PERMIT), items[0])
        return _answer(question, main.outcome, main, items, flags)
    main = min(stopped, key=lambda item: item.step)
    if question.disclosure.mode is Mode.REPORT:
        outcome, flags = _reported(question, main, stopped, flags)
        return _answer(question, outcome, main, items, flags)
    outcome = Outcome.PARTIAL if len(stopped) < len(items) else main.outcome
    return _answer(question, outcome, main, items, flags)


def _reported(
    question: Question, main: ItemVerdict, stopped: list[ItemVerdict], flags: frozenset[str]
) -> tuple[Outcome, frozenset[str]]:
    """A report that an ask would have stopped: notify within the time to comply, else a violation."""
    if any(item.step != opt_outs.OPT_OUT for item in stopped):
        return Outcome.VIOLATION, flags
    stops = opt_outs.stopping(question, BOTH if main.kind in BOTH else frozenset({main.kind}))
    passed = opt_outs.passed_limits(question, stops)
    contract = question.third_party_contract
    if contract is not None and contract.forwards_opt_outs:
        flags |= {Flag.FORWARD}
    return (Outcome.VIOLATION if passed else Outcome.NOTIFY), flags | passed


def _answer(
    question: Question, outcome: Outcome, main: ItemVerdict, items: list[ItemVerdict], flags: frozenset[str]
) -> Verdict:
    sold = main.kind in BOTH
    contract = question.third_party_contract if sold else question.role.contract
    recipients = (question.recipient.id, question.party.id)
    differing = tuple((i, item) for i, item in enumerate(items) if _differs(item, main, outcome))
    return Verdict(
        outcome=outcome,
        kind=main.kind,
        reason=main.reason,
        flags=tuple(sorted(flags)),
        items=differing,
        recipient_name=question.recipient.name,
        recipient_category=question.recipient.category,
        recipient_role=question.role.role,
        notice_id=question.notice.id if question.notice else None,
        contract_id=contract.id if contract else None,
        stopped_by=tuple(
            sorted(stop.event_id for stop in opt_outs.stopping(question, BOTH) if stop.event_id)
            if any(item.step == opt_outs.OPT_OUT for item in items)
            else ()
        ),
        holds=question.registry.unchanged_around(question.occurrence.at_us, recipients),
    )


def _differs(item: ItemVerdict, main: ItemVerdict, outcome: Outcome) -> bool:
    """An item that goes in a partial, or is decided for another reason than the whole."""
    return (item.kind, item.reason) != (main.kind, main.reason) or (
        outcome is Outcome.PARTIAL and item.outcome in _GOES
    )


def _refused(disclosure: Disclosure, reason: Reason, recipient: Recipient | None) -> Verdict:
    """Sent back as a whole; a report happened all the same, so it is a violation unless unreadable."""
    reported = disclosure.mode is Mode.REPORT and reason is not Reason.MALFORMED
    return Verdict(
        outcome=Outcome.VIOLATION if reported else Outcome.REJECT,
        kind=disclosure.kind,
        reason=reason,
        recipient_name=recipient.name if recipient else None,
        recipient_category=recipient.category if recipient else None,
    )
