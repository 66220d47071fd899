"""VERDICT and timing: from the verdicts of the items to the decision of the whole."""

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

from disclosure_consumers.core.question import Question
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.registry import Period
from disclosure_consumers.core.steps.compliance import passed, wishes
from disclosure_consumers.core.steps.items import SALE_AND_SHARE
from disclosure_consumers.core.steps.limits import LIMIT
from disclosure_consumers.core.steps.opt_outs import OPT_OUT
from disclosure_consumers.core.subject.standing import DELETION, FINANCIAL, MATCH, Limit, Stop
from disclosure_consumers.core.verdict import GOES, ItemVerdict, Verdict
from disclosure_schemas.events.disclosure import Item
from disclosure_schemas.events.vocabulary import Mode, Outcome

_ANSWERS_THAT_PERMIT = frozenset({Outcome.PERMIT, Outcome.PARTIAL, Outcome.OUT_OF_SCOPE})
_TIMED_STEPS = frozenset({OPT_OUT, LIMIT})


class Answered(NamedTuple):
    """How the request was answered that a report follows; `permitted`: the items that might go."""

    outcome: Outcome
    permitted: frozenset[Item]


def verdict_of(
    question: Question, items: tuple[ItemVerdict, ...], notice_holds: Period, answered: Answered | None
) -> Verdict:
    """All items may go, none, or some; for a report, whether it was within the time to comply."""
    stopped = [item for item in items if item.outcome not in GOES]
    flags = items[0].flags if len(items) == 1 else frozenset[str]().union(*(item.flags for item in items))
    main = _main(items, stopped)
    stops, limits = _against(stopped) if stopped else ((), ())
    outcome, reason, must_tell = main.outcome, main.reason, False
    if question.disclosure.mode is Mode.REPORT:
        must_tell = bool(stops or limits)
        if stopped:
            late = passed(question, wishes(stops, limits))
            flags |= late
            in_time = not late and all(item.step in _TIMED_STEPS for item in stopped)
            outcome = Outcome.NOTIFY if in_time else Outcome.VIOLATION
        if answered is not None and was_ignored(question.disclosure.items, answered):
            outcome, reason = Outcome.VIOLATION, Reason.DECISION_IGNORED
            flags |= {Flag.CRITICAL}
        if must_tell and question.party.forwards_opt_outs:
            flags |= {Flag.FORWARD}
    elif stopped and len(stopped) < len(items):
        outcome = Outcome.PARTIAL
    stopped_by, stopped_for = _evidence(question, stopped, stops, limits) if stopped else ((), frozenset())
    sold = main.kind in SALE_AND_SHARE
    resting_on = question.third_party_contract if sold else question.party.contract
    recipient = question.recipient
    return Verdict(
        outcome,
        main.kind,
        reason,
        tuple(sorted(flags)) if flags else (),
        () if len(items) == 1 else _differing(items, main, outcome),
        recipient.name,
        recipient.category,
        question.party.role,
        question.notice.id if question.notice else None,
        resting_on.id if resting_on else None,
        stopped_by,
        stopped_for,
        holds=_holds(question, notice_holds),
        item_verdicts=items,
        party_id=question.party.recipient.id,
        must_tell=must_tell,
    )


def was_ignored(items: tuple[Item, ...], answered: Answered) -> bool:
    """Told not to, sent anyway: the answer was no, or permitted other items only."""
    if answered.outcome in {Outcome.SUPPRESS, Outcome.REJECT}:
        return True
    return answered.outcome in _ANSWERS_THAT_PERMIT and not answered.permitted.issuperset(items)


def _main(items: tuple[ItemVerdict, ...], stopped: list[ItemVerdict]) -> ItemVerdict:
    """The item that speaks for the whole: stopped at the lowest step and listed first, else permitted."""
    if len(items) == 1:
        return items[0]
    if stopped:
        return min(stopped, key=lambda item: item.step)
    return next((item for item in items if item.outcome is Outcome.PERMIT), items[0])


def _against(stopped: list[ItemVerdict]) -> tuple[Iterable[Stop], Iterable[Limit]]:
    """The opt-outs and limits that stop any of the items, each once."""
    if len(stopped) == 1:
        return stopped[0].stops, stopped[0].limits
    stops = dict.fromkeys(stop for item in stopped for stop in item.stops)
    return stops, dict.fromkeys(limit for item in stopped for limit in item.limits)


_EVIDENCE_OF_REASON: Mapping[str, Hashable] = {
    Reason.GLBA_OPT_OUT: FINANCIAL,
    Reason.DELETION_PENDING: DELETION,
    Reason.DELETION_KEY: DELETION,
    Reason.DROP_MATCH: MATCH,
}


def _evidence(
    question: Question, items: list[ItemVerdict], stops: Iterable[Stop], limits: Iterable[Limit]
) -> tuple[tuple[bytes, ...], frozenset[Hashable]]:
    """Ids of the preferences that stop it, and what they say; of those that say the same the first."""
    # A signal that came with the disclosure is no event of its own: it has no id.
    first = {stop.says: stop.event_id for stop in reversed([*stops]) if stop.event_id}
    first |= {limit.says: limit.event_id for limit in reversed([*limits]) if limit.event_id}
    said = frozenset(_EVIDENCE_OF_REASON[item.reason] for item in items if item.reason in _EVIDENCE_OF_REASON)
    standing = question.standing
    if question.position.is_shared:
        said |= first.keys()
        return standing.named(said), said
    for says, event_id in standing.evidence() if said else ():
        if says in said:
            first.setdefault(says, event_id)
    return tuple(sorted(set(first.values()))), frozenset(first)


def _holds(question: Question, notice_holds: Period) -> Period:
    """Period in which nothing changes by itself: no contract, no notice, no age, no consent."""
    party = question.party.holds
    from_us = max(party.from_us, notice_holds.from_us, question.position.from_us)
    until_us = min(party.until_us, notice_holds.until_us, question.position.until_us)
    if question.party is not question.addressee:
        addressee = question.addressee.holds
        from_us, until_us = max(from_us, addressee.from_us), min(until_us, addressee.until_us)
    return Period(from_us, until_us)


def _differing(
    items: tuple[ItemVerdict, ...], main: ItemVerdict, outcome: Outcome
) -> tuple[tuple[int, ItemVerdict], ...]:
    """Items that go in a partial, or are decided for another reason than the whole."""
    return tuple(
        (index, item)
        for index, item in enumerate(items)
        if (item.kind, item.reason) != (main.kind, main.reason)
        or (outcome is Outcome.PARTIAL and item.outcome in GOES)
    )
