"""What the fold relies on where states are kept, held alike by a dictionary and by the folder of a gate."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from disclosure_consumers.core.subject.facts import SubjectState
from disclosure_consumers.core.subject.subjects import States, Subjects
from disclosure_consumers.state.kept_states import KeptStates
from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.vocabulary import PreferenceKind, SubjectType
from gate_events import link, preference
from kept_state_samples import key_of, opted_out

ALICE, LAPTOP, BOB = (UUID(int=n) for n in range(1, 4))


@pytest.fixture(params=["dictionary", "folder", "folder, written between"])
def states(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[States]:
    """Each place in turn."""
    if request.param == "dictionary":
        yield dict[bytes, SubjectState]()
        return
    kept = WrittenAfterEach(tmp_path) if "written" in request.param else KeptStates(tmp_path)
    yield kept
    kept.close()


class WrittenAfterEach(KeptStates):
    """Every state is on disk before the next one comes."""

    def __setitem__(self, key: bytes, state: SubjectState, /) -> None:
        super().__setitem__(key, state)
        self.keep_at_once()


def test_nobody_said_anything_at_first(states: States) -> None:
    """An empty place has no state and counts nobody."""
    assert states.get(key_of(1)) is None
    assert len(states) == 0


def test_the_last_state_of_a_subject_counts(states: States) -> None:
    """A state replaces the one before, and its subject is counted once."""
    for number in (1, 2, 1):
        states[key_of(number)] = opted_out(number)
    states[key_of(1)] = opted_out(5)

    assert [states.get(key_of(number)) for number in (1, 2, 3)] == [opted_out(5), opted_out(2), None]
    assert len(states) == 2


def test_the_fold_stands_on_any_of_them(states: States) -> None:
    """Opt-outs, signals and links lead to the standings they lead to in memory."""
    subjects, in_memory = Subjects(states=states), Subjects()
    for fold in (subjects, in_memory):
        fold.apply_preference(PREFERENCE)
        fold.apply_link(LINK)
        fold.apply_preference(SIGNAL)

    for key in (ALICE, LAPTOP, BOB):
        assert subjects.standing(key.bytes) == in_memory.standing(key.bytes)
    assert subjects.standing(ALICE.bytes).stops


PREFERENCE = preference(BOB, PreferenceKind.OPT_OUT)
LINK = link(LAPTOP, ALICE)
SIGNAL = preference(
    LAPTOP, PreferenceKind.SIGNAL, subject_type=SubjectType.DEVICE, signals=Signals(gpc=("1",))
)
