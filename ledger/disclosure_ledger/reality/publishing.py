"""Privacy-policy tables as Markdown, HTML and CSV, ready to publish."""

import csv
import html
import io
import json
from collections.abc import Iterable, Sequence

from markdown_it import MarkdownIt

from disclosure_ledger.reality.policy_tables import PolicyTables, RecipientsTable, TableName, Word

POLICY_TABLES_SCHEMA = "disclosure-ledger/policy-tables/1"
"""Version of the JSON form; a key that is renamed or removed raises the number."""

_TITLES = {
    TableName.SOLD_OR_SHARED: "Personal information we sold or shared",
    TableName.BUSINESS_PURPOSE: "Personal information we disclosed for a business purpose",
    TableName.OTHER: "Personal information we disclosed in other ways",
}
_RECIPIENTS = {
    TableName.SOLD_OR_SHARED: "Categories of third parties",
    TableName.BUSINESS_PURPOSE: "Categories of recipients",
    TableName.OTHER: "Categories of recipients",
}
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #8a8a8a;padding:.4rem .6rem;text-align:left;vertical-align:top}"
    "th{background:#f0f0f0}"
)
_CSV_COLUMNS = ("table", "pi_category", "statute", "recipient_category", "recipients", "purposes")


def to_markdown(tables: PolicyTables) -> str:
    """The tables as Markdown with GitHub's tables; warnings are for their maker and stay out."""
    parts = [
        "# Personal information we collect and disclose",
        f"Last updated: {tables.last_updated}. Period: {tables.period}."
        + (f" Business: {_escaped(', '.join(tables.controller))}." if tables.controller else ""),
        "## Categories we collected",
        _rows(
            ("Category", "Civ. Code 1798.140"),
            [(_words(row.pi_category), row.statute or "") for row in tables.collected],
        ),
        "## Where it comes from",
        _listed(_words(source) for source in tables.sources) or "Not stated in our notice.",
        "## What we collect it for",
        _listed(word.text for word in tables.purposes) or "Not stated in our notice.",
    ]
    for table in tables.tables:
        if table.rows or table.name is not TableName.OTHER:
            parts += _table(table)
    parts += ["## Consumers under 16", tables.under_16, "## Sensitive personal information", tables.sensitive]
    return "\n\n".join(parts) + "\n"


def to_html(tables: PolicyTables) -> str:
    """One page that needs nothing from elsewhere."""
    # No raw HTML: what a registry says is text.
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(to_markdown(tables))
    title = html.escape("Personal information we collect and disclose")
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def to_csv(tables: PolicyTables) -> str:
    """One row for each category of information and category of recipients; a table without rows has one."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    for row in tables.collected:
        writer.writerow(("collected", row.pi_category, row.statute or "", "", "", ""))
    for table in tables.tables:
        if not table.rows:
            writer.writerow((table.name, "", "", "", table.statement, ""))
        for entry in table.rows:
            purposes = "; ".join(word.code for word in entry.purposes)
            for word in entry.recipients:
                writer.writerow(
                    (table.name, entry.pi_category, entry.statute or "", word.code, word.text, purposes)
                )
    return text.getvalue()


def to_json(tables: PolicyTables) -> str:
    """The tables as one JSON document."""
    said = {"schema": POLICY_TABLES_SCHEMA, **tables.model_dump(mode="json")}
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def _table(table: RecipientsTable) -> list[str]:
    title = f"## {_TITLES[table.name]}"
    if not table.rows:
        # Civ. Code 1798.130(a)(5)(C): where nothing was, that is said prominently.
        return [title, f"**{_escaped(table.statement)}**"]
    rows = [(_words(row.pi_category), _texts(row.recipients), _texts(row.purposes)) for row in table.rows]
    return [
        title,
        _escaped(table.statement),
        _rows(("Category of personal information", _RECIPIENTS[table.name], "Purposes"), rows),
    ]


def _rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *([_escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _listed(entries: Iterable[str]) -> str:
    return "\n".join(f"- {_escaped(entry)}" for entry in entries)


def _texts(words: Iterable[Word]) -> str:
    return "; ".join(word.text for word in words)


def _words(code: str) -> str:
    return code.replace("_", " ")


def _escaped(text: str) -> str:
    """Text as Markdown that shows it as it is."""
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in text.replace("\n", " "))


_SIGNS = frozenset("\\`*_{}[]<>#|")
