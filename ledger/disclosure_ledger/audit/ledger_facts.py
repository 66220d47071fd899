"""Reads the ledger's half of the audit; one moment, narrow columns, a bit an offset."""

from collections.abc import Iterator, Mapping
from typing import Any

from disclosure_ledger.audit.bitmaps import clear_spans, set_bits
from disclosure_ledger.audit.facts import (
    MOST_BULKS,
    MOST_RUNS,
    BulkFacts,
    BulkFound,
    Coverage,
    DeepFacts,
    DeepQuestion,
    Facts,
    FactsQuestion,
    Positions,
    Twice,
)
from disclosure_ledger.audit.spans import Span, Spans, joined
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.reading import Snapshot
from disclosure_schemas.topics import DEAD_LETTER, DECIDED

WINDOW_OFFSETS = 1 << 27
"""Offsets of one bitmap: 16 MB for each partition and thread; more offsets take several passes."""

MOST_TWICE = 1_000
"""Most requests named that were found twice."""

_IDS_A_SHARE = 10_000_000
_MOST_IDS = 100


def read_positions(ledger: Ledger) -> Positions:
    """Read how far the recorder is; a small table."""
    offsets = ledger.next_offsets()
    return Positions(
        decided={partition: at for (topic, partition), at in offsets.items() if topic == DECIDED.name},
        dead_letter={
            partition: at for (topic, partition), at in offsets.items() if topic == DEAD_LETTER.name
        },
    )


def read_facts(ledger: Ledger, question: FactsQuestion) -> Facts:
    """Read what the rows tell of the requests below the given ends.

    Costs three passes over two number columns, about two seconds for a hundred million rows.
    """
    with ledger.snapshot() as snapshot:
        coverage = _read_coverage(snapshot, question)
        unreadable = {row["topic"]: row["records"] for row in snapshot.fetch("audit_unreadable")}
        coordinates = query("audit_decided")
        return Facts(
            coverage=coverage,
            twice=_read_twice(snapshot, question, coverage),
            decisions_distinct=sum(
                _distinct(snapshot, coordinates, {"ends": _by_index(question.ends)}).values()
            ),
            unreadable_decisions=unreadable.get(DECIDED.name, 0),
            unreadable_dead_letters=unreadable.get(DEAD_LETTER.name, 0),
            bulks=_read_bulks(snapshot),
        )


def _read_bulks(snapshot: Snapshot) -> BulkFacts:
    """Announced against found; one pass over two columns, and none where there are no bulks."""
    if not snapshot.fetch("bulks", {"bulk_id": None}):
        return BulkFacts()
    found = [BulkFound(**row) for row in snapshot.fetch("audit_bulks")]
    return BulkFacts(
        bulks=len(found),
        announced=sum(bulk.announced for bulk in found),
        found=sum(bulk.found for bulk in found),
        incomplete=tuple(bulk for bulk in found if bulk.found != bulk.announced)[:MOST_BULKS],
    )


def read_deep_facts(ledger: Ledger, question: DeepQuestion) -> DeepFacts:
    """Read what takes a pass over every row: seconds for each million rows of a large ledger."""
    with ledger.snapshot() as snapshot:
        rows = snapshot.stats().decisions
        shares = rows // _IDS_A_SHARE + 1
        twice: list[str] = []
        for share in range(shares):
            params = {"share": share, "shares": shares, "most": _MOST_IDS}
            twice += [str(row["event_id"]) for row in snapshot.fetch("audit_event_ids_twice", params)]
        bounds = {
            "lows": _by_index({partition: extent.low for partition, extent in question.decided.items()}),
            "highs": _by_index({partition: extent.high for partition, extent in question.decided.items()}),
        }
        return DeepFacts(
            decided=_distinct(snapshot, query("audit_decided_between"), bounds),
            event_ids_twice=tuple(sorted(twice)[:_MOST_IDS]),
            sequence_gaps=snapshot.fetch("audit_sequence_gaps")[0]["events"],
        )


def _read_coverage(snapshot: Snapshot, question: FactsQuestion) -> tuple[Coverage, ...]:
    told = {"topic": question.topic, "ends": _by_index(question.ends)}
    counts = {row["partition"]: row for row in _fetch_told(snapshot, "audit_counts", told)}
    bitmaps: dict[int, list[tuple[int, int, bytes]]] = {partition: [] for partition in question.ends}
    for low, high in _windows(_bounds(counts, question.ends)):
        for row in _fetch_told(snapshot, "audit_bitmaps", {**told, "low": low, "high": high}):
            bitmaps[row["partition"]].append((low, high, row["bitmap"]))
    partitions = sorted({*question.ends, *counts})
    return tuple(
        _coverage(number, counts.get(number), bitmaps.get(number, []), question.ends.get(number, 0))
        for number in partitions
    )


def _coverage(
    partition: int, counts: Mapping[str, Any] | None, bitmaps: list[tuple[int, int, bytes]], end: int
) -> Coverage:
    return Coverage(
        partition=partition,
        end=end,
        decisions=counts["decisions"] if counts else 0,
        repeats=counts["repeats"] if counts else 0,
        dead_letters=counts["dead_letters"] if counts else 0,
        distinct=sum(set_bits(bitmap) for _, _, bitmap in bitmaps),
        untold=_untold(bitmaps, end),
        highest=counts["highest"] if counts else None,
    )


def _untold(bitmaps: list[tuple[int, int, bytes]], end: int) -> Spans:
    """Offsets of [0, end) that no bitmap holds; what lies between bitmaps is not held either."""
    spans: list[Span] = []
    at = 0
    for low, high, bitmap in bitmaps:
        if at < low:
            spans.append(Span(first=at, last=low - 1))
        spans += clear_spans(bitmap, low, min(high, end), most=MOST_RUNS)
        at = high
    if at < end:
        spans.append(Span(first=at, last=end - 1))
    return joined(spans, most=MOST_RUNS)


def _read_twice(
    snapshot: Snapshot, question: FactsQuestion, coverage: tuple[Coverage, ...]
) -> tuple[Twice, ...]:
    suspects = [entry.partition for entry in coverage if entry.rows > entry.distinct]
    if not suspects:
        return ()
    params = {
        "topic": question.topic,
        "ends": _by_index(question.ends),
        "partitions": suspects,
        "most": MOST_TWICE,
    }
    return tuple(Twice(**row) for row in _fetch_told(snapshot, "audit_twice", params))


def _distinct(snapshot: Snapshot, coordinates: str, params: Mapping[str, Any]) -> dict[int, int]:
    """How many different offsets these coordinates have, by partition."""
    ranges = snapshot.fetch_sql(query("audit_decided_range").format(coordinates=coordinates), params)
    found: dict[int, int] = {}
    if ranges:
        bounds = min(row["lowest"] for row in ranges), max(row["highest"] for row in ranges) + 1
        sql = query("audit_decided_distinct").format(coordinates=coordinates)
        for low, high in _windows(bounds):
            for row in snapshot.fetch_sql(sql, {**params, "low": low, "high": high}):
                found[row["partition"]] = found.get(row["partition"], 0) + row["offsets"]
    return found


def _fetch_told(snapshot: Snapshot, name: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    return snapshot.fetch_sql(query(name).format(told=query("audit_told")), params)


def _bounds(counts: Mapping[int, Mapping[str, Any]], ends: Mapping[int, int]) -> tuple[int, int]:
    """Offsets that can be told of and count: lowest, and one more than the highest."""
    within = [row for partition, row in counts.items() if row["lowest"] < ends.get(partition, 0)]
    lowest = min((row["lowest"] for row in within), default=0)
    return lowest, max((min(row["highest"] + 1, ends[row["partition"]]) for row in within), default=lowest)


def _windows(bounds: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Cut [low, high) into windows whose length is a multiple of 8."""
    low, high = bounds
    while low < high:
        length = min(WINDOW_OFFSETS, (high - low + 7) // 8 * 8)
        yield low, low + length
        low += length


def _by_index(by_partition: Mapping[int, int]) -> list[int | None]:
    """Values by partition as a list whose place is the partition; None where there is none."""
    return [by_partition.get(partition) for partition in range(max(by_partition, default=-1) + 1)]
