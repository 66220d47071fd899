"""From records of a file to subject keys; what is no identifier is told by line, never by what it holds."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from disclosure_ledger.bulk.errors import BulkFileError
from disclosure_ledger.bulk.records import Record, Source
from disclosure_schemas.errors import InvalidIdentifierError
from disclosure_schemas.subject_keys import IdentifierType, subject_key

SUBJECT_KEY = "subject_key"
"""Type of a column that holds keys instead of identifiers."""

COLUMN_TYPES = (*(kind.value for kind in IdentifierType), SUBJECT_KEY)

_NAMES = {
    "email": IdentifierType.EMAIL.value,
    "e-mail": IdentifierType.EMAIL.value,
    "email_address": IdentifierType.EMAIL.value,
    "phone": IdentifierType.PHONE.value,
    "phone_number": IdentifierType.PHONE.value,
    "account": IdentifierType.ACCOUNT.value,
    "account_id": IdentifierType.ACCOUNT.value,
    "device": IdentifierType.DEVICE.value,
    "device_id": IdentifierType.DEVICE.value,
    "profile": IdentifierType.PROFILE.value,
    "household": IdentifierType.HOUSEHOLD.value,
    "key": SUBJECT_KEY,
    SUBJECT_KEY: SUBJECT_KEY,
}
"""Names of columns that say what is in them."""

_NAME_MAX, _NAME_DIGITS_MAX, _COLUMNS_TOLD = 40, 4, 20


class Column(NamedTuple):
    """A column and what is in it."""

    name: str
    type: str


class Reject(NamedTuple):
    """A record that names nobody: its line, and why."""

    line: int
    problem: str


class Person(NamedTuple):
    """A record that names somebody, and the key of whom."""

    key: uuid.UUID
    record: Record


def column_of(source: Source, name: str | None, type_: str | None) -> Column:
    """The column that names people, and what it holds; raises BulkFileError where that cannot be told."""
    if name is not None and name not in source.columns:
        raise BulkFileError(f"the file has no column {name!r}; it has {_told(source.columns)}.")
    if name is not None and source.columns.count(name) > 1:
        raise BulkFileError(f"the file has more than one column {name!r}. Give each a name of its own.")
    if name is None:
        named = [column for column in source.columns if _NAMES.get(column.strip().lower()) is not None]
        if type_ is not None:
            named = [column for column in named if _NAMES[column.strip().lower()] == type_] or named
        if len(named) != 1:
            raise BulkFileError(
                f"which column names the people? Name one with --column, and with --as what is in it "
                f"({', '.join(COLUMN_TYPES)}); the file has {_told(source.columns)}."
            )
        name = named[0]
    chosen = type_ or _NAMES.get(name.strip().lower())
    if chosen is None:
        raise BulkFileError(f"what is in the column {name!r}? Name it with --as: {', '.join(COLUMN_TYPES)}.")
    return Column(name, chosen)


def _told(columns: Sequence[str]) -> str:
    """Names of columns; of a file without a header they are somebody's data, and are not repeated."""
    named = [name if _is_name(name) else f"column {at}" for at, name in enumerate(columns, start=1)]
    hint = "" if all(map(_is_name, columns)) else ", if it begins with the names of its columns"
    return f"{', '.join(named[:_COLUMNS_TOLD])}{', ...' if len(named) > _COLUMNS_TOLD else ''}{hint}"


def _is_name(text: str) -> bool:
    return (
        len(text) <= _NAME_MAX
        and text.isprintable()
        and "@" not in text
        and any(letter.isalpha() for letter in text)
        and sum(letter.isdigit() for letter in text) <= _NAME_DIGITS_MAX
    )


def people(
    source: Source, column: Column, secret: bytes | None, on_reject: Callable[[Reject], None]
) -> Iterator[Person]:
    """Every record that names somebody, in order; others are told to `on_reject`.

    `secret`: of the subject keys; None where the column holds keys. The same file gives the same people.
    """
    key_of = _key_reader(column, secret)
    for record in source.records(column.name):
        if record.problem is not None:
            on_reject(Reject(record.line, record.problem))
        elif record.text is None or not record.text.strip():
            on_reject(Reject(record.line, f"the column {column.name!r} is empty"))
        else:
            try:
                key = key_of(record.text)
            except InvalidIdentifierError as error:
                on_reject(Reject(record.line, str(error)))
            except UnicodeEncodeError:
                on_reject(Reject(record.line, "the text is no UTF-8"))
            else:
                yield Person(key, record)


def _key_reader(column: Column, secret: bytes | None) -> Callable[[str], uuid.UUID]:
    if column.type == SUBJECT_KEY:
        return _as_key
    assert secret is not None, "identifiers are hashed with the secret"
    kind = IdentifierType(column.type)
    return lambda text: subject_key(secret, kind, text)


def _as_key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        raise InvalidIdentifierError(
            f"a subject key was expected, 32 hexadecimal digits; got {len(text)} characters that are none."
        ) from None
