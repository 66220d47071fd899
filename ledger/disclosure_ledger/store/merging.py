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
    level in the newest month; two or more of an earlier month of that year; two or more of an earlier year.
    """
    newest = max((segment.period for segment in segments if len(segment.period) == 7), default="")
    groups: dict[tuple[str, int], list[Segment]] = defaultdict(list)
    for segment in segments:
        if segment.period == newest:
            groups[newest, segment.level].append(segment)
        elif segment.period[:4] < newest[:4]:
            groups[segment.period[:4], -1].append(segment)
        else:
            groups[segment.period, -1].append(segment)
    due = [
        Merge(tuple(inputs), period, 1 + max(segment.level for segment in inputs))
        for (period, _), inputs in groups.items()
        if len(inputs) >= (merge_segments if period == newest else 2)
        and sum(segment.row_count for segment in inputs) <= merge_rows_max
    ]
    return min(due, key=lambda merge: sum(segment.row_count for segment in merge.inputs), default=None)
