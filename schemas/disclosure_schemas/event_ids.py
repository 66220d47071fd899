"""Event ids: UUID version 7 (RFC 9562, section 5.7), time-ordered so that storage can prune by them.

Python gains `uuid.uuid7` with 3.14; this is the part needed until then.
"""

import os
import uuid
from collections.abc import Callable

_VERSION_7 = 0x7 << 76
_VARIANT_RFC = 0x2 << 62
_RANDOM_MASK = ~((0xF << 76) | (0x3 << 62)) & ((1 << 80) - 1)
_POOL_IDS = 512


def event_id_bytes(unix_ms: int, random_bytes: bytes) -> bytes:
    """Make the 16 bytes of a version 7 UUID of a time in milliseconds and 10 random bytes."""
    tail = (int.from_bytes(random_bytes) & _RANDOM_MASK) | _VERSION_7 | _VARIANT_RFC
    return ((unix_ms << 80) | tail).to_bytes(16)


def new_event_id(unix_ms: int) -> uuid.UUID:
    """Make an event id for a moment in milliseconds since 1970."""
    return uuid.UUID(bytes=event_id_bytes(unix_ms, os.urandom(10)))


def unix_ms_of(event_id: uuid.UUID) -> int:
    """Milliseconds since 1970 at which a version 7 id was made."""
    return event_id.int >> 80


def event_id_source() -> Callable[[int], bytes]:
    """Return a maker of event ids that asks the system for randomness once in 512 ids.

    The maker is for one thread at a time; it takes milliseconds since 1970 and returns 16 bytes.
    """
    pool = b""
    used = 0

    def make(unix_ms: int) -> bytes:
        nonlocal pool, used
        if used == len(pool):
            pool, used = os.urandom(10 * _POOL_IDS), 0
        start = used
        used += 10
        tail = (int.from_bytes(pool[start:used]) & _RANDOM_MASK) | _VERSION_7 | _VARIANT_RFC
        return ((unix_ms << 80) | tail).to_bytes(16)

    return make
