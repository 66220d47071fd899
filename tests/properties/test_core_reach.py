"""What the strategies for the core reach: a rule that no example meets is a rule that no property tests."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from core_sayings import mostly
from core_situations import Situation, situations
from core_stories import arrival_of, tellings
from core_strategies import PUBLISHED, SETTINGS
from core_world import core_registry
from disclosure_consumers.core.casebook.casebook import Casebook
from disclosure_consumers.core.reasons import Flag, Reason
from reference_registry import Said

ROUNDS_MAX, EXAMPLES_A_ROUND = 40, 400


def codes_of(situation: Situation) -> set[str]:
    """Reasons and flags of one decision."""
    verdict = situation.decided()
    return {verdict.reason, *verdict.flags, *(item.reason for item in verdict.item_verdicts)}


def codes_told(story: list[Said], published: tuple[str, ...], toggles: Said) -> Iterator[str]:
    """Reasons and flags of all decisions of a story."""
    casebook = Casebook(core_registry(published, toggles))
    for said in story:
        case = casebook.receive(arrival_of(said))
        if case is not None and case.first is not None:
            yield case.first.reason
            yield from case.first.flags
            last = casebook.final(case)
            if last is not None:
                yield last.reason
                yield from last.flags


@pytest.mark.slow
def test_every_reason_and_every_flag_is_reached() -> None:
    """Some thousand examples meet every reason and every flag of the format."""
    missing = {*map(str, Reason), *map(str, Flag)}
    alike = settings(
        max_examples=EXAMPLES_A_ROUND,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for number in range(ROUNDS_MAX):

        @seed(number)
        @alike
        @given(situations(store_up=mostly(True, False, times=12)))
        def decided(situation: Situation) -> None:
            missing.difference_update(map(str, codes_of(situation)))

        @seed(number)
        @alike
        @given(tellings(), PUBLISHED, SETTINGS)
        def told(story: list[Said], published: tuple[str, ...], toggles: Said) -> None:
            missing.difference_update(map(str, codes_told(story, published, toggles)))

        decided()
        if missing & {
            "already_recorded",
            "retracted",
            "corrected",
            "id_collision",
            "decision_ignored",
            "critical",
        }:
            told()
        if not missing:
            break

    assert missing == set()
