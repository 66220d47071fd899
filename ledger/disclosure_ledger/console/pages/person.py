"""One person's file: what was disclosed and stopped, what holds, reports, and a choice recorded live."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from disclosure_ledger.answers.answer import Finding
from disclosure_ledger.answers.periods import chosen
from disclosure_ledger.api.look_ups import look_up
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import principal_of, services_of
from disclosure_ledger.console import months
from disclosure_ledger.console.choices import CHANNELS, OFFERED, look_again, record_choice, what_holds
from disclosure_ledger.console.forms import AnyRequest, Form, FormError, files_of
from disclosure_ledger.console.navigation import PEOPLE, WORKERS
from disclosure_ledger.console.opened import PersonFile
from disclosure_ledger.console.rendering import page
from disclosure_ledger.overview.operations import TIMELINE, TimelineQuestion
from disclosure_ledger.reports.operation import REPORT
from disclosure_ledger.reports.question import ReportQuestion, ReportRegime, ReportSubject
from disclosure_ledger.reports.rendering.files import SUFFIXES, ReportFormat, rendered

FILE = f"{PEOPLE}/{{file_id:str}}"

PERIODS = (
    ("30d", "30 days"),
    ("90d", "90 days"),
    ("12m", "12 months"),
    ("24m", "24 months"),
    ("6y", "6 years"),
)
"""Periods a file can be read for, up to today."""

REGIMES = (
    (ReportRegime.CALIFORNIA.value, "California"),
    (ReportRegime.OREGON.value, "Oregon"),
    (ReportRegime.MINNESOTA.value, "Minnesota"),
    (ReportRegime.CONNECTICUT.value, "Connecticut"),
    (ReportRegime.DELAWARE.value, "Delaware"),
    (ReportRegime.MARYLAND.value, "Maryland"),
    (ReportRegime.WASHINGTON.value, "Washington, health data"),
    (ReportRegime.EUROPE.value, "Europe, GDPR"),
    (ReportRegime.HIPAA.value, "HIPAA accounting"),
)
FORMATS = (
    (ReportFormat.PDF.value, "PDF"),
    (ReportFormat.HTML.value, "Web page"),
    (ReportFormat.CSV.value, "Tables (CSV)"),
    (ReportFormat.JSON.value, "JSON"),
    (ReportFormat.TEXT.value, "Text"),
)
_MEDIA_TYPES = {
    ReportFormat.PDF: "application/pdf",
    ReportFormat.HTML: "text/html; charset=utf-8",
    ReportFormat.CSV: "text/csv; charset=utf-8",
    ReportFormat.JSON: "application/json",
    ReportFormat.TEXT: "text/plain; charset=utf-8",
}
_ENTRIES_MAX = 300


def person_routes() -> list[HTTPRouteHandler]:
    """Routes of an open file."""
    return [person, person_now, record, report, close]


@get(FILE, opt=allowed(*WORKERS, looks_up_person=True), include_in_schema=False)
async def person(request: AnyRequest, file_id: FromPath[str], last: FromQuery[str] = "12m") -> Response[str]:
    """The file; each time it is read is a row of the access log."""
    services, file = services_of(request), _file(request, file_id)
    if last not in dict(PERIODS):
        raise FormError(f"the period is one of {', '.join(dict(PERIODS))}.")
    period = chosen(last, None, None, services.clock())

    def ask() -> tuple[Any, Any]:
        question = TimelineQuestion(subject_keys=file.subject_keys, period=period)
        answer = services.reader.to_whom(file.subject_keys, period, include_blocked=True)
        return answer, services.reader.ask(TIMELINE, question)

    answer, line = await asyncio.to_thread(ask)
    file.habits = line.habits
    now = await asyncio.to_thread(_now, request, file)
    is_known = answer.finding is not Finding.UNKNOWN_SUBJECT or now.is_known or bool(file.recorded)
    await look_up(request, file.purpose, found=is_known, subject_keys=file.subject_keys)
    return page(
        request,
        "person",
        file=file,
        file_path=f"{PEOPLE}/{file_id}",
        answer=answer,
        is_known=is_known,
        entries=line.entries[:_ENTRIES_MAX],
        entries_in_all=len(line.entries),
        chart=months.of_entries(line.entries, period),
        counts=months.counts(line.entries),
        now=now,
        last=last,
        periods=PERIODS,
        offered=OFFERED,
        channels=CHANNELS,
        regimes=REGIMES,
        formats=FORMATS,
    )


@get(f"{FILE}/now", opt=allowed(*WORKERS, looks_up_person=True), include_in_schema=False)
async def person_now(request: AnyRequest, file_id: FromPath[str]) -> Response[str]:
    """The live part of an open file; it belongs to the look-up that the page itself wrote down."""
    file = _file(request, file_id)
    return page(request, "person_now", file=file, now=await asyncio.to_thread(_now, request, file))


@post(f"{FILE}/choice", opt=allowed(*WORKERS), include_in_schema=False)
async def record(request: AnyRequest, file_id: FromPath[str], data: Form) -> Redirect:
    """Record what the person asks for; decisions obey it before the page is back."""
    file = _file(request, file_id)
    await record_choice(services_of(request), file, data.get("choice", ""), data.get("channel", ""))
    return Redirect(f"{PEOPLE}/{file_id}#now", status_code=303)


@get(f"{FILE}/report", opt=allowed(*WORKERS, looks_up_person=True), include_in_schema=False)
async def report(
    request: AnyRequest, file_id: FromPath[str], regime: FromQuery[str], form: FromQuery[str]
) -> Response[bytes]:
    """A report as a file to keep or hand out."""
    services, file = services_of(request), _file(request, file_id)
    if regime not in dict(REGIMES) or form not in dict(FORMATS):
        raise FormError("choose the law and the form of the report.")
    question = ReportQuestion(
        regime=ReportRegime(regime),
        subjects=tuple(ReportSubject(key=subject.key, type=subject.type) for subject in file.subjects),
        same_person=True,  # who opened the file has named them as one person's
        accept_unknown=True,
    )

    def make() -> bytes:
        return rendered(services.reader.ask(REPORT, question), ReportFormat(form))

    content = await asyncio.to_thread(make)
    await look_up(request, file.purpose, found=True, subject_keys=file.subject_keys)
    name = f"report-{regime}-{services.clock():%Y-%m-%d}{SUFFIXES[ReportFormat(form)]}"
    return Response(
        content,
        media_type=_MEDIA_TYPES[ReportFormat(form)],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@post(f"{FILE}/close", opt=allowed(*WORKERS), include_in_schema=False, sync_to_thread=False)
def close(request: AnyRequest, file_id: FromPath[str]) -> Redirect:
    """Close the file."""
    files_of(request).close_person(file_id, principal_of(request), services_of(request).clock())
    return Redirect(PEOPLE, status_code=303)


def _file(request: AnyRequest, file_id: str) -> PersonFile:
    return files_of(request).person(file_id, principal_of(request), services_of(request).clock())


def _now(request: AnyRequest, file: PersonFile) -> Any:
    services = services_of(request)
    for recorded in file.recorded:
        look_again(services, recorded, services.clock())
    return what_holds(services, file)
