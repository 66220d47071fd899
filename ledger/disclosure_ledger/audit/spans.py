"""Runs of offsets: the short way to name many coordinates of one partition."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Self

from pydantic import model_validator

from disclosure_schemas.events.base import Value


class Span(Value):
    """Offsets from `first` to `last`, both included."""

    first: int
    last: int

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"a run of offsets ends at or after its first, got {self.first} to {self.last}")
        return self

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


Spans = tuple[Span, ...]
"""Runs in ascending order that neither overlap nor touch."""

PartitionSpans = Mapping[int, Spans]
"""Runs of offsets by partition."""


def spans_of(offsets: Iterable[int]) -> Spans:
    """Gather offsets, in any order, into runs."""
    return joined(Span(first=offset, last=offset) for offset in sorted(set(offsets)))


def joined(spans: Iterable[Span], *, within: int = 1, most: int | None = None) -> Spans:
    """Join ascending runs at most `within` offsets apart (1 joins what touches); return the first `most`."""
    return tuple(islice(_joined(spans, within), most))


def _joined(spans: Iterable[Span], within: int) -> Iterator[Span]:
    current: Span | None = None
    for span in spans:
        if current is not None and span.first - current.last <= within:
            current = Span(first=current.first, last=max(current.last, span.last))
        else:
            if current is not None:
                yield current
            current = span
    if current is not None:
        yield current


def clipped(spans: Iterable[Span], low: int, high: int) -> Spans:
    """Return what of the runs lies in [low, high)."""
    if low >= high:
        return ()
    return tuple(
        Span(first=max(span.first, low), last=min(span.last, high - 1))
        for span in spans
        if span.first < high and span.last >= low
    )


def without(spans: Iterable[Span], taken: Sequence[Span]) -> Spans:
    """Return the runs less the offsets of `taken`; both ascending."""
    return tuple(_without(spans, taken))


def _without(spans: Iterable[Span], taken: Sequence[Span]) -> Iterator[Span]:
    index = 0
    for span in spans:
        first = span.first
        while index < len(taken) and taken[index].last < first:
            index += 1
        at = index
        while at < len(taken) and taken[at].first <= span.last:
            if taken[at].first > first:
                yield Span(first=first, last=taken[at].first - 1)
            first = max(first, taken[at].last + 1)
            at += 1
        if first <= span.last:
            yield Span(first=first, last=span.last)


def count(spans: Iterable[Span]) -> int:
    """How many offsets the runs have."""
    return sum(len(span) for span in spans)


def count_all(spans: PartitionSpans) -> int:
    """How many offsets the runs of all partitions have."""
    return sum(count(runs) for runs in spans.values())


def first_offsets(spans: PartitionSpans, limit: int) -> PartitionSpans:
    """Return the first runs, up to `limit` offsets in all."""
    chosen: dict[int, Spans] = {}
    left = limit
    for partition, runs in sorted(spans.items()):
        taken: list[Span] = []
        for run in runs:
            if left <= 0:
                break
            taken.append(Span(first=run.first, last=min(run.last, run.first + left - 1)))
            left -= len(taken[-1])
        if taken:
            chosen[partition] = tuple(taken)
    return chosen
