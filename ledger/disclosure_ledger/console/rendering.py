"""Pages from templates: the only place of the console that knows jinja2. Every text is escaped."""

import hashlib
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response
from litestar.enums import MediaType

from disclosure_ledger.access.roles import Principal
from disclosure_ledger.api.requests import request_id_of
from disclosure_ledger.api.routes.sign_in import csrf_token_of
from disclosure_ledger.console import charts, words
from disclosure_ledger.console.navigation import sections_for

AnyRequest = Request[Any, Any, Any]

_FILTERS = {
    "words": words.words,
    "sentence": words.sentence,
    "listed": words.listed,
    "items": words.items_listed,
    "day": words.day_text,
    "last_day": words.last_day_text,
    "time": words.time_text,
    "clock": words.clock_text,
    "machine": words.machine_text,
    "number": words.number,
    "seconds": words.seconds_text,
    "short": words.short,
}


def page(request: AnyRequest, template: str, *, status: int = 200, **values: Any) -> Response[str]:
    """Make a page of a template in `templates/`; `values` are what it shows."""
    principal = request.scope.get("user")
    content = (
        _environment()
        .get_template(f"{template}.html.j2")
        .render(
            csrf_token=csrf_token_of(request),
            principal=principal,
            sections=sections_for(principal) if isinstance(principal, Principal) else (),
            path=request.url.path,
            request_id=request_id_of(request.scope),
            **values,
        )
    )
    return Response(content + "\n", status_code=status, media_type=MediaType.HTML)


@cache
def asset_version() -> str:
    """Changes with the files of `static/`, so that a browser never keeps an old one."""
    digest = hashlib.sha256()
    folder = resources.files("disclosure_ledger").joinpath("console", "static")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("disclosure_ledger", "console/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(_FILTERS)
    environment.globals.update(
        asset_version=asset_version(),
        plural=words.plural,
        days_left=words.days_left,
        charts=charts,
    )
    return environment
