"""`disclosures policy-tables`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from disclosure_ledger.cli.failures import UsageError
from disclosure_ledger.cli.files import write_whole
from disclosure_ledger.cli.output import JsonFlag, print_text, warn
from disclosure_ledger.cli.periods import FirstDay, Last, LastDay

Format = Literal["markdown", "html", "csv", "json"]


def policy_tables(
    *,
    last: Last = None,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    form: Annotated[
        Format | None, Parameter(name="--format", help="markdown, html, csv or json; markdown if left out.")
    ] = None,
    out: Annotated[Path | None, Parameter(help="File to write, whole or not at all.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make the tables of your privacy policy from what was disclosed (11 CCR 7011(e)), ready to publish.

    Categories collected, sources, purposes; sold or shared, disclosed for a business purpose, each with its
    categories of recipients, or the statement that nothing was; consumers under 16; sensitive information.
    Twelve months back unless another period is named. What to settle before publishing is said on stderr.
    """
    from disclosure_ledger.answers.periods import chosen  # noqa: PLC0415
    from disclosure_ledger.door.opening import open_reader  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.reality import publishing  # noqa: PLC0415
    from disclosure_ledger.reality.asking import POLICY_TABLES, RealityQuestion  # noqa: PLC0415
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415

    if as_json and form not in {None, "json"}:
        raise UsageError(f"--json and --format {form} exclude each other: choose one.")
    period = chosen(last, first_day, last_day, datetime.now(UTC))
    settings = LedgerSettings()
    with open_reader(settings.dir, retention_months=settings.retention_months) as reader:
        tables = reader.ask(POLICY_TABLES, RealityQuestion(period=period))
    if as_json or form == "json":
        text = publishing.to_json(tables)
    elif form == "html":
        text = publishing.to_html(tables)
    else:
        text = publishing.to_csv(tables) if form == "csv" else publishing.to_markdown(tables)
    for warning in tables.warnings:
        warn(f"Note: {warning}")
    if out is None:
        print_text(text)
    else:
        write_whole(out, text.encode())
