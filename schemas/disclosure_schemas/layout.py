"""Where things are in the bytes of a DisclosureRequested, so that hot paths need not decode it.

Avro writes fields one after the other and nothing else. The record begins with what differs from event to
event; what the rules read, the nested `Disclosure`, comes last and is the same bytes for the same content.
A body of the common form (no optional reference set) is therefore

    event_id 16 | subject_key 16 | producer_id 16 | occurred_at 8 | emitted_at 8 | sequence 1..10 |
    six zero bytes | disclosure

Times of the years 1979 to 3110 in microseconds take exactly 8 bytes as a zigzag varint; any other body is
left to the codec. A test holds this page to fastavro for random events.
"""

from functools import lru_cache
from typing import NamedTuple

EVENT_ID = slice(0, 16)
SUBJECT_KEY = slice(16, 32)
PRODUCER_ID = slice(32, 48)
OCCURRED_AT = slice(48, 56)
EMITTED_AT = slice(56, 64)
SEQUENCE_START = 64
NO_REFERENCES = bytes(6)

_VARINT_BYTES_MAX = 10

# Of the two 8-byte varints: continuation bit set in bytes 0..6, clear in byte 7.
_TIMES = slice(48, 64)
_CONTINUATION_BITS = int.from_bytes((b"\x80" * 8) * 2, "little")
_EIGHT_BYTE_VARINTS = int.from_bytes((b"\x80" * 7 + b"\x00") * 2, "little")


def disclosure_start(body: bytes) -> int:
    """Index at which the nested disclosure begins; 0 if the body is not of the common form."""
    if int.from_bytes(body[_TIMES], "little") & _CONTINUATION_BITS != _EIGHT_BYTE_VARINTS:
        return 0
    end = SEQUENCE_START
    try:
        while body[end] > 0x7F:
            end += 1
    except IndexError:
        return 0
    start = end + 7
    is_version_7 = body[6] >> 4 == 7 and body[8] >> 6 == 2  # RFC 9562: version and variant
    return start if is_version_7 and body[end + 1 : start] == NO_REFERENCES else 0


class Head(NamedTuple):
    """Which event of which producer run some bytes are."""

    producer_id: bytes
    sequence: int


def read_head(body: bytes) -> Head | None:
    """Read the producer run and the sequence off the beginning of a body; None where they cannot be there.

    Says nothing of the rest of the bytes, which may be broken.
    """
    if int.from_bytes(body[_TIMES], "little") & _CONTINUATION_BITS != _EIGHT_BYTE_VARINTS:
        return None
    number = shift = 0
    for byte in body[SEQUENCE_START : SEQUENCE_START + _VARINT_BYTES_MAX]:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte <= 0x7F:
            is_sequence = number & 1 == 0 and number >> 1 < 1 << 63
            return Head(body[PRODUCER_ID], number >> 1) if is_sequence else None
    return None


def zigzag_varint(number: int) -> bytes:
    """Avro's encoding of an int or long."""
    rest = (number << 1) ^ (number >> 63)
    if rest <= 0x7F:
        return _LAST[rest]
    # Offsets come in runs: all but the first byte is the same for 64 of them.
    return _MORE[rest & 0x7F] + _varint(rest >> 7)


_LAST = tuple(bytes([byte]) for byte in range(0x80))
_MORE = tuple(bytes([byte | 0x80]) for byte in range(0x80))


@lru_cache(maxsize=1024)
def _varint(rest: int) -> bytes:
    return _LAST[rest] if rest <= 0x7F else _MORE[rest & 0x7F] + _varint(rest >> 7)


def read_zigzag_varint(data: bytes) -> int:
    """Value of one int or long that is exactly these bytes."""
    rest = 0
    for shift, byte in enumerate(data):
        rest |= (byte & 0x7F) << (7 * shift)
    return (rest >> 1) ^ -(rest & 1)
