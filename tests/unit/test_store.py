"""The ledger folder: opening, locking, migrating, recording, repeats, statistics."""

import os
import signal
import subprocess
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from decision_samples import BEGIN, DISCLOSURES, decision, event_id, record, subject, table_of
from disclosure_ledger.store import migrations
from disclosure_ledger.store.batch import Batch
from disclosure_ledger.store.errors import (
    LedgerError,
    LedgerLockedError,
    LedgerMissingError,
    LedgerVersionError,
)
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.queries import all_queries, query, split_queries
from disclosure_ledger.store.rows import COLUMNS, event_of
from disclosure_schemas.topics import DECIDED, PREFERENCES


def test_a_missing_ledger_is_named_and_not_made(tmp_path: Path) -> None:
    """Opening a folder without a ledger says so and leaves no file behind."""
    with pytest.raises(LedgerMissingError, match=r"expected the file hot\.duckdb"):
        Ledger.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_second_process_is_told_that_the_recorder_has_the_ledger(tmp_path: Path) -> None:
    """While a ledger is open for writing, another process gets LedgerLockedError, for reading too."""
    program = (
        "import pathlib, sys; from disclosure_ledger.store.ledger import Ledger; "
        "Ledger.open(pathlib.Path(sys.argv[1]), read_only=sys.argv[2] == 'True')"
    )
    with Ledger.open(tmp_path, create=True):
        for read_only in (True, False):
            run = subprocess.run(
                [sys.executable, "-c", program, str(tmp_path), str(read_only)],
                capture_output=True,
                text=True,
                check=False,
            )
            assert "LedgerLockedError" in run.stderr
            assert "door" in run.stderr


def test_a_second_writer_in_the_same_process_is_refused(tmp_path: Path) -> None:
    """Two Ledger objects for one folder cannot both write, not even in one process."""
    with Ledger.open(tmp_path, create=True), pytest.raises(LedgerLockedError):
        Ledger.open(tmp_path)


def test_several_readers_share_a_ledger(tmp_path: Path) -> None:
    """Without a writer, any number of read-only openings work side by side."""
    with Ledger.open(tmp_path, create=True) as ledger:
        record(ledger, [decision(number) for number in range(3)])
        ledger.seal()
    with Ledger.open(tmp_path, read_only=True) as one, Ledger.open(tmp_path, read_only=True) as two:
        assert one.stats() == two.stats()
        assert one.stats().decisions == 3


def test_a_row_has_the_columns_of_the_table_in_order(tmp_path: Path) -> None:
    """DecisionRow, the table hot_decision and the view decision have the same columns in the same order."""
    with Ledger.open(tmp_path, create=True) as ledger, ledger.cursor() as cursor:
        for table in ("hot_decision", "decision"):
            cursor.execute(f"FROM {table} LIMIT 0")
            assert tuple(column[0] for column in cursor.description) == COLUMNS


def test_no_index_is_made(tmp_path: Path) -> None:
    """The ledger has no index and no primary key: an ART index makes the recorder four times slower."""
    with Ledger.open(tmp_path, create=True) as ledger, ledger.cursor() as cursor:
        assert cursor.execute("SELECT * FROM duckdb_indexes()").fetchall() == []
        kinds = "SELECT DISTINCT constraint_type FROM duckdb_constraints()"
        assert cursor.execute(kinds).fetchall() == [("NOT NULL",)]


def test_the_database_reaches_no_other_file(tmp_path: Path) -> None:
    """SQL can read no file outside the ledger folder and change no setting."""
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n", encoding="utf-8")
    with Ledger.open(tmp_path / "ledger", create=True) as ledger, ledger.cursor() as cursor:
        with pytest.raises(duckdb.PermissionException):
            cursor.execute(f"FROM read_csv('{outside}')")
        with pytest.raises(duckdb.InvalidInputException):
            cursor.execute("SET enable_external_access = true")


def test_migrations_are_applied_once_and_remembered(tmp_path: Path) -> None:
    """Every packaged migration is listed with its hash after the first opening, and once after the second."""
    packaged = {migration.version: migration.sha256 for migration in migrations.packaged_migrations()}
    for _ in range(2):
        with Ledger.open(tmp_path, create=True) as ledger:
            applied = ledger.fetch("applied_migrations")
            assert {row["version"]: row["sha256"] for row in applied} == packaged
            assert len(applied) == len(packaged)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("INSERT INTO schema_migration VALUES (9999, 'x', now()::TIMESTAMP)", "newer than this program"),
        ("UPDATE schema_migration SET sha256 = 'x' WHERE version = 1", "made by another text"),
    ],
)
def test_a_ledger_of_another_release_is_refused(tmp_path: Path, change: str, expected: str) -> None:
    """A ledger whose migrations this program does not know is not opened."""
    with Ledger.open(tmp_path, create=True) as ledger, ledger.cursor() as cursor:
        cursor.execute(change)
    for read_only in (True, False):
        with pytest.raises(LedgerVersionError, match=expected):
            Ledger.open(tmp_path, read_only=read_only)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration is applied whole or not at all, and is tried again at the next opening."""
    with Ledger.open(tmp_path, create=True):
        pass
    broken = migrations.Migration(9999, "CREATE TABLE half_made (a INTEGER); SELECT * FROM no_such_table;")
    with monkeypatch.context() as patch:
        every = (*migrations.packaged_migrations(), broken)
        patch.setattr(migrations, "packaged_migrations", lambda: every)
        with pytest.raises(duckdb.CatalogException):
            Ledger.open(tmp_path)
    with Ledger.open(tmp_path) as ledger, ledger.cursor() as cursor:
        assert cursor.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'half_made'").fetchall() == []


def test_every_query_has_a_name_of_its_own() -> None:
    """The packaged queries load, and asking for an unknown one names those there are."""
    assert "rows_of_subject" in all_queries()
    with pytest.raises(LedgerError, match="rows_of_subject"):
        query("no_such_query")


def test_queries_are_split_at_their_names() -> None:
    """A file is split into named statements without comments before the first and without semicolons."""
    text = "-- about\n-- name: one\nSELECT 1;\n\n-- name: two\n-- why\nSELECT 2\n"
    assert split_queries(text) == [("one", "SELECT 1"), ("two", "-- why\nSELECT 2")]


def test_rows_come_back_as_the_events_they_were(tmp_path: Path) -> None:
    """The rows of one person are that person's decisions, by time, each the same event as was recorded."""
    events = [decision(number) for number in range(200)]
    with Ledger.open(tmp_path, create=True) as ledger:
        record(ledger, events)
        rows = ledger.rows_of_subject([subject(3), subject(4), subject(3), uuid.UUID(int=1)])
    assert [event_of(row) for row in rows] == [
        event for event in events if event.request.subject_key in {subject(3), subject(4)}
    ]
    assert rows[0].items == ("identifiers.email", "commercial", "identifiers.phone")
    assert rows[0].pi_categories == ("identifiers", "commercial")


def test_a_repeat_is_told_from_different_content(tmp_path: Path) -> None:
    """The same request again is already_recorded; the same id with another field is different_content."""
    again = [decision(number, decided_at=BEGIN + timedelta(hours=5)) for number in range(5)]
    other = [
        decision(5, sequence=99),
        decision(6, disclosure=DISCLOSURES[0]),
        decision(7, transaction_id="t"),
    ]
    with Ledger.open(tmp_path, create=True) as ledger:
        record(ledger, [decision(number) for number in range(10)])
        result = record(ledger, [*again, decision(11), *other])
        assert (result.recorded, result.already_recorded, result.different_content) == (1, 5, 3)
        stats = ledger.stats()
        assert stats.decisions == 11
        assert stats.repeats == {"already_recorded": 5, "already_recorded_with_different_content": 3}
        with ledger.cursor() as cursor:
            kept = cursor.execute("SELECT event_id, decided_offset FROM repeat ORDER BY decided_offset")
            expected = [*range(5), 5, 6, 7]
            ids = [decision(number).request.event_id for number in expected]
            assert kept.fetchall() == list(zip(ids, [10, 11, 12, 13, 14, 16, 17, 18], strict=True))


def test_repeats_within_one_batch_are_found(tmp_path: Path) -> None:
    """Of one event id in one batch the first is recorded, the others are compared with it."""
    batch = [decision(1), decision(2), decision(1), decision(2, sequence=9), decision(1)]
    with Ledger.open(tmp_path, create=True) as ledger:
        result = record(ledger, batch)
        assert (result.recorded, result.already_recorded, result.different_content) == (2, 2, 1)
        assert [row.decided_offset for row in ledger.rows_of_subject([subject(1), subject(2)])] == [0, 1]


def test_an_old_repeat_is_found_in_a_sealed_segment(tmp_path: Path) -> None:
    """Ids that were sealed long ago are found again, also behind an id from a clock that runs ahead."""
    ahead = decision(900, at=BEGIN + timedelta(days=3))
    with Ledger.open(tmp_path, create=True) as ledger:
        record(ledger, [decision(number) for number in range(100)])
        record(ledger, [ahead])
        ledger.seal()
    with Ledger.open(tmp_path) as ledger:
        record(ledger, [decision(number) for number in range(100, 110)])
        result = record(ledger, [decision(50), ahead, decision(105), decision(200)])
        assert (result.recorded, result.already_recorded) == (1, 3)


def test_preferences_sent_twice_are_recorded_once(tmp_path: Path) -> None:
    """Preferences keep every arrival, with a status that lets an answer count each once."""
    from recorder_samples import batch_of, preference_value

    first, other = preference_value(1), preference_value(1, region="US-CA")
    with Ledger.open(tmp_path, create=True) as ledger:
        ledger.record_batch(batch_of(PREFERENCES, [first, preference_value(2), first]))
        ledger.record_batch(batch_of(PREFERENCES, [first, other], first_offset=3))
        with ledger.cursor() as cursor:
            rows = cursor.execute("SELECT status FROM preference ORDER BY topic_offset").fetchall()
        assert [row[0] for row in rows] == [
            "recorded",
            "recorded",
            "already_recorded",
            "already_recorded",
            "already_recorded_with_different_content",
        ]
        assert ledger.stats().preferences == 2


def test_a_batch_behind_the_recorded_position_is_refused(tmp_path: Path) -> None:
    """The same offsets cannot be recorded twice: the batch is refused and the ledger stays as it was."""
    batch = Batch(
        recorded_at=BEGIN,
        next_offsets={(DECIDED.name, 0): 3},
        decisions=table_of([decision(n) for n in range(3)]),
    )
    with Ledger.open(tmp_path, create=True) as ledger:
        ledger.record_batch(batch)
        before = ledger.stats()
        with pytest.raises(LedgerError, match="recorded all below 3"):
            ledger.record_batch(batch)
        assert ledger.stats() == before
    with Ledger.open(tmp_path) as ledger, pytest.raises(LedgerError, match="recorded all below 3"):
        ledger.record_batch(batch)


def test_rows_without_a_position_behind_them_are_refused(tmp_path: Path) -> None:
    """A batch whose positions do not cover its rows would record them twice, and is refused."""
    batch = Batch(
        recorded_at=BEGIN, next_offsets={(DECIDED.name, 0): 1}, decisions=table_of([decision(0), decision(1)])
    )
    with Ledger.open(tmp_path, create=True) as ledger:
        with pytest.raises(LedgerError, match="no position after it"):
            ledger.record_batch(batch)
        assert ledger.stats().decisions == 0


def test_positions_advance_without_rows(tmp_path: Path) -> None:
    """Offsets that hold no record move the position, and it is still there after reopening."""
    with Ledger.open(tmp_path, create=True) as ledger:
        ledger.record_batch(
            Batch(recorded_at=BEGIN, next_offsets={(DECIDED.name, 0): 5, (DECIDED.name, 3): 1})
        )
        ledger.record_batch(Batch(recorded_at=BEGIN, next_offsets={(DECIDED.name, 0): 7}))
    with Ledger.open(tmp_path, read_only=True) as ledger:
        assert ledger.next_offsets() == {(DECIDED.name, 0): 7, (DECIDED.name, 3): 1}


def test_a_batch_that_fails_leaves_neither_rows_nor_positions(tmp_path: Path) -> None:
    """Rows and positions are one transaction: when its last statement fails, nothing of it is there."""
    broken = Batch(
        recorded_at=BEGIN,
        next_offsets={(DECIDED.name, 0): 1, (PREFERENCES.name, 0): "no number"},  # type: ignore[dict-item]
        decisions=table_of([decision(0)]),
    )
    with Ledger.open(tmp_path, create=True) as ledger:
        with pytest.raises((duckdb.Error, TypeError)):
            ledger.record_batch(broken)
        assert ledger.stats().decisions == 0
        assert ledger.next_offsets() == {}
        assert record(ledger, [decision(0)]).recorded == 1


def test_a_snapshot_sees_one_moment(tmp_path: Path) -> None:
    """What is recorded and sealed after a snapshot's first read is not seen by it."""
    with Ledger.open(tmp_path, create=True) as ledger:
        record(ledger, [decision(number) for number in range(10)])
        with ledger.snapshot() as snapshot:
            assert snapshot.stats().decisions == 10
            record(ledger, [decision(number) for number in range(10, 30)])
            ledger.seal()
            assert snapshot.stats().decisions == 10
            assert len(snapshot.fetch_sql("SELECT event_id FROM decision")) == 10
        assert ledger.stats().sealed_rows == 30


def test_closing_leaves_no_log(tmp_path: Path) -> None:
    """After closing, everything is in hot.duckdb and there is no write-ahead log to replay."""
    with Ledger.open(tmp_path, create=True) as ledger:
        record(ledger, [decision(number) for number in range(10)])
        assert (tmp_path / "hot.duckdb.wal").exists()
    assert not (tmp_path / "hot.duckdb.wal").exists()


def test_a_killed_writer_leaves_a_ledger_that_can_be_read(tmp_path: Path) -> None:
    """After a SIGKILL with a log behind it, what was committed is there, for a read-only opening first."""
    program = (
        "import os, pathlib, signal, sys; from decision_samples import decision, record; "
        "from disclosure_ledger.store.ledger import Ledger; "
        "ledger = Ledger.open(pathlib.Path(sys.argv[1]), create=True); "
        "record(ledger, [decision(n) for n in range(20)]); ledger.seal(); "
        "record(ledger, [decision(n) for n in range(20, 30)]); os.kill(os.getpid(), signal.SIGKILL)"
    )
    tests = str(Path(__file__).parents[1])
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], env={**os.environ, "PYTHONPATH": tests}, check=False
    )
    assert run.returncode == -signal.SIGKILL
    assert (tmp_path / "hot.duckdb.wal").exists()
    for read_only in (True, False):
        with Ledger.open(tmp_path, read_only=read_only) as ledger:
            assert ledger.stats().decisions == 30
            assert ledger.next_offsets() == {(DECIDED.name, 0): 30}


def test_event_ids_of_the_samples_are_distinct() -> None:
    """The samples these tests stand on have distinct event ids."""
    assert len({event_id(number, BEGIN) for number in range(1000)}) == 1000
