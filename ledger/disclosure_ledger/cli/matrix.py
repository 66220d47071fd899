"""`disclosures matrix`."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from disclosure_ledger.cli.failures import CHECK_FAILED, UsageError
from disclosure_ledger.cli.output import JsonFlag, print_json, print_text, show, warn
from disclosure_ledger.cli.periods import FirstDay, Last, LastDay


def matrix(
    *,
    last: Last = None,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    check: Annotated[
        bool, Parameter(help="Exit code 1 where anything was seen that is not declared.")
    ] = False,
    as_csv: Annotated[bool, Parameter(name="--csv", help="Print the cells as CSV.")] = False,
    as_json: JsonFlag = False,
) -> int:
    """Hold what was disclosed against the published notice: declared, seen, or both.

    By category of information, category of recipients and kind, twelve months back unless another period is
    named; each day by the notice then in force. Also recipients without a valid contract, and what was
    stopped for either. Asks the running recorder, or opens the ledger where none runs.
    """
    from disclosure_ledger.answers.periods import chosen  # noqa: PLC0415
    from disclosure_ledger.door.opening import open_reader  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.reality.asking import MATRIX, RealityQuestion  # noqa: PLC0415
    from disclosure_ledger.reality.terminal import matrix_csv, matrix_view  # noqa: PLC0415
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415

    if as_csv and as_json:
        raise UsageError("--csv and --json exclude each other: choose one.")
    period = chosen(last, first_day, last_day, datetime.now(UTC))
    settings = LedgerSettings()
    with open_reader(settings.dir, retention_months=settings.retention_months) as reader:
        found = reader.ask(MATRIX, RealityQuestion(period=period))
    if as_json:
        print_json({"schema": "disclosure-ledger/matrix/1", **found.model_dump(mode="json")})
    elif as_csv:
        print_text(matrix_csv(found))
    else:
        show(matrix_view(found))
    if check and found.undeclared:
        warn(f"disclosures: {found.statement}")
        return CHECK_FAILED
    return 0
