"""A report in one of its formats, and as files that appear whole or not at all."""

import json
import os
import tempfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from disclosure_ledger.reports.errors import ReportError
from disclosure_ledger.reports.rendering.csv_form import combined_csv, csv_of, sheets_of
from disclosure_ledger.reports.rendering.document import Document
from disclosure_ledger.reports.rendering.html_form import html_of
from disclosure_ledger.reports.rendering.json_form import report_to_json
from disclosure_ledger.reports.rendering.sections import document_of
from disclosure_ledger.reports.report import Report


class ReportFormat(StrEnum):
    """How a report is written."""

    JSON = "json"
    CSV = "csv"
    PDF = "pdf"
    HTML = "html"
    TEXT = "text"


SUFFIXES: Mapping[ReportFormat, str] = {
    ReportFormat.JSON: ".json",
    ReportFormat.CSV: ".csv",
    ReportFormat.PDF: ".pdf",
    ReportFormat.HTML: ".html",
    ReportFormat.TEXT: ".txt",
}


class TargetError(ReportError):
    """A report cannot be written where it was asked to."""


def rendered(report: Report, form: ReportFormat) -> bytes:
    """The report in one file; of CSV all lists one after the other."""
    document = document_of(report)
    match form:
        case ReportFormat.JSON:
            return (json.dumps(report_to_json(report), indent=2, ensure_ascii=False) + "\n").encode()
        case ReportFormat.CSV:
            return combined_csv(document).encode()
        case ReportFormat.HTML:
            return html_of(document).encode()
        case ReportFormat.TEXT:
            return text_of(document).encode()
        case ReportFormat.PDF:
            from disclosure_ledger.reports.rendering.pdf_form import pdf_of  # noqa: PLC0415 - loads typst

            return pdf_of(document, report.made_at)


def csv_files(report: Report) -> dict[str, bytes]:
    """One CSV file a list, by file name."""
    return {f"{sheet.name}.csv": csv_of(sheet).encode() for sheet in sheets_of(document_of(report))}


def text_of(document: Document) -> str:
    """The document as plain text, a table's rows as indented lines."""
    lines = [document.title, "=" * len(document.title), "", document.statement, ""]
    lines += [f"{entry.name}: {entry.text}" for entry in document.facts]
    for section in document.sections:
        lines += ["", section.heading, "-" * len(section.heading)]
        lines += [f"{s.sentence} [{s.citation}]" if s.citation else s.sentence for s in section.said]
        for sheet in section.sheets:
            lines += ["", f"{sheet.caption}:"]
            for row in sheet.rows:
                cells = (
                    f"{name}: {cell}" for name, cell in zip(sheet.columns[1:], row[1:], strict=True) if cell
                )
                lines += [f"  * {row[0]}", *(f"      {cell}" for cell in cells)]
    lines += ["", "Notes", "-----", *document.notes]
    return "\n".join(lines) + "\n"


def check_target(target: Path) -> None:
    """Raise TargetError where nothing can be written; checked before the ledger is asked."""
    if target.exists() or target.is_symlink():
        raise TargetError(f"{target} exists already and is not overwritten. Name another, or move it away.")
    if not target.parent.is_dir():
        raise TargetError(f"the folder {target.parent} does not exist. Make it, or name another --out.")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise TargetError(f"the folder {target.parent} cannot be written to. Name another --out.")


def write_file(target: Path, content: bytes) -> None:
    """Write a file under another name and rename it, for its owner's eyes alone; raises TargetError."""
    check_target(target)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(name, target)  # unlike a rename it never takes the place of a file made meanwhile
        finally:
            Path(name).unlink()
    except OSError as error:
        raise TargetError(f"{target} cannot be written: {error.strerror}. Name another --out.") from error


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a new folder, which appears with all of them; raises TargetError."""
    check_target(target)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as made:
            inside = Path(made) / "report"
            inside.mkdir(mode=0o700)
            for name, content in files.items():
                (inside / name).write_bytes(content)
            inside.rename(target)
    except OSError as error:
        raise TargetError(f"{target} cannot be written: {error.strerror}. Name another --out.") from error
