"""`disclosures report`."""

import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from cyclopts import Parameter

from disclosure_ledger.cli.failures import UsageError
from disclosure_ledger.cli.moment import moment
from disclosure_ledger.cli.output import JsonFlag, print_json, say
from disclosure_ledger.cli.person import Person, at_least_one

if TYPE_CHECKING:
    from disclosure_ledger.answers.periods import Period
    from disclosure_ledger.reports.question import ReportQuestion, Suspension, Verification
    from disclosure_ledger.reports.report import Report

RegimeWord = Literal["us-ca", "us-or", "us-mn", "us-ct", "us-de", "us-md", "us-wa", "eu", "hipaa"]
FormatWord = Literal["json", "csv", "pdf", "html", "text"]

_SUSPENSION = re.compile(r"(?P<id>[^=]+)=(?P<stated>\d{4}-\d{2}-\d{2})(\.\.(?P<until>\d{4}-\d{2}-\d{2}))?")


def report(
    person: Person | None = None,
    *,
    regime: Annotated[str | None, Parameter(help=f"The law: {', '.join(get_args(RegimeWord))}.")] = None,
    last: Annotated[str | None, Parameter(help="Period up to today: 12m, 90d, 6w, 2y.")] = None,
    first_day: Annotated[
        str | None, Parameter(name="--from", help="First day (California), YYYY-MM-DD.")
    ] = None,
    last_day: Annotated[str | None, Parameter(name="--to", help="Last day; today if left out.")] = None,
    everything: Annotated[bool, Parameter(name="--all", help="As far back as the law reaches.")] = False,
    received: Annotated[str | None, Parameter(help="When the request was received; now if left out.")] = None,
    request_id: Annotated[str | None, Parameter(help="Number of the request, shown in the report.")] = None,
    verified: Annotated[
        Literal["reasonable", "reasonably_high"] | None, Parameter(help="Degree to which it was verified.")
    ] = None,
    names: Annotated[bool, Parameter(help="California: also an annex with names.")] = False,
    shine_the_light: Annotated[
        bool, Parameter(help="California: also who received data for its own direct marketing.")
    ] = False,
    suspend: Annotated[
        tuple[str, ...],
        Parameter(help="HIPAA: an agency's statement, ID=STATED..UNTIL, or ID=STATED where it was oral."),
    ] = (),
    same_person: Annotated[bool, Parameter(help="The accounts named are one person's.")] = False,
    no_match: Annotated[bool, Parameter(help="Answer a person nobody knows, rather than refuse.")] = False,
    internal: Annotated[
        bool, Parameter(help="JSON with what the person is not told. Never hand it out.")
    ] = False,
    known_at: Annotated[
        str | None, Parameter(help="As it was known at an earlier moment, with time zone.")
    ] = None,
    form: Annotated[FormatWord, Parameter(name="--format", help="How it is written.")] = "text",
    out: Annotated[
        Path | None, Parameter(help="File to write; for csv a new folder, one file a list.")
    ] = None,
    schema: Annotated[
        bool, Parameter(help="Print the JSON Schema of --format json and do nothing else.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write the report that a law gives one person: to whom the data went, in the form that law asks for.

    Example: `disclosures report --regime us-ca --email a@example.com --format pdf --out answer.pdf`.
    California: categories in two lists; Oregon, Minnesota, Connecticut, Washington and Europe: names; HIPAA:
    an accounting of six years. Nothing is overwritten, and nothing is half written.
    """
    from disclosure_ledger.reports.rendering.json_form import published_schema, report_to_json  # noqa: PLC0415

    if schema:
        print_json(published_schema())
        return
    if internal and not (as_json or form == "json"):
        raise UsageError("--internal is for JSON alone, so that it gets into no letter. Add --format json.")
    question = _question(
        person or Person(),
        regime,
        period=_period(last, first_day, last_day, everything=everything),
        everything=everything,
        received_at=None if received is None else moment(received, "--received"),
        request_id=request_id,
        verification=_verification(verified),
        names=names,
        shine_the_light=shine_the_light,
        suspensions=tuple(_suspension(text) for text in suspend),
        same_person=same_person,
        accept_unknown=no_match,
        with_internal=internal,
        known_at=None if known_at is None else moment(known_at, "--known-at"),
    )
    made = _made(question, out)
    if out is not None:
        _write(made, form, out)
    if as_json:
        print_json(report_to_json(made))
    elif out is None:
        _print(made, form)
    else:
        say(f"{made.statement} Due {made.deadlines.respond_by}. Written to {out}.")


def _question(person: Person, regime: str | None, **fields: object) -> "ReportQuestion":
    from disclosure_ledger.reports.question import ReportQuestion, ReportRegime, ReportSubject  # noqa: PLC0415

    known = get_args(RegimeWord)
    if regime is None or regime not in known:
        got = "nothing" if regime is None else repr(regime)
        raise UsageError(
            f"--regime takes one of {', '.join(known)}, got {got}. Name the law that is asked under."
        )
    subjects = tuple(ReportSubject(key=s.key, type=s.type) for s in at_least_one(person))
    return ReportQuestion.model_validate({"regime": ReportRegime(regime), "subjects": subjects, **fields})


def _made(question: "ReportQuestion", out: Path | None) -> "Report":
    from disclosure_ledger.door.opening import open_reader  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.reports.operation import REPORT  # noqa: PLC0415
    from disclosure_ledger.reports.rendering.files import check_target  # noqa: PLC0415
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415

    if out is not None:
        check_target(out)
    settings = LedgerSettings()
    with open_reader(settings.dir, retention_months=settings.retention_months) as reader:
        return reader.ask(REPORT, question)


def _write(made: "Report", form: FormatWord, out: Path) -> None:
    from disclosure_ledger.reports.rendering import files  # noqa: PLC0415

    if form == "csv" and out.suffix != ".csv":
        files.write_folder(out, files.csv_files(made))
    else:
        files.write_file(out, files.rendered(made, files.ReportFormat(form)))


def _print(made: "Report", form: FormatWord) -> None:
    from disclosure_ledger.reports.rendering.files import ReportFormat, rendered  # noqa: PLC0415

    if form == "pdf" and sys.stdout.isatty():
        raise UsageError("a PDF is not for a terminal. Name a file with --out.")
    content = rendered(made, ReportFormat(form))
    if form == "pdf":
        sys.stdout.buffer.write(content)
    else:
        sys.stdout.write(content.decode())


def _period(
    last: str | None, first_day: str | None, last_day: str | None, *, everything: bool
) -> "Period | None":
    from disclosure_ledger.answers.periods import chosen  # noqa: PLC0415

    if last is None and first_day is None and last_day is None:
        return None
    if everything:
        raise UsageError("--all and a period exclude each other. Leave one out.")
    return chosen(last, first_day, last_day, datetime.now(UTC))


def _verification(level: Literal["reasonable", "reasonably_high"] | None) -> "Verification | None":
    from disclosure_ledger.reports.question import Verification  # noqa: PLC0415

    return None if level is None else Verification(level=level)


def _suspension(text: str) -> "Suspension":
    from disclosure_ledger.reports.question import Suspension  # noqa: PLC0415

    match = _SUSPENSION.fullmatch(text)
    try:
        if match is not None:
            until = match["until"]
            return Suspension(
                recipient_id=match["id"],
                stated_on=date.fromisoformat(match["stated"]),
                until=None if until is None else date.fromisoformat(until),
            )
    except ValueError:
        pass  # the 30th of February
    raise UsageError(
        f"--suspend takes ID=STATED..UNTIL, such as alder_health=2026-11-01..2027-01-31, got {text!r}."
    )
