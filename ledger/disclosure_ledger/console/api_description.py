"""OpenAPI and AsyncAPI documents as a page shows them: routes by area, topics with their fields. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")
_DEPTH_MAX = 4


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name with a dot for each level, its type in words, what it means."""

    name: str
    type: str
    doc: str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class DescribedRoute:
    """One route of the API. `answers`: status and what it means."""

    id: str
    method: str
    path: str
    summary: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DescribedTopic:
    """One topic with its message."""

    name: str
    description: str
    record: str
    summary: str
    partitions: int
    fields: tuple[Field, ...]


def described_routes(document: Mapping[str, Any]) -> tuple[tuple[str, tuple[DescribedRoute, ...]], ...]:
    """Routes of an OpenAPI document by area, in the document's order."""
    schemas = document.get("components", {}).get("schemas", {})
    groups: dict[str, list[DescribedRoute]] = {}
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                area = (item[method].get("tags") or ["other"])[0]
                groups.setdefault(area, []).append(_route(path, method, item[method], schemas))
    return tuple((area, tuple(routes)) for area, routes in groups.items())


def _route(
    path: str, method: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]
) -> DescribedRoute:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return DescribedRoute(
        id=str(operation.get("operationId", f"{method}-{path}")),
        method=method.upper(),
        path=path,
        summary=str(operation.get("description") or operation.get("summary") or ""),
        parameters=tuple(
            Field(
                parameter["name"],
                f"{_type(parameter.get('schema', {}))}, in the {parameter['in']}",
                parameter.get("description", ""),
                bool(parameter.get("required")),
            )
            for parameter in operation.get("parameters", ())
        ),
        body=() if body is None else tuple(_fields_of_schema(_resolved(body, schemas), schemas)),
        answers=tuple(
            (status, answer.get("description", ""))
            for status, answer in operation.get("responses", {}).items()
        ),
    )


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: Mapping[str, Any] = schemas.get(name, schema) if name else schema
    return found


def _fields_of_schema(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[Field]:
    required = set(schema.get("required", ()))
    for name, given in schema.get("properties", {}).items():
        yield Field(name, _type(given), _resolved(given, schemas).get("description", ""), name in required)


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2].rpartition("_")[2]
    for many in ("oneOf", "anyOf"):
        if many in schema:
            return " or ".join(dict.fromkeys(_type(each) for each in schema[many]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    kind = schema.get("type", "any")
    return str(schema.get("format") or (" or ".join(kind) if isinstance(kind, list) else kind))


def described_topics(document: Mapping[str, Any]) -> tuple[DescribedTopic, ...]:
    """Topics of an AsyncAPI document with Avro payloads."""
    messages = document["components"]["messages"]
    topics = []
    for channel in document["channels"].values():
        (record,) = channel["messages"]
        payload = messages[record]["payload"]["schema"]
        topics.append(
            DescribedTopic(
                name=channel["address"],
                description=channel["description"],
                record=messages[record]["title"],
                summary=messages[record]["summary"],
                partitions=channel["bindings"]["kafka"]["partitions"],
                fields=tuple(_avro_fields(payload, "", 0)),
            )
        )
    return tuple(topics)


def _avro_fields(schema: Any, before: str, depth: int) -> Iterator[Field]:
    for field in schema.get("fields", ()):
        name = f"{before}{field['name']}"
        yield Field(name, _avro_type(field["type"]), field.get("doc", ""), "default" not in field)
        inner = _record_of(field["type"])
        if inner is not None and depth < _DEPTH_MAX:
            yield from _avro_fields(inner, f"{name}.", depth + 1)


def _avro_type(kind: Any) -> str:
    if isinstance(kind, list):
        given = [_avro_type(each) for each in kind if each != "null"]
        return " or ".join([*given, *(["none"] if "null" in kind else [])])
    if isinstance(kind, str):
        return kind.rpartition(".")[2]
    if kind["type"] == "array":
        return f"list of {_avro_type(kind['items'])}"
    if kind["type"] == "enum":
        return "one of " + ", ".join(kind["symbols"])
    return str(kind.get("logicalType") or kind.get("name") or kind["type"])


def _record_of(kind: Any) -> Any:
    if isinstance(kind, list):
        return next((found for each in kind if (found := _record_of(each)) is not None), None)
    if isinstance(kind, dict):
        if kind["type"] == "record":
            return kind
        if kind["type"] == "array":
            return _record_of(kind["items"])
    return None
