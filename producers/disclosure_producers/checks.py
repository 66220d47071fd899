"""Checks of what callers pass, before anything is accepted. No message repeats what may be an identifier."""

import re
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import ValidationError

from disclosure_producers.errors import SubjectKeyError
from disclosure_schemas.codec import MAX_EVENT_BYTES
from disclosure_schemas.errors import InvalidEventError
from disclosure_schemas.events.base import MAX_TEXT_LENGTH, Value
from disclosure_schemas.moments import microseconds

V = TypeVar("V", bound=Value)

CLOCK_SKEW_US = 1_000_000
"""How far clocks may differ: an event may be emitted this much before it happened (FORMAT.md, toggles)."""

_HEAD_BYTES_MAX = 96  # header, three ids, three numbers
_CODE = re.compile(r"[A-Za-z][A-Za-z_.\-]{0,63}")
_EMAIL_INSIDE = re.compile(r"[^@\s]@[^@\s]+\.[^@\s]")


def key_bytes(subject_key: object, name: str = "subject_key") -> bytes:
    """The 16 bytes of a subject key; raises SubjectKeyError for anything but a UUID."""
    if isinstance(subject_key, uuid.UUID):
        return subject_key.bytes
    raise SubjectKeyError(
        f"{name} takes a subject key, a uuid.UUID made by disclosure_schemas.subject_keys.subject_key("
        f"secret, IdentifierType.EMAIL, address); got a {type(subject_key).__name__}, not shown here because "
        "it may identify a person. Make a key of it and pass that; identifiers never enter an event."
    )


def event_id_bytes(event_id: object) -> bytes:
    """The 16 bytes of an event id; raises InvalidEventError for anything but a UUID of version 7."""
    if isinstance(event_id, uuid.UUID) and event_id.version == 7:
        return event_id.bytes
    got = f"version {event_id.version}" if isinstance(event_id, uuid.UUID) else type(event_id).__name__
    raise InvalidEventError(
        f"event_id takes a uuid.UUID of version 7, which is time-ordered; got {got}. "
        "Make one with disclosure_schemas.event_ids.new_event_id, or leave it out."
    )


def code(text: object, name: str) -> str:
    """A short text that names something; raises InvalidEventError."""
    if isinstance(text, str) and 1 <= len(text) <= MAX_TEXT_LENGTH and not _EMAIL_INSIDE.search(text):
        return text
    raise InvalidEventError(
        f"{name} takes a text of 1 to {MAX_TEXT_LENGTH} characters, no e-mail address; got {shown(text)}."
    )


def past_us(moment: object, name: str = "occurred_at") -> int:
    """Microseconds since 1970 of a moment that has come; raises InvalidEventError for any other."""
    if not isinstance(moment, datetime):
        raise InvalidEventError(
            f"{name} takes a datetime with a time zone, got a {type(moment).__name__}. "
            "Pass the moment at which it happened, such as datetime.now(UTC)."
        )
    if moment.utcoffset() is None:
        raise InvalidEventError(
            f"{name} has no time zone, so nobody can tell when it was. Add one, such as "
            "moment.replace(tzinfo=ZoneInfo('America/Los_Angeles'))."
        )
    at_us = microseconds(moment)
    now_us = time.time_ns() // 1000
    if at_us > now_us + CLOCK_SKEW_US:
        raise InvalidEventError(
            f"{name} is {(at_us - now_us) / 1e6:.1f} s in the future; an event is emitted after it happened "
            f"(clocks may differ by {CLOCK_SKEW_US / 1e6:.0f} s). Check the clock, or report it later."
        )
    return at_us


def validated(value_type: type[V], fields: Mapping[str, Any]) -> V:
    """Make a value of the vocabulary; raises InvalidEventError that names fields, and shows only codes."""
    try:
        value = value_type.model_validate(fields)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in entry['loc'])}: {entry['msg']}, got {shown(entry['input'])}"
            for entry in error.errors(include_url=False)[:5]
        )
        raise InvalidEventError(f"the event was not accepted: {problems}.") from None
    for name, held in value:
        if isinstance(held, StrEnum) and held == "unknown" and name != "subject_type":
            raise InvalidEventError(
                f"{name}: 'unknown' stands for words newer than the reader and is never sent; expected one "
                f"of {', '.join(word for word in type(held) if word != 'unknown')}."
            )
    refuse_addresses(value)
    return value


def refuse_addresses(value: Value) -> None:
    """Raise InvalidEventError where a text of an event looks like an e-mail address."""
    for name, text in _texts(value.model_dump(), ""):
        refuse_address(text, name)


def refuse_address(text: str, name: str) -> None:
    """Raise InvalidEventError where a text looks like an e-mail address."""
    if _EMAIL_INSIDE.search(text):
        raise InvalidEventError(
            f"{name} looks like an e-mail address (not shown). Events carry subject keys and names of the "
            "taxonomy and registry, never identifiers. Pass an id that says nothing about a person."
        )


def fitting(rest: bytes) -> bytes:
    """The rest of an event, unless the whole is larger than what is taken in; raises InvalidEventError."""
    if len(rest) + _HEAD_BYTES_MAX > MAX_EVENT_BYTES:
        raise InvalidEventError(
            f"the event has {len(rest)} bytes, at most {MAX_EVENT_BYTES - _HEAD_BYTES_MAX} are taken. "
            "Send fewer items in one disclosure."
        )
    return rest


def shown(got: object) -> str:
    """A short name as it is; of anything else only type and size, for it may identify a person."""
    if got is None or isinstance(got, bool):
        return repr(got)
    if isinstance(got, str):
        return repr(str(got)) if _CODE.fullmatch(got) else f"a text of {len(got)} characters (not shown)"
    if isinstance(got, list | tuple | set):
        return f"{len(got)} entries"
    return f"a {type(got).__name__}"


def _texts(held: object, name: str) -> Iterable[tuple[str, str]]:
    if isinstance(held, str):
        yield name, held
    elif isinstance(held, Mapping):
        for key, inner in held.items():
            yield from _texts(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(held, list | tuple):
        for inner in held:
            yield from _texts(inner, name)
