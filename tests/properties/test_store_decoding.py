"""The batch decoder takes exactly what the codec takes, and says exactly what the codec says."""

import hashlib
import uuid
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from disclosure_ledger.decoding import DecisionDecoder, Records
from disclosure_ledger.decoding_columns import read_varints
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.errors import InvalidEventError
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.layout import zigzag_varint
from strategies import DECISIONS


class CountingCodec(EventCodec[DisclosureDecided]):
    """A codec that counts what it had to decode."""

    decoded = 0

    def decode(self, data: bytes) -> DisclosureDecided:
        self.decoded += 1
        return super().decode(data)


CODEC = EventCodec(DisclosureDecided)
NINE_BYTES = 2**62 - 1
"""Largest number of nine bytes as a varint."""


def records_of(values: list[tuple[bytes | None, bytes | None]]) -> Records:
    records = Records()
    for offset, (key, value) in enumerate(values):
        records.append(offset % 3, offset, key, value)
    return records


def framed(events: list[DisclosureDecided]) -> list[tuple[bytes | None, bytes | None]]:
    return [(event.request.subject_key.bytes, CODEC.encode(event)) for event in events]


def alone(key: bytes | None, value: bytes | None) -> list[dict[str, Any]] | str:
    """What the codec makes of one record: a row without coordinates, or the cause why not."""
    table, unreadable = DecisionDecoder(CODEC).decode(records_of([(key, value)]))
    return unreadable[0].cause if unreadable else without_coordinates(table)


def without_coordinates(table: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.drop_columns(["decided_partition", "decided_offset"]).to_pylist()
    return rows


def with_hashed_key(event: DisclosureDecided) -> DisclosureDecided:
    """The event with a subject key as subject keys are: a hash, not a run of zeros that is found anywhere."""
    key = uuid.UUID(bytes=hashlib.sha256(event.request.subject_key.bytes).digest()[:16])
    return event.model_copy(update={"request": event.request.model_copy(update={"subject_key": key})})


@given(st.lists(DECISIONS.map(with_hashed_key), min_size=1, max_size=5))
def test_recognised_records_are_the_rows_the_codec_gives(events: list[DisclosureDecided]) -> None:
    """A batch decoded a second time gives the same rows, with hardly a call of the codec."""
    codec = CountingCodec(DisclosureDecided)
    decoder = DecisionDecoder(codec)
    values = framed(events)
    first, bad = decoder.decode(records_of(values))
    codec.decoded = 0
    second, worse = decoder.decode(records_of(values * 2))
    assert bad == worse == []
    assert without_coordinates(second) == without_coordinates(first) * 2
    assert without_coordinates(first) == [row for key, value in values for row in alone(key, value)]
    heads = {value[:26] for _, value in values if value is not None}
    long_numbers = [e for e in events if max(e.request_offset, e.request.sequence) > NINE_BYTES]
    if len(heads) == len(events) and not long_numbers and all(e.request_partition < 2**27 for e in events):
        assert codec.decoded == 0
    assert second["decided_offset"].to_pylist() == list(range(2 * len(events)))


MUTATIONS = st.sampled_from(["cut", "trailing", "flip", "insert", "splice", "none", "null", "other key"])


@settings(max_examples=400)
@given(st.lists(DECISIONS, min_size=2, max_size=4), st.data(), MUTATIONS, st.booleans())
def test_damaged_records_damage_nothing_else(
    events: list[DisclosureDecided], data: st.DataObject, mutation: str, warm: bool
) -> None:
    """Whatever bytes come, the decoder agrees with the codec on each record: row by row, cause by cause."""
    values = framed(events)
    decoder = DecisionDecoder(CODEC)
    if warm:
        decoder.decode(records_of(values))
    at = data.draw(st.integers(0, len(values) - 1))
    values[at] = mutated(values, at, mutation, data)
    table, unreadable = decoder.decode(records_of(values))
    expected = [alone(key, value) for key, value in values]
    assert {entry.index: entry.cause for entry in unreadable} == {
        index: cause for index, cause in enumerate(expected) if isinstance(cause, str)
    }
    assert without_coordinates(table) == [row for rows in expected if isinstance(rows, list) for row in rows]
    good = [index for index, rows in enumerate(expected) if isinstance(rows, list)]
    assert table["decided_offset"].to_pylist() == good


def mutated(
    values: list[tuple[bytes | None, bytes | None]], at: int, mutation: str, data: st.DataObject
) -> tuple[bytes | None, bytes | None]:
    """The record at an index, damaged."""
    key, value = values[at]
    assert value is not None
    place = data.draw(st.integers(0, len(value) - 1))
    other = values[at - 1][1] or b""
    damaged = {
        "cut": value[:place],
        "trailing": value + data.draw(st.binary(min_size=1, max_size=20)),
        "flip": value[:place]
        + bytes([value[place] ^ (1 << data.draw(st.integers(0, 7)))])
        + value[place + 1 :],
        "insert": value[:place] + data.draw(st.binary(min_size=1, max_size=4)) + value[place:],
        "splice": value[:place] + other[data.draw(st.integers(0, len(other))) :],
        "none": None,
    }
    if mutation == "null":
        return None, value
    if mutation == "other key":
        return data.draw(st.binary(max_size=20)), value
    return key, damaged[mutation]


NUMBERS = st.integers(-(2**62), 2**62)


@given(DECISIONS.map(with_hashed_key), NUMBERS, NUMBERS, NUMBERS)
def test_numbers_no_field_may_have_are_refused_as_by_the_codec(
    event: DisclosureDecided, partition: int, offset: int, sequence: int
) -> None:
    """Coordinates and sequences out of bounds are unreadable, also when everything around them is known."""
    (good,) = framed([event])
    changed = event.model_copy(
        update={
            "request_partition": partition,
            "request_offset": offset,
            "request": event.request.model_copy(update={"sequence": sequence}),
        }
    )
    try:
        broken = (good[0], CODEC.encode(changed))
    except InvalidEventError:
        # The writer refuses 32-bit numbers that are too long; the bytes around them are the same.
        assume(condition=False)
    decoder = DecisionDecoder(CODEC)
    decoder.decode(records_of([good]))
    table, unreadable = decoder.decode(records_of([good, broken, good]))
    fine = min(partition, offset, sequence) >= 0 and partition < 2**31
    assert [entry.cause for entry in unreadable] == ([] if fine else ["invalid_content"])
    assert table.num_rows == 3 if fine else 2


@given(DECISIONS.map(with_hashed_key), st.sampled_from([6, 8]), st.integers(4, 7), st.data())
def test_ids_of_another_version_are_refused_as_by_the_codec(
    event: DisclosureDecided, byte: int, bit: int, data: st.DataObject
) -> None:
    """An id whose version or variant is wrong is unreadable, whatever is known around it."""
    request = event.request
    ids = [request.event_id, *event.preference_event_ids]
    ids += [each for each in (request.decision_event_id, request.corrects_event_id) if each]
    chosen = data.draw(st.sampled_from(ids)).bytes
    changed = bytearray(chosen)
    changed[byte] ^= 1 << bit
    (good,) = framed([event])
    assert good[1] is not None
    broken = (good[0], good[1].replace(chosen, bytes(changed)))
    decoder = DecisionDecoder(CODEC)
    decoder.decode(records_of([good]))
    table, unreadable = decoder.decode(records_of([good, broken]))
    expected = alone(*broken)
    assert [entry.cause for entry in unreadable] == ([expected] if isinstance(expected, str) else [])
    assert without_coordinates(table)[1:] == (expected if isinstance(expected, list) else [])


@given(st.lists(st.integers(2**47, 2**54) | st.integers(-(2**54), -(2**47) - 1)))
def test_varints_are_read_all_at_once(numbers: list[int]) -> None:
    """Eight-byte varints of a whole column come out as the numbers that went in."""
    varints = [zigzag_varint(number) for number in numbers]
    eight = [(number, data) for number, data in zip(numbers, varints, strict=True) if len(data) == 8]
    assert read_varints([data for _, data in eight]).to_pylist() == [number for number, _ in eight]
