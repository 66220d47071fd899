"""Moments on the command line: ISO 8601 with a time zone."""

from datetime import datetime
from typing import Annotated

from cyclopts import Parameter

from disclosure_ledger.cli.failures import UsageError

KnownAt = Annotated[
    str | None,
    Parameter(name="--known-at", help="What we would have said at this moment (ISO 8601); now if left out."),
]


def moment(text: str, option: str) -> datetime:
    """Read a moment; raises UsageError where it is none, or where nobody can tell when it was."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise UsageError(
            f"{option} takes a moment with a time zone such as 2026-11-22T10:30:00-08:00 or "
            f"2026-11-22T18:30:00Z, got {text!r}."
        )
    return read
