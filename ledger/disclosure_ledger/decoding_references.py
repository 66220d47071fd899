"""Reads the optional references of a request, which differ from event to event.

    collected_at | decision_event_id | corrects_event_id | retracts_event_id | transaction_id |
    linked_subject_keys

Anything unusual, such as an array in several blocks, is left to the codec.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from disclosure_schemas.events.base import MAX_TEXT_LENGTH
from disclosure_schemas.layout import NO_REFERENCES, SEQUENCE_START, disclosure_start

_ABSENT = 0
_PRESENT = 2
"""Avro's index of the second branch of a union, as a zigzag varint."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONG_BYTES_MAX = 9
_LINKED_MAX = 63
"""Most keys of an array whose count is one byte; the codec reads the 64th."""


class UnusualBytesError(Exception):
    """These bytes are for the codec."""


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Read a zigzag varint of up to 9 bytes: number, index behind; raises UnusualBytesError, IndexError."""
    byte = data[at]
    if byte <= 0x7F:
        return (byte >> 1) ^ -(byte & 1), at + 1
    rest = byte & 0x7F
    for place in range(1, _LONG_BYTES_MAX):
        byte = data[at + place]
        rest |= (byte & 0x7F) << (7 * place)
        if byte <= 0x7F:
            return (rest >> 1) ^ -(rest & 1), at + place + 1
    raise UnusualBytesError


def is_version_7(event_id: bytes) -> bool:
    """Whether version and variant of a UUID are those of an event id (RFC 9562)."""
    return event_id[6] >> 4 == 7 and event_id[8] >> 6 == 2


def read_event_ids(data: bytes, at: int) -> tuple[list[bytes], int]:
    """Read an array of version 7 UUIDs; raises UnusualBytesError, IndexError."""
    ids, at = _fixed_array(data, at)
    if not all(is_version_7(event_id) for event_id in ids):
        raise UnusualBytesError
    return ids, at


def read_references(body: bytes) -> tuple[Mapping[str, Any], int]:
    """Read the references of a request: a row of `columns.REFERENCES` and the index of the disclosure.

    Raises UnusualBytesError, IndexError.
    """
    _, at = read_varint(body, SEQUENCE_START)
    if disclosure_start(body[:at] + NO_REFERENCES) == 0:
        raise UnusualBytesError
    row: dict[str, Any] = {}
    row["collected_at"], at = _moment(body, at)
    for name in ("decision_event_id", "corrects_event_id", "retracts_event_id"):
        row[name], at = _event_id(body, at)
    row["transaction_id"], at = _code(body, at)
    row["linked_subject_keys"], at = _fixed_array(body, at)
    return row, at


def _is_present(data: bytes, at: int) -> bool:
    branch = data[at]
    if branch not in {_ABSENT, _PRESENT}:
        raise UnusualBytesError
    return branch == _PRESENT


def _moment(data: bytes, at: int) -> tuple[datetime | None, int]:
    if not _is_present(data, at):
        return None, at + 1
    micros, end = read_varint(data, at + 1)
    try:
        return _EPOCH + timedelta(microseconds=micros), end
    except OverflowError:
        raise UnusualBytesError from None


def _event_id(data: bytes, at: int) -> tuple[bytes | None, int]:
    if not _is_present(data, at):
        return None, at + 1
    event_id = data[at + 1 : at + 17]
    if len(event_id) != 16 or not is_version_7(event_id):
        raise UnusualBytesError
    return event_id, at + 17


def _code(data: bytes, at: int) -> tuple[str | None, int]:
    if not _is_present(data, at):
        return None, at + 1
    length, start = read_varint(data, at + 1)
    end = start + length
    if length < 1 or end > len(data):
        raise UnusualBytesError
    try:
        text = data[start:end].decode()
    except UnicodeDecodeError:
        raise UnusualBytesError from None
    if len(text) > MAX_TEXT_LENGTH:
        raise UnusualBytesError
    return text, end


def _fixed_array(data: bytes, at: int) -> tuple[list[bytes], int]:
    count, at = read_varint(data, at)
    if count == 0:
        return [], at
    end = at + 16 * count
    if not 0 < count <= _LINKED_MAX or data[end] != 0:
        raise UnusualBytesError
    return [data[start : start + 16] for start in range(at, end, 16)], end + 1
