"""ETags (RFC 9110): who has the answer already is told so, and nothing is sent again."""

from hashlib import sha256
from typing import Any, TypeVar, cast

from litestar import Request, Response
from litestar.serialization import encode_json
from pydantic import BaseModel

_MATCHED = 304
_MOMENTS_OF_ANSWERING = frozenset({"as_of", "asked_at", "made_at"})
"""Fields that say when an answer was made: two answers that differ in nothing else say the same."""


T = TypeVar("T", bound=BaseModel | dict[str, Any])


def conditional(request: Request[Any, Any, Any], value: T, status_code: int = 200) -> Response[T]:
    """JSON of a value; of a GET with its ETag, and 304 without content where If-None-Match names it."""
    said: dict[str, Any] = value.model_dump(mode="json") if isinstance(value, BaseModel) else dict(value)
    content = encode_json(said)
    if request.method != "GET":
        return cast("Response[T]", Response(content, status_code=status_code, media_type="application/json"))
    lasting = {name: entry for name, entry in said.items() if name not in _MOMENTS_OF_ANSWERING}
    digest = sha256(content if len(lasting) == len(said) else encode_json(lasting)).hexdigest()[:32]
    etag = f'"{digest}"' if len(lasting) == len(said) else f'W/"{digest}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    asked = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    if f'"{digest}"' in asked or "*" in asked:
        return cast("Response[T]", Response(b"", status_code=_MATCHED, headers=headers))
    return cast("Response[T]", Response(content, headers=headers, media_type="application/json"))
