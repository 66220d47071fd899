"""Which step decided: the table of reasons, held to the engine by every scenario of the repository."""

from typing import Any

import pytest

from disclosure_consumers.core.casebook import casebook
from disclosure_consumers.core.decide import decide
from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.telling.deciding_step import LAST_STEP, STEPS_OF, Clues, steps_of, stopped_as
from disclosure_consumers.core.verdict import GOES, Verdict
from disclosure_consumers.scenarios.loading import load_stories
from disclosure_consumers.scenarios.running import run_story
from disclosure_schemas.events.disclosure import Disclosure
from disclosure_schemas.events.vocabulary import Exemption, Kind, Outcome, PreferenceKind
from repository import ROOT

NO_STEP = {Reason.DECISION_IGNORED}
NOT_OF_AN_ITEM = NO_STEP | {
    Reason.MALFORMED,
    Reason.UNKNOWN_RECIPIENT,
    Reason.ID_COLLISION,
    Reason.ALREADY_RECORDED,
    Reason.RETRACTED,
}
"""Reasons of the whole event, which no item has."""


@pytest.fixture(scope="module")
def decided() -> list[tuple[Disclosure, Verdict]]:
    """Every decision that the scenarios of the repository lead to."""
    found: list[tuple[Disclosure, Verdict]] = []

    def watched(disclosure: Disclosure, *rest: Any, **options: Any) -> Verdict:
        verdict = decide(disclosure, *rest, **options)
        found.append((disclosure, verdict))
        return verdict

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(casebook, "decide", watched)
        for story in load_stories([ROOT / "tests" / "scenarios"]):
            run_story(story)
    return found


def test_the_table_knows_the_step_of_every_item(decided: list[tuple[Disclosure, Verdict]]) -> None:
    """In all scenarios each item is decided at a step that the table has for its reason."""
    wrong = {
        (str(item.reason), item.step)
        for _, verdict in decided
        for item in verdict.item_verdicts
        if min(item.step, LAST_STEP) not in STEPS_OF[item.reason]
    }

    assert len(decided) > 500
    assert wrong == set()


def test_the_scenarios_reach_every_reason_of_the_table(decided: list[tuple[Disclosure, Verdict]]) -> None:
    """No reason's step is taken on trust: each that an item can have is met."""
    met = {item.reason for _, verdict in decided for item in verdict.item_verdicts}

    assert set(Reason) - NOT_OF_AN_ITEM - met == set()


def test_the_table_has_a_step_for_every_reason() -> None:
    """Every reason but the one that is no step's has a step from 1 to 12."""
    assert {reason for reason in Reason if not STEPS_OF[reason]} == NO_STEP
    assert {step for steps in STEPS_OF.values() for step in steps} == set(range(1, LAST_STEP + 1))


def test_what_is_stopped_is_suppressed_or_rejected_as_the_engine_does(
    decided: list[tuple[Disclosure, Verdict]],
) -> None:
    """A stopping reason says by itself whether an item is suppressed or rejected."""
    wrong = {
        (str(item.reason), str(item.outcome))
        for _, verdict in decided
        for item in verdict.item_verdicts
        if item.outcome not in GOES and item.outcome is not stopped_as(item.reason)
    }

    assert wrong == set()
    assert stopped_as("brand_new") is Outcome.SUPPRESS


SOLD = Clues(Kind.SALE)
FAULT = Reason.CONSENT_SCOPE
LIMITED, OPTED_OUT, SIGNAL, UNKNOWN = (
    frozenset({kind})
    for kind in (
        PreferenceKind.LIMIT_SENSITIVE,
        PreferenceKind.OPT_OUT,
        PreferenceKind.SIGNAL,
        PreferenceKind.UNKNOWN,
    )
)


@pytest.mark.parametrize(
    ("reason", "clues", "expected"),
    [
        (Reason.OPTED_OUT_OF_SALE, SOLD, (9,)),
        (Reason.NOT_OPTED_OUT, SOLD, (12,)),
        (Reason.NOT_OPTED_OUT, SOLD._replace(state_known=False), (7,)),
        (Reason.BUSINESS_PURPOSE, Clues(Kind.BUSINESS_PURPOSE, state_known=False), (7,)),
        (Reason.STATE_STORE_UNAVAILABLE, SOLD, (7,)),
        (Reason.STATE_STORE_UNAVAILABLE, SOLD._replace(tag=Exemption.GLBA), (4,)),
        (FAULT, Clues(Kind.BUSINESS_PURPOSE), (10,)),
        (FAULT, SOLD._replace(named=frozenset()), (8,)),
        (FAULT, SOLD._replace(named=OPTED_OUT), (9,)),
        (FAULT, SOLD._replace(named=OPTED_OUT | SIGNAL), (9,)),
        (FAULT, SOLD._replace(named=LIMITED), (10,)),
        (FAULT, SOLD._replace(named=SIGNAL), (9, 10)),
        (FAULT, SOLD._replace(named=UNKNOWN), (9, 10)),
        (FAULT, SOLD._replace(named=frozenset(), with_signals=True), (8, 9, 10)),
        (FAULT, SOLD, (8, 9, 10)),
        (Reason.DECISION_IGNORED, SOLD, ()),
        ("brand_new", SOLD, ()),
    ],
)
def test_a_reason_of_several_steps_is_told_by_what_else_is_recorded(
    reason: str, clues: Clues, expected: tuple[int, ...]
) -> None:
    """Where a reason is given at several steps, clues say which; where they do not, all are named."""
    assert steps_of(reason, clues) == expected
