"""Conservation (G3) as a pure function: broker offsets and ledger facts in, the balance out."""

from collections.abc import Mapping

from disclosure_ledger.audit.facts import Coverage, Extent, Facts
from disclosure_ledger.audit.result import AuditResult, Beyond, DeepResult
from disclosure_ledger.audit.spans import PartitionSpans, Span, Spans, clipped, count, without


def suspects(facts: Facts, extents: Mapping[int, Extent]) -> dict[int, Spans]:
    """Offsets the broker still has and no row tells of: requests that are lacking, or no records at all."""
    found = {
        entry.partition: clipped(entry.untold, *_bounds(extents, entry.partition)) for entry in facts.coverage
    }
    return {partition: runs for partition, runs in found.items() if runs}


def balance(
    *,
    facts: Facts,
    extents: Mapping[int, Extent],
    later_ends: Mapping[int, int],
    holes: PartitionSpans,
    looked_up: PartitionSpans,
    recorder_is_behind: bool,
    deep: DeepResult | None = None,
) -> AuditResult:
    """Compare what was requested with what the ledger has.

    extents: log start and end of each partition of the requests, taken before the ledger was read
    later_ends: ends taken after the ledger was read; the ledger cannot rightly know of later requests
    holes: offsets found to hold no committed record; looked_up: all offsets that were looked at
    recorder_is_behind: there were decisions or dead letters that the recorder had not taken in
    """
    lacking = {
        partition: without(runs, holes.get(partition, ()))
        for partition, runs in suspects(facts, extents).items()
    }
    waiting = {
        entry.partition: _waiting(
            entry, lacking.get(entry.partition, ()), recorder_is_behind=recorder_is_behind
        )
        for entry in facts.coverage
    }
    missing = {partition: without(runs, waiting.get(partition, ())) for partition, runs in lacking.items()}
    unlisted = sum(entry.untold_count - count(entry.untold) for entry in facts.coverage)
    gone = sum(count(clipped(e.untold, 0, _bounds(extents, e.partition)[0])) for e in facts.coverage)
    below_start = sum(extent.low for extent in extents.values())
    without_record = sum(
        count(clipped(holes.get(partition, ()), extent.low, extent.high))
        for partition, extent in extents.items()
    )
    unseen = sum(count(without(runs, looked_up.get(partition, ()))) for partition, runs in lacking.items())
    on_broker = sum(extent.high - extent.low for extent in extents.values())
    return AuditResult(
        requested=on_broker - without_record + below_start - gone,
        requested_from_ledger=below_start - gone,
        decided=sum(entry.decisions + entry.repeats for entry in facts.coverage),
        dead_lettered=sum(entry.dead_letters for entry in facts.coverage),
        repeats=sum(entry.repeats for entry in facts.coverage),
        decisions=facts.decisions_distinct + facts.unreadable_decisions,
        unreadable=facts.unreadable_decisions + facts.unreadable_dead_letters,
        missing={partition: runs for partition, runs in missing.items() if runs},
        waiting={partition: runs for partition, runs in waiting.items() if runs},
        twice=facts.twice,
        beyond=_beyond(facts, later_ends),
        not_on_broker=without_record,
        gone=gone,
        not_looked_up=unseen + unlisted,
        recorder_is_behind=recorder_is_behind,
        bulks=facts.bulks,
        deep=deep,
    )


def _bounds(extents: Mapping[int, Extent], partition: int) -> tuple[int, int]:
    extent = extents.get(partition)
    return (0, 0) if extent is None else (extent.low, extent.high)


def _waiting(entry: Coverage, lacking: Spans, *, recorder_is_behind: bool) -> Spans:
    """Requests that may still be on their way.

    Everything, while the recorder has records to take in. After that only the last requests of a partition:
    the gate works through a partition in order, so nothing before a decided request is still to come.
    """
    if recorder_is_behind or not lacking:
        return lacking
    passed = entry.highest is not None and entry.highest >= entry.end
    tail: Span = entry.untold[-1]
    if passed or tail.last != entry.end - 1:
        return ()
    return clipped(lacking, tail.first, entry.end)


def _beyond(facts: Facts, later_ends: Mapping[int, int]) -> tuple[Beyond, ...]:
    return tuple(
        Beyond(partition=entry.partition, end=later_ends.get(entry.partition, 0), highest=entry.highest)
        for entry in facts.coverage
        if entry.highest is not None and entry.highest >= later_ends.get(entry.partition, 0)
    )
