"""`disclosures bulk`: what it sends, prints, writes, and how it ends; with the SDK's double for a broker."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bulk_samples import NOW, decided, person, record, sent
from disclosure_ledger.entry import run
from disclosure_ledger.store.ledger import Ledger
from disclosure_producers.testing import RecordingBulkProducer
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.vocabulary import Outcome, SubjectType
from disclosure_schemas.subject_keys import IdentifierType, subject_key

SECRET = "5e" * 32
SALE = ("--to", "harborlight", "--kind", "sale", "--item", "identifiers.email_hash")
EMAILS = ["a@example.com", "b@example.com", "c@example.com"]
NOBODY = "019d63c1-3672-7b86-b273-ff34fce19d6b"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file of three people and no ledger."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCLOSURE_SUBJECT_SECRET", SECRET)
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(tmp_path / "ledger"))
    (tmp_path / "people.csv").write_text("email\n" + "\n".join(EMAILS) + "\n")
    return tmp_path


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> list[RecordingBulkProducer]:
    """The producers that commands made."""
    made: list[RecordingBulkProducer] = []

    def make(emitter: str, **_: object) -> RecordingBulkProducer:
        made.append(RecordingBulkProducer(emitter))
        return made[-1]

    monkeypatch.setattr("disclosure_producers.bulk.BulkProducer", make)
    return made


def ledger_with(
    folder: Path, rows: int, outcome_of: Callable[[int], Outcome | None], **options: Any
) -> tuple[str, list[DisclosureRequested]]:
    """Record a bulk whose rows were decided so; its id and its requests."""
    announced, requests = sent(rows)
    outcomes = [(request, outcome_of(request.sequence)) for request in requests]
    decisions = [decided(request, outcome, **options) for request, outcome in outcomes if outcome is not None]
    with Ledger.open(folder / "ledger", create=True) as ledger:
        record(ledger, announced=[announced], decisions=decisions)
    return str(announced.bulk_id), requests


# send


def test_a_file_is_announced_and_sent_row_by_row(
    sdk: list[RecordingBulkProducer], capsys: pytest.CaptureFixture[str]
) -> None:
    """Everybody in the file is asked for; the id to go on with is said before the first row goes."""
    assert run(["bulk", "send", "people.csv", *SALE, "--json"]) == 0

    (producer,) = sdk
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    keys = [subject_key(bytes.fromhex(SECRET), IdentifierType.EMAIL, email) for email in EMAILS]
    assert [event.subject_key for event in producer.events] == keys
    assert (document["rows"], document["delivered"], document["rejected"]) == (3, 3, 0)
    assert captured.err.startswith(
        f"bulk {document['bulk_id']}: 3 people. If this stops, run it again with --resume"
    )


def test_lines_that_name_nobody_are_listed_and_nothing_is_sent(
    folder: Path, sdk: list[RecordingBulkProducer], capsys: pytest.CaptureFixture[str]
) -> None:
    """A bad line is in the file of rejects and stops the file; the others go only where that is asked for."""
    (folder / "people.csv").write_text("email\na@example.com\nno address\nb@example.com\n")

    assert run(["bulk", "send", "people.csv", *SALE]) == 2
    assert (sdk[0].announcements, sdk[0].events) == ([], [])
    assert "1 records name nobody" in capsys.readouterr().err
    rejects = (folder / "people.csv.rejects.csv").read_text()
    assert rejects.splitlines()[1].startswith("3,")
    assert "no address" not in rejects

    assert run(["bulk", "send", "people.csv", *SALE, "--skip-rejects"]) == 0
    assert len(sdk[1].events) == 2
    assert "name nobody, left out: 1" in capsys.readouterr().err


def test_people_named_twice_are_listed_by_line_and_nothing_is_sent(
    folder: Path, sdk: list[RecordingBulkProducer], capsys: pytest.CaptureFixture[str]
) -> None:
    """However an address is written, its later lines are in the file of rejects, each with the first."""
    (folder / "people.csv").write_text(
        "email\na@example.com\nb@example.com\n A@Example.com\n\na@example.com\n"
    )

    assert run(["bulk", "send", "people.csv", *SALE, "--skip-rejects"]) == 2
    assert (sdk[0].announcements, sdk[0].events) == ([], [])
    assert "named more than once" in capsys.readouterr().err
    assert (folder / "people.csv.rejects.csv").read_text().splitlines() == [
        "line,problem",
        "4,names the person of line 2 again",
        "6,names the person of line 2 again",
    ]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("empty.csv", b"", "the CSV file is empty"),
        ("header.csv", b"email\n", "a bulk has 1 to"),
        ("bare.csv", b"a@example.com\nb@example.com\n", "if it begins with the names of its columns"),
        ("numbers.csv", b"+15550100200,+15550100201\n", "if it begins with the names of its columns"),
        ("wrong.csv", b"name,city\nann,berlin\n", "which column names the people?"),
        ("twice.csv", b"email,email\na@example.com,b@example.com\n", "which column names the people?"),
        ("nobody.csv", b"email\nann\nberta\n", "not one of 2 records names anybody"),
        ("binary.csv", bytes(range(256)) * 40, "disclosures: "),
        ("binary.ndjson", bytes(range(256)) * 40, "the first line is no JSON object"),
        ("binary.parquet", bytes(range(256)) * 40, "no Parquet file"),
        ("unknown.xlsx", b"PK", "does not say what it is"),
        ("cut.parquet", b"PAR1" + bytes(200) + b"PAR1", "no Parquet file"),
    ],
)
def test_a_file_that_is_no_list_of_people_sends_nothing(  # noqa: PLR0917 - pytest passes names
    folder: Path,
    sdk: list[RecordingBulkProducer],
    name: str,
    content: bytes,
    expected: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each is one sentence and exit code 2, and what it holds is not repeated."""
    (folder / name).write_bytes(content)

    assert run(["bulk", "send", name, *SALE]) == 2
    shown = capsys.readouterr().err
    assert expected in shown
    assert not {"a@example.com", "+15550100200", "ann"} & set(shown.replace(",", " ").split())
    assert [producer.announcements for producer in sdk if producer.announcements] == []


def test_a_stream_is_refused(
    folder: Path, sdk: list[RecordingBulkProducer], capsys: pytest.CaptureFixture[str]
) -> None:
    """What can be read once only is named as such."""
    read, write = os.pipe()
    os.write(write, b"email\na@example.com\n")
    os.close(write)

    assert run(["bulk", "send", f"/dev/fd/{read}", "--format", "csv", "--rejects", "r.csv", *SALE]) == 2
    os.close(read)
    assert "is a stream" in capsys.readouterr().err
    assert sdk == []


def test_a_device_column_says_what_its_keys_stand_for(folder: Path, sdk: list[RecordingBulkProducer]) -> None:
    """Keys of devices are sent as devices."""
    (folder / "devices.ndjson").write_text('{"device_id": "abc"}\n')

    assert run(["bulk", "send", "devices.ndjson", *SALE]) == 0
    assert sdk[0].events[0].disclosure.subject_type is SubjectType.DEVICE


def test_a_stopped_bulk_goes_on_with_its_id_and_no_other_file(
    folder: Path, sdk: list[RecordingBulkProducer], capsys: pytest.CaptureFixture[str]
) -> None:
    """With --resume the same events go again; another file is refused and nothing of it is sent."""
    assert run(["bulk", "send", "people.csv", *SALE]) == 0
    bulk_id = str(sdk[0].announcements[0].bulk_id)
    assert run(["bulk", "send", "people.csv", *SALE, "--resume", bulk_id]) == 0
    assert sdk[0].events == sdk[1].events

    (folder / "people.csv").write_text("email\n" + "\n".join(EMAILS[::-1]) + "\n")
    capsys.readouterr()
    assert run(["bulk", "send", "people.csv", *SALE, "--resume", bulk_id]) == 2
    assert "was of other keys" in capsys.readouterr().err
    assert sdk[2].events == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["people.csv", "--to", "x", "--kind", "sale", "--item", ".email"], "nothing left out"),
        (["nothing.csv", *SALE], "cannot be read"),
        ([".", *SALE], "does not say what it is"),
        (["people.csv", *SALE, "--column", "phone"], "no column 'phone'"),
        (["people.csv", *SALE, "--as", "name"], "--as takes one of"),
        (["people.csv", *SALE, "--rejects", "people.csv"], "would take the place of"),
        (["people.csv", *SALE, "--resume", "x"], "--resume"),
    ],
)
def test_bad_input_sends_nothing(
    sdk: list[RecordingBulkProducer], words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each mistake is one sentence and exit code 2."""
    assert run(["bulk", "send", *words]) == 2
    assert expected in capsys.readouterr().err
    assert [producer.announcements for producer in sdk if producer.announcements] == []


# status, permitted, list


def test_status_says_how_far_a_bulk_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Announced, decided, waiting; the outcomes in words; which rows are lacking."""
    outcomes = {0: Outcome.PERMIT, 1: Outcome.SUPPRESS, 2: Outcome.PERMIT}
    bulk_id, _ = ledger_with(folder, 5, outcomes.get)

    assert run(["bulk", "status", bulk_id]) == 0
    shown = capsys.readouterr().out
    assert "announced 5, decided 3, dead-lettered 0, waiting 2" in shown
    assert "may go now: 2, until" in shown
    assert "rows without a decision, by number from 0: 3-4" in shown
    assert run(["bulk", "status", bulk_id, "--wait", "0.01"]) == 3
    assert "2 rows have no decision" in capsys.readouterr().err


def test_the_keys_that_may_go_are_written_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only permitted rows, in their order, and the moment until which the list holds."""
    bulk_id, _ = ledger_with(folder, 4, lambda n: Outcome.SUPPRESS if n == 2 else Outcome.PERMIT)

    assert run(["bulk", "permitted", bulk_id, "--out", "keys.csv", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["permitted"], document["valid_until"]) == (3, (NOW + timedelta(hours=1)).isoformat())
    assert (folder / "keys.csv").read_text().splitlines()[1:] == [str(person(n)) for n in (0, 1, 3)]


def test_the_records_of_the_file_that_may_go_are_written_as_they_stand(folder: Path) -> None:
    """Given the file again, its own lines are written; another file is refused, and no list appears."""
    bulk_id, _ = ledger_with(folder, 3, lambda n: Outcome.PERMIT if n else Outcome.SUPPRESS)
    lines = [f"{person(number)},{number}" for number in range(3)]
    (folder / "mine.csv").write_text("key,n\n" + "\n".join(lines) + "\n")
    (folder / "other.csv").write_text("key,n\n" + "\n".join(lines[::-1]) + "\n")
    out = ["--out", "may-go.csv"]

    assert run(["bulk", "permitted", bulk_id, *out, "--input", "other.csv"]) == 2
    assert sorted(path.name for path in folder.glob("*may-go*")) == []
    assert run(["bulk", "permitted", bulk_id, *out, "--input", "mine.csv"]) == 0
    assert (folder / "may-go.csv").read_text().splitlines() == ["key,n", *lines[1:]]


def test_no_list_is_written_while_rows_are_waited_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A list that is not whole is exit code 1 and no file, unless it is asked for as it is."""
    bulk_id, _ = ledger_with(folder, 3, {0: Outcome.PERMIT}.get)

    assert run(["bulk", "permitted", bulk_id, "--out", "keys.csv"]) == 1
    assert "2 of 3 rows have no decision yet" in capsys.readouterr().err
    assert not (folder / "keys.csv").exists()
    assert run(["bulk", "permitted", bulk_id, "--out", "keys.csv", "--incomplete"]) == 0


def test_permits_that_have_run_out_are_left_out_and_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A permit expires (G6): who must be asked for anew is counted, with exit code 1."""
    bulk_id, _ = ledger_with(folder, 2, lambda _: Outcome.PERMIT, valid_until=NOW - timedelta(seconds=5))

    assert run(["bulk", "permitted", bulk_id, "--out", "keys.csv"]) == 1
    assert "2 rows were permitted and are left out" in capsys.readouterr().err
    assert (folder / "keys.csv").read_text() == "subject_key\n"


def test_every_bulk_is_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With how far each is; without any, that is said."""
    Ledger.open(folder / "ledger", create=True).close()
    assert run(["bulk", "list"]) == 0
    assert capsys.readouterr().out == "no bulk was announced\n"
    bulk_id, _ = ledger_with(folder, 2, {0: Outcome.PERMIT}.get)
    assert run(["bulk", "list", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert (entry["announced"]["bulk_id"], entry["waiting"], entry["is_complete"]) == (bulk_id, 1, False)
    assert run(["bulk", "list"]) == 0
    assert "harborlight" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["status", NOBODY], ["permitted", NOBODY, "--out", "keys.csv"]])
def test_an_unknown_bulk_is_bad_input(
    words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said what is known instead, and nothing is written."""
    Ledger.open(folder / "ledger", create=True).close()

    assert run(["bulk", *words]) == 2
    assert f"no bulk {NOBODY} was announced" in capsys.readouterr().err
    assert not (folder / "keys.csv").exists()


def test_the_list_never_takes_the_place_of_the_file_it_is_made_from(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """--out and --input must differ."""
    assert run(["bulk", "permitted", NOBODY, "--out", "people.csv", "--input", "people.csv"]) == 2
    assert "would take the place of" in capsys.readouterr().err
