"""The permitted rows of a bulk: as keys, or as the records of the file they came from."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

from disclosure_ledger.bulk.errors import BulkFileError
from disclosure_ledger.bulk.people import Person
from disclosure_ledger.bulk.progress import BULK_PERMITTED, Announced, PermittedQuestion
from disclosure_ledger.bulk.records import Record, Source
from disclosure_ledger.door.reader import LedgerReader


class PermittedPages:
    """Reads the permitted rows of a bulk page by page, in order; remembers how many and until when."""

    def __init__(self, reader: LedgerReader, bulk_id: uuid.UUID) -> None:
        self._reader = reader
        self._bulk_id = bulk_id
        self.rows = 0
        self.valid_until: datetime | None = None

    def __iter__(self) -> Iterator[tuple[int, uuid.UUID]]:
        first = 0
        while True:
            question = PermittedQuestion(bulk_id=self._bulk_id, first_sequence=first)
            page = self._reader.ask(BULK_PERMITTED, question)
            if not page.sequences:
                return
            self.rows += len(page.sequences)
            ends = [end for end in (self.valid_until, page.valid_until) if end is not None]
            self.valid_until = min(ends, default=None)
            yield from zip(page.sequences, page.subject_keys, strict=True)
            first = page.sequences[-1] + 1


def write_keys(out: IO[bytes], permitted: Iterable[tuple[int, uuid.UUID]]) -> None:
    """Write the keys of permitted rows as CSV with one column."""
    out.write(b"subject_key\n")
    for _, key in permitted:
        out.write(f"{key}\n".encode())


def write_records(
    out: IO[bytes],
    permitted: Iterable[tuple[int, uuid.UUID]],
    source: Source,
    people: Iterable[Person],
    announced: Announced,
) -> None:
    """Write the records of permitted rows as they stand in the file the bulk was made of.

    Raises BulkFileError, when all is written, if the people of the file are not those of the bulk: then
    nothing of what was written may be used.
    """
    digest = hashlib.sha256()
    counted = 0

    def chosen() -> Iterator[Record]:
        nonlocal counted
        rows = iter(permitted)
        wanted = next(rows, None)
        for sequence, person in enumerate(people):
            counted += 1
            digest.update(person.key.bytes)
            if wanted is not None and wanted[0] == sequence:
                yield person.record
                wanted = next(rows, None)

    source.write(out, chosen())
    if (counted, digest.hexdigest()) != (announced.rows, announced.keys_sha256):
        raise BulkFileError(
            f"the file is not the one the bulk {announced.bulk_id} was made of: it names {counted:,} people, "
            f"the bulk has {announced.rows:,}, or they are others or in another order. Give the same file, "
            "column and secret. Nothing was written."
        )
