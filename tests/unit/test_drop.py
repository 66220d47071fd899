"""Deletion lists: how identifiers are written and hashed, how a list is answered, what is refused."""

from datetime import date
from typing import Any, get_args, get_type_hints

import pytest

from disclosure_consumers.core.drop.hashing import (
    FIELDS,
    DropList,
    Field,
    UnusableIdentifierError,
    drop_hash,
    standardise,
)
from disclosure_consumers.core.drop.matching import (
    DropStatus,
    Entry,
    ListFile,
    MalformedRowError,
    Match,
    Record,
    RecordCount,
    drop_status,
    holders_of,
    list_file,
    matches,
    read_entries,
    read_records,
    status_file_name,
)
from disclosure_producers.preference_content import DropMatch

NAME = Field.FIRST_NAME
# The worked examples that the platform publishes, and two phone numbers more (legal 3.6)
PUBLISHED = [
    (DropList.EMAIL, ("Anna.Smith@Domain.com",), "KA18MT/ph6IHYjzT9zwETySDQyvSh87YuoSBpOQtkhE="),
    (DropList.EMAIL, ("danielle.johnson12@example.com",), "mKDnDvwF2inxrKcK1hJN2TRkxPfL6kzNNTtU12eH8Bw="),
    (DropList.PHONE, ("+1(415)555-9317",), "vGM7y5n+hBXRSEAklhHDPCbysyNgYTmXdMcagGUOY8E="),
    (DropList.PHONE, ("+84(90)123 4567",), "ptzVkgbv9DonwvPCHmXmJ2SEOaolSh37z3ZzY/Gmm+U="),
    (DropList.PHONE, ("+354(123)4567",), "Btrzydf5K6ALAKKXJGFHSx7u5bDzHC9WlVYtpq1n2rY="),
    (DropList.PHONE, ("5551273811",), "jr/RAWYVN+ODBf2vRxwBASPwiO4x27OGI1y3IDhcwLo="),
    (
        DropList.MAID,
        ("a3f1c2d4-5678-90ab-cdef-1234567890ab",),
        "250KY6lOgzYUB3EHrkbDCE2kMEZQE69SF38muhoDudI=",
    ),
    (DropList.CTVID, ("SmartTV_9F8E7D6C",), "d9fxuTIrKksBXYDlaWsvQbcyUUfCbUx7v78gd+KP+tc="),
    (
        DropList.NDZ,
        ("Danielle", "Johnson", "1985-07-04", "91790"),
        "PQOfn1RffEKmqMmNAzDKKaoZCwxWbQZkQzPWmQo9REA=",
    ),
    (
        DropList.NAME_VIN,
        ("Eve", "Genesis", "1HGCM82633A004352"),
        "rtnDuXIe63jXYQQXW5r07GJ7lSsrib8+46QuKFwkOmk=",
    ),
]


@pytest.mark.parametrize(("drop_list", "texts", "expected"), PUBLISHED)
def test_the_published_examples(drop_list: DropList, texts: tuple[str, ...], expected: str) -> None:
    """Each worked example of the platform gives the hash it publishes."""
    assert drop_hash(drop_list, texts) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4155559317", "vGM7y5n+hBXRSEAklhHDPCbysyNgYTmXdMcagGUOY8E="),
        ("4901234567", "ptzVkgbv9DonwvPCHmXmJ2SEOaolSh37z3ZzY/Gmm+U="),
    ],
)
def test_the_phone_vectors_of_the_law(text: str, expected: str) -> None:
    """The two standardised numbers give the hashes that were recomputed and confirmed."""
    assert drop_hash(DropList.PHONE, (text,)) == expected


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        (Field.EMAIL, " A.lice+Tag@Co.COM ", "a.lice+tag@co.com"),
        (Field.EMAIL, "a b@c.com", "ab@c.com"),
        (Field.PHONE, "14155559317", "4155559317"),
        (Field.PHONE, "555-0100", "5550100"),
        (Field.ZIP, "91790-3771", "91790"),
        (Field.ZIP, "M1B 1A1", "m1b1a"),
        (Field.ZIP, "00712345", "71234"),
        (Field.ZIP, " 00300-9999", "300"),
        (Field.ZIP, "003009999", "300"),
        (Field.ZIP, "02134", "2134"),
        (Field.BIRTH_DATE, "1776-07-04", "17760704"),
        (Field.BIRTH_DATE, " 19850704 ", "19850704"),
        (Field.BIRTH_DATE, "2020-02-29", "20200229"),
        (Field.VIN, " 1HGCM82633A-004352 ", "1hgcm82633a004352"),
        (Field.MAID, "A3F1C2D4567890ABCDEF1234567890AB", "a3f1c2d4567890abcdef1234567890ab"),
        (Field.CTVID, "12-34-56-78", "12345678"),
        (NAME, "Juan Pablo", "juanpablo"),
        (Field.LAST_NAME, "D'Angelo-Smith", "dangelosmith"),
        (NAME, "Jose\N{COMBINING ACUTE ACCENT}", "jose"),
        (NAME, "JOS\N{LATIN CAPITAL LETTER E WITH ACUTE}", "jose"),
        (NAME, "M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller", "muller"),
        (NAME, "Stra\N{LATIN SMALL LETTER SHARP S}e", "strasse"),
        (NAME, "\N{LATIN CAPITAL LETTER AE}ther", "aether"),
        (NAME, "\N{LATIN CAPITAL LETTER L WITH STROKE}ukasz", "lukasz"),
        (NAME, "Иван", "ivan"),
        (NAME, "Щербакова", "shcherbakova"),
        (NAME, "И\N{COMBINING BREVE}ора", "yora"),
        (NAME, "Ёлкина", "yolkina"),
        (NAME, "Юлія Ґ", "yuliyag"),
        (NAME, "Θεοδώρου", "theodoroy"),
        (NAME, "田中", "田中"),
        (NAME, "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}zmir", "izmir"),
    ],
)
def test_how_identifiers_are_written(field: Field, text: str, expected: str) -> None:
    """Each spelling is brought to the one that is hashed."""
    assert standardise(field, text) == expected


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (Field.EMAIL, "  "),
        (Field.PHONE, "ask at the desk"),
        (Field.ZIP, "00000"),
        (Field.BIRTH_DATE, "07/04/1985"),
        (Field.BIRTH_DATE, "1985-0704"),
        (Field.BIRTH_DATE, "1985-02-30"),
        (Field.BIRTH_DATE, "1985-W27-4"),
        (Field.BIRTH_DATE, "0000-01-01"),
        (Field.VIN, "1HGCM82633A00435"),
        (Field.MAID, "a3f1c2d4-5678-90ab-cdef-1234567890"),
        (Field.CTVID, "tv-1234"),
        (Field.CTVID, "x" * 33),
        (NAME, "-"),
    ],
)
def test_what_cannot_be_on_a_list_is_refused(field: Field, text: str) -> None:
    """An identifier that no list can hold is an error that names its kind, and never its text."""
    with pytest.raises(UnusableIdentifierError, match=field.value.replace("_", " ")) as raised:
        standardise(field, text)
    assert raised.value.field is field
    assert text.strip() == "" or text not in str(raised.value)


def test_composite_hashes_depend_on_the_order_of_fields() -> None:
    """First and last name exchanged are another person."""
    ndz = ("Danielle", "Johnson", "1985-07-04", "91790")
    assert drop_hash(DropList.NDZ, ndz) != drop_hash(DropList.NDZ, (ndz[1], ndz[0], *ndz[2:]))


def test_the_words_of_lists_are_those_of_the_sdk() -> None:
    """The lists that can be matched are the lists that a drop_match event may name."""
    words = get_args(get_type_hints(DropMatch)["drop_list"])
    assert {drop_list.value for drop_list in DropList} == set(words)
    assert FIELDS.keys() == set(DropList)


@pytest.mark.parametrize(
    ("subjects", "all_exempt", "status", "code"),
    [
        (0, False, DropStatus.NOT_FOUND, 5),
        (0, True, DropStatus.NOT_FOUND, 5),
        (1, False, DropStatus.DELETED, 3),
        (1, True, DropStatus.EXEMPTED, 2),
        (2, False, DropStatus.OPTED_OUT, 4),
        (2, True, DropStatus.EXEMPTED, 2),
        (500, False, DropStatus.OPTED_OUT, 4),
    ],
)
def test_the_status_of_an_entry(subjects: int, all_exempt: bool, status: DropStatus, code: int) -> None:
    """The number of subjects and what is exempt decide the status, and each has the platform's number."""
    assert drop_status(subjects, all_exempt=all_exempt) is status
    assert status.code == code


def test_statuses_are_called_as_in_scenarios() -> None:
    """The four names are those that a scenario expects of a drop_match."""
    assert {status.value for status in DropStatus} == {"not_found", "exempted", "deleted", "opted_out"}


A, B, C = (bytes([number]) * 16 for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("held", "exempt", "status", "keys", "all_exempt"),
    [
        ([], set(), DropStatus.NOT_FOUND, (), False),
        ([("h", A)], set(), DropStatus.DELETED, (A,), False),
        ([("h", A), ("h", A)], set(), DropStatus.DELETED, (A,), False),
        ([("h", B), ("h", A)], set(), DropStatus.OPTED_OUT, (A, B), False),
        ([("h", A), ("h", B)], {A}, DropStatus.OPTED_OUT, (A, B), False),
        ([("h", A), ("h", B)], {A, B}, DropStatus.EXEMPTED, (A, B), True),
        ([("h", A)], {A}, DropStatus.EXEMPTED, (A,), True),
        ([("other", A)], {A}, DropStatus.NOT_FOUND, (), False),
    ],
)
def test_how_an_entry_is_answered(
    held: list[tuple[str, bytes]],
    exempt: set[bytes],
    status: DropStatus,
    keys: tuple[bytes, ...],
    all_exempt: bool,
) -> None:
    """Subjects with the hash are found once each; exempt counts only if all of them are."""
    (answer,) = matches([Entry("e1", "h")], holders_of(held), exempt)
    assert answer == Match("e1", status, keys, all_exempt)


def test_a_list_is_answered_in_its_order_and_entry_by_entry() -> None:
    """Answers come in the order of the list, each before the next entry is read."""
    read: list[str] = []

    def entries() -> Any:
        for name in ("e1", "e2", "e3"):
            read.append(name)
            yield Entry(name, name)

    answers = matches(entries(), holders_of([("e2", A)]), frozenset())
    assert next(answers).status is DropStatus.NOT_FOUND
    assert read == ["e1"]
    assert [answer.id for answer in answers] == ["e2", "e3"]


HASH = PUBLISHED[0][2]


def numbered(*rows: list[str]) -> list[tuple[int, list[str]]]:
    """Rows with their line numbers, as they come from a file."""
    return list(enumerate(rows, start=1))


def test_a_downloaded_list_is_read() -> None:
    """A list gives its entries; empty lines, also at the end, are none."""
    rows = numbered(["ID", "Hash"], ["A7kP2xQ9Lm4R", HASH], [], [" B7kP2xQ9Lm4R ", HASH], [])
    assert list(read_entries(rows)) == [Entry("A7kP2xQ9Lm4R", HASH), Entry("B7kP2xQ9Lm4R", HASH)]


def test_a_list_without_entries_has_a_header_alone() -> None:
    """A list that names nobody is read without error."""
    assert list(read_entries(numbered(["ID", "Hash"]))) == []


@pytest.mark.parametrize(
    ("rows", "line", "expected"),
    [
        ([], 1, "ID,Hash"),
        ([["A7kP2xQ9Lm4R", HASH]], 1, "ID,Hash"),
        ([["ID", "Hash", "ListType"]], 1, "removed identifiers"),
        ([["ID", "Hash"], ["a"]], 2, "an id and a hash"),
        ([["ID", "Hash"], ["a", HASH, "3"]], 2, "an id and a hash"),
        ([["ID", "Hash"], ["a", HASH], ["", HASH]], 3, "an id of"),
        ([["ID", "Hash"], ["1.23E+11", HASH]], 2, "an id of"),
        ([["ID", "Hash"], ["a", HASH[:-1]]], 2, "44 characters"),
        ([["ID", "Hash"], ["a", "=" + HASH[1:]]], 2, "44 characters"),
        ([["ID", "Hash"], ["a", "anna@domain.com"]], 2, "44 characters"),
    ],
)
def test_a_malformed_list_is_refused_with_its_line(rows: list[list[str]], line: int, expected: str) -> None:
    """The error names the line, what was expected and what was got, and repeats nothing of the row."""
    with pytest.raises(MalformedRowError, match=expected) as raised:
        list(read_entries(numbered(*rows)))
    assert raised.value.line == line
    assert str(raised.value).startswith(f"line {line}: expected ")
    assert HASH not in str(raised.value)
    assert "anna" not in str(raised.value)


def test_records_are_hashed_for_the_list() -> None:
    """The columns of the list are found by name wherever they are; others are passed over."""
    count = RecordCount()
    rows = numbered(
        ["zip", "Account ", "LAST_NAME", "city", "birth_date", "first_name"],
        ["91790", "4711", "Johnson", "West Covina", "1985-07-04", "Danielle"],
        [],
        ["91790", "4712", "Johnson", "West Covina", "", "Danielle"],
    )
    read = list(read_records(rows, DropList.NDZ, count))
    assert read == [Record("4711", PUBLISHED[8][2])]
    assert (count.records, count.without, count.unusable) == (2, 1, 0)


@pytest.mark.parametrize(
    ("rows", "line", "expected"),
    [
        ([], 1, "account, email"),
        ([["account", "phone"]], 1, "without email"),
        ([["1", "anna@domain.com"]], 1, "2 columns without account, email"),
        ([["account", "email"], ["1", "anna@domain.com", "x"]], 2, "2 columns, got 3"),
        ([["account", "email"], ["1", "a@b.c"], [" ", "anna@domain.com"]], 3, "the column account"),
    ],
)
def test_malformed_records_are_refused_with_their_line(
    rows: list[list[str]], line: int, expected: str
) -> None:
    """The error names the line and the columns, and never what is in them."""
    with pytest.raises(MalformedRowError, match=expected) as raised:
        list(read_records(numbered(*rows), DropList.EMAIL, RecordCount()))
    assert raised.value.line == line
    assert "anna" not in str(raised.value)


def test_an_identifier_of_no_use_stops_the_matching() -> None:
    """A record that would never be found is an error with its line, unless it is to be passed over."""
    rows = numbered(["account", "maid"], ["1", "none"], ["2", "0" * 32], ["3", "x"])
    with pytest.raises(MalformedRowError, match="32 hexadecimal digits") as raised:
        list(read_records(rows, DropList.MAID, RecordCount()))
    assert raised.value.line == 2
    count = RecordCount()
    assert [r.account for r in read_records(rows, DropList.MAID, count, skip_unusable=True)] == ["2"]
    assert (count.records, count.unusable, count.first_unusable_lines) == (3, 2, [2, 4])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("20260312_4821_Email.csv", ("2026-03-12", "4821", DropList.EMAIL)),
        ("20260312_4821_Email_part01.csv", ("2026-03-12", "4821", DropList.EMAIL)),
        ("20260312_4821_NDZ.csv", ("2026-03-12", "4821", DropList.NDZ)),
        ("20260312_4821_NameVIN.csv", ("2026-03-12", "4821", DropList.NAME_VIN)),
        ("20260312_4821_Removed.csv", None),
        ("20261312_4821_Email.csv", None),
        ("20260312_4821_Email_longer_than_it.csv", None),
        ("list.csv", None),
    ],
)
def test_what_the_name_of_a_list_says(name: str, expected: tuple[str, str, DropList] | None) -> None:
    """A name by the platform's rule tells day, broker and list, and any other name tells nothing."""
    found = list_file(name)
    assert (None if found is None else (str(found.day), found.broker_id, found.drop_list)) == expected


@pytest.mark.parametrize("drop_list", DropList)
def test_the_file_to_upload_is_named_after_the_list(drop_list: DropList) -> None:
    """The name of the answer follows the same rule as the list's own and is another one."""
    listed = ListFile(date(2026, 3, 12), "4821", drop_list)
    name = status_file_name(listed)
    assert list_file(name) == listed
    assert name.endswith("_status.csv")
