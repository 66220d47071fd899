"""Records that cannot be taken in, as careless senders make them. Pure."""

from disclosure_ledger.demo.stream import Flaw
from disclosure_schemas.framing import SINGLE_OBJECT_HEADER_BYTES, single_object_header

_BYTES_LOST = 9
_NOBODYS_SCHEMA = bytes(8)


def broken_record(flaw: Flaw, key: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Key and value as they reach the topic, of a record that was sound."""
    match flaw:
        case Flaw.NOT_AVRO:
            return key, b'{"to": "harborlight", "kind": "sale", "items": ["identifiers.email"]}'
        case Flaw.CUT_SHORT:
            return key, value[:-_BYTES_LOST]
        case Flaw.WRONG_KEY:
            return b"42", value
        case Flaw.UNKNOWN_SCHEMA:
            return key, single_object_header(_NOBODYS_SCHEMA) + value[SINGLE_OBJECT_HEADER_BYTES:]
