"""Files of people: formats, columns, lines that name nobody, and records given back as they stood."""

import io
import json
import uuid
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from disclosure_ledger.bulk.errors import BulkFileError
from disclosure_ledger.bulk.people import Column, Person, Reject, column_of, people
from disclosure_ledger.bulk.records import Format, Record, opened
from disclosure_ledger.bulk.rejects import RejectsFile
from disclosure_schemas.subject_keys import IdentifierType, subject_key

SECRET = bytes(range(32))
EMAILS = ["a@example.com", "B@Example.com", "c@example.com"]


def keys_of(emails: Sequence[str]) -> list[uuid.UUID]:
    """Keys as the SDK makes them."""
    return [subject_key(SECRET, IdentifierType.EMAIL, email) for email in emails]


def read(
    path: Path, column: str | None = None, type_: str | None = None
) -> tuple[list[Person], list[Reject]]:
    """Who is in a file, and which lines name nobody."""
    rejected: list[Reject] = []
    with opened(path) as source:
        found = list(people(source, column_of(source, column, type_), SECRET, rejected.append))
    return found, rejected


def given_back(path: Path, wanted: Sequence[int]) -> bytes:
    """The records of some of the people as the file has them."""
    out = io.BytesIO()
    with opened(path) as source:
        found = people(source, column_of(source, None, None), SECRET, lambda _: None)
        source.write(out, (person.record for number, person in enumerate(found) if number in wanted))
    return out.getvalue()


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    """A Parquet file of the three, and one row without an address."""
    path = tmp_path / "people.parquet"
    table = pa.table({"n": [0, 1, 2, 3], "email": [EMAILS[0], None, *EMAILS[1:]]})
    pq.write_table(table, path, row_group_size=2)
    return path


def test_csv_is_read_and_its_records_given_back_byte_by_byte(tmp_path: Path) -> None:
    """Quoted line breaks, a byte order mark, CRLF and a last line without an end change nothing."""
    path = tmp_path / "people.csv"
    lines = [
        b"\xef\xbb\xbfname,email\r\n",
        b'"Ann\r\nB.",a@example.com\r\n',
        b"\r\n",
        b"x, B@Example.com\r\n",
    ]
    path.write_bytes(b"".join(lines) + b"y,c@example.com")
    found, rejected = read(path)

    assert [person.key for person in found] == keys_of(EMAILS)
    assert [person.record.line for person in found] == [3, 5, 6]
    assert rejected == []
    assert given_back(path, [0, 2]) == lines[0] + lines[1] + b"y,c@example.com\n"
    assert given_back(path, []) == lines[0]


def test_ndjson_is_read_and_its_lines_given_back(tmp_path: Path) -> None:
    """One object a line, empty lines aside; a number is taken as it is written."""
    path = tmp_path / "people.jsonl"
    lines = [json.dumps({"account": value, "x": 1}) for value in ("k1", 42)]
    path.write_text(f"{lines[0]}\n\n{lines[1]}\nno json\n")
    found, rejected = read(path)

    assert [person.key for person in found] == [
        subject_key(SECRET, IdentifierType.ACCOUNT, text) for text in ("k1", "42")
    ]
    assert rejected == [Reject(4, "expected a JSON object")]
    assert given_back(path, [1]) == f"{lines[1]}\n".encode()


def test_parquet_is_read_in_batches_and_its_rows_given_back(parquet: Path) -> None:
    """Rows count from 1; chosen rows keep all their columns."""
    found, rejected = read(parquet)

    assert [person.key for person in found] == keys_of(EMAILS)
    assert rejected == [Reject(2, "the column 'email' is empty")]
    back = pq.read_table(io.BytesIO(given_back(parquet, [0, 2])))
    assert back.to_pydict() == {"n": [0, 3], "email": [EMAILS[0], EMAILS[2]]}


def test_lines_that_name_nobody_are_rejected_without_what_they_hold(tmp_path: Path) -> None:
    """Every bad line is named with its problem, nothing good is lost, and no identifier is repeated."""
    path = tmp_path / "people.csv"
    path.write_bytes(
        b'email\na@example.com\nsecret person\n" "\nb@x.de,too many\n\xff\xfe@example.com\nc@example.com\n'
    )
    found, rejected = read(path)

    assert [person.record.line for person in found] == [2, 7]
    assert [(reject.line, reject.problem.partition(",")[0]) for reject in rejected] == [
        (3, "an e-mail address was expected"),
        (4, "the column 'email' is empty"),
        (5, "expected 1 fields"),
        (6, "the text is no UTF-8"),
    ]
    assert not any("secret" in reject.problem or "x.de" in reject.problem for reject in rejected)


def test_keys_need_no_secret(tmp_path: Path) -> None:
    """A column of subject keys is taken as it is; what is no key is rejected."""
    path = tmp_path / "people.csv"
    keys = keys_of(EMAILS)
    path.write_text("subject_key\n" + "\n".join(map(str, keys)) + "\nno key\n")
    rejected: list[Reject] = []
    with opened(path) as source:
        found = list(people(source, Column("subject_key", "subject_key"), None, rejected.append))

    assert [person.key for person in found] == keys
    assert [reject.line for reject in rejected] == [5]


@pytest.mark.parametrize(
    ("header", "column", "type_", "expected"),
    [
        ("name,E-Mail,city", None, None, ("E-Mail", "email")),
        ("name,phone_number", None, None, ("phone_number", "phone")),
        ("email,phone", None, "phone", ("phone", "phone")),
        ("email,phone", "email", None, ("email", "email")),
        ("who", "who", "account", ("who", "account")),
    ],
)
def test_the_column_is_found_by_its_name_or_named(
    tmp_path: Path, header: str, column: str | None, type_: str | None, expected: tuple[str, str]
) -> None:
    """What a column's name says need not be said again."""
    path = tmp_path / "people.csv"
    path.write_text(f"{header}\n")
    with opened(path) as source:
        assert column_of(source, column, type_) == expected


@pytest.mark.parametrize(
    ("name", "content", "column", "expected"),
    [
        ("people.txt", b"email\n", None, "does not say what it is"),
        ("people.csv", b"", None, "is empty"),
        ("people.csv", b"email,phone\n", None, "which column names the people"),
        ("people.csv", b"who\n", "who", "what is in the column"),
        ("people.csv", b"email\n", "mail", "no column 'mail'"),
        ("people.ndjson", b"\n", None, "is empty"),
        ("people.ndjson", b"[1]\n", None, "no JSON object"),
        ("people.parquet", b"no parquet", None, "no Parquet file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, content: bytes, column: str | None, expected: str
) -> None:
    """Each way of being no file of people has a sentence of its own."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BulkFileError, match=expected):
        read(path, column)


def test_a_file_that_is_not_there_and_a_field_without_an_end_are_named(tmp_path: Path) -> None:
    """Errors of reading, before and in the middle."""
    with pytest.raises(BulkFileError, match="cannot be read"):
        read(tmp_path / "nothing.csv")
    path = tmp_path / "people.csv"
    path.write_bytes(b"email\n" + b'"' + b"x" * 200_000 + b"\n")
    with pytest.raises(BulkFileError, match="no CSV from line 2"):
        read(path)


def test_the_format_may_be_named(tmp_path: Path) -> None:
    """The name of a format counts more than the end of the file's name."""
    path = tmp_path / "people.csv"
    path.write_text('{"email": "a@example.com"}\n')
    with opened(path, Format.NDJSON) as source:
        (record,) = source.records("email")
    assert record == Record(1, "a@example.com", b'{"email": "a@example.com"}\n')


def test_the_file_of_rejects_appears_only_if_there_are_any(tmp_path: Path) -> None:
    """Lines and problems as CSV; without any there is no file, nor a draft of one."""
    with RejectsFile(tmp_path / "none.csv"):
        pass
    assert list(tmp_path.iterdir()) == []
    with RejectsFile(tmp_path / "some.csv") as rejects:
        rejects.add(Reject(3, "empty"))
        rejects.add(Reject(9, "no, address"))
    assert [path.name for path in tmp_path.iterdir()] == ["some.csv"]
    assert (tmp_path / "some.csv").read_text() == 'line,problem\n3,empty\n9,"no, address"\n'
    with pytest.raises(BulkFileError, match="--rejects"), RejectsFile(tmp_path / "no" / "r.csv") as rejects:
        rejects.add(Reject(1, "x"))
