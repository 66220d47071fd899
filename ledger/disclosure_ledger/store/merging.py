"""Which segments to merge next: a pure choice over what there is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from disclosure_ledger.store.batch import Segment


@dataclass(frozen=True, slots=True)
class Merge:
    """Segments that become one, and what that one is."""

    inputs: tuple[Segment, ...]
    period: str
    level: int


def next_merge(segments: Sequence[Segment], merge_segments: int, merge_rows_max: int) -> Merge | None:
    """Choose the smallest merge that is due, or None.

    Periods are months (2026-11) and years (2026) of the decision. Due are: `merge_segments` files of one
    level in the newest month; two or more of an earlier month of that year, or of an earlier year; and files
    of earlier months of that year of similar size, so that a year has few files at any time and a row is
    written again only a few times.
    """
    newest = max((segment.period for segment in segments if len(segment.period) == 7), default="")
    groups: dict[tuple[str, int], list[Segment]] = defaultdict(list)
    this_year = []
    for segment in segments:
        if segment.period == newest:
            groups[newest, segment.level].append(segment)
        elif segment.period[:4] < newest[:4]:
            groups[segment.period[:4], -1].append(segment)
        elif segment.period[:4] == newest[:4]:
            this_year.append(segment)
            if len(segment.period) == 7:
                groups[segment.period, -1].append(segment)
        else:
            groups[segment.period, -1].append(segment)
    groups[newest[:4], -1] = _of_similar_size(this_year)
    due = [
        Merge(tuple(inputs), period, 1 + max(segment.level for segment in inputs))
        for (period, _), inputs in groups.items()
        if len(inputs) >= (merge_segments if newest and period == newest else 2)
        and sum(segment.row_count for segment in inputs) <= merge_rows_max
    ]
    return min(due, key=lambda merge: sum(segment.row_count for segment in merge.inputs), default=None)


def _of_similar_size(segments: Sequence[Segment]) -> list[Segment]:
    """Return the smaller files, as many as each weigh at most twice what the smaller ones do together."""
    smallest_first = sorted(segments, key=lambda segment: (segment.row_count, segment.name))
    chosen: list[Segment] = []
    weight = 0
    for index, segment in enumerate(smallest_first):
        if index and segment.row_count <= 2 * weight:
            chosen = smallest_first[: index + 1]
        weight += segment.row_count
    return chosen
