"""Sealed segments: what sealing and merging move, and what a crash or a damaged disk leaves."""

import shutil
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from decision_samples import BEGIN, decision, record, subject
from disclosure_ledger.store.batch import Segment
from disclosure_ledger.store.errors import LedgerDamagedError, LedgerError
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.merging import next_merge
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.rows import DecisionRow

NO_LIMIT = 10**9
EVERYBODY = [subject(number) for number in range(50)]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    with Ledger.open(tmp_path / "ledger", create=True) as opened:
        yield opened


def files(ledger: Ledger) -> list[str]:
    """Names of the files of segments."""
    return sorted(file.name for file in (ledger.path / "segments").iterdir())


def everything(ledger: Ledger) -> list[DecisionRow]:
    """All decisions of the samples' subjects."""
    return ledger.rows_of_subject(EVERYBODY)


def month_events(year: int, month: int, first: int, count: int = 20) -> list[object]:
    """Decisions of one month, numbered from `first`."""
    at = datetime(year, month, 3, tzinfo=UTC)
    return [decision(first + number, at=at + timedelta(minutes=number)) for number in range(count)]


def fill(ledger: Ledger, *months: tuple[int, int]) -> None:
    """Record and seal 20 decisions for each month, in order; the same month twice makes two segments."""
    for index, (year, month) in enumerate(months):
        record(ledger, month_events(year, month, 1000 * index))  # type: ignore[arg-type]
        ledger.seal()


def test_sealing_moves_every_row_and_changes_no_answer(ledger: Ledger) -> None:
    """After sealing the hot table is empty, the segment has every row, and answers are the same."""
    record(ledger, [decision(number) for number in range(300)])
    before = everything(ledger)
    assert len(before) == 300
    names = ledger.seal()
    stats = ledger.stats()
    assert (stats.hot_rows, stats.sealed_rows, stats.sealed_fraction) == (0, 300, 1.0)
    assert everything(ledger) == before
    assert files(ledger) == [f"{name}.duckdb" for name in names]
    assert ledger.seal() == ()


def test_a_segment_is_sorted_by_subject_then_time(ledger: Ledger) -> None:
    """Rows of a segment file lie sorted, which is what makes one person's rows quick to find."""
    record(ledger, [decision(number) for number in range(300)])
    (name,) = ledger.seal()
    with ledger.cursor() as cursor:
        rows = cursor.execute(f"SELECT subject_key, occurred_at FROM seg_{name}.decision").fetchall()
    assert rows == sorted(rows)
    assert len(rows) == 300


def test_each_month_is_sealed_into_a_file_of_its_own(ledger: Ledger) -> None:
    """Hot rows of two months of decision become two segments with the periods of those months."""
    october = month_events(2026, 10, 0)
    november = month_events(2026, 11, 100)
    record(ledger, [*november, *october])  # type: ignore[list-item]
    ledger.seal()
    assert [(s.period, s.row_count, s.level) for s in ledger.stats().segments] == [
        ("2026-10", 20, 0),
        ("2026-11", 20, 0),
    ]


def test_a_segment_says_what_is_in_it(ledger: Ledger) -> None:
    """The table `segment` has the bounds of ids and times, and the runs of minutes in which ids were made."""
    record(ledger, [decision(0), decision(30), decision(200), decision(10_000)])
    ledger.seal()
    (segment,) = ledger.stats().segments
    minute = int(BEGIN.timestamp()) // 60
    assert segment.id_minutes == ((minute, minute), (minute + 3, minute + 3), (minute + 166, minute + 166))
    assert segment.first_event_id == decision(0).request.event_id
    assert segment.last_event_id == decision(10_000).request.event_id
    assert (segment.first_occurred_at, segment.last_occurred_at) == (BEGIN, BEGIN + timedelta(seconds=10_000))
    file = ledger.path / "segments" / f"{segment.name}.duckdb"
    assert segment.file_bytes == file.stat().st_size


def test_sealed_rows_survive_reopening(ledger: Ledger) -> None:
    """A ledger with hot and sealed rows reads the same after closing and opening, read-only too."""
    record(ledger, [decision(number) for number in range(100)])
    ledger.seal()
    record(ledger, [decision(number) for number in range(100, 130)])
    before = everything(ledger)
    ledger.close()
    with Ledger.open(ledger.path, read_only=True) as again:
        assert everything(again) == before
        assert again.stats().sealed_fraction == pytest.approx(100 / 130)


def test_earlier_months_become_one_file_each_and_earlier_years_one(ledger: Ledger) -> None:
    """Compacting leaves one file for each earlier year and month, and the newest month's few files."""
    fill(ledger, (2025, 11), (2025, 12), (2025, 12), (2026, 1), (2026, 1), (2026, 2), (2026, 2))
    before = everything(ledger)
    while ledger.compact(merge_segments=3, merge_rows_max=NO_LIMIT):
        assert everything(ledger) == before
    segments = ledger.stats().segments
    assert sorted((s.period, s.row_count) for s in segments) == [
        ("2025", 60),
        ("2026-01", 40),
        ("2026-02", 20),
        ("2026-02", 20),
    ]
    assert everything(ledger) == before


def test_small_files_of_the_newest_month_become_one(ledger: Ledger) -> None:
    """In the newest month, as many files of one level as the setting says become one of the next level."""
    fill(ledger, (2026, 2), (2026, 2), (2026, 2))
    assert ledger.compact(merge_segments=4, merge_rows_max=NO_LIMIT) is None
    assert ledger.compact(merge_segments=3, merge_rows_max=59) is None
    assert ledger.compact(merge_segments=3, merge_rows_max=60) is not None
    assert [(s.level, s.row_count) for s in ledger.stats().segments] == [(1, 60)]


def test_the_number_of_segments_is_bounded() -> None:
    """However many parts ten years bring, compacting leaves fewer than 80 files."""
    segments: list[Segment] = []
    for month in range(120):
        for part in range(10):
            segments.append(made(f"{2017 + month // 12}-{month % 12 + 1:02}", 0, f"{month}-{part}"))
            while merge := next_merge(segments, 8, 10**12):
                gone = {segment.name for segment in merge.inputs}
                segments = [segment for segment in segments if segment.name not in gone]
                segments.append(
                    made(merge.period, merge.level, f"m{len(gone)}-{month}-{part}-{merge.period}")
                )
                assert len(segments) < 80
    assert len(segments) <= 9 + 11 + 2 * 8


def made(period: str, level: int, name: str) -> Segment:
    """A segment of which only period, level and name matter."""
    return Segment(
        name=name,
        level=level,
        period=period,
        row_count=1,
        file_bytes=1,
        sha256="",
        first_event_id=uuid.UUID(int=0),
        last_event_id=uuid.UUID(int=1),
        id_minutes=(),
        first_occurred_at=BEGIN,
        last_occurred_at=BEGIN,
        sealed_at=BEGIN,
        layout=2,
    )


def test_merged_files_stay_until_no_snapshot_reads_them(ledger: Ledger) -> None:
    """A snapshot begun before a merge goes on reading; the files it needs are deleted only afterwards."""
    fill(ledger, (2026, 2), (2026, 2))
    old = set(files(ledger))
    with ledger.snapshot() as snapshot:
        assert len(snapshot.fetch_sql("SELECT event_id FROM decision")) == 40
        ledger.compact(merge_segments=2, merge_rows_max=NO_LIMIT)
        record(ledger, month_events(2026, 2, 5000))  # type: ignore[arg-type]
        ledger.seal()
        assert old <= set(files(ledger))
        assert len(snapshot.fetch_sql("SELECT event_id FROM decision")) == 40
    ledger.seal()
    assert not old & set(files(ledger))
    assert len(everything(ledger)) == 60


def test_closing_deletes_merged_files(ledger: Ledger) -> None:
    """After closing, only files the ledger lists are there."""
    fill(ledger, (2026, 2), (2026, 2))
    merged = ledger.compact(merge_segments=2, merge_rows_max=NO_LIMIT)
    ledger.close()
    assert files(ledger) == [f"{merged}.duckdb"]


def test_what_a_crash_leaves_is_cleaned(ledger: Ledger) -> None:
    """A draft, and a finished file whose rows are still in the ledger, are removed when it is opened."""
    record(ledger, [decision(number) for number in range(50)])
    ledger.seal()
    ledger.close()
    folder = ledger.path / "segments"
    (kept,) = files(ledger)
    shutil.copy(folder / kept, folder / "2026_10_000777.duckdb")
    (folder / "2026_10_000778.tmp").write_bytes(b"half a file")
    (folder / "2026_10_000778.tmp.wal").write_bytes(b"")
    with Ledger.open(ledger.path) as again:
        assert files(again) == [kept]
        assert again.stats().decisions == 50


def test_reading_only_cleans_nothing(ledger: Ledger) -> None:
    """A read-only opening leaves a crashed writer's files alone."""
    ledger.close()
    draft = ledger.path / "segments" / "2026_10_000778.tmp"
    draft.write_bytes(b"half a file")
    with Ledger.open(ledger.path, read_only=True):
        assert draft.exists()


def test_an_unlisted_file_with_rows_of_its_own_is_never_deleted(ledger: Ledger, tmp_path: Path) -> None:
    """hot.duckdb restored from before a sealing: opening refuses, and the newer file keeps its rows."""
    record(ledger, [decision(number) for number in range(50)])
    ledger.close()
    backup = shutil.copy(ledger.path / "hot.duckdb", tmp_path / "backup.duckdb")
    with Ledger.open(ledger.path) as again:
        record(again, [decision(number) for number in range(50, 60)])
        again.seal()
    shutil.copy(backup, ledger.path / "hot.duckdb")
    with pytest.raises(LedgerDamagedError, match="10 decisions that are nowhere else"):
        Ledger.open(ledger.path)
    assert len(files(ledger)) == 1


def test_a_missing_or_cut_segment_is_named(ledger: Ledger) -> None:
    """A segment file that is gone or shorter is told with its name and what it held."""
    record(ledger, [decision(number) for number in range(50)])
    (name,) = ledger.seal()
    ledger.close()
    file = ledger.path / "segments" / f"{name}.duckdb"
    content = file.read_bytes()
    for damage in (file.unlink, lambda: file.write_bytes(content[:-4096])):
        damage()
        for read_only in (True, False):
            with pytest.raises(LedgerDamagedError, match=rf"{name}.*50 decisions of 2026-10"):
                Ledger.open(ledger.path, read_only=read_only)
    file.write_bytes(content)
    with Ledger.open(ledger.path) as again:
        assert again.stats().decisions == 50


def test_a_draft_that_reads_back_differently_is_given_up(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the written file has other rows than the source, it is removed and nothing was moved."""
    from disclosure_ledger.store import sealing

    record(ledger, [decision(number) for number in range(50)])
    text = "INSERT INTO draft.decision_row SELECT * FROM ({source}) WHERE '{first}' <= '{last}' LIMIT 49"
    monkeypatch.setattr(sealing, "query", lambda name: text if name == "fill_draft" else query(name))
    with pytest.raises(LedgerDamagedError, match="has 49 rows where 50 were written"):
        ledger.seal()
    assert files(ledger) == []
    assert ledger.stats().hot_rows == 50
    monkeypatch.undo()
    assert len(ledger.seal()) == 1


def test_a_sealed_file_may_be_read_by_others(ledger: Ledger) -> None:
    """A segment file opens read-only beside the open ledger, in the packaged storage version."""
    record(ledger, [decision(number) for number in range(50)])
    (name,) = ledger.seal()
    copy = shutil.copy(ledger.path / "segments" / f"{name}.duckdb", ledger.path.parent / "copy.duckdb")
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM decision").fetchall() == [(50,)]


def test_names_of_segments_cannot_carry_sql(ledger: Ledger) -> None:
    """A name that is not one of ours never reaches a statement."""
    from disclosure_ledger.store.connection import alias

    for name in ("x; DROP TABLE hot_decision_row", "2026_10_1", "", "2026_10_000001 "):
        with pytest.raises(LedgerError, match="not the name of a segment"):
            alias(name)


def test_readers_see_whole_batches_while_rows_are_sealed_and_merged(ledger: Ledger) -> None:
    """Readers in other threads see each batch whole and each row once, whatever is sealed or merged."""
    batches, rows = 24, 25
    wrong: list[object] = []
    reads = 0
    done = threading.Event()

    def read() -> None:
        nonlocal reads
        while not done.is_set():
            with ledger.snapshot() as snapshot:
                sql = "SELECT count(*) AS n, count(DISTINCT event_id) AS d FROM decision"
                (counts,) = snapshot.fetch_sql(sql)
                positions = snapshot.next_offsets()
            if not counts["n"] == counts["d"] == sum(positions.values()) or counts["n"] % rows:
                wrong.append((counts, positions))
            reads += 1

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for batch in range(batches):
            record(ledger, [decision(batch * rows + number) for number in range(rows)])
            if batch % 2:
                ledger.seal()
                ledger.compact(merge_segments=3, merge_rows_max=NO_LIMIT)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert reads > 0
    assert ledger.stats().decisions == batches * rows


def test_looking_up_gives_the_rows_of_the_view(ledger: Ledger) -> None:
    """What is read part by part, with fewer columns, is what the view `decision` has, hot and sealed."""
    fill(ledger, (2025, 12), (2026, 1), (2026, 2))
    record(ledger, [decision(5000 + number) for number in range(40)])
    with ledger.snapshot() as snapshot:
        assert ledger.rows_of_subject(EVERYBODY) == snapshot.rows_of_subject(EVERYBODY)
    assert len(everything(ledger)) == 100
