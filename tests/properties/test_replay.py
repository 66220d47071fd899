"""What must hold of replays and explanations whatever the history."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core_events import Control
from core_strategies import PUBLISHED, SETTINGS
from core_world import core_registry
from disclosure_consumers.core.telling.deciding_step import LAST_STEP
from disclosure_consumers.core.telling.explain import Beside, explain
from disclosure_consumers.core.telling.explained_lines import sections_of
from disclosure_consumers.core.telling.explanation import NamedPreference, StepResult
from disclosure_consumers.core.telling.findings import findings_of, findings_of_verdict
from disclosure_consumers.replay.changes import Effect
from disclosure_consumers.replay.comparing import Comparison
from disclosure_consumers.replay.reading import Unreadable
from disclosure_consumers.replay.stored_decisions import SecondDecider
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.preference import PreferenceRecorded
from gate_events import DECISIONS
from replay_doubles import EVERYTHING, replay, session_of, tried
from replay_worlds import Course, control_events_of, courses, new_log


@given(courses(), PUBLISHED, SETTINGS)
def test_the_log_decided_again_gives_the_same_bytes(course: Course, published: Any, toggles: Any) -> None:
    """Whatever was said, and whoever decided by how much of it, each decision has the same bytes (G5)."""
    registry = core_registry(published, toggles)
    log = new_log()
    course.run(log, registry)

    result = replay(log, registry, permit_ttl_us=300_000_000)

    assert result.listed == []
    assert result.counts == {Comparison.IDENTICAL: len(log.records(DECISIONS))}


@given(courses(), PUBLISHED, SETTINGS, SETTINGS)
def test_what_if_tells_what_another_registry_would_have_decided(
    course: Course, published: Any, toggles: Any, others: Any
) -> None:
    """Under its own registry nothing changes; under another each decision is counted once, for what it is."""
    registry, other = core_registry(published, toggles), core_registry(published, others)
    log = new_log()
    course.run(log, registry)

    assert set(tried(log, registry).effects) <= {Effect.UNCHANGED}
    result = tried(log, other)

    assert result.decisions == len(log.records(DECISIONS))
    changed = result.decisions - result.effects[Effect.UNCHANGED]
    assert (changed > 0) is bool(result.changes)
    assert all(seen.decisions >= len(seen.examples) > 0 for seen in result.changes.values())


def preferences_in(events: list[Control]) -> tuple[NamedPreference, ...]:
    """What the ledger would know of the preferences of a world."""
    return tuple(
        NamedPreference(
            event_id=str(event.event_id),
            made_at=event.emitted_at,
            kind=event.kind,
            occurred_at=event.occurred_at,
        )
        for event in events
        if isinstance(event, PreferenceRecorded)
    )


@given(courses(), PUBLISHED, SETTINGS, st.booleans())
def test_an_explanation_names_the_step_that_decided(
    course: Course, published: Any, toggles: Any, knows_preferences: Any
) -> None:
    """The step told of each item is the engine's; where it cannot be told, it is among those named."""
    registry = core_registry(published, toggles)
    log = new_log()
    course.run(log, registry)
    known = preferences_in(control_events_of(log)) if knows_preferences else ()
    session = session_of(log)
    opened = session.open(registry.policy)
    decider = SecondDecider(registry)

    for stored in session.decisions(opened, EVERYTHING):
        assert not isinstance(stored, Unreadable)
        verdict = decider.verdict(stored, opened.history)
        told = explain(stored.decided, Beside(preferences=known))

        assert findings_of(stored.decided) == findings_of_verdict(verdict, len(told.items))
        for item, found in zip(told.items, verdict.item_verdicts, strict=False):
            assert min(found.step, LAST_STEP) in item.steps
            assert item.reason.code == found.reason
        check_the_story(stored.decided, told)


def check_the_story(decided: DisclosureDecided, told: Any) -> None:
    """Steps follow each other as they must, and every section has lines."""
    results = [step.result for step in told.steps]
    last = max(item.steps[-1] for item in told.items)
    first = min(item.steps[0] for item in told.items)
    assert results[: first - 1] == [StepResult.PASSED] * (first - 1)
    assert results[last:] == [StepResult.NOT_REACHED] * (LAST_STEP - last)
    assert results[last - 1] in {StepResult.DECIDED, StepResult.MAY_HAVE_DECIDED}
    assert all(all(section.lines) for section in sections_of(told))
    assert (told.timing is not None) == (decided.outcome in {"notify", "violation"})
