"""The two wire framings: which schema wrote these bytes, and where its body begins.

- Avro single-object encoding: C3 01, then the 8-byte CRC-64-AVRO fingerprint of the writer's schema,
  little-endian (Avro specification, single-object encoding).
- Confluent wire format: 00, then the 4-byte schema id of the registry, big-endian.
"""

from dataclasses import dataclass

from disclosure_schemas.errors import UndecodableError

SINGLE_OBJECT_MARKER = b"\xc3\x01"
SINGLE_OBJECT_HEADER_BYTES = 10
CONFLUENT_MARKER = b"\x00"
CONFLUENT_HEADER_BYTES = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """The writer's schema, by fingerprint or by registry id, and the length of the header."""

    header_bytes: int
    fingerprint: bytes | None = None
    registry_id: int | None = None


def single_object_header(fingerprint: bytes) -> bytes:
    """Header of the single-object encoding for a fingerprint of 8 little-endian bytes."""
    return SINGLE_OBJECT_MARKER + fingerprint


def confluent_header(registry_id: int) -> bytes:
    """Header of the Confluent wire format for a registry id."""
    return CONFLUENT_MARKER + registry_id.to_bytes(4)


def read_frame(data: bytes) -> Frame:
    """Read the header of a message value; raises UndecodableError(cause=malformed) for any other bytes."""
    if data[:2] == SINGLE_OBJECT_MARKER and len(data) >= SINGLE_OBJECT_HEADER_BYTES:
        return Frame(SINGLE_OBJECT_HEADER_BYTES, fingerprint=data[2:SINGLE_OBJECT_HEADER_BYTES])
    if data[:1] == CONFLUENT_MARKER and len(data) >= CONFLUENT_HEADER_BYTES:
        return Frame(CONFLUENT_HEADER_BYTES, registry_id=int.from_bytes(data[1:CONFLUENT_HEADER_BYTES]))
    raise UndecodableError(
        "the value has no Avro framing: expected C3 01 and an 8-byte fingerprint (single-object encoding) "
        f"or 00 and a 4-byte schema id (Confluent), got {len(data)} bytes beginning with "
        f"{data[:12].hex(' ') or 'nothing'}. Send it with the SDK or a registry-aware Avro serializer.",
        cause="malformed",
    )
