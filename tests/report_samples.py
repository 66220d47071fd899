"""One person's rows and reports of them, for tests."""

from collections.abc import Sequence
from typing import Any

from answer_rows import NOW, PERSON, report, row
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.published_registry import read_published
from disclosure_ledger.reports.making import make_report
from disclosure_ledger.reports.person import Person
from disclosure_ledger.reports.question import ReportQuestion, ReportRegime, ReportSubject
from disclosure_ledger.reports.registry_words import registry_words
from disclosure_ledger.reports.report import Report
from disclosure_ledger.store.rows import DecisionRow

WORDS = registry_words(read_published())

PARCEL = {
    "recipient_id": "parcelmoor",
    "recipient_name": "Parcelmoor Shipping",
    "recipient_category": "transaction_vendors",
    "recipient_role": "service_provider",
    "kind": "business_purpose",
    "reason": "business_purpose",
    "purpose": "provide_services",
    "items": ("identifiers.name",),
}
AUTHORITY = {
    "recipient_id": "alder_health",
    "recipient_name": "Alder County Public Health",
    "recipient_category": "government_and_legal",
    "kind": "legal_process",
}
ACCOUNTED = {
    **AUTHORITY,
    "outcome": "out_of_scope",
    "reason": "exempt_hipaa",
    "flags": ("hipaa_accounting",),
    "purpose": "public_health",
    "items": ("customer_records.health",),
}
BLOCKED = {"recipient_id": "copperkite", "outcome": "suppress", "reason": "opted_out_of_sale"}


def some_rows() -> list[DecisionRow]:
    """A sale, a violation, a share, a service, an authority, a blocked, an exempt and a health disclosure."""
    return [
        row(1),
        report(2, outcome="violation", reason="opted_out_of_sale"),
        row(
            3,
            recipient_id="pixelmarsh",
            recipient_name="Pixelmarsh Ad Network",
            recipient_category="advertising_and_social",
            kind="share",
            items=("network_activity.browsing_history",),
        ),
        row(4, **PARCEL),
        row(5, **AUTHORITY, reason="legal_process", purpose="legal_and_security"),
        row(6, **BLOCKED),
        row(7, outcome="out_of_scope", reason="exempt_glba", items=("customer_records.bank_account",)),
        row(8, **ACCOUNTED),
    ]


def asked(regime: ReportRegime, **fields: Any) -> ReportQuestion:
    """A question about the person."""
    return ReportQuestion(regime=regime, subjects=(ReportSubject(key=PERSON),), **fields)


def report_of(
    rows: Sequence[DecisionRow],
    regime: ReportRegime,
    *,
    is_known: bool = True,
    floor: Any = None,
    states: Any = None,
    **fields: Any,
) -> Report:
    """The report of these rows, as of NOW."""
    person = Person((PERSON,), tuple(rows), states or {}, is_known=is_known)
    return make_report(asked(regime, **fields), person, WORDS, NOW, floor)


def days(first: Any, last: Any) -> Period:
    """A period."""
    return Period(first_day=first, last_day=last)
