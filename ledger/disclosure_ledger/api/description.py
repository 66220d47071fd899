"""The description of the API (OpenAPI 3.1): the framework's, with the exact JSON Schemas of all values.

The framework's own schemas of values lose what stands in tuples and unions, and that nothing else is taken.
"""

import inspect
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin

from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from disclosure_ledger.api.decoding import is_model
from disclosure_ledger.api.exposed import EXPOSED
from disclosure_ledger.api.media_types import JSON
from disclosure_ledger.api.problems import Problem
from disclosure_ledger.api.public_bodies import public_body
from disclosure_ledger.door.questions import PROBLEM_MEDIA_TYPE

Mode = Literal["validation", "serialization"]
_Wanted = dict[tuple[type[BaseModel], Mode], dict[str, Any]]
_NAME = "openapi_description"
_REF = "#/components/schemas/{model}"


def described_once(app: Litestar) -> dict[str, Any]:
    """The description, worked out when first asked for."""
    if _NAME not in app.state:
        app.state[_NAME] = described(app)
    return cast("dict[str, Any]", app.state[_NAME])


def described(app: Litestar) -> dict[str, Any]:
    """The description of an application, as JSON-able values."""
    made = app.openapi_schema.to_schema()
    bodies = {entry.operation_id: public_body(entry) for entry in EXPOSED if entry.method == "GET"}
    routes = [
        (handler, made["paths"][route.path_format][method.lower()])
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path_format in made["paths"]
        for handler in route.route_handlers
        for method in handler.http_methods
        if method.lower() in made["paths"][route.path_format]
    ]
    refs, definitions = _schemas(routes, bodies.values())
    for handler, operation in routes:
        _describe(operation, handler, refs)
        if (body := bodies.get(operation["operationId"])) is not None:
            _describe_query(operation, definitions.pop(body.__name__))
    made["components"]["schemas"] = definitions
    return made


def _schemas(
    routes: list[tuple[HTTPRouteHandler, Any]], queries: Any
) -> tuple[_Wanted, dict[str, dict[str, Any]]]:
    wanted: dict[tuple[type[BaseModel], Mode], None] = {(Problem, "serialization"): None}
    for handler, _ in routes:
        wanted |= dict.fromkeys((model, "validation") for model in _taken(handler))
        wanted |= dict.fromkeys((model, "serialization") for model in _given(handler))
    wanted |= dict.fromkeys((model, "validation") for model in queries)
    refs, schema = models_json_schema(list(wanted), ref_template=_REF)
    return cast("_Wanted", refs), schema.get("$defs", {})


def _taken(handler: HTTPRouteHandler) -> list[type[BaseModel]]:
    field = handler.parsed_fn_signature.parameters.get("data")
    return [] if field is None else list(_models(field.annotation))


def _given(handler: HTTPRouteHandler) -> list[type[BaseModel]]:
    returned = handler.parsed_fn_signature.return_type.annotation
    if inspect.isclass(get_origin(returned)) and issubclass(get_origin(returned), Response):
        (returned,) = get_args(returned)
    return list(_models(returned))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if get_origin(annotation) in {Union, UnionType}:
        for part in get_args(annotation):
            yield from _models(part)
    elif is_model(annotation):
        yield annotation


def _describe(operation: dict[str, Any], handler: HTTPRouteHandler, refs: _Wanted) -> None:
    if "description" in operation:
        operation["summary"] = operation["description"].partition("\n")[0]
    taken = [refs[model, "validation"] for model in _taken(handler)]
    if taken:
        operation["requestBody"]["content"][JSON]["schema"] = _one_of(taken)
    given = [refs[model, "serialization"] for model in _given(handler)]
    for status, response in operation["responses"].items():
        for media_type, content in response.get("content", {}).items():
            if media_type == PROBLEM_MEDIA_TYPE:
                content["schema"] = refs[Problem, "serialization"]
            elif media_type == JSON and status.startswith("2") and given:
                content["schema"] = _one_of(given)


def _one_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _describe_query(operation: dict[str, Any], body: Mapping[str, Any]) -> None:
    """Give the parameters of a query the schemas of the body's fields; null is said by leaving one out."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] != "query":
            continue
        schema = dict(body["properties"][parameter["name"]])
        choices = [part for part in schema.get("anyOf", ()) if part.get("type") != "null"]
        if choices:
            del schema["anyOf"]
            schema.pop("default", None)
            schema |= choices[0] if len(choices) == 1 else {"anyOf": choices}
        parameter["schema"] = schema
