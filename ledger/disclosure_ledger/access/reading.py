"""Reading the access log, a page at a time: an operation of the door and the API."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from disclosure_ledger.access.lookups import Result
from disclosure_ledger.cursors import cursor_of, position_of
from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.events.base import Moment, Value

PAGE_MAX = 1_000


class AccessQuestion(Value):
    """Which look-ups: by whom, about whom, when, with what result; the newest first.

    `cursor`: `next_cursor` of the page before.
    """

    who: Annotated[str, Field(max_length=256)] | None = None
    subject_key: uuid.UUID | None = None
    result: Result | None = None
    from_at: Moment | None = None
    until_at: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 100
    cursor: Annotated[str, Field(max_length=512)] | None = None


class LookUpRow(Value):
    """One look-up as it is kept."""

    request_id: uuid.UUID
    asked_at: Moment
    who: str
    means: str
    roles: tuple[str, ...]
    route: str
    purpose: str
    result: Result
    subject_keys: tuple[uuid.UUID, ...]
    event_id: uuid.UUID | None


class AccessPage(Value):
    """Look-ups, the newest first; `next_cursor` is None on the last page."""

    look_ups: tuple[LookUpRow, ...]
    next_cursor: str | None


def read_access(ledger: Ledger, question: AccessQuestion, _: Occasion) -> AccessPage:
    """One page of the access log.

    Raises InvalidCursorError.
    """
    before: tuple[Any, ...] = (None, None)
    if question.cursor is not None:
        before = position_of(question.cursor, datetime.fromisoformat, uuid.UUID)
    bounds = {"from_at": question.from_at, "until_at": question.until_at}
    rows = ledger.fetch(
        "access_page",
        {
            "who": question.who,
            "result": None if question.result is None else question.result.value,
            "subject_key": None if question.subject_key is None else str(question.subject_key),
            **{name: None if at is None else at.replace(tzinfo=None) for name, at in bounds.items()},
            "before_at": before[0],
            "before_id": None if before[1] is None else str(before[1]),
            "most": question.limit + 1,
        },
    )
    shown = [LookUpRow(**{**row, "asked_at": row["asked_at"].replace(tzinfo=UTC)}) for row in rows]
    page = shown[: question.limit]
    more = len(shown) > question.limit
    after = (
        cursor_of(page[-1].asked_at.replace(tzinfo=None).isoformat(), str(page[-1].request_id))
        if more
        else None
    )
    return AccessPage(look_ups=tuple(page), next_cursor=after)


ACCESS_LOG = Operation("/v1/access-log", AccessQuestion, AccessPage, read_access)
"""The log of look-ups."""
