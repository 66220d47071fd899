"""A report as CSV: one flat table a list, safe to open in a spreadsheet."""

import csv
import io
import re

from disclosure_ledger.reports.rendering.document import Document, Sheet

_FORMULA = re.compile(r"^[\s\x00]*[=+\-@\t\r]")


def csv_of(sheet: Sheet) -> str:
    """One table with its header, as RFC 4180 has it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(map(_safe, sheet.columns))
    writer.writerows([*map(_safe, row)] for row in sheet.rows)
    return text.getvalue()


def sheets_of(document: Document) -> tuple[Sheet, ...]:
    """Every table of a document, and the sentences as one more."""
    rows = [("", entry.name, entry.text, "") for entry in document.facts]
    rows.append(("", "", document.statement, ""))
    rows += [
        (section.heading, "", said.sentence, said.citation or "")
        for section in document.sections
        for said in section.said
    ]
    rows += [("Notes", "", note, "") for note in document.notes]
    statements = Sheet(
        "statements", "Statements", ("Section", "Name", "Text", "Legal reference"), tuple(rows)
    )
    return (statements, *(sheet for section in document.sections for sheet in section.sheets))


def combined_csv(document: Document) -> str:
    """All tables in one file, one after the other, each with its name as first column."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for sheet in sheets_of(document):
        writer.writerow(["list", *map(_safe, sheet.columns)])
        writer.writerows([sheet.name, *map(_safe, row)] for row in sheet.rows)
    return text.getvalue()


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
