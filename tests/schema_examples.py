"""The packaged examples: plain JSON, read into Avro data by the schema they belong to.

Bytes are hexadecimal, UUIDs and moments are in their usual text forms, a nullable value is the value or null.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib import resources
from typing import Any

from disclosure_schemas.schema_files import AvroSchema, file_stem


def examples(record: str, version: int) -> list[dict[str, Any]]:
    """Examples of one version of a record, as they are in the file."""
    folder = resources.files("disclosure_schemas").joinpath("examples")
    loaded: list[dict[str, Any]] = json.loads(
        folder.joinpath(f"{file_stem(record)}.v{version}.json").read_text(encoding="utf-8")
    )
    return loaded


def datum(schema: AvroSchema, plain: Any) -> Any:
    """Avro datum of a plain example; fields that are left out stay out, for their defaults."""
    return _datum(schema, plain, dict(_named_types(schema)))


def _named_types(schema: Any) -> Iterator[tuple[str, AvroSchema]]:
    if isinstance(schema, list):
        for branch in schema:
            yield from _named_types(branch)
    elif isinstance(schema, dict):
        if "name" in schema:
            yield schema["name"], schema
        for field in schema.get("fields", []):
            yield from _named_types(field["type"])
        yield from _named_types(schema.get("items"))


def _datum(schema: Any, plain: Any, named: Mapping[str, AvroSchema]) -> Any:
    if isinstance(schema, str):
        if schema in named:
            return _datum(named[schema], plain, named)
        return bytes.fromhex(plain) if schema == "bytes" else plain
    if isinstance(schema, list):
        null, branch = schema
        assert null == "null", "only nullable unions are in use"
        return None if plain is None else _datum(branch, plain, named)
    if schema["type"] == "record":
        types = {field["name"]: field["type"] for field in schema["fields"]}
        assert set(plain) <= set(types), f"{schema['name']} has no field {sorted(set(plain) - set(types))}"
        return {name: _datum(types[name], value, named) for name, value in plain.items()}
    if schema["type"] == "array":
        return [_datum(schema["items"], item, named) for item in plain]
    if schema.get("logicalType") == "timestamp-micros":
        return datetime.fromisoformat(plain)
    if schema["type"] == "fixed":
        return uuid.UUID(plain).bytes if schema.get("logicalType") == "uuid" else bytes.fromhex(plain)
    return plain


def paths_of(plain: Any, path: str = "") -> set[str]:
    """Paths of all fields an example fills with something else than null."""
    if isinstance(plain, list):
        return {found for item in plain for found in paths_of(item, f"{path}[]")}
    if isinstance(plain, dict):
        own = {f"{path}.{name}" for name, value in plain.items() if value is not None}
        return own.union(*(paths_of(value, f"{path}.{name}") for name, value in plain.items()))
    return set()
