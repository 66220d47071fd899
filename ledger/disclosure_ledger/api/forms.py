"""Answers in other forms than JSON: CSV for tables, HTML, PDF and text for what people are handed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from disclosure_ledger.reality import publishing
from disclosure_ledger.reality.terminal import matrix_csv
from disclosure_ledger.reports.errors import OptionOfOtherFormError
from disclosure_ledger.reports.rendering.files import SUFFIXES, ReportFormat, rendered
from disclosure_ledger.reports.report import Report
from disclosure_ledger.requests.metrics import metrics_csv


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its media type, the end of a file's name, and what makes it of an answer."""

    media_type: str
    suffix: str
    write: Callable[[Any], str | bytes]


_CSV, _HTML, _TEXT = "text/csv", "text/html", "text/plain"
_REPORT_TYPES: Mapping[ReportFormat, str] = {
    ReportFormat.CSV: _CSV,
    ReportFormat.HTML: _HTML,
    ReportFormat.PDF: "application/pdf",
    ReportFormat.TEXT: _TEXT,
}


def _report(form: ReportFormat) -> Form:
    def write(report: Report) -> bytes:
        if report.internal is not None:
            raise OptionOfOtherFormError(
                f"with_internal is for the format json alone, so that it gets into no letter; got {form}."
            )
        return rendered(report, form)

    return Form(_REPORT_TYPES[form], SUFFIXES[form], write)


REPORT_FORMS = {form.value: _report(form) for form in _REPORT_TYPES}
METRICS_FORMS = {"csv": Form(_CSV, ".csv", metrics_csv)}
MATRIX_FORMS = {"csv": Form(_CSV, ".csv", matrix_csv)}
POLICY_FORMS = {
    "markdown": Form("text/markdown", ".md", publishing.to_markdown),
    "html": Form(_HTML, ".html", publishing.to_html),
    "csv": Form(_CSV, ".csv", publishing.to_csv),
}
