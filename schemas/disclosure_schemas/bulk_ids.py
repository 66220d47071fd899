"""Ids of a bulk, one disclosure of many people to one recipient, and of its rows.

All follow from the moment at which the bulk was begun and from what is in it, so that a bulk that is sent
again, after a kill, is the same events again:

    bulk id       48 bits of milliseconds | 74 bits of a hash of what is disclosed and of whom
    row event id  48 bits of milliseconds | 34 bits of the row's number | 40 bits of a hash of the bulk id

both as UUIDs of version 7. Ids of rows grow with their numbers, as other event ids do with time.
"""

import hashlib
import uuid
from collections.abc import Callable

from disclosure_schemas.event_ids import event_id_bytes

ROWS_MAX = (1 << 34) - 2
"""Most rows of one bulk; the number behind them is that of the announcement."""

KEY_BYTES = 16

_ANNOUNCEMENT = (1 << 34) - 1
_LOW_BITS = 40
_RAND_B_BITS = 62
_VERSION_7 = 0x7 << 76
_VARIANT_RFC = 0x2 << _RAND_B_BITS


def bulk_id(unix_ms: int, rows: int, keys_sha256: bytes, content: bytes) -> uuid.UUID:
    """Id of a bulk begun at a moment, in milliseconds since 1970.

    `keys_sha256`: digest of its subject keys in order; `content`: the encoded disclosure of every row.
    """
    said = b"\0".join((rows.to_bytes(8), keys_sha256, content))
    return uuid.UUID(bytes=event_id_bytes(unix_ms, hashlib.sha256(said).digest()[:10]))


def row_event_ids(bulk: uuid.UUID) -> Callable[[int], bytes]:
    """Return a maker of the 16 bytes of a row's event id, given the row's number from 0."""
    head = (bulk.int >> 80 << 80) | _VERSION_7 | _VARIANT_RFC
    fixed = head | int.from_bytes(hashlib.sha256(bulk.bytes).digest()[:5])
    low_sequence_bits = _RAND_B_BITS - _LOW_BITS
    low_sequence_mask = (1 << low_sequence_bits) - 1

    def make(sequence: int) -> bytes:
        high, low = sequence >> low_sequence_bits, sequence & low_sequence_mask
        return (fixed | high << 64 | low << _LOW_BITS).to_bytes(16)

    return make


def announcement_event_id(bulk: uuid.UUID) -> uuid.UUID:
    """Event id of the announcement of a bulk."""
    return uuid.UUID(bytes=row_event_ids(bulk)(_ANNOUNCEMENT))


def row_event_id_range(bulk: uuid.UUID, rows: int) -> tuple[uuid.UUID, uuid.UUID]:
    """Least and greatest event id of the rows of a bulk; of one without rows those of an absent first row."""
    make = row_event_ids(bulk)
    return uuid.UUID(bytes=make(0)), uuid.UUID(bytes=make(max(0, rows - 1)))
