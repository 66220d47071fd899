"""The report as an operation of the ledger."""

from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.reports.making import make_report
from disclosure_ledger.reports.person import read_person
from disclosure_ledger.reports.question import ReportQuestion
from disclosure_ledger.reports.registry_words import registry_words
from disclosure_ledger.reports.report import Report
from disclosure_ledger.store.ledger import Ledger


def run_report(ledger: Ledger, question: ReportQuestion, occasion: Occasion) -> Report:
    """Report to one person under one law.

    Raises ReportError, RegistryError.
    """
    person = read_person(ledger, question.keys, question.known_at)
    words = registry_words(occasion.registry())
    return make_report(question, person, words, occasion.now, occasion.retention_floor)


REPORT = Operation("/v1/report", ReportQuestion, Report, run_report)
