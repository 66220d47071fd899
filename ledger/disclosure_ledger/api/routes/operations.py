"""Routes of the operations that the API offers, made from their table."""

import asyncio
import inspect
from collections.abc import Iterable
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter
from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

from disclosure_ledger.api.bodies import Person
from disclosure_ledger.api.conditional import conditional
from disclosure_ledger.api.exposed import EXPOSED, Exposed
from disclosure_ledger.api.look_ups import Purpose, look_up
from disclosure_ledger.api.media_types import JSON, takes
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.problems import problems
from disclosure_ledger.api.requests import services_of
from disclosure_ledger.api.subjects import keys_of
from disclosure_schemas.events.base import Value

AnyRequest = Request[Any, Any, Any]
_REQUIRED: Any = inspect.Parameter.empty


def operation_routes(exposed: Iterable[Exposed] = EXPOSED) -> list[HTTPRouteHandler]:
    """One route for each line of the table."""
    return [_route(entry) for entry in exposed]


def _route(entry: Exposed) -> HTTPRouteHandler:
    looks_up = entry.subject_keys is not None
    opt = allowed(*entry.roles, looks_up_person=looks_up)
    common: dict[str, Any] = {
        "operation_id": _operation_id(entry),
        "description": inspect.getdoc(entry.operation.run),
        "tags": [entry.tag],
        "responses": problems(),
    }
    if entry.method == "GET":
        return get(entry.route, opt=opt, **common)(_of_query(entry))
    return post(entry.route, status_code=200, opt={**opt, **takes(JSON)}, **common)(_of_body(entry))


def _of_body(entry: Exposed) -> Any:
    body = entry.operation.body if entry.subject_keys is None else _public_body(entry)

    async def serve(request: AnyRequest, **given: Any) -> Any:
        return await _answered(request, entry, given["data"], given.get("purpose"))

    json_body: Any = JSONBody
    return _with_parameters(
        serve, entry, [inspect.Parameter("data", inspect.Parameter.KEYWORD_ONLY, annotation=json_body[body])]
    )


def _of_query(entry: Exposed) -> Any:
    body = entry.operation.body if entry.subject_keys is None else _public_body(entry)

    async def serve(request: AnyRequest, **given: Any) -> Any:
        purpose = given.pop("purpose", None)
        named = {name: value for name, value in given.items() if value is not None}
        return await _answered(request, entry, body.model_validate(named), purpose)

    parameters = [_parameter(name, field) for name, field in body.model_fields.items()]
    return _with_parameters(serve, entry, parameters)


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    annotation: Any = field.annotation
    for constraint in field.metadata:
        annotation = Annotated[annotation, constraint]
    annotation = Annotated[annotation, QueryParameter()]
    default = _REQUIRED if field.is_required() else field.get_default(call_default_factory=True)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _with_parameters(serve: Any, entry: Exposed, parameters: list[inspect.Parameter]) -> Any:
    """Give a handler the signature that the framework reads."""
    request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=AnyRequest)
    if entry.subject_keys is not None:
        purpose = inspect.Parameter("purpose", inspect.Parameter.KEYWORD_ONLY, annotation=Purpose)
        parameters = [*parameters, purpose]
    returns: Any = Response[entry.operation.answer]  # type: ignore[name-defined]
    serve.__signature__ = inspect.Signature([request, *parameters], return_annotation=returns)
    serve.__annotations__ = {p.name: p.annotation for p in (request, *parameters)} | {"return": returns}
    serve.__name__ = _operation_id(entry)
    return serve


async def _answered(request: AnyRequest, entry: Exposed, data: BaseModel, purpose: str | None) -> Any:
    services, operation = services_of(request), entry.operation
    if entry.subject_keys is None:
        answer = await asyncio.to_thread(services.reader.ask, operation, data)
        return conditional(request, answer)
    given = {name: getattr(data, name) for name in type(data).model_fields if name != "person"}
    keys = keys_of(services, data.person)  # type: ignore[attr-defined]
    body = operation.body.model_validate({**given, entry.subject_keys: keys})
    answer = await asyncio.to_thread(services.reader.ask, operation, body)
    assert purpose is not None, "the header is required"
    await look_up(request, purpose, found=entry.is_found(answer), subject_keys=keys)
    return conditional(request, answer)


def _public_body(entry: Exposed) -> type[Value]:
    """The operation's body with `person` in place of subject keys."""
    kept: dict[str, Any] = {
        name: (field.annotation, field)
        for name, field in entry.operation.body.model_fields.items()
        if name != entry.subject_keys
    }
    name = f"{entry.operation.body.__name__}OfPerson"
    return create_model(
        name, __base__=Value, __doc__=entry.operation.body.__doc__, person=(Person, ...), **kept
    )


def _operation_id(entry: Exposed) -> str:
    words = entry.route.removeprefix("/v1/").replace("/", "-").replace("{", "").replace("}", "").split("-")
    first, *others = [word.partition(":")[0] for word in words if word]
    return first + "".join(word.capitalize() for word in others)
