"""`disclosures to-whom`."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from disclosure_ledger.cli.moment import KnownAt, moment
from disclosure_ledger.cli.output import JsonFlag, print_json, show
from disclosure_ledger.cli.person import Person, at_least_one


def to_whom(
    person: Person | None = None,
    *,
    last: Annotated[str | None, Parameter(help="Period up to today: 12m, 90d, 6w, 2y.")] = None,
    first_day: Annotated[
        str | None, Parameter(name="--from", help="First day (California), YYYY-MM-DD.")
    ] = None,
    last_day: Annotated[str | None, Parameter(name="--to", help="Last day; today if left out.")] = None,
    blocked: Annotated[bool, Parameter(help="Also what was asked for and not disclosed.")] = False,
    known_at: KnownAt = None,
    as_json: JsonFlag = False,
) -> None:
    """Answer one person: to whom was my data disclosed, what, and why.

    Example: `disclosures to-whom --email a@example.com --last 12m`. Several identifiers of one person give
    one answer. Two lists, as the law wants them: sold or shared, and disclosed for a business purpose.
    `--known-at` answers what would have been said at an earlier moment. Asks the running recorder, or opens
    the ledger (DISCLOSURE_LEDGER_DIR) where none runs.
    """
    from disclosure_ledger.answers.periods import chosen  # noqa: PLC0415
    from disclosure_ledger.answers.rendering import answer_to_json  # noqa: PLC0415
    from disclosure_ledger.answers.terminal import answer_view  # noqa: PLC0415
    from disclosure_ledger.door.opening import open_reader  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415

    keys = [subject.key for subject in at_least_one(person or Person())]
    period = chosen(last, first_day, last_day, datetime.now(UTC))
    known = None if known_at is None else moment(known_at, "--known-at")
    settings = LedgerSettings()
    with open_reader(settings.dir, retention_months=settings.retention_months) as reader:
        answer = reader.to_whom(keys, period, include_blocked=blocked, known_at=known)
    if as_json:
        print_json(answer_to_json(answer))
    else:
        show(answer_view(answer))
