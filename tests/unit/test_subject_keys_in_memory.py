"""The set of subject keys of a part of the ledger."""

import uuid

import pyarrow as pa  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from disclosure_ledger.store import columns
from disclosure_ledger.store.subject_keys import SubjectKeys

KEYS = st.binary(min_size=16, max_size=16)


@given(st.lists(st.lists(KEYS, max_size=6), max_size=40), st.lists(KEYS, max_size=6))
def test_what_was_added_is_found_and_nothing_else(batches: list[list[bytes]], others: list[bytes]) -> None:
    """Every added key may be there; another one only if its first 8 bytes are those of an added one."""
    keys = SubjectKeys()
    for batch in batches:
        keys.add(pa.chunked_array([columns.uuids(batch)]))
    added = {key for batch in batches for key in batch}
    assert all(keys.may_hold(key) for key in added)
    halves = {key[:8] for key in added}
    assert all(keys.may_hold(key) == (key[:8] in halves) for key in others)


def test_a_slice_of_a_column_adds_just_its_rows() -> None:
    """Rows of an Arrow slice are those of the slice, not of the buffer behind it."""
    ids = [uuid.UUID(int=number << 100).bytes for number in range(10)]
    keys = SubjectKeys()
    keys.add(pa.chunked_array([columns.uuids(ids)]).slice(3, 4))
    assert [keys.may_hold(key) for key in ids] == [number in range(3, 7) for number in range(10)]
