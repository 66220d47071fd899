"""The decision core against the reference engine, which tells the algorithm from the text of the format."""

from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from core_events import TYPES, items_of, judge
from core_sayings import histories, mostly
from core_situations import Situation, situations
from core_strategies import now_of
from core_world import reference_book
from disclosure_consumers.core.decide import Answered
from disclosure_consumers.core.verdict import GOES, Verdict
from disclosure_schemas.events.vocabulary import Outcome
from reference_engine import Found, Reference


def by_core(verdict: Verdict) -> dict[str, Any]:
    """What is compared of the core's decision."""
    return {
        "outcome": str(verdict.outcome),
        "reason": str(verdict.reason),
        "kind": str(verdict.kind),
        "flags": set(map(str, verdict.flags)),
        "permit": [place for place, item in enumerate(verdict.item_verdicts) if item.outcome in GOES],
        "must_tell": verdict.must_tell,
    }


def by_reference(found: Found) -> dict[str, Any]:
    """The same of the reference engine's."""
    keys = ("outcome", "reason", "kind", "flags", "permit", "must_tell")
    return {key: getattr(found, key) for key in keys}


@given(situations(store_up=mostly(True, False, times=12)))
def test_the_core_decides_as_the_text_says(situation: Situation) -> None:
    """Outcome, reason, kind, permitted items and flags are those of the text, whatever was said before."""
    if situation.mode == "request":
        situation = situation.but(t=now_of(situation.history, situation.t))

    expected = situation.expected()

    event(expected.reason)
    assert by_core(situation.decided()) == by_reference(expected)


@given(
    situations(history=histories(most=2), mode=st.just("report")),
    st.sampled_from(["permit", "partial", "suppress", "reject", "out_of_scope"]),
    st.sets(st.integers(0, 2)),
)
def test_an_ignored_answer_is_a_violation_as_the_text_says(
    situation: Situation, outcome: str, permitted: set[int]
) -> None:
    """A report is judged by how its ask was answered: told not to, or only of other items, it is ignored."""
    what = situation.what
    places = sorted(place for place in permitted if place < len(what["items"]))
    answered = Answered(Outcome(outcome), frozenset(items_of(what)[place] for place in places))
    asked = (outcome, [str(what["items"][place]) for place in places])

    verdict = judge(
        situation.subjects, situation.registry, what, situation.t, mode="report", answered=answered
    )

    book = reference_book(situation.published, situation.toggles)
    reference = Reference(
        book, TYPES, situation.history, what, situation.t, mode="report", asked=asked
    ).decide()
    event(reference.outcome)
    assert by_core(verdict) == by_reference(reference)
