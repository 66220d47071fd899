"""JSON Schemas (draft 2020-12) of the registry's files, made of their forms, for editors and other checkers.

They hold the form of each file; that its words exist and its days are in order is for `disclosures registry
check`.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from disclosure_consumers.registry_folder.forms import NoticeForm, PolicyForm, RecipientsForm, TaxonomyForm

DIALECT = "https://json-schema.org/draft/2020-12/schema"

FORMS: Mapping[str, type[BaseModel]] = {
    "taxonomy": TaxonomyForm,
    "recipients": RecipientsForm,
    "notice": NoticeForm,
    "policy": PolicyForm,
}
"""Form of each kind of file, by the name of its schema."""


def json_schema_of(name: str) -> dict[str, Any]:
    """JSON Schema of taxonomy.yaml, recipients.yaml, a notice or policy.yaml; raises KeyError for others."""
    schema = _closed(FORMS[name].model_json_schema())
    return {"$schema": DIALECT, **schema, "title": f"{name} of a disclosure registry"}


def _closed(schema: Any) -> Any:
    """A schema in which keys that break the pattern of a mapping are refused, and titles say no more."""
    if isinstance(schema, list):
        return [_closed(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {
        key: {name: _closed(entry) for name, entry in value.items()}
        if key in {"properties", "$defs"}
        else _closed(value)
        for key, value in schema.items()
        if key != "title" or not isinstance(value, str)
    }
    patterns = closed.pop("patternProperties", None)
    if patterns is not None:
        ((pattern, values),) = patterns.items()
        closed |= {"propertyNames": {"pattern": pattern}, "additionalProperties": values}
    return closed
