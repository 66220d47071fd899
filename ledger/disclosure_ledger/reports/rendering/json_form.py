"""A report as JSON, and the JSON Schema it keeps to (draft 2020-12)."""

import json
from importlib import resources
from typing import Any

from disclosure_ledger.reports.report import Report

REPORT_SCHEMA = "disclosure-ledger/report/1"
"""Version of the form; a key that is renamed or removed raises the number."""


def report_to_json(report: Report) -> dict[str, Any]:
    """Return the report as JSON-able values, `schema` first."""
    return {"schema": REPORT_SCHEMA, **report.model_dump(mode="json")}


def report_schema() -> dict[str, Any]:
    """Make the JSON Schema of what `report_to_json` returns."""
    made = Report.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": REPORT_SCHEMA,
        "properties": {"schema": {"const": REPORT_SCHEMA}, **made["properties"]},
        "required": ["schema", *made["required"]],
    }


def published_schema() -> dict[str, Any]:
    """Read the schema that is shipped with the package."""
    file = resources.files("disclosure_ledger").joinpath("reports", "report.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema
