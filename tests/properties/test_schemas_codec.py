"""Properties of the codec: nothing is lost on the wire, and no bytes break a consumer."""

import io
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure_schemas import layout, schema_files
from disclosure_schemas.codec import EventCodec, PartReader, PartWriter, schema_fingerprint
from disclosure_schemas.errors import UndecodableError, UnknownSchemaError
from disclosure_schemas.events.base import Value
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested
from disclosure_schemas.framing import read_frame
from disclosure_schemas.topics import TOPICS
from strategies import ANY_MOMENTS, COMMON_REQUESTS, DECISIONS, EVENTS, REQUESTS, requests


class Registry:
    """A registry that holds the newest schema of each record under its place in the topic table."""

    def schema_by_id(self, registry_id: int) -> str:
        """Text of a schema."""
        if registry_id >= len(TOPICS):
            raise UnknownSchemaError(f"no schema {registry_id}")
        return schema_files.schema_text(TOPICS[registry_id].record)


REGISTRY = Registry()
IDS = {topic.record: number for number, topic in enumerate(TOPICS)}
SINGLE_OBJECT: dict[str, EventCodec[Any]] = {
    value_type.__name__: EventCodec(value_type, registry=REGISTRY) for value_type in EVENTS
}
CONFLUENT: dict[str, EventCodec[Any]] = {
    value_type.__name__: EventCodec(value_type, registry=REGISTRY, registry_id=IDS[value_type.__name__])
    for value_type in EVENTS
}
EACH_RECORD = pytest.mark.parametrize("value_type", EVENTS, ids=lambda value_type: value_type.__name__)
DISCLOSURE_SCHEMA = next(
    field["type"]
    for field in schema_files.schema("DisclosureRequested")["fields"]
    if field["name"] == "disclosure"
)


def parsed_disclosure_schema() -> Any:
    """Schema of the nested disclosure, with the types it shares with its parent."""
    return fastavro.parse_schema({**DISCLOSURE_SCHEMA, "namespace": "disclosure_ledger.v1"})


@EACH_RECORD
@given(data=st.data())
def test_every_event_survives_both_framings(value_type: type[Value], data: st.DataObject) -> None:
    """Any event decodes to itself from either framing, with a consumer that writes the other one."""
    event = data.draw(EVENTS[value_type])
    single, confluent = SINGLE_OBJECT[value_type.__name__], CONFLUENT[value_type.__name__]
    assert confluent.decode(single.encode(event)) == event
    assert single.decode(confluent.encode(event)) == event


@given(event=requests(ANY_MOMENTS))
def test_every_moment_survives(event: DisclosureRequested) -> None:
    """Moments of the years 1 to 9999 keep their microseconds."""
    codec = SINGLE_OBJECT["DisclosureRequested"]
    assert codec.decode(codec.encode(event)) == event


@EACH_RECORD
@given(data=st.data())
def test_the_bytes_are_what_avro_says(value_type: type[Value], data: st.DataObject) -> None:
    """The body is exactly what fastavro writes for the packaged schema; header and fingerprint are Avro's."""
    event = data.draw(EVENTS[value_type])
    schema = schema_files.schema(value_type.__name__)
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(schema), event.model_dump())
    encoded = SINGLE_OBJECT[value_type.__name__].encode(event)
    assert encoded == b"\xc3\x01" + schema_fingerprint(schema) + buffer.getvalue()


CAUSES = {"malformed", "unknown_schema", "schema_mismatch", "trailing_bytes", "invalid_content"}


def outcome(codec: EventCodec[Any], data: bytes) -> str:
    """Decode; the cause of the UndecodableError, or the record that was read. Any other error is a bug."""
    try:
        return type(codec.decode(data)).__name__
    except UndecodableError as error:
        return error.cause


@EACH_RECORD
@given(body=st.binary(max_size=300), framed=st.sampled_from(["single", "confluent", "none", "any id"]))
def test_random_bytes_are_an_event_or_undecodable(value_type: type[Value], body: bytes, framed: str) -> None:
    """Whatever bytes arrive, with or without a good header, decode gives a value or UndecodableError."""
    single, confluent = SINGLE_OBJECT[value_type.__name__], CONFLUENT[value_type.__name__]
    header = {"single": single.header, "confluent": confluent.header, "none": b"", "any id": b"\x00"}[framed]
    assert outcome(single, header + body) in CAUSES | {single.record}


@EACH_RECORD
@given(data=st.data())
def test_damaged_events_are_an_event_or_undecodable(value_type: type[Value], data: st.DataObject) -> None:
    """Bytes flipped, cut out, put in or cut off give another value or UndecodableError."""
    codec = SINGLE_OBJECT[value_type.__name__]
    good = codec.encode(data.draw(EVENTS[value_type]))
    at = data.draw(st.integers(len(codec.header), len(good)), label="at")
    removed = data.draw(st.integers(0, 12), label="removed")
    inserted = data.draw(st.binary(max_size=12), label="inserted")
    cut = data.draw(st.integers(0, 1), label="cut")
    damaged = good[:at] + inserted + (b"" if cut else good[at + removed :])
    assert outcome(codec, damaged) in CAUSES | {codec.record}


@EACH_RECORD
@given(data=st.data(), tail=st.binary(min_size=1, max_size=9))
def test_bytes_left_over_are_refused(value_type: type[Value], data: st.DataObject, tail: bytes) -> None:
    """A good event with anything behind it is undecodable, cause trailing_bytes."""
    codec = SINGLE_OBJECT[value_type.__name__]
    good = codec.encode(data.draw(EVENTS[value_type]))
    with pytest.raises(UndecodableError) as caught:
        codec.decode(good + tail)
    assert caught.value.cause == "trailing_bytes"


@EACH_RECORD
@given(data=st.data())
def test_parts_joined_are_the_record(value_type: type[Value], data: st.DataObject) -> None:
    """A record split after any field and written in two parts is, joined, the record written at once."""
    event = data.draw(EVENTS[value_type])
    names = list(value_type.model_fields)
    split = data.draw(st.integers(1, len(names) - 1), label="split")
    whole, record = event.model_dump(), value_type.__name__
    written = [
        PartWriter(record, chosen[0], chosen[-1]).write({name: whole[name] for name in chosen})
        for chosen in (names[:split], names[split:])
    ]
    assert b"".join(written) == SINGLE_OBJECT[record].encode_body(event)


@given(event=DECISIONS)
def test_a_decision_ends_with_its_request(event: Any) -> None:
    """The bytes of the request are the end of the bytes of the decision, so they can be copied unread."""
    request = SINGLE_OBJECT["DisclosureRequested"].encode_body(event.request)
    assert SINGLE_OBJECT["DisclosureDecided"].encode_body(event).endswith(request)
    assert PartReader("DisclosureDecided", "request", DisclosureRequested).read(request) == event.request


@given(event=COMMON_REQUESTS)
def test_the_disclosure_is_where_the_layout_says(event: DisclosureRequested) -> None:
    """In a body of the common form the slice from disclosure_start is the encoded nested disclosure."""
    body = SINGLE_OBJECT["DisclosureRequested"].encode_body(event)
    start = layout.disclosure_start(body)
    assert start > 0
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, parsed_disclosure_schema(), event.disclosure.model_dump())
    assert body[start:] == buffer.getvalue()
    assert PartReader("DisclosureRequested", "disclosure", Disclosure).read(body[start:]) == event.disclosure


@given(event=COMMON_REQUESTS)
def test_the_head_is_where_the_layout_says(event: DisclosureRequested) -> None:
    """Event id, subject key, time and sequence are at their places in a body of the common form."""
    body = SINGLE_OBJECT["DisclosureRequested"].encode_body(event)
    start = layout.disclosure_start(body)
    assert body[layout.EVENT_ID] == event.event_id.bytes
    assert body[layout.SUBJECT_KEY] == event.subject_key.bytes
    sequence = body[layout.SEQUENCE_START : start - len(layout.NO_REFERENCES)]
    assert layout.read_zigzag_varint(sequence) == event.sequence
    micros = layout.read_zigzag_varint(body[layout.OCCURRED_AT])
    assert micros == round_micros(event)


def round_micros(event: DisclosureRequested) -> int:
    """Microseconds since 1970 of a request, by integers alone."""
    seconds = int(event.occurred_at.replace(microsecond=0).timestamp())
    return seconds * 1_000_000 + event.occurred_at.microsecond


@given(event=requests(ANY_MOMENTS))
def test_any_other_body_is_left_to_the_codec(event: DisclosureRequested) -> None:
    """disclosure_start is 0 where a reference is set; else it is 0 or the true place, whatever the times."""
    body = SINGLE_OBJECT["DisclosureRequested"].encode_body(event)
    start = layout.disclosure_start(body)
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, parsed_disclosure_schema(), event.disclosure.model_dump())
    references = (
        event.collected_at,
        event.decision_event_id,
        event.corrects_event_id,
        event.retracts_event_id,
        event.transaction_id,
    )
    if any(reference is not None for reference in references) or event.linked_subject_keys:
        assert start == 0
    assert start in {0, len(body) - len(buffer.getvalue())}


@given(event=REQUESTS, keep=st.integers(0, 90))
def test_a_body_cut_short_has_no_disclosure(event: DisclosureRequested, keep: int) -> None:
    """A body that ends early never raises: the answer is 0, or a start within the bytes there are."""
    body = SINGLE_OBJECT["DisclosureRequested"].encode_body(event)[:keep]
    assert 0 <= layout.disclosure_start(body) <= len(body)


@given(body=st.binary(max_size=120))
def test_random_bytes_never_break_the_layout(body: bytes) -> None:
    """disclosure_start of any bytes is a place within them, or 0."""
    assert 0 <= layout.disclosure_start(body) <= len(body)


@given(number=st.integers(-(2**63), 2**63 - 1))
def test_varints_are_avros(number: int) -> None:
    """zigzag_varint writes what fastavro writes for a long, and read_zigzag_varint reads it back."""
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, "long", number)
    assert layout.zigzag_varint(number) == buffer.getvalue()
    assert layout.read_zigzag_varint(buffer.getvalue()) == number


@given(data=st.binary(max_size=20))
def test_a_frame_is_read_or_malformed(data: bytes) -> None:
    """read_frame takes the two framings, whole, and calls everything else malformed."""
    single = data[:2] == b"\xc3\x01" and len(data) >= 10
    confluent = data[:1] == b"\x00" and len(data) >= 5
    if not single and not confluent:
        with pytest.raises(UndecodableError) as caught:
            read_frame(data)
        assert caught.value.cause == "malformed"
        return
    frame = read_frame(data)
    assert frame.header_bytes == (10 if single else 5)
    assert (frame.fingerprint is None) is not (frame.registry_id is None)
