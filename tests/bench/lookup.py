"""One person's rows in a large ledger, beside SQLite, PostgreSQL and DuckDB without our physical design.

python -m bench.lookup [--rows 10000000] [--btree-rows 10000000] [--ledger FOLDER] [--look-ups 1000]

The same rows with the same 44 columns for all; every look-up fetches all of them. Also how fast each takes
the rows in, bytes a row, and look-ups in the ledger while batches are recorded, sealed and merged.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from bench.large_ledger import build, seal_and_merge
from bench.ledger_rows import LedgerRows, Plan, subject_key
from bench.lookup_contestants import Contestant, Heap, Postgres, Sqlite, percentiles
from bench.postgres import NoPostgresError, postgres
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.lookup import ANSWERING_SWITCH_INTERVAL_S


def keys_of(plan: Plan, count: int) -> list[uuid.UUID]:
    """Keys of people chosen by chance."""
    chance = random.Random(3)
    return [subject_key(chance.randrange(plan.subjects)) for _ in range(count)]


def timed(look_up: Callable[[uuid.UUID], list[Any]], keys: list[uuid.UUID]) -> Iterator[float]:
    """Milliseconds of each look-up."""
    for key in keys:
        started = time.perf_counter()
        look_up(key)
        yield (time.perf_counter() - started) * 1000


def show(name: str, look_up: Callable[[uuid.UUID], list[Any]], keys: list[uuid.UUID]) -> None:
    """Look up twice, and print the second time."""
    list(timed(look_up, keys))
    p50, p99 = percentiles(timed(look_up, keys))
    print(f"  {name:34} p50 {p50:8.2f} ms   p99 {p99:8.2f} ms")


def measure_ledger(folder: Path, plan: Plan, look_ups: int) -> float:
    """Build what lacks, look up, look up while recording; bytes a row."""
    rate = build(folder, plan)
    keys = keys_of(plan, look_ups)
    with Ledger.open(folder) as ledger:
        stats = ledger.stats()
        size = (stats.hot_bytes + stats.segment_bytes) / stats.decisions
        built = f"{rate:,.0f} rows/s recorded, sealed and merged, " if rate else ""
        print(
            f"ledger, {stats.decisions:,} rows, {len(stats.segments)} segments: {built}{size:.0f} bytes a row"
        )
        show("nothing else going on", lambda key: ledger.rows_of_subject([key]), keys)
        with recording(ledger, plan) as recorded:
            show("while rows are recorded", lambda key: ledger.rows_of_subject([key]), keys)
        print(f"  recorded meanwhile: {recorded.rate:,.0f} rows/s")
    return size


class recording:  # noqa: N801 - reads as what it does
    """Record, seal and merge in a thread while the block runs."""

    def __init__(self, ledger: Ledger, plan: Plan) -> None:
        self._ledger, self._plan = ledger, plan
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._record)
        self._begun = 0.0
        self._rows = 0
        self.rate = 0.0

    def __enter__(self) -> Self:
        self._begun = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.rate = self._rows / (time.perf_counter() - self._begun)

    def _record(self) -> None:
        rows = LedgerRows(self._plan)
        while not self._stop.is_set():
            batch = rows.batch(self._plan.rows + self._rows, 10_000)
            self._rows += self._ledger.record_batch(batch).recorded
            seal_and_merge(self._ledger)


def measure_others(rows: int, look_ups: int, folder: Path) -> None:
    """Fill the others with the same rows and look up."""
    plan = Plan(rows)
    with ExitStack() as stack:
        others: list[Contestant] = [stack.enter_context(Heap(folder)), stack.enter_context(Sqlite(folder))]
        try:
            others.append(stack.enter_context(Postgres(stack.enter_context(postgres(folder / "postgres")))))
        except NoPostgresError as error:
            print(f"without PostgreSQL: {error}")
        for batch in LedgerRows(plan).batches(0):
            for other in others:
                assert batch.decisions is not None
                other.add(batch.decisions)
        keys = keys_of(plan, look_ups)
        print(f"others, {rows:,} rows")
        for other in others:
            other.finish()
            loaded = (
                f"{rows / other.load_s:,.0f} rows/s with its index, {other.bytes() / rows:.0f} bytes a row"
            )
            print(f"  {other.name}: {loaded}")
        for other in others:
            show(other.name, other.rows_of, keys if not isinstance(other, Heap) else keys[:100])


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--btree-rows", type=int, default=10_000_000, help="0: none of the others")
    parser.add_argument(
        "--ledger", type=Path, help="built or gone on with, and kept; else a temporary folder"
    )
    parser.add_argument("--look-ups", type=int, default=1000)
    arguments = parser.parse_args()
    sys.setswitchinterval(ANSWERING_SWITCH_INTERVAL_S)  # as the recorder's process does
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.ledger or Path(scratch) / "ledger"
        measure_ledger(folder, Plan(arguments.rows), arguments.look_ups)
        if arguments.btree_rows:
            measure_others(arguments.btree_rows, arguments.look_ups, Path(scratch))


if __name__ == "__main__":
    main()
