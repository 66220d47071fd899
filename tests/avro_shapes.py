"""One form for an Avro schema and for a Python value's type, so that the two can be compared.

A shape is JSON: names, order, types, nullability, defaults and symbols, without documentation, named types
written out where they are used. What Python cannot say is left out on both sides: the names of fixed types,
except that an event id is told from other keys.
"""

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import EnumType, StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from disclosure_schemas.events.base import Value
from disclosure_schemas.schema_files import AvroSchema

Shape = Any
PRIMITIVES: Mapping[Any, str] = {
    bool: "boolean",
    str: "string",
    bytes: "bytes",
    datetime: "long/timestamp-micros",
    AwareDatetime: "long/timestamp-micros",
}
INTEGER_TYPES = {2**31 - 1: "int", 2**63 - 1: "long"}


def shape_of_schema(schema: Any, named: dict[str, AvroSchema] | None = None) -> Shape:
    """Shape of an Avro schema."""
    named = {} if named is None else named
    if isinstance(schema, str):
        return shape_of_schema(named[schema], named) if schema in named else schema
    if isinstance(schema, list):
        return {"union": [shape_of_schema(branch, named) for branch in schema]}
    if "name" in schema:
        named[schema["name"]] = schema
    match schema["type"]:
        case "record":
            fields = [
                {"name": field["name"], "type": shape_of_schema(field["type"], named)}
                | ({"default": field["default"]} if "default" in field else {})
                for field in schema["fields"]
            ]
            return {"record": schema["name"], "fields": fields}
        case "enum":
            return {"enum": schema["name"], "symbols": schema["symbols"], "default": schema.get("default")}
        case "array":
            return {"array": shape_of_schema(schema["items"], named)}
        case "fixed":
            return {"fixed": schema["size"]} | _uuid_shape(schema)
        case primitive:
            return f"{primitive}/{schema['logicalType']}" if "logicalType" in schema else primitive


def _uuid_shape(schema: AvroSchema) -> dict[str, Any]:
    return {"uuid": "event id" if schema["name"] == "EventId" else "key"} if "logicalType" in schema else {}


def shape_of_value(value_type: type[Value]) -> Shape:
    """Shape of an event value's type."""
    hints = get_type_hints(value_type, include_extras=True)
    fields = []
    for name, field in value_type.model_fields.items():
        shape = {"name": name, "type": _shape_of_hint(hints[name])}
        if not field.is_required():
            shape["default"] = TypeAdapter(Any).dump_python(field.get_default(), mode="json")
        fields.append(shape)
    return {"record": value_type.__name__, "fields": fields}


def _shape_of_hint(hint: Any) -> Shape:
    bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(bare) in {Union, UnionType}:
        branches = [branch for branch in get_args(bare) if branch is not NoneType]
        return {"union": ["null", *(_shape_of_hint(branch) for branch in branches)]}
    if get_origin(bare) is tuple:
        return {"array": _shape_of_hint(get_args(bare)[0])}
    if isinstance(bare, EnumType):
        return _shape_of_enum(bare)
    if issubclass(bare, Value):
        return shape_of_value(bare)
    limits = TypeAdapter(hint).json_schema()
    if bare is uuid.UUID:
        return {"fixed": 16, "uuid": "event id" if _refuses_version_4(hint) else "key"}
    if bare is bytes and limits.get("minLength") == limits.get("maxLength") is not None:
        return {"fixed": limits["minLength"]}
    if bare is int:
        return INTEGER_TYPES.get(limits.get("maximum", 0), "an unlimited int, which Avro has not")
    return PRIMITIVES[bare]


def _shape_of_enum(vocabulary: Any) -> Shape:
    symbols = [symbol.value for symbol in vocabulary]
    assert issubclass(vocabulary, StrEnum), f"{vocabulary} is not a StrEnum"
    return {
        "enum": vocabulary.__name__,
        "symbols": symbols,
        "default": "unknown" if "unknown" in symbols else None,
    }


def _refuses_version_4(hint: Any) -> bool:
    try:
        TypeAdapter(hint).validate_python(uuid.UUID(int=0, version=4))
    except ValidationError:
        return True
    return False


def differences(avro: Shape, python: Shape, path: str = "") -> Iterator[str]:
    """Say where two shapes differ, each place by its path of record and field names."""
    if isinstance(avro, Mapping) and isinstance(python, Mapping):
        here = path or str(avro.get("record", ""))
        if "fields" in avro and "fields" in python:
            yield from _field_differences(avro["fields"], python["fields"], here)
        for key in dict.fromkeys([*avro, *python]):
            if key == "fields" and key in avro and key in python:
                continue
            inner = f"{here}[]" if key == "array" else f"{here} ({key})" if key != "union" else here
            yield from differences(avro.get(key, "nothing"), python.get(key, "nothing"), inner)
    elif isinstance(avro, list) and isinstance(python, list) and len(avro) == len(python):
        for mine, theirs in zip(avro, python, strict=True):
            yield from differences(mine, theirs, path)
    elif avro != python:
        yield f"{path}: the schema has {avro!r}, the Python value has {python!r}"


def _field_differences(avro: list[Shape], python: list[Shape], path: str) -> Iterator[str]:
    avro_names, python_names = ([field["name"] for field in fields] for fields in (avro, python))
    if avro_names != python_names:
        only_avro = [name for name in avro_names if name not in python_names]
        only_python = [name for name in python_names if name not in avro_names]
        what = f"only in the schema: {only_avro}, only in Python: {only_python}"
        yield f"{path}: " + (
            what if only_avro or only_python else f"order {avro_names} against {python_names}"
        )
    by_name = {field["name"]: field for field in python}
    for field in avro:
        if other := by_name.get(field["name"]):
            inner = f"{path}.{field['name']}"
            yield from differences(field["type"], other["type"], inner)
            yield from differences(
                {"default": field.get("default", "no default")},
                {"default": other.get("default", "no default")},
                inner,
            )
