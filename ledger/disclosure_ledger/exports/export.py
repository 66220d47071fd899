"""The export as an operation: one snapshot of the ledger, written by the process that has it open."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from disclosure_ledger.answers.answer import Gap
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.answers.to_whom import not_covered
from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.exports.accounting import write_audit_events
from disclosure_ledger.exports.folder import ExportedFile, whole_folder, write_manifest
from disclosure_ledger.exports.tables import TableFormat, write_tables
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.events.base import Moment, Value

SCHEMA = "disclosure-ledger/export/1"
TIMEOUT_S = 6 * 3600.0


class ExportFormat(StrEnum):
    """What an export is made of: decisions as tables, or accounting entries as FHIR AuditEvents."""

    PARQUET = "parquet"
    ARROW = "arrow"
    CSV = "csv"
    FHIR = "fhir"


class ExportQuestion(Value):
    """What to export, and into which folder of the machine that has the ledger; the path is absolute.

    period: days in California; of the decision for tables, of the disclosure for FHIR. None: everything.
    """

    format: ExportFormat
    out: Path
    period: Period | None = None


class ExportMade(Value):
    """What an export holds; also its manifest.json.

    as_of: what was recorded later is not in it; next_offsets: how far the ledger was, topic -> partition ->
    offset. not_covered: days of the period of which records are no longer kept in full.
    """

    schema_id: str = SCHEMA
    format: ExportFormat
    as_of: Moment
    period: Period | None
    not_covered: Gap | None
    purged_before: Moment | None
    rows: int
    files: tuple[ExportedFile, ...]
    next_offsets: dict[str, dict[int, int]]


def run_export(ledger: Ledger, body: ExportQuestion, occasion: Occasion) -> ExportMade:
    """Write the export; raises ExportError, having left nothing, where it cannot."""
    with whole_folder(body.out) as folder, ledger.snapshot() as snapshot:
        offsets: dict[str, dict[int, int]] = {}
        for (topic, partition), offset in sorted(snapshot.next_offsets().items()):
            offsets.setdefault(topic, {})[partition] = offset
        purged_before = snapshot.purged_before()
        if body.format is ExportFormat.FHIR:
            files = write_audit_events(snapshot, folder, body.period)
        else:
            first, end = _bounds(body.period)
            files = write_tables(snapshot, folder, TableFormat(body.format.value), first, end)
        made = ExportMade(
            format=body.format,
            as_of=occasion.now,
            period=body.period,
            not_covered=None if body.period is None else not_covered(body.period, occasion.retention_floor),
            purged_before=purged_before,
            rows=sum(file.rows for file in files),
            files=tuple(files),
            next_offsets=offsets,
        )
        write_manifest(folder, made)
    return made


def _bounds(period: Period | None) -> tuple[datetime, datetime]:
    """First and end of the period as the tables have times: UTC without a zone."""
    if period is None:
        return datetime.min, datetime.max  # noqa: DTZ901 - without a zone, as the tables
    return period.start.replace(tzinfo=None), period.end.replace(tzinfo=None)


EXPORT = Operation("/v1/export", ExportQuestion, ExportMade, run_export, timeout_s=TIMEOUT_S)
