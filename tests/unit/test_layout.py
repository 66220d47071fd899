"""Edges of the layout of request bytes; `tests/properties` holds it to fastavro at large."""

from datetime import UTC, datetime, timedelta

import pytest

from disclosure_schemas import layout
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.base import Value
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.schema_files import schema
from schema_examples import datum, examples

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CODEC = EventCodec(DisclosureRequested)


def request(**changed: object) -> DisclosureRequested:
    """The first packaged example, a request of the common form, with some fields changed."""
    plain = datum(schema("DisclosureRequested"), examples("DisclosureRequested", 1)[0])
    return DisclosureRequested.model_validate({**plain, **changed})


def test_the_common_form_has_a_start() -> None:
    """A request without references begins its disclosure right behind six zero bytes."""
    body = CODEC.encode_body(request(sequence=0))
    assert layout.disclosure_start(body) == 71
    assert body[65:71] == layout.NO_REFERENCES


@pytest.mark.parametrize(
    ("micros", "common"),
    [
        (2**48 - 1, False),
        (2**48, True),
        (2**55 - 1, True),
        (2**55, False),
        (-(2**48), False),
        (-(2**55), True),
    ],
)
@pytest.mark.parametrize("field", ["occurred_at", "emitted_at"])
def test_only_times_of_eight_bytes_are_of_the_common_form(field: str, micros: int, common: bool) -> None:
    """From 2^48 to 2^55 microseconds take eight bytes; where either time does not, the codec decodes."""
    body = CODEC.encode_body(request(**{field: EPOCH + timedelta(microseconds=micros)}))
    assert (layout.disclosure_start(body) > 0) is common


@pytest.mark.parametrize(("sequence", "start"), [(0, 71), (63, 71), (64, 72), (8192, 73), (2**63 - 1, 80)])
def test_the_start_moves_with_the_length_of_the_sequence(sequence: int, start: int) -> None:
    """A sequence number takes one to ten bytes and the disclosure begins six bytes behind it."""
    assert layout.disclosure_start(CODEC.encode_body(request(sequence=sequence))) == start


@pytest.mark.parametrize(
    "reference",
    [
        {"collected_at": EPOCH},
        {"decision_event_id": new_event_id(1)},
        {"corrects_event_id": new_event_id(2)},
        {"retracts_event_id": new_event_id(3)},
        {"transaction_id": "quote-1"},
        {"linked_subject_keys": (new_event_id(4),)},
    ],
    ids=lambda reference: next(iter(reference)),
)
def test_any_reference_leaves_the_body_to_the_codec(reference: dict[str, object]) -> None:
    """One optional reference is enough for the body not to be of the common form."""
    assert layout.disclosure_start(CODEC.encode_body(request(**reference))) == 0


def test_an_event_id_of_another_version_is_left_to_the_codec() -> None:
    """A body whose event id is no UUID of version 7 is not of the common form, for the codec to refuse."""
    body = bytearray(CODEC.encode_body(request()))
    body[6] = 0x40 | (body[6] & 0x0F)
    assert layout.disclosure_start(bytes(body)) == 0


def test_the_places_are_those_of_the_schema() -> None:
    """The first six fields of the record, by name and size, are what the places of this page assume."""
    first = list(DisclosureRequested.model_fields)[:6]
    assert first == ["event_id", "subject_key", "producer_id", "occurred_at", "emitted_at", "sequence"]
    assert list(DisclosureRequested.model_fields)[-1] == "disclosure"
    assert len(DisclosureRequested.model_fields) - len(first) - 1 == len(layout.NO_REFERENCES)
    assert issubclass(DisclosureRequested, Value)


def test_an_id_of_another_variant_is_left_to_the_codec() -> None:
    """What the codec would refuse as an event id, version or variant, is never taken as it is."""
    body = bytearray(CODEC.encode_body(request()))
    assert layout.disclosure_start(bytes(body))

    body[8] = 0xC0 | body[8] & 0x3F

    assert layout.disclosure_start(bytes(body)) == 0
