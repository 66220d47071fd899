"""States of subjects, and folders that keep them, for the tests of the gate's state store."""

from collections.abc import Iterable
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from disclosure_consumers.core.subject.facts import Content, Fact, SubjectState, Tie
from disclosure_consumers.memory import MemoryMessage
from disclosure_consumers.state.kept_states import KeptStates
from disclosure_schemas.event_ids import event_id_bytes
from disclosure_schemas.events.vocabulary import LinkAction, PreferenceKind, SubjectType
from strategies import one_of, optional, tuples_of

TOPIC = "preferences"
NOW_MS = 1_775_000_000_000

IDS = st.binary(min_size=16, max_size=16)
EVENT_IDS = IDS | st.builds(
    event_id_bytes, st.integers(NOW_MS, NOW_MS + 1000), st.binary(min_size=10, max_size=10)
)
MOMENTS_US = st.integers(NOW_MS * 1000 - 10**7, NOW_MS * 1000 + 10**7) | st.integers()
CONTENTS = st.from_type(Content)
FEW_CONTENTS = st.builds(Content, kind=one_of(PreferenceKind))
FACTS = st.builds(
    Fact,
    at_us=MOMENTS_US,
    event_id=EVENT_IDS,
    content=CONTENTS | FEW_CONTENTS,
    other_us=optional(MOMENTS_US),
)
PLAIN_FACTS = st.builds(Fact, at_us=MOMENTS_US, event_id=EVENT_IDS, content=FEW_CONTENTS, other_us=st.none())
TIES = st.builds(Tie, at_us=MOMENTS_US, event_id=EVENT_IDS, other=IDS, action=one_of(LinkAction))
STATES: SearchStrategy[SubjectState] = st.builds(
    SubjectState,
    subject_type=one_of(SubjectType),
    facts=tuples_of(FACTS) | tuples_of(PLAIN_FACTS, at_least=1, at_most=1),
    ties=tuples_of(TIES) | st.just(()),
)


def opted_out(number: int) -> SubjectState:
    """State of a subject that opted out on the web form."""
    event_id = event_id_bytes(NOW_MS + number, number.to_bytes(10))
    return SubjectState(
        SubjectType.ACCOUNT, (Fact((NOW_MS + number) * 1000, event_id, Content(PreferenceKind.OPT_OUT)),)
    )


def key_of(number: int) -> bytes:
    """Key of a subject."""
    return number.to_bytes(16)


def records(count: int, first: int = 0) -> list[MemoryMessage]:
    """Control records, for what was taken in."""
    return [MemoryMessage(TOPIC, 0, n, key_of(n), b"value %d" % n) for n in range(first, first + count)]


def keep(folder: Path, states: Iterable[tuple[bytes, SubjectState]]) -> None:
    """Have a folder keep states, each said by a record."""
    kept = KeptStates(folder)
    for number, (key, state) in enumerate(states):
        kept[key] = state
        kept.took(records(1, number))
    kept.keep_at_once()
    kept.close()
