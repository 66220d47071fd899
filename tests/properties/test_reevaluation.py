"""Decided again, reports stand as the casebook has them, in whatever order things were recorded."""

import random
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import event, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from core_events import KEYS
from core_stories import arrival_of, tellings
from core_strategies import PUBLISHED, SETTINGS
from core_world import core_registry
from disclosure_consumers.core.casebook.casebook import Case, Casebook, Ruling
from disclosure_ledger.reevaluation import reevaluator
from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.moments import from_microseconds
from late_news import World
from reference_registry import Said

TOLD = {"correct", "retract", "shred", "state_store", "contract_signed", "contract_ended"}
"""Left to the rows that stand, or no events of the pipeline."""


def by_casebook(ruling: Ruling | None) -> dict[str, Any]:
    """What is compared of a ruling."""
    assert ruling is not None
    assert ruling.decided is not None
    return {
        "outcome": str(ruling.outcome),
        "reason": str(ruling.reason),
        "kind": str(ruling.kind),
        "flags": sorted(map(str, ruling.flags)),
    }


def by_ledger(row: DecisionRow) -> dict[str, Any]:
    """The same of a row as it was last decided; of a report that items might have gone shows item by item."""
    return {
        "outcome": row.outcome,
        "reason": row.reason,
        "kind": row.kind,
        "flags": sorted(row.flags),
    }


@st.composite
def stories(draw: DrawFn) -> list[Said]:
    """What was said and disclosed; mostly what was said arrives late, behind the disclosures."""
    story = [said for said in draw(tellings(outages=False, collisions=False)) if said["verb"] not in TOLD]
    if draw(st.sampled_from([True, True, False])):
        story.sort(key=lambda said: said["verb"] not in {"ask", "report"})
    return story


@settings(max_examples=30)
@given(
    stories(),
    PUBLISHED,
    SETTINGS,
    st.integers(0, 2**32),
    st.sampled_from([1, 3, 1000]),
)
def test_reports_stand_as_if_all_had_been_known(
    story: list[Said], published: tuple[str, ...], toggles: Said, seed: int, batch_rows: int
) -> None:
    """However topics are read and wherever the recorder stopped, last decisions are the casebook's."""
    registry, chance = core_registry(published, toggles), random.Random(seed)
    casebook, cases, now = Casebook(registry), list[Case](), from_microseconds(0)
    chosen = {"batch_rows": batch_rows, "seal_rows": chance.choice([2, 9, 99])}
    limits: dict[str, Any] = {
        name: chance.choice([1, 2, 5_000]) for name in ("CONTROLS_MAX", "DECISIONS_MAX", "LOOKS_MAX")
    }
    with (
        patch.multiple(reevaluator, **limits),
        tempfile.TemporaryDirectory() as folder,
        World(Path(folder), registry, seed=seed, **chosen) as world,
    ):
        for said in story:
            arrived = arrival_of(said)
            case = casebook.receive(arrived)
            if isinstance(arrived, PreferenceRecorded | IdentityLinked):
                now = max(now, arrived.occurred_at)
                world.say(arrived)
            elif isinstance(arrived, DisclosureRequested) and case is not None:
                now = max(now, arrived.occurred_at)
                world.disclose(arrived, now=now)
                cases.append(case)
            if chance.random() < 0.3:
                world.recorder.step()
            if chance.random() < 0.1:
                world.close()
                world.open()
        world.record()
        rows = {row.event_id: row for row in world.ledger.rows_of_subject(KEYS.values())}
        again = world.redecisions(*rows)
    event(f"decided again: {min(len(again), 3)}")
    for case in cases:
        assert isinstance(case.event, DisclosureRequested)
        expected = by_casebook(casebook.final(case))
        found = by_ledger(rows[case.event.event_id])
        assert found == expected
