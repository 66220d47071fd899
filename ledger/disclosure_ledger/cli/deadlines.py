"""`disclosures deadlines`."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from cyclopts import Parameter

from disclosure_consumers.core.days import calendars
from disclosure_consumers.core.days.deadlines import california_day
from disclosure_ledger.cli.failures import UsageError
from disclosure_ledger.cli.moment import moment
from disclosure_ledger.cli.output import JsonFlag, print_json, print_table, say
from disclosure_schemas.moments import microseconds

if TYPE_CHECKING:
    from disclosure_consumers.core.registry import Notice, Registry

_YEARS = range(2000, 2200)
"""Receipt in any other year is a slip of the pen, and the holiday calendar ends somewhere."""


class RequestKind(StrEnum):
    """What a person asked for."""

    OPT_OUT = "opt-out"
    LIMIT = "limit"
    KNOW = "know"
    DELETE = "delete"
    CORRECT = "correct"


class Deadline(NamedTuple):
    """The last day on which a duty is done in time, by one way of counting."""

    duty: str
    reading: str
    last_day: date
    counted: str
    rule: str
    binds: bool = False


_COMPLY = {
    RequestKind.OPT_OUT: (calendars.OPT_OUT_BUSINESS_DAYS, "11 CCR 7026(f)(1)"),
    RequestKind.LIMIT: (calendars.LIMIT_BUSINESS_DAYS, "11 CCR 7027"),
}
_CONFIRM_RULE = "11 CCR 7021"
_RESPOND_RULE = "Civ. Code 1798.130(a)(2)(A)"
_READINGS = {
    "strict": ("Monday to Saturday", "; Civ. Code 7, 9"),
    "target": ("Monday to Friday", ""),
    "outer": ("Monday to Friday, less holidays", ""),
}
_READING_OF_TOGGLE = {"mon_sat": "strict", "mon_fri": "target"}


def deadlines(
    *,
    received: Annotated[str, Parameter(help="When the request was received, with time zone.")],
    kind: Annotated[RequestKind, Parameter(help="What was asked for.")] = RequestKind.OPT_OUT,
    notice: Annotated[
        str | None, Parameter(help="Id of the published notice; a shorter promise in it binds.")
    ] = None,
    registry: Annotated[
        Path | None, Parameter(help="Folder of the registry with the notices and toggles.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Print by when a request must be dealt with, by each way of counting, and which date binds.

    Example: `disclosures deadlines --received 2026-11-22T10:00-08:00 --kind opt-out --notice
    massmutual_workforce_2022`.

    The law says "business days" and does not define them, so there are three dates: *strict* counts Monday to
    Saturday, *target* Monday to Friday, *outer* takes holidays off too. The strict one binds, because keeping
    it keeps all three, unless the toggle business_days of the registry says mon_fri; holidays never move the
    date that binds. Day 1 is the day after the day of receipt in California. These are outer limits: an
    opt-out is obeyed at once.

    With --registry alone the notice in force at receipt counts; with --notice alone the gate's registry is
    read (DISCLOSURE_GATE_REGISTRY, or the example).
    """
    received_at = moment(received, "--received")
    received_us = microseconds(received_at)
    day = california_day(received_us)
    if day.year not in _YEARS:
        raise UsageError(
            f"--received takes a moment of the years {_YEARS[0]} to {_YEARS[-1]}, got one of {day.year}. "
            "Correct the year."
        )
    known = _registry(registry, notice)
    published = None if known is None else _notice_at(known, received_us, notice)
    rows = _with_binding(list(_deadlines(kind, day, published)), known)
    if as_json:
        print_json(
            {
                "kind": kind,
                "received_at": received_at,
                "received_day": str(day),
                "notice_id": None if published is None else published.id,
                "deadlines": [{**row._asdict(), "last_day": str(row.last_day)} for row in rows],
            }
        )
    else:
        _print(kind, day, published, rows)


def _deadlines(kind: RequestKind, day: date, notice: "Notice | None") -> Iterator[Deadline]:
    if kind in _COMPLY:
        count, rule = _COMPLY[kind]
        yield from _business_days("comply", day, count, rule)
        promised = _promised(kind, notice)
        if notice is not None and promised is not None:
            last_day = calendars.calendar_day_after(day, promised)
            counted = f"{promised} calendar days"
            yield Deadline("comply", "notice", last_day, counted, f"promise of the notice {notice.id}")
        return
    yield from _business_days("confirm receipt", day, calendars.CONFIRM_BUSINESS_DAYS, _CONFIRM_RULE)
    answer = calendars.response_dates(day)
    yield Deadline("respond", "calendar", answer.respond, "45 calendar days", _RESPOND_RULE)
    yield Deadline(
        "respond",
        "extended",
        answer.extended,
        f"90 calendar days, if the person is told why by {answer.respond}",
        _RESPOND_RULE,
    )


def _business_days(duty: str, day: date, count: int, rule: str) -> Iterator[Deadline]:
    from disclosure_consumers.holiday_calendar import holidays_around  # noqa: PLC0415 - loads the library

    dates = calendars.business_dates_after(day, count, holidays_around(day))
    for reading, last_day in dates._asdict().items():
        weekdays, more = _READINGS[reading]
        yield Deadline(duty, reading, last_day, f"{count} business days, {weekdays}", rule + more)


def _with_binding(rows: list[Deadline], registry: "Registry | None") -> list[Deadline]:
    """Mark the one row of each duty that binds: the earliest of those that the toggles let bind."""
    binding = {
        "calendar",
        "strict" if registry is None else _READING_OF_TOGGLE[registry.policy.business_days],
    }
    if registry is None or registry.policy.notice_sla_override:
        binding.add("notice")
    first = {
        duty: min(
            (row for row in rows if row.duty == duty and row.reading in binding),
            key=lambda row: row.last_day,
        )
        for duty in {row.duty for row in rows}
    }
    return [row._replace(binds=row is first[row.duty]) for row in rows]


def _promised(kind: RequestKind, notice: "Notice | None") -> int | None:
    """Calendar days that a notice promises for this kind of request."""
    if notice is None:
        return None
    promises = {RequestKind.OPT_OUT: notice.opt_out_days, RequestKind.LIMIT: notice.limit_days}
    return promises.get(kind)


def _registry(folder: Path | None, notice_id: str | None) -> "Registry | None":
    if folder is None and notice_id is None:
        return None
    from disclosure_consumers.registry_files import example_registry, load_registry  # noqa: PLC0415 - loads YAML
    from disclosure_consumers.settings import GateSettings  # noqa: PLC0415

    chosen = folder or GateSettings().registry or example_registry()
    return load_registry(chosen, None if notice_id is None else [notice_id])


def _notice_at(registry: "Registry", received_us: int, notice_id: str | None) -> "Notice | None":
    """The notice in force at receipt; raises UsageError where the one that was named was not."""
    notice = registry.notice_at(received_us)
    if notice is None and notice_id is not None:
        raise UsageError(
            f"the notice {notice_id} was not in force when the request was received, so it promises nothing "
            "for it. Name the notice of that day, or leave --notice out and pass --registry."
        )
    return notice


def _print(kind: RequestKind, day: date, notice: "Notice | None", rows: list[Deadline]) -> None:
    say(f"{kind} received on {day:%A}, {day}, in California")
    print_table(
        ("Last day", "", "Duty", "Reading", "Counted", "Rule", ""),
        [
            (
                str(row.last_day),
                f"{row.last_day:%A}",
                row.duty,
                row.reading,
                row.counted,
                row.rule,
                "binds" if row.binds else "",
            )
            for row in rows
        ],
    )
    if notice is not None and all(row.reading != "notice" for row in rows):
        say(f"The notice {notice.id} promises no number of days for this.")
    if kind in _COMPLY:
        say("These are outer limits: obey it at once, and tell it to all who still get what it stops.")
