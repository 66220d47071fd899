"""Cursors of lists: where a page ended, as a text that callers hand back unread."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error

from disclosure_schemas.errors import DisclosureError


class InvalidCursorError(DisclosureError):
    """A cursor is not one that a page has returned."""


def cursor_of(*parts: str) -> str:
    """The cursor of a position."""
    return urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


def position_of(cursor: str, *, parts: int) -> tuple[str, ...]:
    """The position of a cursor with so many parts; raises InvalidCursorError."""
    try:
        found = json.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (Base64Error, ValueError):
        found = None
    if not (isinstance(found, list) and len(found) == parts and all(isinstance(part, str) for part in found)):
        raise InvalidCursorError(
            "the cursor is not one of this list. Pass next_cursor of the page before, unchanged, or "
            "leave it out "
            "for the first page."
        )
    return tuple(found)
