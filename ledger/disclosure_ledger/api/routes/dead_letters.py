"""Single dead letters: looked at, and sent again. The list is an operation of the table."""

import asyncio
import base64
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, PathParameter
from pydantic import Base64Bytes, Field

from disclosure_consumers.kafka.dead_letters import StoredDeadLetter
from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.look_ups import Purpose, look_up
from disclosure_ledger.api.media_types import JSON, takes
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.problems import problems
from disclosure_ledger.api.requests import services_of
from disclosure_schemas.events.base import Moment, Value

AnyRequest = Request[Any, Any, Any]
LetterId = Annotated[
    str,
    PathParameter(pattern=r"^[0-9]{1,9}:[0-9]{1,18}$", description="partition:offset, as the list has it"),
]
_VALUE_BYTES_MAX = 1_048_576


class LetterShown(Value):
    """A dead letter with the record that could not be taken in, which may hold personal data."""

    id: str
    failed_at: Moment
    cause: str
    detail: str
    consumer: str
    topic: str
    partition: int
    offset: int
    key_base64: str | None
    value_base64: str | None
    headers: tuple[str, ...]


class Repair(Value):
    """Body of a replay: what to send instead of what came; nothing given, it is sent as it was."""

    key: UUID | None = None
    value_base64: Annotated[Base64Bytes, Field(max_length=_VALUE_BYTES_MAX)] | None = None


class Replayed(Value):
    """Where the record is now; the dead letter stays."""

    id: str
    topic: str
    partition: int
    offset: int


def dead_letter_routes() -> list[HTTPRouteHandler]:
    """Routes of single dead letters."""
    return [show_letter, replay_letter]


@get(
    "/v1/dead-letters/{letter_id:str}",
    opt=allowed(Role.ANALYST, looks_up_person=True),
    operation_id="showDeadLetter",
    tags=["dead letters"],
    responses=problems(404),
)
async def show_letter(request: AnyRequest, letter_id: LetterId, purpose: Purpose) -> LetterShown:
    """One dead letter with its bytes. The key it came with goes into the access log."""
    stored = await asyncio.to_thread(services_of(request).dead_letters.find, letter_id)
    key = stored.letter.key
    keys = (UUID(bytes=key),) if key is not None and len(key) == 16 else ()
    await look_up(request, purpose, found=True, subject_keys=keys)
    return _shown(stored)


@post(
    "/v1/dead-letters/{letter_id:str}/replay",
    status_code=202,
    opt={**allowed(Role.ANALYST), **takes(JSON)},
    operation_id="replayDeadLetter",
    tags=["dead letters"],
    responses=problems(404),
)
async def replay_letter(request: AnyRequest, letter_id: LetterId, data: JSONBody[Repair]) -> Replayed:
    """Send a dead letter to its topic again, as it was or repaired; it is decided as of now."""
    topic, partition, offset = await asyncio.to_thread(
        services_of(request).dead_letters.replay,
        letter_id,
        key=None if data.key is None else data.key.bytes,
        value=data.value_base64,
    )
    return Replayed(id=letter_id, topic=topic, partition=partition, offset=offset)


def _shown(stored: StoredDeadLetter) -> LetterShown:
    letter = stored.letter
    return LetterShown(
        id=stored.id,
        failed_at=letter.failed_at,
        cause=letter.cause,
        detail=letter.detail,
        consumer=letter.consumer,
        topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        key_base64=_base64(letter.key),
        value_base64=_base64(letter.value),
        headers=tuple(header.name for header in letter.headers),
    )


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()
