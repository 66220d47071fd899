"""ETags (RFC 9110): who has the answer already is told so, and nothing is sent again."""

from hashlib import sha256
from typing import Any, TypeVar, cast

from litestar import Request, Response
from litestar.serialization import encode_json
from pydantic import BaseModel

_MATCHED = 304


T = TypeVar("T", bound=BaseModel | dict[str, Any])


def conditional(request: Request[Any, Any, Any], value: T) -> Response[T]:
    """JSON of a value with its ETag; 304 without content where If-None-Match names it."""
    content = encode_json(value.model_dump(mode="json") if isinstance(value, BaseModel) else value)
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    asked = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    if etag in asked or "*" in asked:
        return cast("Response[T]", Response(b"", status_code=_MATCHED, headers=headers))
    return cast("Response[T]", Response(content, headers=headers, media_type="application/json"))
