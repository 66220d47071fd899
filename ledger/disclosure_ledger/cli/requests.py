"""`disclosures requests add|list|show|confirm|verify|extend|answer|deny|withdraw|metrics|purge`."""

import getpass
import uuid
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from disclosure_consumers.core.days.calendars import Regime
from disclosure_ledger.cli.asking import asked
from disclosure_ledger.cli.failures import UsageError
from disclosure_ledger.cli.moment import moment
from disclosure_ledger.cli.output import JsonFlag, print_json, say
from disclosure_ledger.cli.person import Person, exactly_one
from disclosure_ledger.requests.vocabulary import (
    AgentPermission,
    Basis,
    Change,
    Manner,
    Nature,
    Status,
    Verification,
)

if TYPE_CHECKING:
    from disclosure_ledger.requests.views import RequestStory

requests = App(name="requests", help="Requests of persons: register, clocks, yearly figures.")

RequestId = Annotated[uuid.UUID, Parameter(help="Id of the request, as `list` prints it.")]
By = Annotated[str | None, Parameter(help="Who acts; the user of this computer if left out.")]
At = Annotated[str | None, Parameter(help="When it happened, with time zone; now if left out.")]
NoteText = Annotated[str | None, Parameter(name="--note", help="Free words; never personal information.")]


class Form(StrEnum):
    """How the yearly figures are written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


@requests.command
def add(
    nature: Annotated[Nature, Parameter(help="What is asked for.")],
    person: Person | None = None,
    *,
    manner: Annotated[Manner, Parameter(help="How the request was made.")],
    received: Annotated[
        str | None, Parameter(help="When it was received, with time zone; now if left out.")
    ] = None,
    regime: Annotated[Regime, Parameter(help="Law under which it is made.")] = Regime.CCPA,
    agent: Annotated[
        str | None, Parameter(help="Authorized agent who made it: a name of your own for it.")
    ] = None,
    agent_permission: Annotated[AgentPermission | None, Parameter(help="What the agent has shown.")] = None,
    preference: Annotated[
        uuid.UUID | None,
        Parameter(help="Event id of the preference recorded for it: it counts once."),
    ] = None,
    note: NoteText = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Enter a request that was received: to know, delete, correct, opt out or limit.

    Example: `disclosures requests add know --email a@example.com --manner phone`. The person need not be in
    any record. Opt-outs, limits and deletions that were recorded as preferences are in the register already.
    """
    from disclosure_ledger.requests.operations import REQUESTS_ADD  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.requests.views import NewRequest  # noqa: PLC0415

    subject = exactly_one(person or Person())
    body = NewRequest(
        nature=nature,
        manner=manner,
        subject_key=subject.key,
        subject_type=subject.type,
        regime=regime,
        received_at=None if received is None else moment(received, "--received"),
        agent=agent,
        agent_permission=agent_permission,
        preference_event_id=preference,
        note=note,
        by=by or getpass.getuser(),
    )
    _print_story(asked(REQUESTS_ADD, body), as_json=as_json)


@requests.command(name="list")
def list_(
    person: Person | None = None,
    *,
    nature: Annotated[tuple[Nature, ...], Parameter(help="Only of this nature; repeat.")] = (),
    status: Annotated[tuple[Status, ...], Parameter(help="Only those that stand so; repeat.")] = (),
    regime: Annotated[tuple[Regime, ...], Parameter(help="Only under this law; repeat.")] = (),
    first_day: Annotated[
        date | None, Parameter(name="--from", help="First day of receipt (California), YYYY-MM-DD.")
    ] = None,
    last_day: Annotated[date | None, Parameter(name="--to", help="Last day of receipt.")] = None,
    limit: Annotated[int, Parameter(help="Most to print, up to 1000.")] = 100,
    cursor: Annotated[str | None, Parameter(help="Next page: the cursor the last one printed.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List requests, the newest first, with the day by which something is owed."""
    from disclosure_ledger.cli.requests_text import print_page  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.requests.operations import REQUESTS_LIST  # noqa: PLC0415
    from disclosure_ledger.requests.views import RequestFilter  # noqa: PLC0415

    body = RequestFilter(
        natures=nature,
        statuses=status,
        regimes=regime,
        subject_keys=tuple(subject.key for subject in (person or Person()).subjects()),
        received_from=_day(first_day),
        received_to=_day(last_day),
        cursor=cursor,
        limit=limit,
    )
    page = asked(REQUESTS_LIST, body)
    print_json(page.model_dump(mode="json")) if as_json else print_page(page)


@requests.command
def show(request_id: RequestId, *, as_json: JsonFlag = False) -> None:
    """Show one request: its fields, its clocks, all that happened to it."""
    from disclosure_ledger.requests.operations import REQUESTS_SHOW  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.requests.views import RequestQuestion  # noqa: PLC0415

    _print_story(asked(REQUESTS_SHOW, RequestQuestion(request_id=request_id)), as_json=as_json)


@requests.command
def confirm(
    request_id: RequestId, *, at: At = None, note: NoteText = None, by: By = None, as_json: JsonFlag = False
) -> None:
    """Say that receipt was confirmed to the person: within 10 business days (11 CCR 7021)."""
    _change(request_id, Change.CONFIRMED, at, by, as_json=as_json, note=note)


@requests.command
def verify(
    request_id: RequestId,
    *,
    degree: Annotated[Verification, Parameter(help="To which degree it is known who asks.")],
    at: At = None,
    note: NoteText = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Say that it was verified who asks; the clock does not stop for it."""
    _change(request_id, Change.VERIFIED, at, by, as_json=as_json, note=note, verification=degree)


@requests.command
def extend(
    request_id: RequestId,
    *,
    reason: Annotated[str, Parameter(help="Why more time is needed, as the person was told.")],
    at: At = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Say that the person was told of an extension: once, and by the last day to respond without one."""
    _change(request_id, Change.EXTENDED, at, by, as_json=as_json, note=reason)


@requests.command
def answer(
    request_id: RequestId,
    *,
    in_part: Annotated[bool, Parameter(help="Complied with in part; the rest is denied on --basis.")] = False,
    basis: Annotated[Basis | None, Parameter(help="Why the rest was denied.")] = None,
    at: At = None,
    note: NoteText = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Say that the request was complied with, in whole or part; closes it."""
    _change(request_id, Change.ANSWERED, at, by, as_json=as_json, note=note, in_part=in_part, basis=basis)


@requests.command
def deny(
    request_id: RequestId,
    *,
    basis: Annotated[Basis, Parameter(help="Why it is denied.")],
    at: At = None,
    note: NoteText = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Say that the request was denied, and on which basis; closes it."""
    _change(request_id, Change.DENIED, at, by, as_json=as_json, note=note, basis=basis)


@requests.command
def withdraw(
    request_id: RequestId, *, at: At = None, note: NoteText = None, by: By = None, as_json: JsonFlag = False
) -> None:
    """Say that the person took the request back; closes it."""
    _change(request_id, Change.WITHDRAWN, at, by, as_json=as_json, note=note)


@requests.command
def metrics(
    *,
    year: Annotated[int | None, Parameter(help="Calendar year; the last one if left out.")] = None,
    form: Annotated[Form, Parameter(name="--form", help="How to write them.")] = Form.TEXT,
    output: Annotated[Path | None, Parameter(help="File to write to; printed if left out.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Figures of one year's requests as 11 CCR 7102 wants them published by July 1.

    Received, complied with in whole or part, denied, and the median and mean days to respond, for each nature
    of request. Of the opt-out signals of one device the first counts.
    """
    from disclosure_ledger.cli.requests_text import metrics_text, print_metrics  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.requests.operations import REQUESTS_METRICS  # noqa: PLC0415
    from disclosure_ledger.requests.views import MetricsQuestion  # noqa: PLC0415

    chosen = Form.JSON if as_json else form
    figures = asked(REQUESTS_METRICS, MetricsQuestion(year=year or datetime.now(UTC).year - 1))
    if output is None and chosen is Form.TEXT:
        print_metrics(figures)
        return
    text = metrics_text(figures, chosen.value)
    if output is None:
        say(text.rstrip("\n"))
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}. Name another file.") from error


@requests.command
def purge(
    *,
    older_than: Annotated[int, Parameter(name="--older-than-months", help="24 or more.")],
    dry_run: Annotated[bool, Parameter(help="Only say how many there are.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Delete closed requests that need not be kept any longer: never under 24 months (11 CCR 7101).

    Accountings under HIPAA stay six years. Requests that are preferences stay with the preference.
    """
    from disclosure_ledger.requests.operations import REQUESTS_PURGE  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.requests.views import PurgeQuestion  # noqa: PLC0415

    purged = asked(REQUESTS_PURGE, PurgeQuestion(older_than_months=older_than, dry_run=dry_run))
    if as_json:
        print_json(purged.model_dump(mode="json"))
        return
    done = "would be deleted" if dry_run else "deleted"
    say(f"{purged.requests:,} requests closed before {purged.closed_before:%Y-%m-%d} {done}")


def _change(
    request_id: uuid.UUID, change: Change, at: str | None, by: str | None, *, as_json: bool, **fields: Any
) -> None:
    from disclosure_ledger.requests.operations import REQUESTS_CHANGE  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.requests.views import RequestChange  # noqa: PLC0415

    body = RequestChange(
        request_id=request_id,
        change=change,
        by=by or getpass.getuser(),
        at=None if at is None else moment(at, "--at"),
        **fields,
    )
    _print_story(asked(REQUESTS_CHANGE, body), as_json=as_json)


def _print_story(story: "RequestStory", *, as_json: bool) -> None:
    from disclosure_ledger.cli.requests_text import print_story  # noqa: PLC0415 - loads DuckDB

    print_json(story.model_dump(mode="json")) if as_json else print_story(story)


def _day(day: date | None) -> date | None:
    return day.date() if isinstance(day, datetime) else day
