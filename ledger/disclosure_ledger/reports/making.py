"""A report of one person's rows: pure, with the moment as an argument."""

from datetime import UTC, date, datetime

from disclosure_consumers.core.days.calendars import CONFIRM_BUSINESS_DAYS, business_day_after, response_dates
from disclosure_ledger.answers.answer import Finding, Gap
from disclosure_ledger.answers.periods import LAW_FLOOR, Period, day_of
from disclosure_ledger.answers.rows import happened_at
from disclosure_ledger.answers.to_whom import finding_of, not_covered
from disclosure_ledger.reports.coverage import covered
from disclosure_ledger.reports.errors import (
    FutureReportError,
    OptionOfOtherRegimeError,
    PurgedPeriodError,
    UnknownSubjectError,
)
from disclosure_ledger.reports.identity import refuse_two_people
from disclosure_ledger.reports.person import Person
from disclosure_ledger.reports.question import ReportQuestion, ReportRegime
from disclosure_ledger.reports.regimes.rule import Case, RegimeRule
from disclosure_ledger.reports.regimes.table import RULES
from disclosure_ledger.reports.registry_words import RegistryWords, as_list, days_between
from disclosure_ledger.reports.report import Business, Deadlines, Report
from disclosure_schemas.moments import microseconds


def make_report(
    question: ReportQuestion, person: Person, words: RegistryWords, now: datetime, floor: datetime | None
) -> Report:
    """Make the report, or raise the ReportError that says why there is none.

    `floor`: earliest moment of which records are kept; None where none was ever deleted.
    """
    rule = RULES[question.regime]
    received_at = question.received_at or now
    _check(question, received_at, now)
    if not question.same_person:
        refuse_two_people(question.subjects, person.states)
    received_on = received_day(question.regime, received_at)
    period = _period(question, rule, person, received_on, floor)
    gap = not_covered(period, floor)
    if not person.is_known and not question.accept_unknown:
        raise UnknownSubjectError(_unknown(len(question.keys), gap))
    if gap is not None and gap.last_day == period.last_day:
        raise PurgedPeriodError(
            f"no records of {period} are kept any more: they are kept from {_kept_from(gap)} on, and a "
            "report of this period would say nothing true. Ask for a later period."
        )
    at = question.known_at or now
    case = Case(
        question=question,
        rows=person.rows,
        standings=person.standings(words.registry.policy),
        words=words,
        covered=covered(person.rows, period, rule.exempting),
        period=period,
        received_on=received_on,
        at_us=microseconds(at),
        gap_of=lambda asked: not_covered(asked, floor),
    )
    made = rule.make(case)
    finding = finding_of(
        disclosed=case.covered.disclosed if made.listed else (),
        exempt=case.covered.exempt,
        is_known=person.is_known,
        gap=gap,
    )
    return Report(
        regime=question.regime,
        title=rule.title,
        law=rule.law,
        made_at=now,
        known_at=question.known_at,
        request_id=question.request_id,
        received_at=received_at,
        verification=question.verification,
        deadlines=_deadlines(rule, received_on),
        business=_business(words, period),
        period=period,
        finding=finding,
        statement=_statement(finding, period, made.statement),
        not_covered=gap,
        content=made.content,
        notes=(*made.notes, *_notes(case, rule, gap)),
        internal=made.internal if question.with_internal else None,
    )


def received_day(regime: ReportRegime, received_at: datetime) -> date:
    """Day of receipt: in California; in Europe that of UTC, which is never later than the local one."""
    return received_at.astimezone(UTC).date() if regime is ReportRegime.EUROPE else day_of(received_at)


def _check(question: ReportQuestion, received_at: datetime, now: datetime) -> None:
    if received_at > now:
        raise FutureReportError(
            f"the request is said to be received at {received_at.isoformat()}, which has not come yet. "
            "Correct --received."
        )
    if question.period is not None and question.period.last_day > day_of(now):
        raise FutureReportError(
            f"the period ends on {question.period.last_day}, which has not come yet; only what happened "
            "can be reported. Correct the period."
        )
    if question.known_at is not None and question.known_at > now:
        raise FutureReportError(
            f"{question.known_at.isoformat()} has not come yet: nothing is known as of then."
        )
    options = {
        "--shine-the-light": (question.shine_the_light, {ReportRegime.CALIFORNIA}),
        "--names": (question.names, {ReportRegime.CALIFORNIA}),
        "--suspend": (bool(question.suspensions), {ReportRegime.HIPAA}),
    }
    for option, (given, regimes) in options.items():
        if given and question.regime not in regimes:
            raise OptionOfOtherRegimeError(
                f"{option} belongs to a report of {', '.join(sorted(regimes))}, this one is of "
                f"{question.regime}. Leave it out, or name that law with --regime."
            )


def _period(
    question: ReportQuestion, rule: RegimeRule, person: Person, received_on: date, floor: datetime | None
) -> Period:
    """The period asked for, else what the law gives: up to the day of receipt."""
    if question.period is not None:
        return question.period
    wanted = rule.reaches_back_to(received_on) if question.everything else rule.first_day(received_on)
    if wanted is None:
        kept = [] if floor is None else [day_of(floor)]
        first = [day_of(happened_at(row)) for row in person.rows]
        wanted = min((*kept, *first, received_on))
    return Period(first_day=wanted, last_day=received_on)


def _deadlines(rule: RegimeRule, received_on: date) -> Deadlines:
    dates = response_dates(received_on, rule.clock)
    return Deadlines(
        received_on=received_on,
        confirm_by=business_day_after(received_on, CONFIRM_BUSINESS_DAYS, "mon_sat")
        if rule.confirms
        else None,
        respond_by=dates.respond,
        extended_to=dates.extended,
    )


def _business(words: RegistryWords, period: Period) -> Business:
    notices = words.notices_in(period)
    controller = ", ".join(as_list(notices[-1].controller)) if notices else ""
    said = words.answers
    return Business(
        name=said.business or controller or None,
        address=said.address,
        contact=said.contact,
        data_protection_officer=said.data_protection_officer,
        supervisory_authority=said.supervisory_authority,
        appeals=said.appeals,
    )


def _statement(finding: Finding, period: Period, made: str) -> str:
    days = days_between(period)
    return {
        Finding.DISCLOSED: made,
        Finding.EXEMPT: f"We disclosed nothing that this law covers {days}; other laws govern the rest.",
        Finding.NONE_DISCLOSED: made,
        Finding.UNKNOWN_SUBJECT: "We have no record of any kind that mentions you.",
        Finding.RETENTION_ENDED: "The records that we still keep show no disclosure about you.",
    }[finding]


def _notes(case: Case, rule: RegimeRule, gap: Gap | None) -> tuple[str, ...]:
    notes = []
    if gap is not None:
        notes.append(
            f"Records from {gap.first_day} to {gap.last_day} are no longer kept in full; this report covers "
            "those days only as far as records are left."
        )
    if case.question.regime is ReportRegime.CALIFORNIA and case.period.first_day < LAW_FLOOR:
        notes.append(
            f"The right to know reaches back to {LAW_FLOOR}; the period you asked for was not shortened."
        )
    reach = rule.reaches_back_to(case.received_on)
    if case.question.regime is ReportRegime.HIPAA and reach is not None and case.period.first_day < reach:
        notes.append("An accounting reaches back six years; the period you asked for was not shortened.")
    if case.covered.unknown:
        notes.append(
            f"{case.covered.unknown:,} records have an outcome that this version does not know and "
            "are not listed."
        )
    return tuple(notes)


def _unknown(count: int, gap: Gap | None) -> str:
    purged = "" if gap is None else f" Records before {_kept_from(gap)} are no longer kept."
    who = "this identifier" if count == 1 else f"any of these {count} identifiers"
    return (
        f"no record of any kind mentions {who}.{purged} Check the spelling and DISCLOSURE_SUBJECT_SECRET, or "
        "say --no-match to answer the person that nothing is known."
    )


def _kept_from(gap: Gap) -> date:
    return date.fromordinal(gap.last_day.toordinal() + 1)
