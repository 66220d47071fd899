"""A report as a printable PDF, tagged for screen readers, with its fonts inside (the only typst import)."""

import json
from dataclasses import asdict
from datetime import datetime
from importlib import resources
from typing import Any

import typst

from disclosure_ledger.reports.rendering.document import Document

STANDARDS: Any = ["ua-1", "a-2a"]
"""PDF/UA-1, for screen readers, and PDF/A-2a, for archives."""


def pdf_of(document: Document, made_at: datetime) -> bytes:
    """The PDF; texts reach the template as data and are never read as markup."""
    template = resources.files("disclosure_ledger").joinpath("reports", "rendering", "report.typ")
    made: bytes = typst.compile(
        template.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(asdict(document), default=_plain)},
        pdf_standards=STANDARDS,
        timestamp=int(made_at.timestamp()),
    )
    return made


def _plain(value: object) -> object:
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else str(value)
