"""Runs of offsets and bitmaps: short ways to say which offsets there are."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from disclosure_ledger.audit.bitmaps import clear_spans, set_bits
from disclosure_ledger.audit.spans import (
    Span,
    clipped,
    count,
    count_all,
    first_offsets,
    joined,
    spans_of,
    without,
)

OFFSETS = st.sets(st.integers(0, 120))


def offsets_of(spans: tuple[Span, ...]) -> list[int]:
    """Every offset of the runs, as they stand."""
    return [offset for span in spans for offset in range(span.first, span.last + 1)]


def bitmap_of(offsets: set[int], low: int, length: int) -> bytes:
    """The bitmap DuckDB makes of offsets in [low, low + length), a multiple of 8 long."""
    bits = "".join("1" if low + index in offsets else "0" for index in range(length))
    return int(bits, 2).to_bytes(length // 8)


def test_offsets_are_said_as_the_fewest_runs() -> None:
    """Neighbours are one run, in ascending order."""
    assert [str(span) for span in spans_of([9, 3, 4, 5, 7, 4])] == ["3-5", "7", "9"]


@given(OFFSETS)
def test_runs_say_the_same_offsets(offsets: set[int]) -> None:
    """No offset is lost or added, and the count is right."""
    assert offsets_of(spans_of(offsets)) == sorted(offsets)
    assert count(spans_of(offsets)) == len(offsets)


@given(OFFSETS, OFFSETS)
def test_runs_without_others_are_the_difference(one: set[int], other: set[int]) -> None:
    """Taking runs away is the difference of the sets."""
    assert without(spans_of(one), spans_of(other)) == spans_of(one - other)


@given(OFFSETS, st.integers(0, 120), st.integers(0, 120))
def test_clipped_runs_are_those_within(offsets: set[int], low: int, high: int) -> None:
    """Clipping keeps the offsets from `low` up to, not including, `high`."""
    assert offsets_of(clipped(spans_of(offsets), low, high)) == [
        n for n in sorted(offsets) if low <= n < high
    ]


@given(OFFSETS, st.integers(1, 9))
def test_joined_runs_cover_all_and_keep_their_distance(offsets: set[int], within: int) -> None:
    """Joined runs cover every offset, and lie further apart than what was joined."""
    runs = joined(spans_of(offsets), within=within)

    assert set(offsets_of(runs)) >= offsets
    assert all(later.first - earlier.last > within for earlier, later in pairwise(runs))


@given(OFFSETS, OFFSETS, st.integers(0, 200))
def test_the_first_offsets_are_as_many_as_asked_for(one: set[int], other: set[int], limit: int) -> None:
    """No more than the limit, and all where there are fewer."""
    spans = {0: spans_of(one), 1: spans_of(other)}

    chosen = first_offsets(spans, limit)

    assert count_all(chosen) == min(limit, len(one) + len(other))
    assert all(without(runs, spans[partition]) == () for partition, runs in chosen.items())


def test_an_inverted_run_is_refused() -> None:
    """A run never ends before it begins, also when it comes as JSON."""
    with pytest.raises(ValidationError, match="at or after"):
        Span.model_validate_json('{"first": 2, "last": 1}')


@given(OFFSETS, st.integers(0, 40), st.integers(1, 10), st.integers(0, 120))
def test_a_bitmap_names_exactly_the_offsets_it_lacks(
    offsets: set[int], low: int, length_bytes: int, high: int
) -> None:
    """What is not set between `low` and `high` is found, to the bit."""
    end = low + 8 * length_bytes
    bitmap = bitmap_of(offsets, low, 8 * length_bytes)

    lacking = {n for n in range(low, min(high, end)) if n not in offsets}
    assert clear_spans(bitmap, low, min(high, end)) == spans_of(lacking)
    assert set_bits(bitmap) == len([n for n in offsets if low <= n < end])


def test_only_the_first_runs_of_a_bitmap_are_listed() -> None:
    """A bitmap of every other offset is cut at so many runs instead of filling the memory."""
    assert clear_spans(b"\xaa" * 1_000_000, 0, 8_000_000, most=2) == spans_of([1, 3])
