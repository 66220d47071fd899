"""The story of one decision as sections of lines, for a reader; times are those of California."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from disclosure_consumers.core.days.deadlines import CALIFORNIA
from disclosure_consumers.core.telling.explanation import (
    REQUEST,
    Cause,
    Explanation,
    ItemStory,
    NamedPreference,
    OtherDecision,
    Relation,
    StepResult,
    StepStory,
    Worded,
)
from disclosure_schemas.events.vocabulary import Mode, Outcome


class Section(NamedTuple):
    """A title and the lines below it."""

    title: str
    lines: tuple[str, ...]


def sections_of(explanation: Explanation) -> tuple[Section, ...]:
    """Sections in the order in which they are read; those with nothing to say are left out."""
    every = (
        Section("What was asked" if _is_request(explanation) else "What was reported", _asked(explanation)),
        Section("To whom", _recipient(explanation)),
        Section("What kind of disclosure", _kind(explanation)),
        Section("Worth knowing", tuple(_flags(explanation))),
        Section("Decided again", tuple(_turns(explanation))),
        Section("Step by step", tuple(_steps(explanation))),
        Section("Item by item", tuple(_items(explanation))),
        Section("What the person said", tuple(_preference(named) for named in explanation.preferences)),
        Section("Time to comply", tuple(_timing(explanation))),
        Section("Decided with", tuple(_made_with(explanation))),
        Section("Other decisions", tuple(_other(other) for other in explanation.others)),
    )
    return tuple(section for section in every if section.lines)


def sentence(worded: Worded) -> str:
    """A code in words, with its rule, and the code itself."""
    rule = "" if worded.citation is None else f" [{worded.citation}]"
    return f"{worded.sentence}{rule} ({worded.code})"


def moment_text(moment: datetime) -> str:
    """A moment in California, to the millisecond."""
    return moment.astimezone(CALIFORNIA).isoformat(sep=" ", timespec="milliseconds")


def _is_request(explanation: Explanation) -> bool:
    return explanation.asked.disclosure.mode is Mode.REQUEST


def _asked(explanation: Explanation) -> tuple[str, ...]:
    asked, disclosure = explanation.asked, explanation.asked.disclosure
    verb = "asked at" if _is_request(explanation) else "happened at"
    items = ", ".join(str(item) for item in disclosure.items)
    lines = [
        f"{verb} {moment_text(asked.occurred_at)}, emitted at {moment_text(asked.emitted_at)}",
        f"by {disclosure.emitter}, about the {disclosure.subject_type} {explanation.subject_key}",
        f"of {items}, for {_words(disclosure.purpose)}, by way of {disclosure.channel}",
    ]
    if asked.collected_at is not None:
        lines.append(f"collected at {moment_text(asked.collected_at)}")
    for name, value in (
        ("transaction", asked.transaction_id),
        ("program", disclosure.program),
        ("permitted purpose of sensitive information", disclosure.limit_exception),
        ("the emitter's word on where the person lives", disclosure.residency),
    ):
        if value is not None:
            lines.append(f"{name}: {value}")
    if asked.linked_subjects:
        lines.append(f"the same person, as the emitter says: {', '.join(asked.linked_subjects)}")
    return tuple(lines)


def _recipient(explanation: Explanation) -> tuple[str, ...]:
    recipient = explanation.recipient
    name = recipient.name or "a recipient that is not in the registry"
    category = "" if recipient.category is None else f", of the category {_words(recipient.category)}"
    return f"{name} ({recipient.id}){category}", recipient.rests_on


def _kind(explanation: Explanation) -> tuple[str, ...]:
    kind = explanation.kind
    if kind.declared is kind.found:
        return (f"declared and found to be {_words(kind.found)}", *map(sentence, kind.why))
    return (
        f"declared as {_words(kind.declared)}, found to be {_words(kind.found)}",
        *(map(sentence, kind.why) if kind.why else ("by what was given for it and what it was used for",)),
    )


_DONE = {
    StepResult.PASSED: "did not stop it",
    StepResult.NOT_REACHED: "not reached",
    StepResult.NOT_RECORDED: "not recorded",
}


def _steps(explanation: Explanation) -> Iterator[str]:
    for step in explanation.steps:
        yield from _step(step, explanation)


def _step(step: StepStory, explanation: Explanation) -> Iterator[str]:
    yield f"{step.number:>2} {step.name}: {_did(step, explanation)}"
    if step.result is StepResult.NOT_REACHED:
        return
    rule = "" if step.citation is None else f" [{step.citation}]"
    yield f"     {step.asks}{rule}"
    yield f"     {step.looked_at}"
    yield from (f"     -> {sentence(finding.reason)}" for finding in step.found)


def _did(step: StepStory, explanation: Explanation) -> str:
    if not step.found:
        return _DONE[step.result]
    if explanation.outcome in {Outcome.DUPLICATE, Outcome.RETRACTED}:
        return "decided it"
    stopped = "stopped" if _is_request(explanation) else "would have stopped"  # a report has happened
    done = []
    for finding in step.found:
        what = ", ".join(finding.items) if len(explanation.items) > 1 else "it"
        done.append(f"let {what} go" if finding.goes else f"{stopped} {what}")
    if step.result is StepResult.MAY_HAVE_DECIDED:
        return f"it was this step or another that {' and '.join(done)}; the record does not tell"
    return " and ".join(done).upper() if len(explanation.items) == 1 else " and ".join(done)


def _flags(explanation: Explanation) -> Iterator[str]:
    """Flags that are told nowhere else."""
    timing = explanation.timing.passed if explanation.timing else ()
    elsewhere = {flag.code for flag in (*explanation.kind.why, *timing)}
    yield from (sentence(flag) for flag in explanation.flags if flag.code not in elsewhere)


def _items(explanation: Explanation) -> Iterator[str]:
    """Only where items differ, or are tagged."""
    items = explanation.items
    alike = len({(item.outcome, item.kind, item.reason.code) for item in items}) < 2
    if alike and not any(item.exemption for item in items):
        return
    for item in items:
        tag = f" (tagged {item.exemption})" if item.exemption else ""
        yield f"{item.item}{tag}: {_words(item.outcome)}, {_words(item.kind)}{_at_step(item)}"
        yield f"     {sentence(item.reason)}"


def _at_step(item: ItemStory) -> str:
    if not item.steps:
        return ""
    if len(item.steps) == 1:
        return f", at step {item.steps[0]}"
    return f", at one of the steps {', '.join(str(step) for step in item.steps)}"


def _preference(named: NamedPreference) -> str:
    if named.kind is None:
        return f"{named.event_id}, made at {moment_text(named.made_at)}; the ledger does not have it"
    of = f" of {', '.join(named.of)}" if named.of else ""
    channel = f" by {_words(named.channel)}" if named.channel else ""
    at = named.made_at if named.occurred_at is None else named.occurred_at
    return f"{_words(named.kind)}{of}{channel} at {moment_text(at)} ({named.event_id})"


def _timing(explanation: Explanation) -> Iterator[str]:
    timing = explanation.timing
    if timing is None:
        return
    yield timing.said
    yield from (sentence(passed) for passed in timing.passed)
    for window in timing.windows:
        if window.until is None:
            yield f"{window.preference_id}: processed by machine at once, which leaves no time"
            continue
        complied = "" if window.complied_at is None else f"; taken in at {moment_text(window.complied_at)}"
        yield (
            f"{window.preference_id}: received at {moment_text(window.received_at)}; 15 business days, Monday"
            f" to Saturday, end at {moment_text(window.until)}{complied}"
        )


def _made_with(explanation: Explanation) -> Iterator[str]:
    made = explanation.made_with
    yield f"decided at {moment_text(made.decided_at)}, an answer until {moment_text(made.valid_until)}"
    yield f"rule version {made.rule_version}, registry {made.registry_hash}"
    yield f"notice {made.notice_id or 'none'}, contract {made.contract_id or 'none'}"
    yield (
        f"state of preferences {made.preference_state}: read to {_offsets(made.preference_offsets)} of "
        f"privacy.preferences and {_offsets(made.identity_offsets)} of privacy.identities"
    )
    place = f"request in partition {made.request_partition} at offset {made.request_offset}"
    if made.decided_offset is not None:
        place += f", decision in partition {made.decided_partition} at offset {made.decided_offset}"
    yield place


def _turns(explanation: Explanation) -> Iterator[str]:
    """First decided so, then otherwise, and what became known in between."""
    registries = {turn.registry_hash for turn in explanation.turns}
    for place, turn in enumerate(explanation.turns):
        when = f"first decided at {moment_text(turn.decided_at)}"
        if place:
            when = f"decided again at {moment_text(turn.decided_at)}"
        by = f", by registry {turn.registry_hash}" if len(registries) > 1 else ""
        yield f"{when}{by}: {_words(turn.outcome)}"
        yield f"     {sentence(turn.reason)}"
        yield from (f"     because of {_cause(cause)}" for cause in turn.because)


def _cause(cause: Cause) -> str:
    if cause.kind == REQUEST:
        return f"the request it follows, whose answer it ignored ({cause.event_id})"
    happened = "" if cause.occurred_at is None else f" of {moment_text(cause.occurred_at)}"
    arrived = "" if cause.recorded_at is None else f", which became known at {moment_text(cause.recorded_at)}"
    return f"the {_CAUSES.get(cause.kind, _words(cause.kind))}{happened}{arrived} ({cause.event_id})"


_CAUSES = {
    "link": "link of two subjects",
    "unlink": "end of a link of two subjects",
    "mistaken": "finding that a link was a mistake",
}

_RELATIONS = {
    Relation.REPEATS: "came again, the same, and changed nothing",
    Relation.COLLIDES: "came again with other content, and was set aside",
    Relation.CORRECTS: "corrects this one",
    Relation.RETRACTS: "retracts this one",
    Relation.REPORTS: "reports what was asked for here",
    Relation.CORRECTED: "is corrected by this one",
    Relation.RETRACTED: "is retracted by this one",
    Relation.ASKED: "asked for what is reported here",
}


def _other(other: OtherDecision) -> str:
    found = "; the ledger does not have it"
    if other.outcome is not None:
        at = "" if other.decided_at is None else f" at {moment_text(other.decided_at)}"
        why = "" if other.reason is None else f": {other.reason.sentence}"
        found = f"; {_words(other.outcome)}{at}{why}"
    return f"{other.event_id} {_RELATIONS[other.relation]}{found}"


def _offsets(offsets: Iterable[int]) -> str:
    return f"offsets {', '.join(str(offset) for offset in offsets)}"


def _words(code: str) -> str:
    return code.replace("_", " ")
