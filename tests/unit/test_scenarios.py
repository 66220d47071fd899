"""The scenarios of this repository: each holds, and together they reach every code of the vocabulary."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.registry import Policy
from disclosure_consumers.scenarios.form import scenario_schema
from disclosure_consumers.scenarios.loading import load_stories
from disclosure_consumers.scenarios.playing import Ending, play
from disclosure_consumers.scenarios.running import run_story
from disclosure_consumers.scenarios.story import Story
from disclosure_schemas.events.vocabulary import Kind, Outcome
from repository import ROOT

STORIES = load_stories([ROOT / "tests" / "scenarios"])
OUTCOMES = [outcome.value for outcome in Outcome if outcome is not Outcome.UNKNOWN]


def story_id(story: Story) -> str:
    """Id of a scenario."""
    return story.id


@pytest.mark.parametrize("story", STORIES, ids=story_id)
def test_scenario(story: Story) -> None:
    """All that a scenario expects comes out, also in the other ways in which it must hold."""
    result = run_story(story)
    assert (result.broken, list(result.mismatches)) == (None, [])


def with_expectation(story: Story, name: str, key: str, value: object) -> Story:
    """The same scenario with another expectation of one key."""
    then = {**story.then, name: {**story.then[name], key: value}}
    return replace(story, then=then)


def expectations(story: Story) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What is expected of each disclosure."""
    for name, expected in story.then.items():
        if name not in {"notify", "disclosed_to"} and "drop_status" not in expected:
            yield name, expected


@pytest.mark.parametrize("story", STORIES, ids=story_id)
def test_a_scenario_that_expects_something_else_fails(story: Story) -> None:
    """Any other outcome, reason, kind, set of items or recipients than what comes out is a mismatch."""
    for name, expected in expectations(story):
        other = next(outcome for outcome in OUTCOMES if outcome != expected.get("outcome"))
        wrong = {
            "outcome": other,
            "reason": "no_such_reason",
            "kind": "no_such_kind",
            "permit": ["astrology"],
        }
        for key in wrong.keys() & expected.keys():
            assert not run_story(with_expectation(story, name, key, wrong[key])).passed
        assert not run_story(with_expectation(story, name, "flags", ["no_such_flag"])).passed
    for name in story.then.keys() & {"notify", "disclosed_to"}:
        nobody = ["nobody_at_all"]
        told = nobody if name == "notify" else dict.fromkeys(story.then[name], nobody)
        assert not run_story(replace(story, then={**story.then, name: told})).passed


@pytest.fixture(scope="module")
def endings() -> list[Ending]:
    """How every scenario ends."""
    return [play(story, story.steps) for story in STORIES]


def results(endings: list[Ending]) -> Iterator[Any]:
    """Every first and last decision."""
    for ending in endings:
        yield from (r for r in (*ending.first.values(), *ending.last.values()) if r is not None)


def test_every_reason_is_given(endings: list[Ending]) -> None:
    """Each reason code is the reason of some decision."""
    assert set(Reason) - {result.reason for result in results(endings)} == set()


def test_every_flag_is_set(endings: list[Ending]) -> None:
    """Each flag is set on some decision."""
    assert set(Flag) - {flag for result in results(endings) for flag in result.flags} == set()


def test_every_outcome_and_kind_comes_out(endings: list[Ending]) -> None:
    """Each outcome and each kind comes out of some decision."""
    assert set(OUTCOMES) - {result.outcome for result in results(endings)} == set()
    assert {kind.value for kind in Kind} - {result.kind for result in results(endings)} == {"unknown"}


def test_every_reason_is_expected_somewhere() -> None:
    """No reason is only given in passing: each is written under some `then`."""
    written = {
        part.get("reason")
        for story in STORIES
        for _, expected in expectations(story)
        for part in (expected, expected.get("at_first", {}))
    }
    assert set(Reason) - written == set()


def test_every_setting_is_turned(endings: list[Ending]) -> None:
    """Each setting of the format differs from its default in some scenario."""
    settings = scenario_schema()["$defs"]["toggles"]["properties"]
    default = Policy()
    for setting in settings:
        turned = [s for s in STORIES if getattr(s.registry.policy, setting) != getattr(default, setting)]
        assert turned, setting


def test_every_verb_is_used() -> None:
    """Each verb of the format stands in some scenario."""
    verbs = scenario_schema()["$defs"]["event"]["properties"].keys() - {"at"}
    assert verbs - {step.verb for story in STORIES for step in story.steps} == set()


def test_orders_and_repeats_are_tried() -> None:
    """A good part of the scenarios must hold in any order, and delivered twice."""
    for way in ("any_order", "redelivery"):
        assert sum(way in story.also_holds for story in STORIES) > 10
