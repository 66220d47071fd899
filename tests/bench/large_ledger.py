"""Builds a large ledger through the recorder's own storage path: record_batch, seal, compact.

python -m bench.large_ledger [--rows 100000000] [--dir .ledger-100m]

Stopped at any moment, even by kill -9, it goes on where the ledger's own offsets say.
"""

import argparse
import time
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bench.ledger_rows import BATCH_ROWS, LedgerRows, Plan
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.topics import DECIDED

SETTINGS = LedgerSettings.model_construct()


class OtherPlanError(Exception):
    """The folder holds a ledger of another size."""


def rows_done(ledger: Ledger, plan: Plan) -> int:
    """How many rows the ledger has; raises OtherPlanError where they were not made for this plan."""
    offsets = ledger.next_offsets()
    done = sum(offset for (topic, _), offset in offsets.items() if topic == DECIDED.name)
    if done > plan.rows or (done % BATCH_ROWS and done != plan.rows):
        raise OtherPlanError(
            f"{ledger.path} has {done:,} rows, which is no part of a ledger of {plan.rows:,}. Name another "
            "folder, or remove this one."
        )
    return done


def seal_and_merge(ledger: Ledger, *, seal_rows: int = SETTINGS.seal_rows) -> None:
    """What the recorder does between two batches, without waiting between merges."""
    if ledger.hot_rows() >= seal_rows:
        ledger.seal()
    while ledger.compact(merge_segments=SETTINGS.merge_segments, merge_rows_max=SETTINGS.merge_rows_max):
        pass


def build(folder: Path, plan: Plan, *, quiet: bool = False) -> float:
    """Fill the ledger of a folder up to the plan; rows a second, 0 where nothing was left to do."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:>13,.0f} of {task.total:,.0f} rows, {task.fields[rate]:>9,.0f} rows/s"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        disable=quiet,
    )
    with Ledger.open(folder, create=True) as ledger, bar:
        first = done = rows_done(ledger, plan)
        task = bar.add_task(str(folder), total=plan.rows, completed=done, rate=0.0)
        started = time.perf_counter()
        for batch in LedgerRows(plan).batches(done):
            result = ledger.record_batch(batch)
            assert batch.decisions is not None
            assert result.recorded == batch.decisions.num_rows
            seal_and_merge(ledger)
            done += result.recorded
            rate = (done - first) / (time.perf_counter() - started)
            bar.update(task, completed=done, rate=rate)
    return (done - first) / (time.perf_counter() - started)


def main() -> None:
    """Build what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--dir", type=Path, default=Path(".ledger-100m"))
    arguments = parser.parse_args()
    rate = build(arguments.dir, Plan(arguments.rows))
    with Ledger.open(arguments.dir, read_only=True) as ledger:
        stats = ledger.stats()
    size = (stats.hot_bytes + stats.segment_bytes) / max(1, stats.decisions)
    print(
        f"{stats.decisions:,} decisions in {arguments.dir}, {stats.sealed_fraction:.0%} sealed, "
        f"{len(stats.segments)} segments, {size:.0f} bytes a row"
        + (f"; {rate:,.0f} rows/s in this run" if rate else "")
    )


if __name__ == "__main__":
    main()
