"""From a file of people to a bulk that can be sent: all of the file, or what may be left out left out."""

import uuid
from collections.abc import Callable, Iterable, Mapping

from disclosure_ledger.bulk.errors import BulkFileError
from disclosure_ledger.bulk.people import Column, Reject, people
from disclosure_ledger.bulk.records import Source
from disclosure_ledger.bulk.rejects import RejectsFile
from disclosure_producers.bulk import Bulk
from disclosure_producers.errors import RepeatedPersonError
from disclosure_schemas.errors import InvalidEventError

Prepare = Callable[[Iterable[uuid.UUID]], Bulk]
"""Makes the bulk of some keys; see BulkProducer.prepare."""


def prepared(
    prepare: Prepare,
    source: Source,
    column: Column,
    secret: bytes | None,
    rejected: RejectsFile,
    *,
    skip_rejects: bool,
) -> Bulk:
    """Prepare the bulk of everybody in a file; records that name nobody, or somebody again, are listed.

    Raises BulkFileError where there are any: nothing of such a file is sent. With `skip_rejects` those that
    name nobody are left out.
    """
    try:
        bulk = prepare(person.key for person in people(source, column, secret, rejected.add))
    except RepeatedPersonError as error:
        for reject in _repeats(source, column, secret, error.rows):
            rejected.add(reject)
        raise BulkFileError(
            f"people are named more than once; {rejected.path} lists {len(error.rows):,} lines that do. A "
            "bulk asks once for each person, and nothing was sent. Leave those lines out."
        ) from error
    except InvalidEventError as error:
        if not rejected.rows:
            raise
        raise BulkFileError(
            f"not one of {rejected.rows:,} records names anybody; {rejected.path} has their lines. Nothing "
            "was sent. Is it the right column, and --as what is in it?"
        ) from error
    if rejected.rows and not skip_rejects:
        raise BulkFileError(
            f"{rejected.rows:,} records name nobody; {rejected.path} has their lines. Nothing was sent. "
            "Correct them, or pass --skip-rejects to send the others."
        )
    return bulk


def _repeats(
    source: Source, column: Column, secret: bytes | None, rows: Mapping[int, int]
) -> Iterable[Reject]:
    """Lines of repeated rows, each with the line that names the same person first."""
    wanted = {*rows, *rows.values()}
    lines: dict[int, int] = {}
    for row, person in enumerate(people(source, column, secret, lambda _: None)):
        if row in wanted:
            lines[row] = person.record.line
        if len(lines) == len(wanted):
            break
    return [Reject(lines[row], f"names the person of line {lines[rows[row]]} again") for row in sorted(rows)]
