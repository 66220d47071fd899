"""Dead letters: what could not be taken in, why, and sending it again, repaired or as it was."""

import asyncio
import base64
import binascii
import uuid
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from disclosure_ledger.api.dead_letters import DEAD_LETTERS as LETTERS
from disclosure_ledger.api.dead_letters import DeadLetterQuestion
from disclosure_ledger.api.look_ups import look_up
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.requests import principal_of, services_of
from disclosure_ledger.console.dump import SHOWN_MAX, dump
from disclosure_ledger.console.forms import (
    PURPOSES,
    AnyRequest,
    Form,
    FormError,
    files_of,
    purpose_of,
    uuid_of,
)
from disclosure_ledger.console.navigation import DEAD_LETTERS, WATCHERS, WORKERS
from disclosure_ledger.console.opened import EventFile
from disclosure_ledger.console.problems import is_users
from disclosure_ledger.console.rendering import page
from disclosure_ledger.console.words import words
from disclosure_ledger.overview.operations import RECORDED, RecordedStepsQuestion
from disclosure_schemas.errors import DisclosureError
from disclosure_schemas.events.vocabulary import DeadLetterCause

LETTER = "letter"
_PAGE = 50


def dead_letter_routes() -> list[HTTPRouteHandler]:
    """Routes of dead letters."""
    return [list_page, ask_letter, open_letter, letter, replay]


@get(DEAD_LETTERS, opt=allowed(*WATCHERS), include_in_schema=False)
async def list_page(
    request: AnyRequest, cause: FromQuery[str] = "", cursor: FromQuery[str] = ""
) -> Response[str]:
    """The list, the newest first, and how many there are of each cause."""
    services = services_of(request)
    question = DeadLetterQuestion(
        cause=DeadLetterCause(cause) if cause in set(DeadLetterCause) else None,
        cursor=cursor or None,
        limit=_PAGE,
    )

    def ask() -> tuple[Any, Any]:
        reader = services.reader
        return reader.ask(LETTERS, question), reader.ask(RECORDED, RecordedStepsQuestion(steps=1))

    found, recorded = await asyncio.to_thread(ask)
    after = f"{DEAD_LETTERS}?cause={cause}&cursor={found.next_cursor}" if found.next_cursor else ""
    return page(
        request,
        "dead_letters",
        letters=found.dead_letters,
        next_href=after,
        by_cause=recorded.dead_letters,
        most=max((entry.letters for entry in recorded.dead_letters), default=0),
        causes=[
            (c.value, words(c).capitalize()) for c in DeadLetterCause if c is not DeadLetterCause.UNKNOWN
        ],
        cause=cause,
        may_open=principal_of(request).may(WORKERS),
    )


@get(f"{DEAD_LETTERS}/open", opt=allowed(*WORKERS), include_in_schema=False, sync_to_thread=False)
def ask_letter(request: AnyRequest, letter: FromQuery[str] = "") -> Response[str]:
    """The form that asks for the purpose: a letter may hold personal data."""
    return page(request, "dead_letter_open", letter=letter, error="", purposes=PURPOSES, given={})


@post(
    f"{DEAD_LETTERS}/open",
    opt=allowed(*WORKERS, looks_up_person=True),
    include_in_schema=False,
    sync_to_thread=False,
)
def open_letter(request: AnyRequest, data: Form) -> Response[str] | Redirect:
    """Look at one letter."""
    letter = data.get("letter", "")
    try:
        purpose = purpose_of(data)
    except DisclosureError as error:
        if not is_users(error):
            raise
        return page(
            request,
            "dead_letter_open",
            status=422,
            letter=letter,
            error=str(error),
            purposes=PURPOSES,
            given=data,
        )
    file = EventFile(principal_of(request).name, LETTER, letter, purpose)
    file_id = files_of(request).open_event(file, services_of(request).clock())
    return Redirect(f"{DEAD_LETTERS}/{file_id}", status_code=303)


@get(f"{DEAD_LETTERS}/{{file_id:str}}", opt=allowed(*WORKERS, looks_up_person=True), include_in_schema=False)
async def letter(request: AnyRequest, file_id: FromPath[str]) -> Response[str]:
    """One letter with its bytes."""
    return await _letter(request, file_id)


@post(f"{DEAD_LETTERS}/{{file_id:str}}/replay", opt=allowed(*WORKERS), include_in_schema=False)
async def replay(request: AnyRequest, file_id: FromPath[str], data: Form) -> Response[str]:
    """Send it again; it is decided as of now."""
    file = _file(request, file_id)
    try:
        key, value = _key(data.get("key", "")), _value(data.get("value", ""))
        place = await asyncio.to_thread(
            services_of(request).dead_letters.replay,
            file.id,
            key=None if key is None else key.bytes,
            value=value,
        )
    except FormError as error:
        return await _letter(request, file_id, status=422, error=str(error))
    return await _letter(request, file_id, sent=place)


async def _letter(
    request: AnyRequest,
    file_id: str,
    *,
    status: int = 200,
    error: str = "",
    sent: tuple[str, int, int] | None = None,
) -> Response[str]:
    file = _file(request, file_id)
    stored = await asyncio.to_thread(services_of(request).dead_letters.find, file.id)
    key = stored.letter.key
    keys = (uuid.UUID(bytes=key),) if key is not None and len(key) == 16 else ()
    await look_up(request, file.purpose, found=True, subject_keys=keys)
    value = stored.letter.value or b""
    return page(
        request,
        "dead_letter",
        status=status,
        error=error,
        sent=sent,
        id=stored.id,
        letter=stored.letter,
        key=str(keys[0]) if keys else (key.hex() if key is not None else ""),
        dump=dump(value),
        value_bytes=len(value),
        shown_bytes=min(len(value), SHOWN_MAX),
        value_base64=base64.b64encode(value).decode(),
        path_of_file=f"{DEAD_LETTERS}/{file_id}",
    )


def _file(request: AnyRequest, file_id: str) -> EventFile:
    return files_of(request).event(file_id, LETTER, principal_of(request), services_of(request).clock())


def _key(text: str) -> uuid.UUID | None:
    return uuid_of(text, "a subject key") if text.strip() else None


def _value(text: str) -> bytes | None:
    if not text.strip():
        return None
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise FormError("the new value is written in base64; it could not be read as that.") from None
