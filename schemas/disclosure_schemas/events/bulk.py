"""BulkAnnounced: one disclosure of many people to one recipient is about to be asked for, row by row."""

from typing import Annotated

from pydantic import Field

from disclosure_schemas.events.base import EventId, Int64, Key, Moment, Value
from disclosure_schemas.events.disclosure import Disclosure


class BulkAnnounced(Value):
    """What is disclosed to whom, and how many requests of the producer run `bulk_id` belong to it.

    All of it follows from the bulk (see `disclosure_schemas.bulk_ids`), so that a repeat is the same bytes.
    """

    event_id: EventId
    bulk_id: Key
    producer_id: Key
    occurred_at: Moment
    emitted_at: Moment
    sequence: Int64
    rows: Int64
    keys_sha256: Annotated[bytes, Field(min_length=32, max_length=32)]
    disclosure: Disclosure
