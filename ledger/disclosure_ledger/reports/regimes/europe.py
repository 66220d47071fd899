"""Europe: the identity of each recipient, processors too (GDPR Art. 15(1)(c), 15(2); legal 8.3)."""

from disclosure_consumers.core.days.calendars import Regime
from disclosure_ledger.answers.lists import exempt_lines
from disclosure_ledger.answers.parts import Part
from disclosure_ledger.reports.coverage import NO_PERSON, events_of
from disclosure_ledger.reports.recipients import european_recipients, gdpr_role
from disclosure_ledger.reports.regimes.rule import Case, Made, RegimeRule, all_that_is_kept
from disclosure_ledger.reports.registry_words import as_list, days_between
from disclosure_ledger.reports.report import EuropeContent, FutureRecipients, LeftOutInternally, Said
from disclosure_schemas.events.vocabulary import Kind

_RIGHTS = (
    ("You may ask us to correct what is wrong about you.", "GDPR Art. 16"),
    ("You may ask us to erase your data, or to restrict what we do with it.", "GDPR Art. 17, 18"),
    ("You may object to what we do with your data.", "GDPR Art. 21"),
    (
        "If we correct or erase data, we tell every recipient, and tell you who they are if you ask.",
        "GDPR Art. 19",
    ),
    ("You may complain to a supervisory authority.", "GDPR Art. 15(1)(f), 77"),
)


def make(case: Case) -> Made:
    """Recipients with role, country and safeguard, and those to whom data may still go."""
    listed = [part for part in case.covered.disclosed if not _is_inquiry(case, part)]
    inquiries = [part for part in case.covered.disclosed if _is_inquiry(case, part)]
    notices = case.words.notices_in(case.period)
    found = european_recipients(listed, case.words)
    sentence = (
        "In this period we disclosed personal data about you to these recipients."
        if found
        else "In this period we did not disclose any personal data about you."
    )
    to_whom = "one recipient" if len(found) == 1 else f"{len(found) or 'no'} recipients"
    comes_to = f"F{days_between(case.period)[1:]} we disclosed personal data about you to {to_whom}."
    declared = case.words.declared_recipients(notices)
    content = EuropeContent(
        statement=Said(sentence=sentence, citation="GDPR Art. 15(1)(c)"),
        recipients=found,
        future_recipients=tuple(
            FutureRecipients(
                recipient_category=category,
                description=case.words.recipient_category(category),
                reason="Our notice allows for it; to which companies of this kind is not decided yet.",
            )
            for category in sorted(declared)
        ),
        sources=tuple(dict.fromkeys(s for notice in notices for s in as_list(notice.sources))),
        rights=tuple(Said(sentence=sentence, citation=citation) for sentence, citation in _RIGHTS),
        exemptions=exempt_lines(case.covered.exempt),
    )
    internal = (
        LeftOutInternally(
            code="authority_in_inquiry", recipient_id=None, until=None, disclosures=events_of(inquiries)
        ),
    )
    return Made(content, listed=bool(found), statement=comes_to, internal=internal if inquiries else ())


def _is_inquiry(case: Case, part: Part) -> bool:
    """An authority in a particular inquiry is no recipient (GDPR Art. 4(9); legal 8.3.1)."""
    return part.kind is Kind.LEGAL_PROCESS and gdpr_role([part], case.words) == "authority"


EUROPE = RegimeRule(
    title="Recipients of your personal data",
    law="General Data Protection Regulation, Art. 15",
    clock=Regime.GDPR,
    exempting=NO_PERSON,
    first_day=all_that_is_kept,
    reaches_back_to=all_that_is_kept,
    make=make,
)
