"""Retention: whole months go, what went is noted, and answers can say so."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bulk_samples import decided as bulk_decided
from bulk_samples import record as record_bulk
from bulk_samples import sent as bulk_sent
from decision_samples import decision, record, subject
from disclosure_ledger.bulk.progress import BULKS, BulksQuestion
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.recorder import Recorder
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.vocabulary import Outcome
from memory_log import MemoryLog, MemorySource
from recorder_samples import CODECS

EVERYBODY = [subject(number) for number in range(50)]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    with Ledger.open(tmp_path / "ledger", create=True) as opened:
        yield opened


def in_month(year: int, month: int, first: int, count: int = 10) -> list[DisclosureDecided]:
    """Decisions of one month, numbered from `first`."""
    at = datetime(year, month, 3, tzinfo=UTC)
    return [decision(first + number, at=at + timedelta(minutes=number)) for number in range(count)]


def months(ledger: Ledger) -> dict[str, int]:
    """How many decisions there are by month of decision."""
    sql = "SELECT strftime(decided_at, '%Y-%m') AS month, count(*) AS n FROM decision GROUP BY month"
    with ledger.snapshot() as snapshot:
        return {row["month"]: row["n"] for row in snapshot.fetch_sql(sql)}


def fill(ledger: Ledger) -> None:
    """Three months in one sealed file of 2024, one in a file of its own, one hot, and an old row in hot."""
    for index, month in enumerate((10, 11, 12)):
        record(ledger, in_month(2024, month, 100 * index))
        ledger.seal()
    record(ledger, in_month(2025, 1, 300))
    ledger.seal()
    while ledger.compact(merge_segments=9, merge_rows_max=10**9):
        pass
    record(ledger, [*in_month(2024, 11, 400, 3), *in_month(2025, 2, 500)])


def test_months_before_a_day_go_from_files_and_hot_rows_alike(ledger: Ledger) -> None:
    """Purging leaves the month of the day and later ones, wherever the rows were; the rest is untouched."""
    fill(ledger)
    assert [segment.period for segment in ledger.stats().segments] == ["2024", "2025-01"]
    kept = [
        row
        for row in ledger.rows_of_subject(EVERYBODY)
        if row.decided_at >= datetime(2024, 12, 1, tzinfo=UTC)
    ]
    purged = ledger.purge(date(2024, 12, 24))
    assert months(ledger) == {"2024-12": 10, "2025-01": 10, "2025-02": 10}
    assert ledger.rows_of_subject(EVERYBODY) == kept
    assert [(entry.month, entry.row_count, entry.segment is None) for entry in purged] == [
        ("2024-10", 10, False),
        ("2024-11", 10, False),
        ("2024-11", 3, True),
    ]
    assert ledger.purge(date(2024, 12, 31)) == []


def test_bulks_go_with_the_month_in_which_they_were_begun(ledger: Ledger) -> None:
    """An announcement over its retention is deleted and noted; its decisions go by their own month."""
    announced, requests = bulk_sent(2)
    old = announced.model_copy(
        update={"event_id": new_event_id(1), "bulk_id": new_event_id(2), "occurred_at": at_month(2024, 11)}
    )
    record_bulk(ledger, announced=[announced, old, old], decisions=[permitted(one) for one in requests])

    purged = ledger.purge(date(2024, 12, 24))

    assert [(entry.what, entry.month, entry.row_count) for entry in purged] == [("bulk", "2024-11", 2)]
    left = LocalReader(ledger).ask(BULKS, BulksQuestion()).bulks
    assert [(bulk.announced.bulk_id, bulk.decided) for bulk in left] == [(announced.bulk_id, 2)]


def permitted(request: DisclosureRequested) -> DisclosureDecided:
    """A decision of a row of a bulk."""
    return bulk_decided(request, Outcome.PERMIT)


def at_month(year: int, month: int) -> datetime:
    """A moment of a month."""
    return datetime(year, month, 3, tzinfo=UTC)


def test_a_file_that_is_wholly_over_is_deleted_and_noted(ledger: Ledger) -> None:
    """The file is gone from the disk, and the table `purge` has its period, rows, hash and the time."""
    record(ledger, in_month(2024, 10, 0))
    (name,) = ledger.seal()
    (segment,) = ledger.stats().segments
    record(ledger, in_month(2024, 11, 100))
    assert ledger.purged_before() is None
    ledger.purge(date(2024, 11, 1))
    assert list((ledger.path / "segments").iterdir()) == []
    (noted,) = ledger.fetch("purges")
    assert noted.pop("purged_at") is not None
    assert noted == {
        "month": "2024-10",
        "what": "decision",
        "row_count": 10,
        "segment": name,
        "sha256": segment.sha256,
    }
    assert ledger.purged_before() == datetime(2024, 11, 1, tzinfo=UTC)
    ledger.close()
    with Ledger.open(ledger.path, read_only=True) as again:
        assert again.purged_before() == datetime(2024, 11, 1, tzinfo=UTC)


def test_repeats_go_with_their_month(ledger: Ledger) -> None:
    """A repeat is a record of a disclosure too, and is deleted and noted like one."""
    events = in_month(2024, 10, 0)
    record(ledger, [*events, *events[:4]])
    ledger.purge(date(2024, 11, 1))
    assert ledger.stats().repeats == {}
    assert [(row["what"], row["row_count"]) for row in ledger.fetch("purges")] == [
        ("decision", 10),
        ("repeat", 4),
    ]


def test_a_snapshot_reads_on_while_its_rows_are_purged(ledger: Ledger) -> None:
    """A file is deleted only after the snapshots that may read it, and soon after them."""
    record(ledger, in_month(2024, 10, 0))
    (name,) = ledger.seal()
    file = ledger.path / "segments" / f"{name}.duckdb"
    with ledger.snapshot() as snapshot:
        snapshot.fetch("counts")
        ledger.purge(date(2024, 11, 1))
        assert file.exists()
        assert len(snapshot.fetch_sql("SELECT event_id FROM decision")) == 10
    ledger.purge(date(2024, 11, 1))
    assert not file.exists()


def test_a_purged_file_that_a_crash_left_is_removed_when_the_ledger_opens(ledger: Ledger) -> None:
    """Between the transaction and the deletion of the file a crash leaves it; it is no lost segment."""
    record(ledger, in_month(2024, 10, 0))
    (name,) = ledger.seal()
    file = ledger.path / "segments" / f"{name}.duckdb"
    content = file.read_bytes()
    ledger.purge(date(2024, 11, 1))
    ledger.close()
    file.write_bytes(content)
    with Ledger.open(ledger.path) as again:
        assert not file.exists()
        assert again.stats().decisions == 0


def test_killed_while_purging_leaves_the_month_whole_or_gone(tmp_path: Path) -> None:
    """SIGKILL at any point of purging: the next opening has all rows of a month, or none and a note."""
    program = (
        "import os, pathlib, signal, sys; from datetime import date\n"
        "from disclosure_ledger.store import ledger, sealing, segments\n"
        "opened = ledger.Ledger.open(pathlib.Path(sys.argv[1]))\n"
        "point = sys.argv[2]\n"
        "def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)\n"
        "if point == 'draft': sealing.describe_file = die\n"
        "if point == 'commit': segments.view_sql = die\n"
        "calls = []\n"
        "def second(oldest): calls.append(oldest); len(calls) > 1 and die()\n"
        "if point == 'unlink': opened._segments.remove_retired = second\n"
        "opened.purge(date(2024, 12, 1))\n"
    )
    for point, left in (("draft", 30), ("commit", 30), ("unlink", 10)):
        folder = tmp_path / point
        with Ledger.open(folder, create=True) as ledger:
            for index, month in enumerate((10, 11, 12)):
                record(ledger, in_month(2024, month, 100 * index))
                ledger.seal()
            record(ledger, in_month(2025, 1, 300))
            ledger.seal()
            while ledger.compact(merge_segments=9, merge_rows_max=10**9):
                pass
        run = subprocess.run(
            [sys.executable, "-c", program, str(folder), point], check=False, env=dict(os.environ)
        )
        assert run.returncode == -signal.SIGKILL
        with Ledger.open(folder) as again:
            found = months(again)
            assert sum(count for month, count in found.items() if month < "2025") == left, point
            assert bool(again.fetch("purges")) == (left == 10)
            assert len(list((folder / "segments").iterdir())) == len(again.stats().segments) == 2


def test_the_recorder_purges_by_its_setting_and_answers_say_so(ledger: Ledger) -> None:
    """A month whose last day is older than the retention goes; the floor of answers is at least its end."""
    fill(ledger)
    now = datetime(2026, 12, 15, tzinfo=UTC)
    log = MemoryLog(partitions=2)
    source = MemorySource(log)
    recorder = Recorder(ledger, source, CODECS, LedgerSettings(retention_months=24), lambda: now)
    assert {entry.month for entry in recorder.purge()} == {"2024-10", "2024-11"}
    assert recorder.purge() == ()
    longer = LocalReader(ledger, clock=lambda: now, retention_months=72)
    assert longer._floor(now) == datetime(2024, 12, 1, tzinfo=UTC)
    assert LocalReader(ledger, clock=lambda: now, retention_months=None)._floor(now) == datetime(
        2024, 12, 1, tzinfo=UTC
    )


def test_one_persons_rows_are_complete_while_rows_are_sealed_merged_and_purged(ledger: Ledger) -> None:
    """Asking for one person sees every batch whole and every row once, whatever happens meanwhile."""
    person = [subject(number) for number in range(50)]
    record(ledger, in_month(2024, 10, 10_000, 50))
    ledger.seal()
    wrong: list[object] = []
    done = threading.Event()
    reads = 0

    def read() -> None:
        nonlocal reads
        highest = 0
        while not done.is_set():
            rows = [row for row in ledger.rows_of_subject(person) if row.decided_at.year == 2026]
            ids = {row.event_id for row in rows}
            if len(ids) != len(rows) or len(rows) % 25 or len(rows) < highest:
                wrong.append((len(ids), len(rows), highest))
            highest = len(rows)
            reads += 1

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for batch in range(24):
            record(ledger, [decision(batch * 25 + number) for number in range(25)])
            if batch % 2:
                ledger.seal()
                ledger.compact(merge_segments=3, merge_rows_max=10**9)
            if batch == 12:
                ledger.purge(date(2024, 11, 1))
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert reads > 0
    assert len(ledger.rows_of_subject(person)) == 600
