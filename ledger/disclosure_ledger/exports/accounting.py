"""HIPAA accounting entries (45 CFR 164.528) as FHIR AuditEvents in NDJSON, one file for each month."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, TextIO

from disclosure_consumers.core.reasons import Flag
from disclosure_ledger.answers.parts import Fate, parts_of
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.answers.rows import happened_at
from disclosure_ledger.answers.standing import standing_rows
from disclosure_ledger.exports.audit_event import audit_event
from disclosure_ledger.exports.folder import ExportedFile, exported_file
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.rows import COLUMNS, DecisionRow, decision_row

_ROWS_AT_ONCE = 10_000


def write_audit_events(snapshot: Snapshot, folder: Path, period: Period | None) -> list[ExportedFile]:
    """Write AuditEvent-2026-11.ndjson and so on, by the month in which the disclosure was made, in UTC.

    Entries are disclosures that were made, flagged for the accounting, in their latest correction; retracted
    ones and what was stopped are none (legal 8.5.1).
    """
    files: dict[Path, int] = {}
    with ExitStack() as stack:
        streams: dict[Path, TextIO] = {}
        for row in accounting_rows(snapshot, period):
            items = [item for part in parts_of(row) if part.fate is Fate.DISCLOSED for item in part.items]
            file = folder / f"AuditEvent-{happened_at(row):%Y-%m}.ndjson"
            if file not in streams:
                streams[file] = stack.enter_context(file.open("w", encoding="utf-8"))
            streams[file].write(json.dumps(audit_event(row, items), ensure_ascii=False) + "\n")
            files[file] = files.get(file, 0) + 1
    return [exported_file(folder, file, count) for file, count in sorted(files.items())]


def accounting_rows(snapshot: Snapshot, period: Period | None) -> Iterator[DecisionRow]:
    """Disclosures for the accounting, by subject, then time."""
    for _, rows in groupby(_rows_of_flagged_subjects(snapshot), key=attrgetter("subject_key")):
        standing = sorted(standing_rows(rows), key=lambda row: (happened_at(row), row.event_id))
        for row in standing:
            if period is not None and not period.contains(happened_at(row)):
                continue
            disclosed = any(part.fate is Fate.DISCLOSED for part in parts_of(row))
            if disclosed and Flag.HIPAA_ACCOUNTING in row.flags:
                yield row


def _rows_of_flagged_subjects(snapshot: Snapshot) -> Iterator[DecisionRow]:
    params: dict[str, Any] = {"flag": Flag.HIPAA_ACCOUNTING.value}
    for values in snapshot.stream("rows_of_flagged_subjects", params, _ROWS_AT_ONCE, columns=COLUMNS):
        yield decision_row(values)
