"""`disclosures export` and `disclosures snapshot`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from disclosure_ledger.cli.output import JsonFlag, print_json, say, waiting_for, warn

OutFolder = Annotated[Path, Parameter(name="--out", help="Folder to make; it must not exist, or be empty.")]


def export(
    *,
    out: OutFolder,
    format_: Annotated[
        Literal["parquet", "arrow", "csv", "fhir"],
        Parameter(name="--format", help="Tables of decisions, or FHIR AuditEvents of HIPAA entries."),
    ] = "parquet",
    first_day: Annotated[
        str | None, Parameter(name="--from", help="First day (California), YYYY-MM-DD; all if left out.")
    ] = None,
    last_day: Annotated[str | None, Parameter(name="--to", help="Last day; today if left out.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Export the ledger for other programs: Parquet, Arrow or CSV by month, or FHIR AuditEvents (NDJSON).

    Example: `disclosures export --out /srv/exports/2026 --from 2026-01-01`. One moment of the ledger, also
    while the recorder runs, which then writes the files itself. The folder appears whole or not at all;
    manifest.json lists files, rows, hashes and the period.
    """
    from disclosure_ledger.answers.periods import chosen  # noqa: PLC0415
    from disclosure_ledger.door.opening import open_reader  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.exports.export import EXPORT, ExportFormat, ExportQuestion  # noqa: PLC0415
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415

    period = None
    if first_day is not None or last_day is not None:
        period = chosen(None, first_day, last_day, datetime.now(UTC))
    question = ExportQuestion(format=ExportFormat(format_), out=out.absolute(), period=period)
    settings = LedgerSettings()
    with (
        waiting_for(f"exporting to {out}"),
        open_reader(settings.dir, retention_months=settings.retention_months) as reader,
    ):
        made = reader.ask(EXPORT, question)
    if made.not_covered is not None:
        gap = made.not_covered
        warn(f"records from {gap.first_day} to {gap.last_day} are no longer kept in full")
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        what = "audit events" if made.format is ExportFormat.FHIR else "decisions"
        say(f"{made.rows:,} {what} in {len(made.files)} files: {out}")


def snapshot(*, out: OutFolder, as_json: JsonFlag = False) -> None:
    """Copy the ledger as it is now, also while the recorder runs; ask the copy with DISCLOSURE_LEDGER_DIR.

    Sealed files are hard links where the file system allows. The copy stands still: many may read it at once.
    """
    from disclosure_ledger.door.opening import open_reader  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.exports.copying import SNAPSHOT, CopyQuestion  # noqa: PLC0415
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415

    settings = LedgerSettings()
    with (
        waiting_for(f"copying to {out}"),
        open_reader(settings.dir, retention_months=settings.retention_months) as reader,
    ):
        made = reader.ask(SNAPSHOT, CopyQuestion(out=out.absolute()))
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        say(f"{made.decisions:,} decisions, {made.segments} sealed files: {out}")
