"""What a form refuses, said for a person who edits YAML: line, expectation, what was got, what to do."""

from typing import Any, TypeVar, get_args

from pydantic import BaseModel, RootModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from disclosure_consumers.registry_folder.document import Document
from disclosure_consumers.registry_folder.form_words import ID_PATTERN, WORD_PATTERN
from disclosure_consumers.registry_folder.problems import Path, Problem, hint, shown

F = TypeVar("F", bound=BaseModel)

_EXPECTED = {
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "string_type": "expected text; a number or true needs quotes to be text",
    "list_type": "expected a list",
    "dict_type": "expected keys with values",
    "model_type": "expected keys with values",
    "model_attributes_type": "expected keys with values",
}
_PATTERNS = {
    WORD_PATTERN: "expected a word of small letters, digits and _ that begins with a letter",
    ID_PATTERN: "expected an id of letters, digits and . _ : - without spaces",
    "^[A-Z]{2}$": "expected a country code of two capital letters",
}


def validated(form: type[F], document: Document, data: object) -> tuple[F | None, list[Problem]]:
    """Data of a document as the form it must have, or None and what is wrong with it.

    `data`: the document's data, or a part of it that begins with the same keys.
    """
    try:
        return form.model_validate(data), []
    except ValidationError as error:
        problems = []
        for entry in error.errors(include_url=False):
            code, text = _said(entry, *_surroundings(form, entry["loc"]))
            problems.append(document.problem(code, _path(entry["loc"], data), text))
        return None, problems


def _path(loc: Path, data: Any) -> Path:
    """Path of an error in the data; pydantic's own also names branches of unions and the like."""
    path: list[str | int] = []
    for part in loc:
        is_entry = isinstance(data, dict) and part in data
        if is_entry or (isinstance(data, list) and isinstance(part, int) and part < len(data)):
            data = data[part]
            path.append(part)
    return tuple(path)


def _surroundings(form: type[BaseModel], loc: Path) -> tuple[FieldInfo | None, list[str]]:
    """The field an error is about, and the keys known where it is."""
    if issubclass(form, RootModel):
        loc = loc[1:]
    model, field = _form_in(form), None
    known = sorted(model.model_fields) if model else []
    for part in loc:
        known = sorted(model.model_fields) if model else known
        if model and part in model.model_fields:
            field = model.model_fields[str(part)]
            model = _form_in(field.annotation)
    return field, known


def _form_in(annotation: Any) -> type[BaseModel] | None:
    """The form an annotation holds: itself, or that of its list, mapping or option."""
    if isinstance(annotation, type) and issubclass(annotation, RootModel):
        return _form_in(annotation.model_fields["root"].annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_form_in(argument) for argument in get_args(annotation))
    return next((form for form in found if form is not None), None)


def _said(entry: ErrorDetails, field: FieldInfo | None, known: list[str]) -> tuple[str, str]:
    """Code and text of one error."""
    kind, name = entry["type"], entry["loc"][-1] if entry["loc"] else ""
    context = entry.get("ctx", {})
    described = f" {field.description}" if field is not None and field.description else ""
    if kind == "missing":
        return "missing_key", f"the key {name} is missing. Add it: {described.strip() or 'it is required.'}"
    if kind == "extra_forbidden":
        return "unknown_key", f"there is no key {name!r} here{hint(name, known)}"
    if kind == "string_pattern_mismatch":
        expected = _PATTERNS.get(str(context.get("pattern")), entry["msg"])
    elif kind.startswith("registry_"):
        expected = entry["msg"]
    else:
        expected = _EXPECTED.get(kind) or entry["msg"].replace("Input should", "the value should")
    code = "wrong_key" if name == "[key]" else "wrong_value"
    return code, f"{expected}, got {shown(entry['input'])}.{described}"
