"""HIPAA: an accounting of disclosures, six years back (45 CFR 164.528; legal 8.4)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from disclosure_consumers.core.days.calendars import Regime, accounting_start
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_ledger.answers.parts import Part
from disclosure_ledger.answers.periods import day_of
from disclosure_ledger.answers.rows import happened_at
from disclosure_ledger.reports.coverage import NO_PERSON, UNITED_STATES, events_of
from disclosure_ledger.reports.question import Suspension
from disclosure_ledger.reports.recipients import named_recipients
from disclosure_ledger.reports.regimes.rule import Case, Made, RegimeRule
from disclosure_ledger.reports.report import AccountedDisclosure, AccountingContent, LeftOutInternally, Said
from disclosure_schemas.events.vocabulary import Kind

ORAL_SUSPENSION_DAYS = 30
"""How long an oral statement of an agency holds (45 CFR 164.528(a)(2)(ii); legal 4.15)."""

_CITATION = "45 CFR 164.528"


def make(case: Case) -> Made:
    """Entries of the accounting; what is left out or suspended is told inside alone."""
    listed: list[Part] = []
    left_out: Counter[str] = Counter()
    held: dict[str, list[Part]] = {}
    suspended = {s.recipient_id: s for s in case.question.suspensions if _holds(s, case.received_on)}
    for part in case.covered.disclosed:
        code = _excluded(part)
        if code == "":
            (
                held.setdefault(part.row.recipient_id, []) if part.row.recipient_id in suspended else listed
            ).append(part)
        elif code is not None:
            left_out[code] += 1
    entries = tuple(_entries(case, listed))
    sentence = (
        "We made these disclosures of your protected health information that you have a right to know of."
        if entries
        else "We made no disclosure of your protected health information that must be accounted for."
    )
    internal = [
        LeftOutInternally(code=code, recipient_id=None, until=None, disclosures=count)
        for code, count in sorted(left_out.items())
    ]
    internal += [
        LeftOutInternally(
            code="suspended",
            recipient_id=recipient_id,
            until=_last_day(suspended[recipient_id]),
            disclosures=events_of(parts),
        )
        for recipient_id, parts in sorted(held.items())
    ]
    content = AccountingContent(
        statement=Said(sentence=sentence, citation=_CITATION),
        disclosures=events_of(listed),
        entries=entries,
        fee=Said(
            sentence="Your first accounting in any twelve months is free.", citation="45 CFR 164.528(c)(2)"
        ),
    )
    return Made(content, listed=bool(entries), statement=sentence, internal=tuple(internal))


HIPAA = RegimeRule(
    title="Accounting of disclosures of your health information",
    law="Health Insurance Portability and Accountability Act, 45 CFR 164.528",
    clock=Regime.HIPAA,
    exempting=(UNITED_STATES - {Reason.EXEMPT_HIPAA}) | NO_PERSON,
    first_day=accounting_start,
    reaches_back_to=accounting_start,
    make=make,
)


def _excluded(part: Part) -> str | None:
    """Why a disclosure of health information is not accounted for; empty if it is, None for other data."""
    if part.reason != Reason.EXEMPT_HIPAA:
        return None
    if part.kind is Kind.CONSUMER_DIRECTED:
        return "authorization"
    return "" if Flag.HIPAA_ACCOUNTING in part.row.flags else "treatment_payment_operations"


def _holds(suspension: Suspension, today: date) -> bool:
    return suspension.stated_on <= today <= _last_day(suspension)


def _last_day(suspension: Suspension) -> date:
    return suspension.until or suspension.stated_on + timedelta(days=ORAL_SUSPENSION_DAYS)


def _entries(case: Case, parts: Sequence[Part]) -> Iterator[AccountedDisclosure]:
    """Equal disclosures to one recipient for one purpose are one series (164.528(b)(3))."""
    recipients = {recipient.recipient_id: recipient for recipient in named_recipients(parts, case.words)}
    series: dict[tuple[str, str, tuple[str, ...], bool], list[Part]] = {}
    for part in sorted(parts, key=lambda part: (happened_at(part.row), part.row.event_id)):
        by_law = part.kind is Kind.LEGAL_PROCESS
        key = (part.row.recipient_id, part.row.purpose, tuple(sorted(part.items)), by_law)
        series.setdefault(key, []).append(part)
    associates = case.words.answers.business_associates
    for (recipient_id, purpose, items, by_law), group in series.items():
        recipient, count = recipients[recipient_id], events_of(group)
        first, last = day_of(happened_at(group[0].row)), day_of(happened_at(group[-1].row))
        yield AccountedDisclosure(
            recipient_id=recipient_id,
            recipient_name=recipient.name,
            recipient_address=recipient.address,
            information=items,
            purpose=purpose,
            purpose_statement=case.words.purpose(purpose)
            + ("; required by law or legal process" if by_law else ""),
            made_by="business_associate" if group[0].row.emitter in associates else "covered_entity",
            first_on=first,
            last_on=last,
            count=count,
            every_days=round((last - first).days / (count - 1), 1) if count > 1 else None,
            legal_process=by_law,
        )
