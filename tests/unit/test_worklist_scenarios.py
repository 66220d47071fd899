"""Who must be told, by the ledger and by the scenarios: the same recipients."""

from pathlib import Path

import pytest

from answer_rows import NOW
from disclosure_consumers.scenarios.loading import load_stories
from disclosure_consumers.scenarios.story import Story
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.worklist.item import Item, folded
from disclosure_ledger.worklist.loading import events_of_subjects
from disclosure_ledger.worklist.updating import planned, write
from disclosure_ledger.worklist.vocabulary import ItemState
from ledger_filling import record_rows, record_said
from repository import ROOT
from story_rows import played

STORIES = load_stories([ROOT / "tests" / "scenarios"])
SAYING = [story for story in STORIES if "notify" in story.then or played(story).casebook.to_be_told()]
"""Those that say who must be told, and others in which somebody must be."""


def worklist_of(ledger: Ledger, story: Story) -> tuple[list[Item], frozenset[str]]:
    """The items of a played scenario, and whom the scenario's engine would tell."""
    told = played(story)
    rows = list(told.rows())
    record_said(ledger, told.said)
    record_rows(ledger, rows)
    with ledger.snapshot() as snapshot:
        plan = planned(snapshot, story.registry, NOW)
        assert plan.is_caught_up
    with ledger.transaction() as transaction:
        assert write(transaction, plan, NOW)
    with ledger.snapshot() as snapshot:
        events = events_of_subjects(snapshot, {row.subject_key for row in rows})
    items = [item for found in events.values() if (item := folded(found)) is not None]
    return items, told.casebook.to_be_told()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for ledgers."""
    return tmp_path_factory.mktemp("ledgers")


def test_there_are_scenarios_that_say_who_must_be_told() -> None:
    """Enough of them, and some that say nobody."""
    assert len([story for story in SAYING if story.then.get("notify")]) >= 15
    assert any(story.then.get("notify") == [] for story in SAYING)


@pytest.mark.parametrize("story", SAYING, ids=lambda story: story.id)
def test_the_ledger_tells_whom_the_scenario_tells(story: Story, whole: Path) -> None:
    """Open items name the recipients of `notify`, no more and no fewer, in every scenario."""
    with Ledger.open(whole / story.id, create=True) as ledger:
        items, expected = worklist_of(ledger, story)

    assert {item.recipient_id for item in items if item.state is ItemState.OPEN} == expected
    if "notify" in story.then:
        assert sorted(expected) == sorted(story.then["notify"])
