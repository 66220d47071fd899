"""The batch decoder with framings and records that a random event does not show."""

import pytest

from decision_samples import CODEC, decision, records_of
from disclosure_ledger import decoding_parts
from disclosure_ledger.decoding import DecisionDecoder, Records
from disclosure_schemas import schema_files
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.decision import DisclosureDecided


class OneSchema:
    """A registry that knows the newest schema under every id, and counts what it is asked."""

    asked = 0

    def schema_by_id(self, registry_id: int) -> str:
        self.asked += 1
        return schema_files.schema_text("DisclosureDecided")


class CountingCodec(EventCodec[DisclosureDecided]):
    """A codec that counts what it had to decode."""

    decoded = 0

    def decode(self, data: bytes) -> DisclosureDecided:
        self.decoded += 1
        return super().decode(data)


def test_both_framings_are_recognised_side_by_side() -> None:
    """Values in Confluent wire format and in single-object encoding give the same rows."""
    registry = OneSchema()
    codec = CountingCodec(DisclosureDecided, registry=registry)
    confluent = EventCodec(DisclosureDecided, registry=registry, registry_id=42)
    events = [decision(number) for number in range(40)]
    records = Records()
    for offset, event in enumerate(events):
        framed = (confluent if offset % 2 else CODEC).encode(event)
        records.append(0, offset, event.request.subject_key.bytes, framed)
    decoder = DecisionDecoder(codec)
    expected, _ = DecisionDecoder(CODEC).decode(records_of(events))
    for _ in range(2):
        codec.decoded = 0
        rows, unreadable = decoder.decode(records)
        assert unreadable == []
        assert rows.to_pylist() == expected.to_pylist()
    assert codec.decoded == 0
    assert registry.asked == 1


def test_known_parts_are_forgotten_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a low limit the decoder forgets and learns anew, and the rows stay right."""
    monkeypatch.setattr(decoding_parts, "PARTS_MAX", 3)
    decoder = DecisionDecoder(CODEC)
    for first in range(0, 60, 20):
        events = [decision(number) for number in range(first, first + 20)]
        expected, _ = DecisionDecoder(CODEC).decode(records_of(events))
        assert decoder.decode(records_of(events))[0].to_pylist() == expected.to_pylist()


def test_no_records_are_no_rows() -> None:
    """An empty batch is an empty table with all columns."""
    rows, unreadable = DecisionDecoder(CODEC).decode(Records())
    assert (rows.num_rows, unreadable) == (0, [])
    assert rows.schema == DecisionDecoder(CODEC).decode(records_of([decision(1)]))[0].schema
