"""Cursors of lists: where a page ended, as a text that callers hand back unread."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from typing import Any

from disclosure_schemas.errors import DisclosureError


class InvalidCursorError(DisclosureError):
    """A cursor is not one that a page has returned."""


def cursor_of(*parts: str) -> str:
    """The cursor of a position."""
    return urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


def position_of(cursor: str, *read: Callable[[str], Any]) -> tuple[Any, ...]:
    """The position of a cursor, each part read by its own function; raises InvalidCursorError.

    A function raises ValueError for a part that is none.
    """
    try:
        parts = json.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        return tuple(reads(part) for reads, part in zip(read, parts, strict=True))
    except (Base64Error, ValueError, TypeError, OverflowError):
        raise InvalidCursorError(
            "the cursor is not one of this list. Pass next_cursor of the page before, unchanged, or "
            "leave it out for the first page."
        ) from None
