"""What every event value has in common: frozen, closed, and checked when it is made."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

MAX_TEXT_LENGTH = 512
"""Longest code or name in an event, in characters; more is data that does not belong here."""


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("moments are of the years 1 to 9999 in UTC; this one falls out of them") from error


def _must_be_version_7(event_id: uuid.UUID) -> uuid.UUID:
    if event_id.version != 7:
        raise ValueError(
            f"event ids are UUIDs of version 7 (time-ordered), got version {event_id.version}; "
            "use disclosure_schemas.event_ids.new_event_id"
        )
    return event_id


_AS_BYTES = PlainSerializer(lambda value: value.bytes, return_type=bytes)

Key = Annotated[uuid.UUID, _AS_BYTES]
"""Sixteen opaque bytes: a subject key or a producer id."""

EventId = Annotated[uuid.UUID, AfterValidator(_must_be_version_7), _AS_BYTES]
"""UUID version 7 (RFC 9562)."""

Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""A moment with a time zone, kept in UTC; a naive one is refused, for nobody can tell when it was."""

Int32 = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""A number from 0 that fits an Avro int."""

Int64 = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""A number from 0 that fits an Avro long."""

Code = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH)]
"""A name of the taxonomy or registry, or another short text."""


class Value(BaseModel):
    """Base of all event values."""

    # Inputs stay out of error texts: what was put into a wrong field may be an identifier.
    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=16_384, hide_input_in_errors=True)
