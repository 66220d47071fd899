"""The kept state, whatever it is: its encoding is exact, and a folder behaves as a dictionary does."""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure_consumers.core.subject.facts import Content, SubjectState
from disclosure_consumers.state import snapshot
from disclosure_consumers.state.contents import ContentTable, content_from_bytes, content_to_bytes
from disclosure_consumers.state.encoding import StateEncoding
from disclosure_consumers.state.kept_states import KeptStates
from disclosure_consumers.state.merging import merged
from kept_state_samples import CONTENTS, STATES, TOPIC, records

KEYS = [bytes([n]) * 16 for n in range(6)]
STEPS = st.lists(
    st.tuples(st.just("say"), st.sampled_from(KEYS), STATES)
    | st.tuples(st.sampled_from(["begin", "piece", "finish", "restart", "crash"]), st.none(), st.none()),
    max_size=25,
)
ENTRIES = st.dictionaries(st.binary(max_size=2), st.binary(max_size=2)).map(
    lambda found: sorted(found.items())
)


@given(CONTENTS)
def test_a_content_comes_back_as_it_was(content: Content) -> None:
    """Every field of every content survives, and equal contents are equal bytes."""
    encoded = content_to_bytes(content)

    assert content_from_bytes(encoded) == content
    assert content_to_bytes(content_from_bytes(encoded)) == encoded


@given(st.lists(STATES, max_size=4))
def test_a_state_comes_back_as_it_was(states: list[SubjectState]) -> None:
    """States are the same after a round trip, also for a reader that has only the table's bytes."""
    table, loaded = ContentTable(), ContentTable()
    encoded = [StateEncoding(table).encode(state) for state in states]
    loaded.load(table.encoded())

    assert [StateEncoding(loaded).decode(data) for data in encoded] == states
    assert [StateEncoding(loaded).encode(state) for state in states] == encoded


@given(STATES)
def test_what_an_encoding_holds_is_read_to_its_end(state: SubjectState) -> None:
    """No state but the one that was encoded is read from bytes that were cut off or have more behind them."""
    table = ContentTable()
    encoding = StateEncoding(table)
    encoded = encoding.encode(state)

    for other in (encoded[:-1], encoded + b"\x00\x01"):
        with suppress(ValueError, IndexError, TypeError):
            assert encoding.decode(other) != state


@given(ENTRIES, ENTRIES)
def test_merging_is_what_a_dictionary_does(
    base: list[tuple[bytes, bytes]], changes: list[tuple[bytes, bytes]]
) -> None:
    """Changes replace entries of the same key, and the order of keys stays."""
    assert list(merged(iter(base), changes)) == sorted((dict(base) | dict(changes)).items())


def open_copy(former: KeptStates, folder: Path, new: Path, *, crash: bool) -> KeptStates:
    """Restart: after a crash with the files as they are at this moment, else with what closing leaves."""
    if crash:
        shutil.copytree(folder, new)
        former.close()
    else:
        former.close()
        shutil.copytree(folder, new)
    return KeptStates(new)


@settings(max_examples=60)
@given(STEPS)
def test_a_folder_behaves_as_a_dictionary(steps: list[tuple[str, bytes | None, SubjectState | None]]) -> None:
    """Whatever is said, written in pieces and cut off, a restart has exactly what its marks say."""
    said: list[tuple[bytes, SubjectState]] = []
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "PIECE_ENTRIES", 2)
        folder = Path(name) / "first"
        kept = KeptStates(folder)
        for number, (step, key, state) in enumerate(steps):
            if key is not None and state is not None:
                kept[key] = state
                kept.took(records(1, len(said)))
                said.append((key, state))
            elif step == "begin":
                kept.begin()
            elif step == "piece":
                kept.keep()
            elif step == "finish":
                kept.keep_at_once()
            else:
                new = Path(name) / str(number)
                kept = open_copy(kept, folder, new, crash=step == "crash")
                folder = new
                mark = kept.marks().get((TOPIC, 0))
                said = said[: 0 if mark is None else mark.offset + 1]
            expected = dict(said)
            assert {key: kept.get(key) for key in KEYS} == {key: expected.get(key) for key in KEYS}
            assert len(kept) == len(expected)
        kept.close()
