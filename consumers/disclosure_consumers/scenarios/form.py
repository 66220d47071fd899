"""The form of a scenario file: its JSON Schema, and what breaks it said for a person who edits YAML."""

import json
from collections.abc import Iterator, Mapping, Sized
from functools import cache
from importlib import resources
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from disclosure_consumers.registry_folder.document import Document
from disclosure_consumers.registry_folder.problems import Path, Problem, hint, shown

SCHEMA_FILE = "scenario.schema.json"

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text; a number, true or null needs quotes to be text",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
}


@cache
def scenario_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file; editors can use it too."""
    text = resources.files("disclosure_consumers.scenarios").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(scenario_schema())


def form_problems(document: Document) -> list[Problem]:
    """What is wrong with the form of a file, in the order of its lines; none: it can be read."""
    errors = _validator().iter_errors(document.data)
    problems = {problem for error in errors for problem in _problems(document, error)}
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.text))


def _problems(document: Document, error: ValidationError) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(_schema(error).get("properties", {}))
        for key in error.instance:
            if key not in known:
                place = (*path, key)
                yield document.problem("unknown_key", place, f"{key!r} is no key here{hint(key, known)}")
        return
    yield document.problem("wrong_form", path, _said(error))


def _said(error: ValidationError) -> str:
    got, wanted = shown(error.instance), cast("Any", error.validator_value)
    match error.validator:
        case "required":
            missing = [str(key) for key in wanted if key not in cast("Any", error.instance)]
            return f"{' and '.join(missing)} must be given here."
        case "enum":
            words = [str(word) for word in wanted]
            return f"{got} is none of the words that may stand here{hint(error.instance, words)}"
        case "type":
            return f"expected {_TYPES.get(str(wanted), str(wanted))}, got {got}."
        case "pattern" | "minLength":
            return f"expected {_schema(error).get('description')}, got {got}."
        case "uniqueItems":
            return "each entry of this list may stand there once."
        case "minProperties" | "maxProperties" | "minItems" | "maxItems":
            return _counted(tuple(error.absolute_path), cast("Sized", error.instance), wanted)
    return f"{error.message}."


def _counted(path: Path, value: Sized, wanted: int) -> str:
    """An event has one verb; lists and mappings are not empty."""
    if isinstance(value, Mapping) and len(path) == 4 and path[2] in {"given", "when"}:
        verbs = [key for key in value if key != "at"]
        got = f"{len(verbs)}: {', '.join(verbs)}" if verbs else "none"
        return f"an event has exactly one verb, such as opt_out or ask, and `at` if need be; got {got}."
    if not value:
        return "this is empty: write something in it, or leave it out."
    return f"expected {wanted} here, got {len(value)}."


def _schema(error: ValidationError) -> Mapping[str, Any]:
    """The part of the schema that an error breaks."""
    return error.schema if isinstance(error.schema, Mapping) else {}
