"""The reference engine against the scenario files: what the core is compared with must itself be right."""

from pathlib import Path
from typing import Any

import pytest

from reference_casebook import Case, Story
from reference_engine import Found
from reference_registry import Said
from reference_scenarios import Told, scenarios

SCENARIOS = scenarios(Path(__file__).parents[1] / "scenarios")
NOT_IDS = {"notify", "disclosed_to"}


def assert_decided(expected: Said, found: Found, said: Said) -> None:
    """What is written of a decision is so."""
    for key in ("outcome", "reason", "kind"):
        assert expected.get(key, getattr(found, key)) == getattr(found, key)
    assert set(expected.get("flags", [])) <= found.flags
    if "permit" in expected:
        assert set(expected["permit"]) == {said["what"]["items"][place]["item"] for place in found.permit}


def assert_ended(then: Said, told: Told, story: Story) -> None:
    """What is written comes out."""
    cases: dict[str, Case] = {}
    for case in story.known.cases:
        cases.setdefault(case.said["name"], case)
    for name, expected in then.items():
        if name in NOT_IDS:
            continue
        if "drop_status" in expected:
            assert story.drop_status(name) == expected["drop_status"]
        elif name not in cases:
            assert (expected["outcome"], expected["reason"]) == ("reject", "malformed")
        else:
            case = cases[name]
            last = story.last(case)
            assert last is not None
            assert_decided(expected, last, case.said)
            if "at_first" in expected:
                assert case.first is not None
                assert_decided(expected["at_first"], case.first, case.said)
    if "notify" in then:
        assert story.notify() == set(then["notify"])
    for account, recipients in then.get("disclosed_to", {}).items():
        assert story.disclosed_to(account) == set(recipients)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario["id"] for scenario, _ in SCENARIOS])
def test_the_reference_engine_decides_every_scenario_as_written(scenario: tuple[Said, Any]) -> None:
    """Told once, or each event twice where it must not matter, everything comes out that is written."""
    written, notice = scenario
    told = Told(written, notice)
    times = (1, 2) if "redelivery" in written.get("also_holds", []) else (1,)

    for count in times:
        assert_ended(written["then"], told, told.tell(times=count))
