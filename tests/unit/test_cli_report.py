"""`disclosures report`: from a ledger on disk to a file, and everything that is refused."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from check_jsonschema.cli import main as check_jsonschema  # type: ignore[import-untyped]
from click.testing import CliRunner

from answer_rows import PERSON, batch_of
from disclosure_ledger.entry import run
from disclosure_ledger.store.ledger import Ledger
from report_samples import some_rows

KEY = ["--key", str(PERSON)]
PERIOD = ["--from", "2026-09-01", "--to", "2026-10-31"]
STRANGER = str(uuid.UUID(int=0xD00D))


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a ledger of one person's rows; the working folder beside it is empty."""
    with Ledger.open(tmp_path / "ledger", create=True) as opened:
        opened.record_batch(batch_of(some_rows()))
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(tmp_path / "ledger"))
    monkeypatch.setenv("DISCLOSURE_LEDGER_RETENTION_MONTHS", "1200")
    monkeypatch.setenv("DISCLOSURE_SUBJECT_SECRET", "5e" * 32)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a report."""
    code = run(["report", *words])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@pytest.mark.parametrize("regime", ["us-ca", "us-or", "us-mn", "us-ct", "eu", "hipaa"])
def test_json_of_a_real_ledger_passes_the_printed_schema(
    ledger: Path, regime: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """check-jsonschema accepts the file against what --schema prints."""
    _, schema, _ = asked(capsys, "--schema")
    (ledger / "schema.json").write_text(schema)
    code, _, error = asked(capsys, *KEY, *PERIOD, "--regime", regime, "--format", "json", "--out", "a.json")
    assert (code, error) == (0, "")
    done = CliRunner().invoke(check_jsonschema, ["--schemafile", "schema.json", "a.json"])
    assert done.exit_code == 0, done.output
    assert json.loads((ledger / "a.json").read_text())["regime"] == regime


@pytest.mark.parametrize(
    ("form", "begin"), [("pdf", b"%PDF-"), ("html", b"<!DOCTYPE html>"), ("text", b"Your")]
)
def test_a_report_is_written_to_a_file(
    ledger: Path, form: str, begin: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each format begins as it should, and the command says where it is and when it is due."""
    code, out, _ = asked(capsys, *KEY, *PERIOD, "--regime", "us-ca", "--format", form, "--out", "answer")
    assert code == 0
    assert "Written to answer" in out
    assert (ledger / "answer").read_bytes().startswith(begin)


def test_csv_goes_to_a_new_folder(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One file a list."""
    assert asked(capsys, *KEY, *PERIOD, "--regime", "us-or", "--format", "csv", "--out", "lists")[0] == 0
    assert {path.name for path in (ledger / "lists").iterdir()} >= {"statements.csv", "third_parties.csv"}


def test_json_on_stdout_is_the_report(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--json prints the values, blocked attempts nowhere in them."""
    code, out, _ = asked(capsys, *KEY, *PERIOD, "--regime", "us-ca", "--names", "--json")
    answer: dict[str, Any] = json.loads(out)
    assert code == 0
    assert answer["schema"] == "disclosure-ledger/report/1"
    assert "copperkite" not in out
    assert answer["internal"] is None


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([*KEY], "--regime takes one of us-ca, us-or"),
        ([*KEY, "--regime", "us-xx"], "got 'us-xx'"),
        (["--regime", "us-ca"], "no person was named"),
        (["--key", STRANGER, "--regime", "us-ca"], "no record of any kind mentions this identifier"),
        ([*KEY, "--key", STRANGER, "--regime", "us-ca"], "a report is about one person alone"),
        ([*KEY, "--regime", "us-ca", "--from", "2990-01-01"], "has not come yet"),
        ([*KEY, "--regime", "us-ca", "--from", "yesterday"], "a day is written YYYY-MM-DD"),
        ([*KEY, "--regime", "us-ca", "--all", "--last", "3m"], "--all and a period exclude each other"),
        ([*KEY, "--regime", "us-ca", "--received", "2990-01-01T00:00Z"], "Correct --received"),
        ([*KEY, "--regime", "us-ca", "--received", "noon"], "--received takes a moment"),
        ([*KEY, "--regime", "us-or", "--shine-the-light"], "belongs to a report of us-ca"),
        ([*KEY, "--regime", "hipaa", "--suspend", "x=soon"], "--suspend takes ID=STATED..UNTIL"),
        ([*KEY, "--regime", "us-ca", "--internal"], "--internal is for JSON alone"),
        ([*KEY, "--regime", "us-ca", "--out", "no/such/file"], "the folder no/such does not exist"),
        ([*KEY, "--regime", "us-ca", "--out", "."], "exists already and is not overwritten"),
        ([*KEY, "--regime", "us-ca", "--format", "docx"], "docx"),
    ],
)  # fmt: skip
def test_bad_input_ends_with_one_sentence_and_no_file(
    ledger: Path, words: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, the reason on stderr, nothing on stdout, nothing written."""
    code, out, error = asked(capsys, *words, *([] if "--out" in words else ["--out", "target"]))
    assert code == 2, error
    assert text in " ".join(error.split())
    assert out == ""
    assert list(ledger.iterdir()) == []


def test_a_purged_period_is_refused(
    ledger: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A period of which nothing is kept has no report."""
    monkeypatch.setenv("DISCLOSURE_LEDGER_RETENTION_MONTHS", "1")
    code, _, error = asked(capsys, *KEY, "--regime", "us-ca", "--from", "2020-01-01", "--to", "2020-02-01")
    assert code == 2
    assert "no records of 2020-01-01 to 2020-02-01 are kept any more" in error


def test_a_stranger_can_be_told_that_nothing_is_known(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--no-match makes an answer of it; --same-person one of two accounts without a link."""
    code, out, _ = asked(capsys, "--key", STRANGER, "--regime", "us-ca", "--no-match")
    assert code == 0
    assert "We have no record of any kind that mentions you." in out
    both = [*KEY, "--key", STRANGER, *PERIOD, "--regime", "us-ca", "--same-person"]
    assert asked(capsys, *both)[0] == 0
