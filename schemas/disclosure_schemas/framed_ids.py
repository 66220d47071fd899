"""The event id of bytes that cannot be read as a whole, so that a log line can name the event."""

import uuid

from disclosure_schemas.errors import UndecodableError
from disclosure_schemas.event_ids import unix_ms_of
from disclosure_schemas.framing import read_frame

_UNIX_MS_MAX = 1 << 42
"""In the year 2109. Text in place of an id begins with a larger number, so none is taken for one."""


def framed_event_id(value: bytes | None) -> uuid.UUID | None:
    """Id at the beginning of a framed event, where every event has it; None where none can be made out."""
    if not value:
        return None
    try:
        start = read_frame(value).header_bytes
    except UndecodableError:
        return None
    found = value[start : start + 16]
    if len(found) < 16:
        return None
    event_id = uuid.UUID(bytes=found)
    is_id = event_id.version == 7 and unix_ms_of(event_id) < _UNIX_MS_MAX
    return event_id if is_id else None
