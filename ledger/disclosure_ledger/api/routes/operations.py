"""Routes of the operations that the API offers, made from their table."""

import asyncio
import inspect
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, get_origin
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from disclosure_ledger.api.conditional import conditional
from disclosure_ledger.api.decoding import of_query
from disclosure_ledger.api.described import in_forms
from disclosure_ledger.api.exposed import EXPOSED, Exposed
from disclosure_ledger.api.look_ups import Purpose, look_up
from disclosure_ledger.api.media_types import JSON, takes
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.problems import problems, status_of
from disclosure_ledger.api.public_bodies import JSON_FORM, operation_body, public_body
from disclosure_ledger.api.requests import principal_of, services_of
from disclosure_schemas.errors import DisclosureError

AnyRequest = Request[Any, Any, Any]
_REQUIRED: Any = inspect.Parameter.empty
_PURPOSE = "purpose"


def operation_routes(exposed: Iterable[Exposed] = EXPOSED) -> list[HTTPRouteHandler]:
    """One route for each line of the table."""
    return [_route(entry) for entry in exposed]


def _route(entry: Exposed) -> HTTPRouteHandler:
    opt = allowed(*entry.roles, looks_up_person=entry.looks_up)
    conflicts = (409,) if entry.operation.writes else ()
    common: dict[str, Any] = {
        "operation_id": entry.operation_id,
        "description": _description(entry),
        "tags": [entry.tag],
        "responses": problems(*conflicts),
    }
    if entry.forms:
        common["operation_class"] = in_forms(entry.forms.values())
    if entry.method == "GET":
        return get(entry.route, opt=opt, **common)(_of_query(entry))
    return post(entry.route, status_code=entry.status, opt={**opt, **takes(JSON)}, **common)(_of_body(entry))


def _description(entry: Exposed) -> str:
    """What callers are told of an operation; which errors of Python it raises is told as problems."""
    return (inspect.getdoc(entry.operation.run) or "").partition("\n\nRaises ")[0]


def _of_body(entry: Exposed) -> Any:
    async def serve(request: AnyRequest, **given: Any) -> Any:
        path = {name: given[name] for name in entry.path_fields}
        return await _answered(request, entry, given["data"], path, given.get(_PURPOSE))

    json_body: Any = JSONBody
    return _with_parameters(serve, entry, [_keyword("data", json_body[public_body(entry)])])


def _of_query(entry: Exposed) -> Any:
    body = public_body(entry)

    async def serve(request: AnyRequest, **given: Any) -> Any:
        path = {name: given[name] for name in entry.path_fields}
        named = {name: given[name] for name in body.model_fields if given[name] is not None}
        return await _answered(request, entry, of_query(body, named), path, given.get(_PURPOSE))

    return _with_parameters(
        serve, entry, [_of_field(name, field) for name, field in body.model_fields.items()]
    )


def _of_field(name: str, field: FieldInfo) -> inspect.Parameter:
    """A parameter as the text that came; the body's own type reads it."""
    is_list = get_origin(field.annotation) is tuple
    annotation: Any = list[str] if is_list else str
    if not field.is_required():
        annotation |= None
    default = _REQUIRED if field.is_required() else None
    return _keyword(name, Annotated[annotation, QueryParameter()], default)


def _keyword(name: str, annotation: Any, default: Any = _REQUIRED) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _with_parameters(serve: Any, entry: Exposed, parameters: list[inspect.Parameter]) -> Any:
    """Give a handler the signature that the framework reads."""
    request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=AnyRequest)
    parameters += [_keyword(name, FromPath[UUID]) for name in entry.path_fields]
    if entry.looks_up:
        parameters.append(_keyword(_PURPOSE, Purpose))
    returns: Any = Response[entry.operation.answer]  # type: ignore[name-defined]
    serve.__signature__ = inspect.Signature([request, *parameters], return_annotation=returns)
    serve.__annotations__ = {p.name: p.annotation for p in (request, *parameters)} | {"return": returns}
    serve.__name__ = entry.operation_id
    return serve


async def _answered(
    request: AnyRequest, entry: Exposed, sent: BaseModel, path: Mapping[str, UUID], purpose: str | None
) -> Any:
    services = services_of(request)
    body, keys = operation_body(entry, services, principal_of(request), sent, path)
    event_id = next(iter(path.values()), None)
    try:
        answer = await asyncio.to_thread(services.reader.ask, entry.operation, body)
    except DisclosureError as error:
        if entry.looks_up and (status := status_of(error)) < 500:
            # A refusal tells something about the person too: that nobody knows them, or that they are two.
            assert purpose is not None, "the header is required"
            await look_up(request, purpose, found=status != 404, subject_keys=keys, event_id=event_id)
        raise
    response = await _in_form(request, entry, answer, getattr(sent, "format", JSON_FORM))
    if entry.looks_up:
        assert purpose is not None, "the header is required"
        whom = entry.about(answer) if entry.about is not None else keys
        await look_up(request, purpose, found=entry.is_found(answer), subject_keys=whom, event_id=event_id)
    return response


async def _in_form(request: AnyRequest, entry: Exposed, answer: Any, name: str) -> Response[Any]:
    form = entry.forms.get(name)
    if form is None:
        return conditional(request, answer, entry.status)
    content = await asyncio.to_thread(form.write, answer)
    return Response(
        content,
        media_type=form.media_type,
        # A file to keep, never a page of this site.
        headers={"Content-Disposition": f'attachment; filename="{entry.operation_id}{form.suffix}"'},
    )
