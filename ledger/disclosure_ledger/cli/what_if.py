"""`disclosures what-if`."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators

from disclosure_ledger.cli.failures import UsageError
from disclosure_ledger.cli.output import JsonFlag, print_json, print_table, say, warn

if TYPE_CHECKING:
    from disclosure_consumers.replay.what_if import WhatIfResult


def what_if(
    *,
    registry: Annotated[Path, Parameter(help="Folder of the registry to try.")],
    notice: Annotated[
        tuple[str, ...],
        Parameter(help="Id of a notice to publish in place of those in policy.yaml; may be repeated."),
    ] = (),
    since: Annotated[
        str | None, Parameter(help="Only decisions made from this moment on, with time zone.")
    ] = None,
    until: Annotated[str | None, Parameter(help="Only decisions made before this moment.")] = None,
    limit: Annotated[
        int | None, Parameter(help="At most so many decisions.", validator=validators.Number(gte=1))
    ] = None,
    csv_file: Annotated[
        Path | None, Parameter(name="--csv", help="Also write the table of changes to this file.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Decide the whole log again by another registry, and show what would have come out otherwise.

    Try a new notice, contract or setting on what really happened, before it is published. Every decision is
    made again as of its own moment and with the preferences known then; the table says to whom, of which
    category of information, from which outcome and reason to which, how often, and names examples for
    `disclosures explain`. Nothing is written to the log, and no running gate is touched.

    Example: `disclosures what-if --registry draft/ --since 2026-11-01T00:00:00Z --csv changes.csv`.
    """
    from disclosure_consumers.replay.stored_decisions import SecondDecider  # noqa: PLC0415
    from disclosure_consumers.replay.what_if import what_if as decide_again  # noqa: PLC0415
    from disclosure_ledger.cli.log_again import broker_log, first_kept, gate_registry, window_of  # noqa: PLC0415

    if csv_file is not None and not csv_file.absolute().parent.is_dir():
        raise UsageError(
            f"--csv takes a file in a folder that is there, got {csv_file}. Make the folder first."
        )
    window = window_of(since, until, limit)
    tried = gate_registry(registry, notice)
    with broker_log(tried) as (session, opened):
        result = decide_again(session.decisions(opened, window), opened, SecondDecider(tried))
    if csv_file is not None:
        _write(result, csv_file)
    if as_json:
        print_json({**result.as_json(), "notes": first_kept(opened)})
        return
    for note in first_kept(opened):
        warn(f"note: {note}")
    _print(result)


def _print(result: "WhatIfResult") -> None:
    rows = [
        (
            recipient,
            _words(category),
            _finding(*was),
            _finding(*would_be),
            decisions,
            examples.partition(" ")[0],
        )
        for recipient, category, *found, decisions, examples in result.rows()
        for was, would_be in [(found[:3], found[3:])]
    ]
    if rows:
        columns = ("Recipient", "Category", "Was", "Would be", "Decisions", "Such as")
        print_table(columns, rows)
        say()
    for line in result.lines():
        say(line)


def _finding(outcome: str, kind: str, reason: str) -> str:
    return f"{_words(outcome)}, {_words(kind)}: {reason}"


def _words(code: str) -> str:
    return code.replace("_", " ")


def _write(result: "WhatIfResult", path: Path) -> None:
    from disclosure_consumers.replay.what_if import COLUMNS  # noqa: PLC0415

    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(result.rows())
    except OSError as error:
        raise UsageError(f"the changes cannot be written to {path}: {error.strerror}.") from error
