"""Options that say who is in a file of people."""

from typing import TYPE_CHECKING, Annotated, NamedTuple

from cyclopts import Parameter

from disclosure_ledger.bulk.people import COLUMN_TYPES, SUBJECT_KEY, Column, column_of
from disclosure_ledger.bulk.records import Format
from disclosure_ledger.cli.failures import UsageError
from disclosure_schemas.events.vocabulary import SubjectType

if TYPE_CHECKING:
    from disclosure_ledger.bulk.records import Source

Items = Annotated[
    tuple[str, ...],
    Parameter(name=("--item", "--items"), help="category or category.element; repeat for more."),
]
ColumnName = Annotated[
    str | None, Parameter(help="Column that names the people; found by its name if left out.")
]
AsType = Annotated[
    str | None, Parameter(name="--as", help=f"What is in the column: {', '.join(COLUMN_TYPES)}.")
]
FileFormat = Annotated[
    Format | None, Parameter(name="--format", help="csv, ndjson or parquet; by the file's name if left out.")
]


class FileOptions(NamedTuple):
    """How people are read off a file; `secret` is None where the file has keys."""

    column: Column
    secret: bytes | None
    subject_type: str


def options_of(source: "Source", column: str | None, as_type: str | None) -> FileOptions:
    """Work out the column, what is in it, and with what it is hashed.

    Raises BulkFileError, UsageError, and SettingsError for a secret that is missing.
    """
    from disclosure_producers.settings import SubjectSettings  # noqa: PLC0415

    if as_type is not None and as_type not in COLUMN_TYPES:
        raise UsageError(f"--as takes one of {', '.join(COLUMN_TYPES)}, got {as_type!r}.")
    chosen = column_of(source, column, as_type)
    secret = None if chosen.type == SUBJECT_KEY else SubjectSettings().secret_bytes()
    words = {word.value for word in SubjectType}
    subject_type = chosen.type if chosen.type in words else SubjectType.ACCOUNT.value
    return FileOptions(chosen, secret, subject_type)
