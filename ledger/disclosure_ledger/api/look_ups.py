"""Look-ups of persons by routes: written into the access log before anything is answered."""

import asyncio
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar.params import HeaderParameter

from disclosure_ledger.access.lookups import LookUp, Result
from disclosure_ledger.api.requests import (
    Connection,
    principal_of,
    request_id_of,
    route_of,
    services_of,
)
from disclosure_producers.checks import refuse_address

PURPOSE_HEADER = "Lookup-Purpose"

Purpose = Annotated[
    str,
    HeaderParameter(
        name=PURPOSE_HEADER,
        min_length=3,
        max_length=200,
        pattern=r"^[\x20-\x7e]*$",
        description="Why this person is looked up, such as `request R-2026-17`; kept in the access log.",
    ),
]
"""The header in which a caller says why."""


async def look_up(
    connection: Connection,
    purpose: str,
    *,
    found: bool,
    subject_keys: Sequence[UUID] = (),
    event_id: UUID | None = None,
) -> None:
    """Write down that somebody looked; returns once the row is committed, raises AccessError if it is not.

    Call it after the answer was made and before it is given. Raises InvalidEventError for a purpose that
    names an e-mail address.
    """
    refuse_address(purpose, PURPOSE_HEADER)
    services = services_of(connection)
    row = LookUp(
        request_id=request_id_of(connection.scope),
        asked_at=services.clock(),
        principal=principal_of(connection),
        route=route_of(connection),
        purpose=purpose,
        result=Result.FOUND if found else Result.NOT_FOUND,
        subject_keys=tuple(subject_keys),
        event_id=event_id,
    )
    await asyncio.wrap_future(services.access_log.submit(row))
