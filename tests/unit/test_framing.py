"""The two wire framings, byte by byte."""

import pytest

from disclosure_schemas.errors import UndecodableError
from disclosure_schemas.framing import Frame, confluent_header, read_frame, single_object_header

FINGERPRINT = bytes.fromhex("0102030405060708")


def test_the_single_object_header_is_avros() -> None:
    """C3 01, then the fingerprint as it is."""
    assert single_object_header(FINGERPRINT) == bytes.fromhex("c3010102030405060708")


def test_the_confluent_header_is_big_endian() -> None:
    """00, then the schema id in four bytes, most significant first."""
    assert confluent_header(0x01020304) == bytes.fromhex("0001020304")


def test_headers_are_read_back() -> None:
    """Each header is read as what was written, whatever follows it."""
    assert read_frame(single_object_header(FINGERPRINT) + b"body") == Frame(10, fingerprint=FINGERPRINT)
    assert read_frame(confluent_header(77) + b"body") == Frame(5, registry_id=77)
    assert read_frame(confluent_header(2**32 - 1)) == Frame(5, registry_id=2**32 - 1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x00\x00\x00\x01",
        b"\xc3",
        b"\xc3\x01",
        b"\xc3\x01\x01\x02",
        b"\xc3\x02" + bytes(12),
        b'{"a": 1}',
    ],
    ids=lambda data: data.hex() or "nothing",
)
def test_anything_else_is_malformed(data: bytes) -> None:
    """Short headers and other first bytes are UndecodableError, cause malformed, and say what was got."""
    with pytest.raises(UndecodableError, match=f"got {len(data)} bytes beginning with") as caught:
        read_frame(data)
    assert caught.value.cause == "malformed"
