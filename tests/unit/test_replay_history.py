"""What was said, as of any vector of offsets: the same standing as a fold of what lies below it."""

from itertools import product
from uuid import UUID

import pytest

from disclosure_consumers.core.registry import Policy
from disclosure_consumers.core.subject.facts import said_by_link, said_by_preference
from disclosure_consumers.core.subject.standing import NOBODY
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_consumers.replay import history as module
from disclosure_consumers.replay.control_records import ControlCodecs, said_by_record
from disclosure_consumers.replay.history import IDENTITIES, PREFERENCES, History, Place, Vector
from disclosure_consumers.replay.topic_log import Coverage, Extent
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import PreferenceKind
from gate_events import (
    IDENTITY_CODEC,
    PREFERENCE_CODEC,
    World,
    link,
    preference,
    request,
)
from gate_events import (
    PREFERENCES as TOPIC,
)

ALICE, LAPTOP = UUID(int=11), UUID(int=13)

SAID: dict[tuple[int, int], list[PreferenceRecorded | IdentityLinked]] = {
    (PREFERENCES, 0): [
        preference(ALICE, PreferenceKind.OPT_OUT, of=("sale",)),
        preference(ALICE, PreferenceKind.LIMIT_SENSITIVE),
    ],
    (PREFERENCES, 1): [
        preference(LAPTOP, PreferenceKind.COOKIE_REJECT),
        preference(ALICE, PreferenceKind.OPT_OUT, of=("share",)),
    ],
    (IDENTITIES, 0): [link(LAPTOP, ALICE)],
}
ENDS = {where: range(len(events) + 1) for where, events in SAID.items()}
VECTORS = [Vector((a, b), (c,)) for a, b, c in product(*ENDS.values())]


def filled() -> History:
    """A history of all that was said."""
    history = History(Policy())
    for (topic, partition), events in SAID.items():
        for offset, event in enumerate(events):
            said = said_by_preference(event) if isinstance(event, PreferenceRecorded) else said_by_link(event)
            history.add(Place(topic, partition, offset), said)
    return history


def fold(vector: Vector) -> Subjects:
    """What a gate knows that has read so far."""
    subjects = Subjects(Policy())
    for (topic, partition), events in SAID.items():
        for event in events[: vector[topic][partition]]:
            if isinstance(event, PreferenceRecorded):
                subjects.apply_preference(event)
            else:
                subjects.apply_link(event)
    return subjects


@pytest.mark.parametrize("remembered_max", [200_000, 1])
def test_every_vector_has_the_standings_of_a_gate_that_read_so_far(
    remembered_max: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever vector comes after whatever other, forwards or back, everybody stands as in a fold of it."""
    monkeypatch.setattr(module, "REMEMBERED_MAX", remembered_max)
    history = filled()

    for before, vector in product(VECTORS, VECTORS):
        for key in (ALICE.bytes, LAPTOP.bytes):
            history.standing(key, before)
            assert history.at(vector)[key] == fold(vector).standing(key)


def test_somebody_nobody_spoke_of_is_nobody() -> None:
    """A subject of whom nothing was said, or nothing yet, has no standing."""
    history = filled()

    assert history.standing(UUID(int=99).bytes, VECTORS[-1]) is NOBODY
    assert history.standing(ALICE.bytes, Vector((0, 0), (0,))) is NOBODY
    assert len(history) == 2


def test_a_partition_that_was_not_read_is_not_seen() -> None:
    """A gate of the days when the topic had fewer partitions did not know what the later ones say."""
    one, both = Vector((2,), (1,)), Vector((2, 0), (1,))

    assert filled().standing(ALICE.bytes, one) == filled().standing(ALICE.bytes, both)


def test_what_cannot_be_read_protects_as_it_does_in_the_gate() -> None:
    """A record that is no preference is the same opt-out, with the same id, to gate and replay."""
    world = World()
    world.log.append(TOPIC, 0, ALICE.bytes, b"garbage")
    world.log.append(TOPIC, 0, b"no key", b"garbage")
    world.ask(request(ALICE))
    gate = world.control()
    gate.catch_up(0.0)
    history = History(Policy())
    for message in world.log.records(TOPIC):
        history.add(*said_by_record(message, PREFERENCES, ControlCodecs(PREFERENCE_CODEC, IDENTITY_CODEC)))

    assert history.standing(ALICE.bytes, Vector((2,), (0,))) == gate.subjects.standing(ALICE.bytes) != NOBODY
    assert len(history) == 1


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        (Vector((0, 0), (0,)), None),
        (Vector((10, 0), (5,)), None),
        (Vector((7,), ()), None),
        (Vector((11, 0), (5,)), "p, partition 0, ends at offset 10"),
        (Vector((10, 3), (5,)), "p, partition 1, begins at offset 2"),
        (Vector((10, 0), (5, 1)), "i, partition 1, is not there any more"),
    ],
)
def test_a_vector_that_cannot_be_gone_back_to_is_told(vector: Vector, expected: str | None) -> None:
    """Beyond the end, after a deletion, in a partition that is gone; where nothing was read all is well."""
    coverage = Coverage(("p", "i"), ({0: Extent(0, 10), 1: Extent(2, 9)}, {0: Extent(0, 5)}))
    obstacle = coverage.obstacle(vector)

    assert (obstacle is None) if expected is None else str(obstacle).startswith(expected)
