"""Exports: what is in them, that they are one moment and whole, and what they refuse."""

import csv
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from pyarrow import ipc  # type: ignore[import-untyped]

from answer_rows import batch_of, report, row
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.cli.app import run_command_line
from disclosure_ledger.door.client import DoorClient
from disclosure_ledger.door.errors import DoorAnswerError
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.door.server import Door
from disclosure_ledger.exports import export as exporting
from disclosure_ledger.exports.audit_event import PROFILE, audit_event
from disclosure_ledger.exports.copying import SNAPSHOT, CopyQuestion
from disclosure_ledger.exports.errors import ExportError
from disclosure_ledger.exports.export import EXPORT, ExportFormat, ExportMade, ExportQuestion
from disclosure_ledger.exports.tables import write_tables
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.rows import COLUMNS, DecisionRow

NOW = datetime(2026, 12, 1, tzinfo=UTC)
FLAGGED = {"flags": ("hipaa_accounting",), "purpose": "public_health"}


def sample_rows() -> list[DecisionRow]:
    """Forty decisions from October to December; three in ten are flagged for the HIPAA accounting."""
    return [row(number * 50, **(FLAGGED if number % 10 < 3 else {})) for number in range(40)]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with sealed and hot rows."""
    rows = sample_rows()
    with Ledger.open(tmp_path / "ledger", create=True) as opened:
        opened.record_batch(batch_of(rows[:30]))
        opened.seal()
        opened.record_batch(batch_of(rows[30:]))
        yield opened


def export(ledger: Ledger, format_: str, out: Path, period: Period | None = None) -> ExportMade:
    """Export what the ledger has."""
    question = ExportQuestion(format=ExportFormat(format_), out=out, period=period)
    return LocalReader(ledger, clock=lambda: NOW).ask(EXPORT, question)


def test_parquet_has_every_row_and_column_by_month(ledger: Ledger, tmp_path: Path) -> None:
    """A hive-partitioned export read back by DuckDB has the rows of the ledger, with keys as text."""
    made = export(ledger, "parquet", tmp_path / "out")
    assert [file.path for file in made.files] == [
        f"year=2026/month={month}/decisions.parquet" for month in (10, 11, 12)
    ]
    with duckdb.connect() as connection:
        pattern = f"{tmp_path}/out/*/*/*.parquet"
        found = connection.read_parquet(pattern, hive_partitioning=True).order("event_id").to_arrow_table()
    names = found.column_names
    rows = found.to_pylist()
    assert names == [*COLUMNS, "month", "year"]
    assert [value["event_id"] for value in rows] == [str(entry.event_id) for entry in sample_rows()]
    first = rows[0]
    assert (first["items"], first["flags"], first["disclosure"]) == (
        ["identifiers.email"],
        ["hipaa_accounting"],
        sample_rows()[0].disclosure,
    )
    assert first["decided_at"] == sample_rows()[0].decided_at


def test_arrow_and_csv_have_the_same_rows(ledger: Ledger, tmp_path: Path) -> None:
    """All table formats hold the same ids, month by month."""
    made = {name: export(ledger, name, tmp_path / name) for name in ("arrow", "csv")}
    for number, file in enumerate(made["arrow"].files):
        with ipc.open_file(tmp_path / "arrow" / file.path) as reader:
            ids = reader.read_all()["event_id"].to_pylist()
        with (tmp_path / "csv" / made["csv"].files[number].path).open(newline="") as stream:
            lines = list(csv.DictReader(stream))
        assert sorted(line["event_id"] for line in lines) == sorted(ids)
        assert json.loads(lines[0]["items"]) == ["identifiers.email"]
        assert len(ids) == file.rows == made["csv"].files[number].rows


def test_the_manifest_tells_files_hashes_and_the_moment(ledger: Ledger, tmp_path: Path) -> None:
    """manifest.json is the answer itself; hashes and sizes are those of the files."""
    made = export(ledger, "parquet", tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert ExportMade.model_validate(manifest) == made
    assert (made.rows, made.as_of) == (40, NOW)
    assert made.next_offsets == {"disclosures.decided": {0: 1951}}
    for file in made.files:
        content = (tmp_path / "out" / file.path).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.sha256, file.bytes)


def test_a_period_cuts_by_days_in_california(ledger: Ledger, tmp_path: Path) -> None:
    """Only decisions of the period are exported, and a period before the retention is said to have a gap."""
    period = Period(first_day=date(2026, 11, 1), last_day=date(2026, 11, 30))
    made = export(ledger, "parquet", tmp_path / "out", period)
    assert made.rows == sum(period.contains(entry.decided_at) for entry in sample_rows())
    assert made.not_covered is None
    longer = Period(first_day=date(2020, 1, 1), last_day=date(2026, 11, 30))
    gap = export(ledger, "csv", tmp_path / "gap", longer).not_covered
    assert gap is not None
    assert (gap.first_day, gap.last_day) == (date(2020, 1, 1), date(2024, 11, 29))


def test_an_empty_period_is_an_export_without_files(ledger: Ledger, tmp_path: Path) -> None:
    """Nothing to export is an answer, with a manifest."""
    period = Period(first_day=date(2026, 1, 1), last_day=date(2026, 1, 2))
    for format_ in ExportFormat:
        made = export(ledger, format_.value, tmp_path / format_.value, period)
        assert (made.rows, made.files) == (0, ())
        assert [file.name for file in (tmp_path / format_.value).iterdir()] == ["manifest.json"]


def test_a_folder_that_holds_something_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    """A target with a file in it, or that is a file, is named and left as it was; an empty one is taken."""
    full, file, empty = tmp_path / "full", tmp_path / "file", tmp_path / "empty"
    full.mkdir()
    (full / "mine.txt").write_text("mine")
    file.write_text("mine")
    empty.mkdir()
    for target in (full, file):
        with pytest.raises(ExportError, match="is there and not an empty folder"):
            export(ledger, "csv", target)
    with pytest.raises(ExportError, match="cannot be made"):
        export(ledger, "csv", file / "below")
    assert [entry.name for entry in full.iterdir()] == ["mine.txt"]
    assert export(ledger, "csv", empty).rows == 40


def test_an_export_that_fails_leaves_nothing(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error half-way removes what was written."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "write_manifest", fail)
    folder = tmp_path / "exports"
    with pytest.raises(ExportError, match="No space left on device"):
        export(ledger, "parquet", folder / "out")
    assert list(folder.iterdir()) == []


def test_an_export_is_of_one_moment_whatever_is_recorded_meanwhile(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows recorded and sealed after it began are not in it."""

    def record_first(*arguments: Any) -> Any:
        ledger.record_batch(batch_of([row(number * 50) for number in range(40, 50)]))
        ledger.seal()
        return write_tables(*arguments)

    monkeypatch.setattr(exporting, "write_tables", record_first)
    made = export(ledger, "parquet", tmp_path / "out")
    assert made.rows == 40
    assert made.next_offsets == {"disclosures.decided": {0: 1951}}


def events(folder: Path) -> list[dict[str, Any]]:
    """Resources of a FHIR export."""
    return [
        json.loads(line)
        for file in sorted(folder.glob("AuditEvent-*.ndjson"))
        for line in file.read_text().splitlines()
    ]


def test_fhir_has_an_audit_event_for_each_accounting_entry(ledger: Ledger, tmp_path: Path) -> None:
    """Flagged disclosures become resources that FHIR's rules accept; others do not appear."""
    made = export(ledger, "fhir", tmp_path / "out")
    found = events(tmp_path / "out")
    flagged = [entry for entry in sample_rows() if entry.flags]
    assert [event["id"] for event in found] == [str(entry.event_id) for entry in flagged]
    assert made.rows == len(flagged)
    for event in found:
        AuditEvent.model_validate(event)


def test_an_audit_event_has_what_the_profile_wants() -> None:
    """Every element that IHE BALP 1.1.4 "Privacy Disclosure at Source" demands is there, as fixed there."""
    entry = row(1, **FLAGGED)
    event = audit_event(entry, ["identifiers.email"])
    assert event["meta"]["profile"] == [PROFILE]
    assert event["type"] == {
        "system": "http://dicom.nema.org/resources/ontology/DCM",
        "code": "110106",
        "display": "Export",
    }
    assert ("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose") in {
        (coding["system"], coding["code"]) for coding in event["subtype"]
    }
    assert (event["action"], event["outcome"]) == ("R", "0")
    agents = {agent["type"]["coding"][0]["code"]: agent for agent in event["agent"]}
    assert agents.keys() == {"110153", "110152"}
    assert all(agent["who"] and agent["network"]["address"] for agent in agents.values())
    assert agents["110153"]["who"] == event["source"]["observer"]
    assert agents["110152"]["who"]["display"] == "Harborlight Data Exchange"
    patient, data = event["entity"]
    assert (patient["type"]["code"], patient["role"]["code"]) == ("1", "1")
    assert patient["what"]["type"] == "Patient"
    assert patient["what"]["identifier"]["value"] == str(entry.subject_key)
    assert data["detail"] == [{"type": "item", "valueString": "identifiers.email"}]
    assert event["purposeOfEvent"][0]["coding"][0]["code"] == "PUBHLTH"
    assert event["period"]["start"] == "2026-10-01T17:00:01.000Z"


def test_retracted_and_stopped_disclosures_are_no_accounting_entries(tmp_path: Path) -> None:
    """What was suppressed is not in the accounting, and neither is what was retracted or corrected away."""
    reported = report(1, **FLAGGED)
    rows = [
        reported,
        report(2, **FLAGGED, retracts_event_id=reported.event_id, outcome="retracted"),
        row(3, **FLAGGED, outcome="suppress", reason="opted_out_of_sale"),
        report(4, **FLAGGED),
    ]
    with Ledger.open(tmp_path / "ledger", create=True) as ledger:
        ledger.record_batch(batch_of(rows))
        export(ledger, "fhir", tmp_path / "out")
    assert [event["id"] for event in events(tmp_path / "out")] == [str(rows[3].event_id)]


def test_export_and_copy_through_the_door_while_the_recorder_records(ledger: Ledger, tmp_path: Path) -> None:
    """The recorder's process makes them; its refusals reach the caller in words."""
    with Door(ledger.path, LocalReader(ledger, clock=lambda: NOW)) as door:
        client = DoorClient(door.path)
        made = client.ask(EXPORT, ExportQuestion(format=ExportFormat.CSV, out=tmp_path / "out"))
        copied = client.ask(SNAPSHOT, CopyQuestion(out=tmp_path / "copy"))
        with pytest.raises(DoorAnswerError, match="is there and not an empty folder"):
            client.ask(SNAPSHOT, CopyQuestion(out=tmp_path / "copy"))
    assert (made.rows, copied.decisions, copied.segments) == (40, 40, 3)


def test_a_copy_is_a_ledger_of_one_moment(ledger: Ledger, tmp_path: Path) -> None:
    """A copy answers like the ledger did, stands still while that goes on, and outlives its files."""
    keys = {entry.subject_key for entry in sample_rows()}
    before = ledger.rows_of_subject(keys)
    LocalReader(ledger, clock=lambda: NOW).ask(SNAPSHOT, CopyQuestion(out=tmp_path / "copy"))
    ledger.record_batch(batch_of([row(number * 50) for number in range(40, 50)]))
    ledger.seal()
    ledger.purge(date(2027, 6, 1))
    assert ledger.rows_of_subject(keys) == []
    copy = tmp_path / "copy"
    with Ledger.open(copy, read_only=True) as one, Ledger.open(copy, read_only=True) as two:
        assert one.rows_of_subject(keys) == two.rows_of_subject(keys) == before
        assert one.next_offsets() == {("disclosures.decided", 0): 1951}


def test_copies_are_whole_while_batches_are_recorded_and_sealed(ledger: Ledger, tmp_path: Path) -> None:
    """Each copy has rows and positions of the same batch, whatever stage the recorder is at."""
    reader = LocalReader(ledger, clock=lambda: NOW)
    for number in range(6):
        ledger.record_batch(batch_of([row((40 + number) * 50)]))
        if number == 3:
            ledger.seal()
        made = reader.ask(SNAPSHOT, CopyQuestion(out=tmp_path / str(number)))
        assert made.decisions == 41 + number
        assert made.next_offsets == {"disclosures.decided": {0: (40 + number) * 50 + 1}}


def test_commands(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`export` and `snapshot` on a closed ledger: text, JSON, and exit code 2 for what they refuse."""
    ledger.close()
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(ledger.path))
    monkeypatch.chdir(tmp_path)

    def told(*words: str) -> tuple[int, str, str]:
        code = run_command_line(words)
        return (code, *capsys.readouterr())

    assert told("export", "--out", "out")[:2] == (0, "40 decisions in 3 files: out\n")
    assert json.loads(told("export", "--format", "fhir", "--out", "fhir", "--json")[1])["rows"] == 12
    assert told("snapshot", "--out", "copy")[:2] == (0, "40 decisions, 3 sealed files: copy\n")
    code, _, error = told("export", "--out", "out")
    assert code == 2
    assert "is there and not an empty folder" in error
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    assert told("export", "--out", "later", "--from", str(tomorrow))[0] == 2
    assert not (tmp_path / "later").exists()
