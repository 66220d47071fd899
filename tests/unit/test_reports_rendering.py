"""Reports as files: valid, escaped, complete, and whole or not there."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pypdf import PdfReader

from answer_rows import row
from disclosure_ledger.reports.question import ReportRegime
from disclosure_ledger.reports.rendering.files import (
    ReportFormat,
    TargetError,
    csv_files,
    rendered,
    write_file,
    write_folder,
)
from disclosure_ledger.reports.rendering.json_form import published_schema, report_schema
from report_samples import report_of, some_rows

ALL = list(ReportRegime)
EVIL = "=cmd|'/c calc'!A1 <script>alert(1)</script> #panic() $x$ *b*"


@pytest.mark.parametrize("regime", ALL)
def test_json_keeps_to_the_published_schema(regime: ReportRegime) -> None:
    """What is written passes the schema that is shipped, which is that of the values."""
    schema = published_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(
        json.loads(rendered(report_of(some_rows(), regime, with_internal=True), ReportFormat.JSON))
    )
    assert schema == report_schema()


@pytest.mark.parametrize("regime", ALL)
def test_html_fetches_nothing_and_can_be_heard(regime: ReportRegime) -> None:
    """No script, no address to fetch from; language, captions and scopes are there."""
    page = rendered(report_of(some_rows(), regime), ReportFormat.HTML).decode()
    assert '<html lang="en">' in page
    assert not re.search(r"<script|<link|<img|src=|url\(|@import|href=", page)
    assert page.count("<table>") == page.count("<caption>")
    assert all("scope=" in cell for cell in re.findall(r"<th\b[^>]*>", page))
    assert page.count("<h1>") == 1


@pytest.mark.parametrize("regime", ALL)
def test_pdf_says_what_the_text_says_with_its_fonts_inside(regime: ReportRegime) -> None:
    """Each section's heading can be read out of the PDF, which is tagged and embeds its fonts."""
    made = report_of(some_rows(), regime)
    reader: Any = PdfReader(io.BytesIO(rendered(made, ReportFormat.PDF)))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert made.title in " ".join(text.split())
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.metadata is not None
    assert reader.metadata.title == made.title
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all("/FontFile" in str(f["/DescendantFonts"][0]["/FontDescriptor"]) for f in fonts)


def test_texts_are_never_read_as_markup_or_formulas() -> None:
    """A name full of tricks stays a name in every format."""
    rows = [row(1, recipient_id="evil", recipient_name=EVIL)]
    made = report_of(rows, ReportRegime.OREGON)
    assert "<script>" not in rendered(made, ReportFormat.HTML).decode()
    assert "&lt;script&gt;" in rendered(made, ReportFormat.HTML).decode()
    cells = [
        cell for line in csv.reader(io.StringIO(rendered(made, ReportFormat.CSV).decode())) for cell in line
    ]
    assert any(cell.startswith("'=cmd") for cell in cells)
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"} and len(cell) > 1]
    page = PdfReader(io.BytesIO(rendered(made, ReportFormat.PDF))).pages[0].extract_text()
    assert "#panic()" in "".join(page.split()).replace("\u00ad", "")


def test_internal_things_reach_no_letter() -> None:
    """Only JSON can hold what the person is not told."""
    made = report_of(some_rows(), ReportRegime.EUROPE, with_internal=True)
    for form in (ReportFormat.HTML, ReportFormat.CSV, ReportFormat.TEXT):
        assert "inquiry" not in rendered(made, form).decode()


@pytest.mark.parametrize("regime", ALL)
def test_a_blocked_recipient_is_in_no_format(regime: ReportRegime) -> None:
    """What was held back is nobody's disclosure (legal 7.3.8)."""
    made = report_of(some_rows(), regime)
    for form in ReportFormat:
        if form is not ReportFormat.PDF:
            assert "copperkite" not in rendered(made, form).decode().lower()


def test_csv_is_one_table_a_list() -> None:
    """Each file has a header and rows of the same width."""
    files = csv_files(report_of(some_rows(), ReportRegime.CALIFORNIA))
    assert {
        "statements.csv",
        "sold_or_shared_by_information.csv",
        "business_purpose_by_recipient.csv",
    } <= set(files)
    for content in files.values():
        assert len({len(line) for line in csv.reader(io.StringIO(content.decode()))}) == 1


def test_a_file_is_written_whole_once_and_for_its_owner(tmp_path: Path) -> None:
    """Nothing is overwritten, no other file is left, others may not read it."""
    target = tmp_path / "a.json"
    write_file(target, b"one")
    with pytest.raises(TargetError, match="exists already"):
        write_file(target, b"two")
    with pytest.raises(TargetError, match="does not exist"):
        write_file(tmp_path / "none" / "a", b"three")
    assert target.read_bytes() == b"one"
    assert target.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_appears_with_all_its_files(tmp_path: Path) -> None:
    """Two files at once, or none."""
    write_folder(tmp_path / "r", {"a.csv": b"1", "b.csv": b"2"})
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == ["a.csv", "b.csv"]
    with pytest.raises(TargetError, match="exists already"):
        write_folder(tmp_path / "r", {})
    assert [path.name for path in tmp_path.iterdir()] == ["r"]
