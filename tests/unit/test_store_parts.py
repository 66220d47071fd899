"""What repeats is kept once, under a number: new ledgers, and those that were written before it was so."""

import tarfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from decision_samples import BEGIN, DISCLOSURES, decision, record, subject, table_of
from disclosure_ledger.store.batch import Batch
from disclosure_ledger.store.errors import LedgerDamagedError, LedgerVersionError
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.parts import PART_COLUMNS
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.rows import DecisionRow, event_of
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.topics import DECIDED

WRITTEN_BEFORE = Path(__file__).parents[1] / "ledgers" / "layout_1.tar.xz"
"""A ledger of the first layout: 20 decisions in each of three sealed months, 21 hot ones and a repeat."""

EVERYBODY = [subject(number) for number in range(50)]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    with Ledger.open(tmp_path / "ledger", create=True) as opened:
        yield opened


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Folder of a ledger that was written before."""
    folder = tmp_path / "old"
    with tarfile.open(WRITTEN_BEFORE) as packed:
        packed.extractall(folder, filter="data")
    return folder


def month_events(year: int, month: int, first: int) -> list[DisclosureDecided]:
    at = datetime(year, month, 3, tzinfo=UTC)
    return [decision(first + number, at=at + timedelta(minutes=number)) for number in range(20)]


def written_before() -> list[DisclosureDecided]:
    """The decisions of the old ledger, by time."""
    hot = month_events(2026, 2, 3000)
    at = datetime(2026, 2, 4, tzinfo=UTC)
    correction = decision(
        3020,
        at=at,
        collected_at=at - timedelta(days=1),
        transaction_id="t-1",
        corrects_event_id=hot[0].request.event_id,
        linked_subject_keys=(subject(1), subject(2)),
    )
    sealed = [(2025, 11, 0), (2025, 12, 1000), (2026, 1, 2000)]
    return [*(event for month in sealed for event in month_events(*month)), *hot, correction]


def everything(ledger: Ledger) -> list[DecisionRow]:
    return ledger.rows_of_subject(EVERYBODY)


def numbers(ledger: Ledger, source: str = "") -> dict[str, int]:
    """How many of each part there are."""
    with ledger.cursor() as cursor:
        return {
            part: cursor.execute(f"SELECT count(*) FROM {source}{part}").fetchall()[0][0]
            for part in PART_COLUMNS
        }


def test_what_repeats_is_kept_once(ledger: Ledger) -> None:
    """300 decisions of 15 disclosures and two rulings leave 15 and two, also over batches and openings."""
    record(ledger, [decision(number) for number in range(100)])
    record(ledger, [decision(number) for number in range(100, 200)])
    ledger.close()
    with Ledger.open(ledger.path) as again:
        record(again, [decision(number) for number in range(200, 300)])
        assert numbers(again) == {"producer": 1, "basis": 1, "ruling": 2, "content": 15}
        assert [event_of(row) for row in everything(again)] == [decision(number) for number in range(300)]


def test_a_sealed_file_has_the_parts_of_its_rows_and_no_others(ledger: Ledger) -> None:
    """Each file is whole by itself: what its rows refer to is in it, under the numbers of the ledger."""
    record(ledger, [decision(number) for number in range(1, 5)])
    (first,) = ledger.seal()
    record(ledger, [decision(number) for number in range(5, 11)])
    (second,) = ledger.seal()
    assert numbers(ledger, f"seg_{first}.") == {"producer": 1, "basis": 1, "ruling": 1, "content": 4}
    assert numbers(ledger, f"seg_{second}.") == {"producer": 1, "basis": 1, "ruling": 2, "content": 6}
    file = ledger.path / "segments" / f"{second}.duckdb"
    copy = ledger.path.parent / "elsewhere.duckdb"
    copy.write_bytes(file.read_bytes())
    with duckdb.connect(str(copy), read_only=True) as alone:
        found = alone.execute("SELECT recipient_id, outcome FROM decision ORDER BY occurred_at").fetchall()
    assert found == [
        (DISCLOSURES[number % 15].recipient_id, "permit" if number % 10 else "suppress")
        for number in range(5, 11)
    ]


def test_the_view_and_the_look_up_say_the_same(ledger: Ledger) -> None:
    """SQL over `decision` and one person's rows give equal values, hot, sealed and merged."""
    for first in (0, 40, 80):
        record(ledger, [decision(number) for number in range(first, first + 40)])
        if first < 80:
            ledger.seal()
    for _ in range(2):
        with ledger.snapshot() as snapshot:
            assert snapshot.rows_of_subject(EVERYBODY) == everything(ledger)
        ledger.compact(merge_segments=2, merge_rows_max=10**9)


def test_parts_of_a_batch_that_failed_get_their_numbers_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that is undone leaves neither parts nor a memory of their numbers."""
    record(ledger, [decision(1)])
    new = decision(2)
    batch = Batch(
        recorded_at=BEGIN, next_offsets={(DECIDED.name, 0): 2}, decisions=table_of([new], first_offset=1)
    )
    sql = "SELECT error('undone' || $topic || $partition || $next_offset)"
    with monkeypatch.context() as patch:
        patch.setattr(
            "disclosure_ledger.store.writing.query",
            lambda name: sql if name == "update_offset" else query(name),
        )
        with pytest.raises(duckdb.Error, match="undone"):
            ledger.record_batch(batch)
    ledger.record_batch(Batch(recorded_at=BEGIN, next_offsets={(DECIDED.name, 0): 1}))
    assert numbers(ledger)["content"] == 1
    record(ledger, [new])
    assert [event_of(row) for row in everything(ledger)] == [decision(1), new]


def test_a_sealed_file_without_one_of_its_parts_is_refused(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a part did not get into the file, the file is removed and nothing was moved."""
    record(ledger, [decision(number) for number in range(50)])
    text = query("fill_draft_part") + " LIMIT 1"
    monkeypatch.setattr(
        "disclosure_ledger.store.sealing.query",
        lambda name: text if name == "fill_draft_part" else query(name),
    )
    with pytest.raises(LedgerDamagedError, match="content"):
        ledger.seal()
    assert ledger.stats().hot_rows == 50
    assert len(everything(ledger)) == 50


def test_a_ledger_written_before_opens_with_every_row(old: Path) -> None:
    """A ledger of the first layout has the same decisions after it was brought up to date, and goes on."""
    with pytest.raises(LedgerVersionError, match="lack migration"):
        Ledger.open(old, read_only=True)
    with Ledger.open(old) as ledger:
        assert [event_of(row) for row in everything(ledger)] == written_before()
        with ledger.snapshot() as snapshot:
            assert snapshot.rows_of_subject(EVERYBODY) == everything(ledger)
            (counted,) = snapshot.fetch_sql("SELECT count(*) AS n FROM decision_row")
        assert counted == {"n": 81}
        assert [segment.layout for segment in ledger.stats().segments] == [1, 1, 1]
        result = record(ledger, [*month_events(2025, 12, 1000)[:2], *month_events(2026, 3, 4000)])
        assert (result.recorded, result.already_recorded) == (20, 2)
    with Ledger.open(old, read_only=True) as ledger:
        assert [event_of(row) for row in everything(ledger)] == [
            *written_before(),
            *month_events(2026, 3, 4000),
        ]


def test_files_written_before_are_merged_with_later_ones(old: Path) -> None:
    """Merging brings files of both layouts into one of the second, and changes no answer."""
    with Ledger.open(old) as ledger:
        ledger.seal()
        record(ledger, month_events(2025, 12, 5000))
        ledger.seal()
        before = everything(ledger)
        while ledger.compact(merge_segments=2, merge_rows_max=10**9):
            assert everything(ledger) == before
        segments = ledger.stats().segments
        assert next((s.period, s.row_count) for s in segments if s.layout == 2) == ("2025", 60)
    with Ledger.open(old) as ledger:
        assert everything(ledger) == before


def test_a_file_written_before_is_purged_in_part(old: Path) -> None:
    """A month goes from a file of the first layout as from any other, and the rest of the file stays."""
    with Ledger.open(old) as ledger:
        while ledger.compact(merge_segments=2, merge_rows_max=10**9):
            pass
        purged = ledger.purge(date(2025, 12, 1))
        assert [(entry.month, entry.row_count) for entry in purged] == [("2025-11", 20)]
        assert [event_of(row) for row in everything(ledger)] == written_before()[20:]
