"""`disclosures matrix` and `disclosures policy-tables`: what they print, write, and how they end."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from answer_rows import batch_of, report, row
from disclosure_consumers.registry_files import example_registry
from disclosure_ledger.entry import run
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.events.vocabulary import Outcome

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger with one disclosure that the example notice declares and one that it does not."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(tmp_path / "ledger"))
    monkeypatch.setenv("DISCLOSURE_GATE_REGISTRY", str(example_registry()))
    at = NOW - timedelta(days=2)
    undeclared = {"outcome": Outcome.VIOLATION.value, "recipient_category": "data_brokers"}
    with Ledger.open(tmp_path / "ledger", create=True) as ledger:
        ledger.record_batch(
            batch_of([row(1, occurred_at=at), report(2, occurred_at=at, recipient_id="vault", **undeclared)])
        )
    return tmp_path


def test_the_matrix_names_what_was_seen_and_not_declared(capsys: pytest.CaptureFixture[str]) -> None:
    """For a person: one sentence, then the cells by status, then recipients without a contract."""
    assert run(["matrix"]) == 0

    shown = capsys.readouterr().out
    assert "1 of 2 disclosures" in shown
    assert (
        shown.index("Seen and not declared") < shown.index("data brokers") < shown.index("Declared and seen")
    )
    assert "Recipients without a valid contract" in shown


def test_the_check_fails_where_anything_is_undeclared(capsys: pytest.CaptureFixture[str]) -> None:
    """With --check what is seen and undeclared is exit code 1; a period without any is 0."""
    assert run(["matrix", "--check", "--json"]) == 1
    assert "1 of 2 disclosures" in capsys.readouterr().err
    assert run(["matrix", "--check", "--from", "2024-01-01", "--to", "2024-12-31"]) == 0


def test_the_matrix_as_json_and_csv_has_every_cell(capsys: pytest.CaptureFixture[str]) -> None:
    """Both forms have the same cells."""
    assert run(["matrix", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert run(["matrix", "--csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))

    cells = [cell for stretch in document["stretches"] for cell in stretch["cells"]]
    assert document["schema"] == "disclosure-ledger/matrix/1"
    assert [(cell["pi_category"], cell["status"], str(cell["count"])) for cell in cells] == [
        (line["pi_category"], line["status"], line["count"]) for line in rows
    ]
    assert {"declared_and_seen", "declared_and_unseen", "seen_and_undeclared"} <= {
        cell["status"] for cell in cells
    }


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["matrix", "--csv", "--json"], "exclude each other"),
        (["matrix", "--last", "soon"], "a period is a number"),
        (["policy-tables", "--json", "--format", "html"], "exclude each other"),
        (["policy-tables", "--from", "2999-01-01"], "has not come yet"),
        (["policy-tables", "--out", "no/such/folder/tables.md"], "cannot be written"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What goes wrong is said, and nothing is printed."""
    assert run(words) == 2

    captured = capsys.readouterr()
    assert expected in captured.err
    assert captured.out == ""


def test_a_registry_that_does_not_load_is_bad_input(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a notice to hold against there is no matrix."""
    monkeypatch.setenv("DISCLOSURE_GATE_REGISTRY", str(folder / "elsewhere"))

    assert run(["matrix"]) == 2
    assert "is no registry" in capsys.readouterr().err


@pytest.mark.parametrize(("form", "start"), [("html", "<!DOCTYPE html>"), ("csv", "table,"), ("json", "{\n")])
def test_policy_tables_are_written_whole(
    form: str, start: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each format goes to the file that is named; what is to be settled goes to stderr."""
    assert run(["policy-tables", "--format", form, "--out", "tables"]) == 0

    assert (folder / "tables").read_text().startswith(start)
    assert "One disclosure is not declared" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["ledger", "tables"]


def test_policy_tables_are_markdown_where_nothing_else_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """Printed, so that they can be looked at first."""
    assert run(["policy-tables"]) == 0

    assert capsys.readouterr().out.startswith("# Personal information we collect and disclose\n")
