"""Bodies are of the media type a route takes; anything else is refused with 415 before it is read."""

from typing import Any

from litestar.handlers import BaseRouteHandler

from disclosure_ledger.api.errors import UnsupportedMediaTypeError
from disclosure_ledger.api.requests import Connection

JSON, NDJSON = "application/json", "application/x-ndjson"

_TAKEN = "media_types"


def takes(*media_types: str) -> dict[str, Any]:
    """`opt` of a route that takes bodies of these types."""
    return {_TAKEN: media_types}


def media_type_of(connection: Connection) -> str:
    """Media type of the body, without parameters."""
    return connection.headers.get("content-type", "").partition(";")[0].strip().lower()


async def require_media_type(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard: raises UnsupportedMediaTypeError."""
    taken: tuple[str, ...] = handler.opt.get(_TAKEN, ())
    if taken and media_type_of(connection) not in taken:
        raise UnsupportedMediaTypeError(
            f"the body must be {' or '.join(taken)}; the header Content-Type says something else, or is "
            "missing."
        )
