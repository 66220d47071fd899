"""What may be reused of a decision: the gate keeps answers by what is disclosed and by signatures."""

from collections import defaultdict
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from core_events import KEYS, control_event, disclosure_of, fold, judge
from core_sayings import DAY, LATER, MOMENTS, NEAR, NOON, mostly
from core_situations import Situation, situations
from core_strategies import disclosures, moments_of_deciding
from disclosure_consumers.core.decide import decide
from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.core.subject.standing import NOBODY, Standing
from disclosure_consumers.core.verdict import Verdict
from disclosure_schemas.events.disclosure import Disclosure, Signals
from reference_registry import Said

GPC, OPT_OUT, UNREADABLE = Signals(gpc=("1",)), Signals(usp="1YYN"), Signals(gpp="DBABBg~not a section")
CAME_ALONG = st.tuples(mostly(Signals(), GPC, OPT_OUT, UNREADABLE), mostly(None, "US-CA", "US-NV", "FR"))
"""Signals and residency that came with the disclosure itself."""

PROTECTING = {
    "opt_out",
    "visit",
    "limit_sensitive",
    "delete",
    "deletion_completed",
    "drop_match",
    "cookie_reject",
    "program_choice",
}
STOPPED_BY_SOMETHING = {
    "opted_out_of_sale",
    "linked_profile",
    "limit_sensitive",
    "deletion_key",
    "drop_match",
}


def answer(verdict: Verdict) -> tuple[Any, ...]:
    """All that becomes part of a decision but for the ids of what stops it."""
    return (
        verdict.outcome,
        verdict.kind,
        verdict.reason,
        verdict.flags,
        [(index, item.outcome, item.kind, item.reason) for index, item in verdict.items],
        verdict.recipient_name,
        verdict.recipient_category,
        verdict.recipient_role,
        verdict.notice_id,
        verdict.contract_id,
        verdict.stopped_for,
    )


def asked(disclosure: Disclosure, now: int, standing: Standing, registry: Registry) -> Verdict:
    """A request with nothing but its content, as the gate's cache takes it."""
    return decide(disclosure, Occurrence(at_us=now, emitted_us=now), standing, registry)


def edges(verdict: Verdict, history: list[Said]) -> list[int]:
    """Moments at which an answer might change: of a history, a little before and after; its own ends."""
    moments = {said[key] for said in history for key in ("at", "expires_at") if said.get(key) is not None}
    moments |= {said["at"] + more for said in history for more in (DAY, 30 * DAY)}
    near = {moment + more for moment in moments for more in (-3_000_001, -1_000_000, -1, 0, 1, 1_000_000)}
    near |= {verdict.holds.from_us, verdict.holds.until_us - 1, *MOMENTS, *(NOON + later for later in LATER)}
    return sorted(moment for moment in near if abs(moment - NOON) < 50 * 365 * DAY)


def disclosure_with(what: Said, mode: str, came_along: tuple[Signals, str | None]) -> Disclosure:
    """What is disclosed, with signals and residency that came along."""
    signals, residency = came_along
    return disclosure_of(what, mode).model_copy(update={"signals": signals, "residency": residency})


@given(situations(), CAME_ALONG)
def test_an_answer_holds_as_long_as_it_says(
    situation: Situation, came_along: tuple[Signals, str | None]
) -> None:
    """At any moment of the period it names, the same request is answered alike."""
    registry, now = situation.registry, situation.t
    standing = situation.subjects.standing(KEYS[situation.what["about"]].bytes)
    disclosure = disclosure_with(situation.what, "request", came_along)
    verdict = asked(disclosure, now, standing, registry)
    event("timed" if standing.is_timed else "untimed")

    assert verdict.holds.holds(now)
    for other in edges(verdict, situation.history):
        if verdict.holds.holds(other):
            assert answer(asked(disclosure, other, standing, registry)) == answer(verdict)


@given(situations(), CAME_ALONG)
def test_where_moments_do_not_matter_only_the_registry_changes_an_answer(
    situation: Situation, came_along: tuple[Signals, str | None]
) -> None:
    """While no notice or contract changes, whoever has no timed standing is answered alike at any moment.

    The gate relies on this: for such a standing it does not look at the period of the answer.
    """
    registry, now = situation.registry, situation.t
    unchanged = registry.unchanged_around(now, tuple(registry.recipients))
    disclosure = disclosure_with(situation.what, "request", came_along)
    subjects = situation.subjects
    for key in KEYS.values():
        standing = subjects.standing(key.bytes)
        if standing.is_timed:
            continue
        verdict = asked(disclosure, now, standing, registry)
        for other in edges(verdict, situation.history):
            if unchanged.holds(other):
                assert answer(asked(disclosure, other, standing, registry)) == answer(verdict)


@given(
    situations(published=st.just(("neutral",))),
    st.lists(
        st.tuples(st.sampled_from(MOMENTS), st.sampled_from(NEAR), st.integers(1, 99)),
        min_size=30,
        max_size=30,
    ),
)
def test_subjects_of_one_signature_are_answered_alike(
    situation: Situation, places: list[tuple[int, int, int]]
) -> None:
    """Whoever they are, and whenever it was said: where signatures are equal, so are the answers of a moment.

    The ids of what stops each are found from its own standing, or, where moments matter, they are the same.
    """
    registry, history = situation.registry, situation.history
    otherwise = [
        {**said, "at": moment + near, "id": 100 * number + place}
        for place, (said, (moment, near, number)) in enumerate(zip(history, places, strict=False))
    ]
    standings = [
        fold(map(control_event, one), registry.policy).standing(key.bytes)
        for one in (history, otherwise)
        for key in KEYS.values()
    ]
    disclosure = disclosure_of(situation.what, "request")
    by_signature: dict[object, list[Verdict]] = defaultdict(list)
    for standing in standings:
        verdict = asked(disclosure, situation.t, standing, registry)
        by_signature[standing.signature].append(verdict)
        if not standing.is_timed:
            assert standing.named(verdict.stopped_for) == verdict.stopped_by

    event(f"{max(map(len, by_signature.values()))} share a signature")
    timed = {standing.signature for standing in standings if standing.is_timed}
    for signature, verdicts in by_signature.items():
        assert all(answer(verdict) == answer(verdicts[0]) for verdict in verdicts)
        if signature in timed:
            assert len({verdict.stopped_by for verdict in verdicts}) == 1


@given(situations(), CAME_ALONG)
def test_a_report_about_nobody_known_is_judged_alike_while_its_answer_holds(
    situation: Situation, came_along: tuple[Signals, str | None]
) -> None:
    """A report of another moment of the period, about somebody unknown, is answered alike."""
    registry = situation.registry
    disclosure = disclosure_with(situation.what, "report", came_along)

    def reported(moment: int) -> Verdict:
        return decide(disclosure, Occurrence(at_us=moment, emitted_us=moment), NOBODY, registry)

    verdict = reported(situation.t)
    for other in edges(verdict, []):
        if verdict.holds.holds(other):
            assert answer(reported(other)) == answer(verdict)


@given(situations(), st.lists(st.tuples(disclosures(), moments_of_deciding()), min_size=1, max_size=4))
def test_what_was_decided_before_changes_nothing(
    situation: Situation, several: list[tuple[Said, int]]
) -> None:
    """A registry that remembers earlier decisions, of any moments, decides as one that remembers none."""
    worn, subjects = situation.registry, situation.subjects
    asks = [
        (what, t, mode)
        for what, t in [(situation.what, situation.t), *several]
        for mode in ("request", "report")
    ]

    first = [judge(subjects, worn, what, t, mode=mode) for what, t, mode in asks]
    again = [judge(subjects, worn, what, t, mode=mode) for what, t, mode in reversed(asks)]
    fresh = [judge(subjects, situation.registry, what, t, mode=mode) for what, t, mode in asks]

    assert first == fresh
    assert again[::-1] == fresh


@given(situations(mode=st.just("request")))
def test_an_answer_names_what_stops_it(situation: Situation) -> None:
    """The ids in an answer are those of events that protect; what is permitted names none."""
    verdict = situation.decided()
    protecting = {
        control_event(said).event_id.bytes for said in situation.history if said["verb"] in PROTECTING
    }

    assert set(verdict.stopped_by) <= protecting
    if verdict.outcome in {"permit", "out_of_scope"}:
        assert verdict.stopped_by == ()
    if verdict.reason in STOPPED_BY_SOMETHING:
        assert verdict.stopped_by
