"""The recorder's path beside a plain Arrow insert of the same rows, and look-ups in a ledger of many rows.

python -m bench.recorder [--events 500000] [--rounds 3] [--lookup-rows 5000000]

`recorder`: bytes of records -> rows, repeats, positions, one transaction a batch, as the recorder does it.
`arrow`: the rows, decoded before, inserted by one statement a batch and nothing else: the bound.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]

from decision_samples import CODEC, DISCLOSURES
from decision_samples import decision as sample
from disclosure_ledger.decoding import DecisionDecoder, Records
from disclosure_ledger.store import columns
from disclosure_ledger.store.batch import Batch
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.parts import PartNumbers
from disclosure_ledger.store.queries import query
from disclosure_schemas.codec import PartWriter
from disclosure_schemas.event_ids import event_id_source
from disclosure_schemas.layout import NO_REFERENCES, zigzag_varint
from disclosure_schemas.topics import DECIDED

BATCH_ROWS = 122_880
GATE_BATCH = 1_000
PARTITIONS = 6
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)


class Stream:
    """Framed decisions as a gate writes them: a head for a batch, few rulings, one source of ids."""

    def __init__(self, subjects: int, step: timedelta) -> None:
        self._subjects = [os.urandom(16) for _ in range(subjects)]
        self._step = step
        self._make_id = event_id_source()
        self._chance = random.Random(7)
        self._number = 0
        head = PartWriter("DisclosureDecided", "decided_at", "identity_offsets").write
        ruling = PartWriter("DisclosureDecided", "outcome", "contract_id").write
        write = PartWriter("DisclosureRequested", "disclosure", "disclosure").write
        self._head = head
        self._rulings = [ruling(sample(number).model_dump()) for number in (0, 1)]
        self._disclosures = [write({"disclosure": what.model_dump()}) for what in DISCLOSURES]
        self._producer = uuid.uuid4().bytes

    def records(self, count: int) -> Records:
        """Return the next records; offsets count up in each partition."""
        records = Records()
        head = b""
        for _ in range(count):
            number = self._number
            at = BEGIN + number * self._step
            if number % GATE_BATCH == 0 or not head:
                head = CODEC.header + self._head(sample(1, at=at, decided_at=at).model_dump())
            micros = zigzag_varint(int(at.timestamp() * 1_000_000))
            stopped = number % 10 == 0
            unix_ms = int(at.timestamp() * 1000)
            partition, offset = number % PARTITIONS, number // PARTITIONS
            key = self._chance.choice(self._subjects)
            parts = (
                head,
                zigzag_varint(partition),
                zigzag_varint(offset),
                b"\x02" + self._make_id(unix_ms) + b"\0" if stopped else b"\0",
                self._rulings[0 if stopped else 1],
                self._make_id(unix_ms) + key + self._producer + micros + micros + zigzag_varint(number),
                NO_REFERENCES,
                self._disclosures[number % len(self._disclosures)],
            )
            records.append(partition, offset, key, b"".join(parts))
            self._number += 1
        return records


def positions(records: Records) -> dict[tuple[str, int], int]:
    """Positions behind records."""
    pairs = zip(records.partitions, records.offsets, strict=True)
    return {(DECIDED.name, partition): offset + 1 for partition, offset in pairs}


def run_recorder_path(folder: Path, batches: list[Records]) -> float:
    """Seconds to decode and record batches, until the ledger is closed."""
    decoder = DecisionDecoder(CODEC)
    started = time.perf_counter()
    with Ledger.open(folder, create=True) as ledger:
        for records in batches:
            rows, unreadable = decoder.decode(records)
            assert not unreadable
            ledger.record_batch(Batch(recorded_at=BEGIN, next_offsets=positions(records), decisions=rows))
    return time.perf_counter() - started


def run_arrow(folder: Path, tables: list[pa.Table]) -> float:
    """Seconds to insert the same rows, decoded before, until the file is closed."""
    started = time.perf_counter()
    with Ledger.open(folder, create=True) as ledger, ledger.cursor() as cursor:
        numbers = PartNumbers(cursor)
        for rows in tables:
            cursor.register("incoming", numbers.numbered(rows))
            numbers.committed()
            cursor.execute(query("insert_decisions"), {"recorded_at": BEGIN.replace(tzinfo=None)})
    return time.perf_counter() - started


def run_decoding(batches: list[Records]) -> float:
    """Seconds to decode alone."""
    decoder = DecisionDecoder(CODEC)
    started = time.perf_counter()
    for records in batches:
        decoder.decode(records)
    return time.perf_counter() - started


def compare(events: int, rounds: int) -> None:
    """Print rows/s of the three, interleaved, medians of the rounds."""
    stream = Stream(max(1, events // 30), timedelta(milliseconds=50))
    sizes = [BATCH_ROWS] * (events // BATCH_ROWS) or [events]
    batches = [stream.records(size) for size in sizes]
    count = sum(sizes)
    tables = [DecisionDecoder(CODEC).decode(records)[0] for records in batches]
    seconds: dict[str, list[float]] = {"recorder": [], "arrow": [], "decoding": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            seconds["arrow"].append(run_arrow(Path(folder) / "arrow", tables))
            seconds["recorder"].append(run_recorder_path(Path(folder) / "recorder", batches))
            seconds["decoding"].append(run_decoding(batches))
    rates = {name: count / statistics.median(taken) for name, taken in seconds.items()}
    for name, rate in rates.items():
        print(f"{name:10} {rate:>10,.0f} rows/s")
    print(f"recorder / arrow = {rates['recorder'] / rates['arrow']:.2f}")


def build(ledger: Ledger, rows: int, subjects: int, seal_rows: int) -> list[bytes]:
    """Fill a ledger through the recorder's storage path, six months long; returns keys that are in it."""
    stream = Stream(subjects, timedelta(days=180) / rows)
    decoder = DecisionDecoder(CODEC)
    keys: list[bytes] = []
    done = 0
    started = time.perf_counter()
    while done < rows:
        records = stream.records(min(BATCH_ROWS, rows - done))
        table, _ = decoder.decode(records)
        ledger.record_batch(Batch(recorded_at=BEGIN, next_offsets=positions(records), decisions=table))
        keys += [key for key in records.keys[::5000] if key]
        done += len(records)
        if ledger.hot_rows() >= seal_rows:
            ledger.seal()
            while ledger.compact(merge_segments=8, merge_rows_max=10**9):
                pass
        print(f"\r{done:,} rows, {done / (time.perf_counter() - started):,.0f} rows/s", end="", flush=True)
    print()
    return keys


def lookups(ledger: Ledger, keys: list[bytes], count: int) -> Iterator[float]:
    """Milliseconds of `rows_of_subject` for random keys."""
    chance = random.Random(3)
    for _ in range(count):
        key = uuid.UUID(bytes=chance.choice(keys))
        started = time.perf_counter()
        assert ledger.rows_of_subject([key])
        yield (time.perf_counter() - started) * 1000


def measure_lookups(rows: int, seal_rows: int, folder: Path) -> None:
    """Print file sizes, look-up times and the cost of a batch that holds one old repeat."""
    with Ledger.open(folder, create=True) as ledger:
        keys = build(ledger, rows, max(1, rows // 15), seal_rows)
        stats = ledger.stats()
        size = (stats.hot_bytes + stats.segment_bytes) / stats.decisions
        print(
            f"{stats.decisions:,} rows, {stats.sealed_fraction:.0%} sealed, {len(stats.segments)} segments, "
            f"{size:.0f} bytes a row"
        )
        for name in ("first", "warm"):
            taken = sorted(lookups(ledger, keys, 300))
            p50, p99 = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
            print(f"look-up, {name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
        measure_repeats(ledger, keys)


def measure_repeats(ledger: Ledger, keys: list[bytes]) -> None:
    """Print what recording a batch costs: of new ids, and with one id as old as the ledger in it."""
    old = ledger.rows_of_subject([uuid.UUID(bytes=keys[0])])[0].event_id.bytes
    offset = 10**9
    for name, first_id in (("new ids", None), ("one old id", old), ("new ids", None), ("one old id", old)):
        stream = Stream(1000, timedelta(milliseconds=1))
        stream._number = 24 * 3600 * 1000 * 200 + offset
        records = stream.records(10_000)
        table, _ = DecisionDecoder(CODEC).decode(records)
        if first_id is not None:
            ids = [first_id, *table["event_id"].combine_chunks().storage.to_pylist()[1:]]
            table = table.set_column(0, "event_id", columns.uuids(ids))
        started = time.perf_counter()
        result = ledger.record_batch(
            Batch(recorded_at=BEGIN, next_offsets=positions(records), decisions=table)
        )
        taken = (time.perf_counter() - started) * 1000
        print(f"batch of 10,000, {name}: {taken:.0f} ms, {result.different_content} repeats")
        offset += 10**8


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lookup-rows", type=int, default=0)
    parser.add_argument("--seal-rows", type=int, default=2_000_000)
    arguments = parser.parse_args()
    if arguments.events:
        compare(arguments.events, arguments.rounds)
    if arguments.lookup_rows:
        with tempfile.TemporaryDirectory() as folder:
            measure_lookups(arguments.lookup_rows, arguments.seal_rows, Path(folder))


if __name__ == "__main__":
    main()
