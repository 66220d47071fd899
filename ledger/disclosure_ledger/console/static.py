"""Files of the console: style, script and sign; kept by browsers until they change."""

from importlib import resources

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from disclosure_ledger.api.errors import NotFoundError
from disclosure_ledger.api.permissions import PUBLIC
from disclosure_ledger.console.navigation import CONSOLE

_TYPES = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "sign.svg": "image/svg+xml",
}


def static_routes() -> list[HTTPRouteHandler]:
    """The route of all files; anybody may have them: the sign-in page needs them."""
    return [asset]


@get(
    f"{CONSOLE}/assets/{{name:str}}",
    opt=PUBLIC,
    include_in_schema=False,
    sync_to_thread=False,
)
def asset(name: FromPath[str], v: FromQuery[str] = "") -> Response[bytes]:
    """One file; with its version in `v` it never changes under that address."""
    if name not in _TYPES:
        raise NotFoundError(f"the console has no file of this name; it has {', '.join(sorted(_TYPES))}.")
    content = resources.files("disclosure_ledger").joinpath("console", "static", name).read_bytes()
    return Response(
        content,
        media_type=_TYPES[name],
        headers={"Cache-Control": "public, max-age=31536000, immutable" if v else "no-cache"},
    )
