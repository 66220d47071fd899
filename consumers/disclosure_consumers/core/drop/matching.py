"""Matching the state's deletion lists with the company's own records (Delete Act; legal 3).

The platform hands out, for each list, rows of an id and a hash; the company hashes its own records the same
way (`drop_hashing`), looks which are the same, acts, and answers each id with a status. Nothing here tells or
keeps an identifier; errors name lines and columns.
"""

import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from disclosure_consumers.core.drop.hashing import FIELDS, DropList, Field, UnusableIdentifierError, drop_hash
from disclosure_schemas.errors import DisclosureError

LIST_HEADER = ("ID", "Hash")
STATUS_HEADER = ("Id", "Status")
"""Header of the file to upload. The platform refuses any other spelling (its API, version 1.2.0)."""

ACCOUNT = "account"
"""Column of the company's records that subject keys are made of."""

STATUS_SUFFIX = "status"

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HASH = re.compile(r"[A-Za-z0-9+/]{43}=")
_UNUSABLE_LINES_SHOWN = 5
_DATA_TYPES = {
    "Email": DropList.EMAIL,
    "Phone": DropList.PHONE,
    "MAID": DropList.MAID,
    "CTVID": DropList.CTVID,
    "NDZ": DropList.NDZ,
    "NameVIN": DropList.NAME_VIN,
}
_FILE_NAME = re.compile(
    r"(?P<day>[0-9]{{8}})_(?P<broker>[A-Za-z0-9]{{1,32}})_(?P<type>{})(?:_[A-Za-z0-9]{{1,10}})?\.csv".format(
        "|".join(_DATA_TYPES)
    )
)


class DropStatus(StrEnum):
    """What became of an entry (legal 3.5)."""

    EXEMPTED = "exempted"
    DELETED = "deleted"
    OPTED_OUT = "opted_out"
    NOT_FOUND = "not_found"

    @property
    def code(self) -> int:
        """Number that the platform takes; 0 and 1 are unused."""
        return _CODES[self]


_CODES = {
    DropStatus.EXEMPTED: 2,
    DropStatus.DELETED: 3,
    DropStatus.OPTED_OUT: 4,
    DropStatus.NOT_FOUND: 5,
}


class MalformedRowError(DisclosureError):
    """A row of a file is not as it should be; `line` counts from 1."""

    def __init__(self, line: int, expected: str, got: str, remedy: str) -> None:
        super().__init__(f"line {line}: expected {expected}, got {got}. {remedy}")
        self.line = line


class Entry(NamedTuple):
    """One row of a deletion list."""

    id: str
    hash: str


class Record(NamedTuple):
    """One of the company's own records: the account, and its hash for a list."""

    account: str
    hash: str


class Match(NamedTuple):
    """The answer to one entry; the keys of the subjects that have its identifier, 16 bytes each, in order."""

    id: str
    status: DropStatus
    subject_keys: tuple[bytes, ...]
    all_exempt: bool


class ListFile(NamedTuple):
    """What the name of a downloaded list says (legal 3.6)."""

    day: date
    broker_id: str
    drop_list: DropList


@dataclass(slots=True)
class RecordCount:
    """How many records were read, how many lack an identifier of the list, how many have one of no use."""

    records: int = 0
    without: int = 0
    unusable: int = 0
    first_unusable_lines: list[int] = field(default_factory=list)


def drop_status(matched_subjects: int, *, all_exempt: bool) -> DropStatus:
    """Status of an entry that so many subjects share.

    `all_exempt`: everything held about all of them is exempt. Several subjects with one identifier cannot be
    told apart: all are opted out of sale and sharing (legal 3.5).
    """
    if matched_subjects == 0:
        return DropStatus.NOT_FOUND
    if all_exempt:
        return DropStatus.EXEMPTED
    return DropStatus.DELETED if matched_subjects == 1 else DropStatus.OPTED_OUT


def matches(
    entries: Iterable[Entry], holders: Mapping[str, Collection[bytes]], exempt: Container[bytes]
) -> Iterator[Match]:
    """Answer the entries of a list one by one, in their order.

    `holders`: subject keys that have a hash, as `holders_of` collects them. `exempt`: subject keys of which
    everything held is exempt.
    """
    for entry in entries:
        keys = tuple(sorted(holders.get(entry.hash, ())))
        all_exempt = bool(keys) and all(key in exempt for key in keys)
        yield Match(entry.id, drop_status(len(keys), all_exempt=all_exempt), keys, all_exempt)


def holders_of(held: Iterable[tuple[str, bytes]]) -> Mapping[str, frozenset[bytes]]:
    """Subject keys of each hash, of pairs of hash and subject key in any order and number."""
    found: dict[str, set[bytes]] = {}
    for hashed, subject_key in held:
        found.setdefault(hashed, set()).add(subject_key)
    return {hashed: frozenset(keys) for hashed, keys in found.items()}


def read_entries(rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Entry]:
    """Entries of a downloaded list, of pairs of line number and columns; the first row is the header.

    Raises MalformedRowError at the first row that is not an id and a hash.
    """
    numbered = iter(rows)
    line, header = next(numbered, (1, ()))
    if [name.strip().lower() for name in header] != [name.lower() for name in LIST_HEADER]:
        is_removed = [name.strip().lower() for name in header] == ["id", "hash", "listtype"]
        raise MalformedRowError(
            line,
            f"the header {','.join(LIST_HEADER)}",
            "the file of removed identifiers" if is_removed else f"{len(header)} other columns",
            "Requests in it were cancelled by the consumers: it is neither matched nor answered."
            if is_removed
            else "Pass one list as it was downloaded, taken out of its ZIP archive.",
        )
    for line, row in numbered:
        if not row:
            continue
        if len(row) != len(LIST_HEADER):
            raise MalformedRowError(line, "an id and a hash", f"{len(row)} columns", _DOWNLOAD_AGAIN)
        entry_id, hashed = row[0].strip(), row[1].strip()
        if not _ID.fullmatch(entry_id):
            got = f"{len(entry_id)} characters that are none"
            raise MalformedRowError(line, "an id of up to 64 letters and digits", got, _DOWNLOAD_AGAIN)
        if not _HASH.fullmatch(hashed):
            got = f"{len(hashed)} characters that are none"
            raise MalformedRowError(line, "a Base64 hash of 44 characters", got, _DOWNLOAD_AGAIN)
        yield Entry(entry_id, hashed)


_CORRECT_OR_EMPTY = "Correct it, leave it empty, or pass over records of no use (--skip-unusable)."
_DOWNLOAD_AGAIN = "A spreadsheet may have changed the file; take it out of the archive again."


def read_records(
    rows: Iterable[tuple[int, Sequence[str]]],
    drop_list: DropList,
    count: RecordCount,
    *,
    skip_unusable: bool = False,
) -> Iterator[Record]:
    """The company's own records with their hash for a list; the first row is the header.

    Columns: `account` and the identifiers of the list, by the names of `Field`, in any order; others are
    passed over. A record that lacks an identifier of the list cannot be on it and is only counted. One whose
    identifier is of no use raises MalformedRowError, for it would be "not found" whoever it is; with
    `skip_unusable` it is counted.
    """
    numbered = iter(rows)
    line, header = next(numbered, (1, ()))
    account_at, identifiers_at = _columns(line, header, FIELDS[drop_list])
    for line, row in numbered:
        if not row:
            continue
        if len(row) != len(header):
            raise MalformedRowError(line, f"{len(header)} columns", f"{len(row)}", "Correct the row.")
        account = row[account_at].strip()
        if not account:
            raise MalformedRowError(
                line, f"an identifier in the column {ACCOUNT}", "none", "Fill it in, or leave the row out."
            )
        count.records += 1
        texts = tuple(row[place] for place in identifiers_at)
        if not all(text.strip() for text in texts):
            count.without += 1
            continue
        try:
            hashed = drop_hash(drop_list, texts)
        except UnusableIdentifierError as error:
            if not skip_unusable:
                raise MalformedRowError(line, error.expected, error.got, _CORRECT_OR_EMPTY) from None
            count.unusable += 1
            if len(count.first_unusable_lines) < _UNUSABLE_LINES_SHOWN:
                count.first_unusable_lines.append(line)
            continue
        yield Record(account, hashed)


def _columns(line: int, header: Sequence[str], fields: Sequence[Field]) -> tuple[int, tuple[int, ...]]:
    places = {name.strip().lower(): place for place, name in enumerate(header)}
    wanted = (ACCOUNT, *fields)
    missing = [name for name in wanted if name not in places]
    if missing:
        # A file without a header begins with a person: its columns are counted, not shown.
        raise MalformedRowError(
            line,
            f"a header with the columns {', '.join(wanted)}",
            f"{len(header)} columns without {', '.join(missing)}",
            "Name the columns in the first line; others may stay.",
        )
    return places[ACCOUNT], tuple(places[name] for name in fields)


def list_file(name: str) -> ListFile | None:
    """What the file name of a downloaded list says; None where it was named otherwise."""
    found = _FILE_NAME.fullmatch(name)
    try:
        day = datetime.strptime(found["day"], "%Y%m%d").date() if found else None  # noqa: DTZ007 - only the day
    except ValueError:
        day = None
    return ListFile(day, found["broker"], _DATA_TYPES[found["type"]]) if found and day else None


def status_file_name(file: ListFile) -> str:
    """Name of the file to upload: that of the list, with a suffix so that it does not take its place."""
    data_type = next(name for name, drop_list in _DATA_TYPES.items() if drop_list is file.drop_list)
    return f"{file.day:%Y%m%d}_{file.broker_id}_{data_type}_{STATUS_SUFFIX}.csv"
