"""The codec on chosen cases; `tests/properties/test_schemas_codec.py` has the rest."""

import io
import json
import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import fastavro
import pytest
from pydantic import ValidationError

from disclosure_schemas import schema_files
from disclosure_schemas.codec import MAX_EVENT_BYTES, EventCodec, describe, schema_fingerprint
from disclosure_schemas.errors import InvalidEventError, UndecodableError, UnknownSchemaError
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.framing import confluent_header, single_object_header
from schema_examples import datum, examples

KEY = uuid.UUID(int=1, version=4)
MOMENT = datetime(2026, 4, 6, 17, 5, tzinfo=UTC)
LINK: dict[str, Any] = {
    "event_id": new_event_id(1_775_494_800_123),
    "subject_key": KEY,
    "producer_id": KEY,
    "occurred_at": MOMENT,
    "emitted_at": MOMENT,
    "sequence": 0,
    "action": "link",
    "subject_type": "device",
    "other_subject_key": KEY,
    "other_subject_type": "account",
}


class Registry:
    """A registry with chosen texts; any other id is unknown."""

    def __init__(self, texts: dict[int, str]) -> None:
        self.texts = texts
        self.asked: list[int] = []

    def schema_by_id(self, registry_id: int) -> str:
        """Text of a schema."""
        self.asked.append(registry_id)
        if registry_id not in self.texts:
            raise UnknownSchemaError(f"the registry has no schema {registry_id}")
        return self.texts[registry_id]


def cause_of(codec: EventCodec[Any], data: bytes) -> str:
    """Cause of the UndecodableError that decoding these bytes raises."""
    with pytest.raises(UndecodableError) as caught:
        codec.decode(data)
    return caught.value.cause


def body_of(link: dict[str, Any]) -> bytes:
    """Body of a link event."""
    return EventCodec(IdentityLinked).encode_body(IdentityLinked.model_validate(link))


def test_the_fingerprint_is_that_of_the_specification() -> None:
    """CRC-64-AVRO of the null type, as the Avro specification's own reference has it."""
    assert schema_fingerprint("null") == (0x63DD24E7CC258F8A).to_bytes(8, "little")


def test_a_newer_schema_of_the_registry_is_read() -> None:
    """An event written with a later, compatible schema of the registry reads as the known version."""
    newer = schema_files.schema("IdentityLinked")
    newer["fields"].append({"name": "confidence", "type": "double", "default": 1.0, "doc": "How sure."})
    next(field for field in newer["fields"] if field["name"] == "action")["type"]["symbols"].append("guess")
    registry = Registry({7: json.dumps(newer)})
    codec = EventCodec(IdentityLinked, registry=registry)
    link = IdentityLinked.model_validate(LINK)
    written = _write(newer, {**link.model_dump(), "action": "guess", "confidence": 0.4})
    decoded = codec.decode(confluent_header(7) + written)
    assert decoded == link.model_copy(update={"action": "unknown"})
    codec.decode(confluent_header(7) + written)
    assert registry.asked == [7]


def _write(schema: Any, data: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(schema), data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (schema_files.schema_text("PreferenceRecorded"), "schema_mismatch"),
        ('"string"', "schema_mismatch"),
        ('["null", "string"]', "schema_mismatch"),
        ("not JSON", "unknown_schema"),
        ('{"type": "record"}', "unknown_schema"),
        ('{"type": "record", "name": "A", "fields": [{"name": "b", "type": "Missing"}]}', "unknown_schema"),
        ("{}", "unknown_schema"),
        ("7", "unknown_schema"),
    ],
)
def test_a_wrong_schema_of_the_registry_is_undecodable(text: str, cause: str) -> None:
    """Whatever a registry answers, an event that names it is a dead letter and stops no consumer."""
    codec = EventCodec(IdentityLinked, registry=Registry({7: text}))
    assert cause_of(codec, confluent_header(7) + body_of(LINK)) == cause


def test_a_schema_that_cannot_be_resolved_is_a_mismatch() -> None:
    """A schema of the right name whose fields do not fit is cause schema_mismatch."""
    other = {"type": "record", "name": "IdentityLinked", "namespace": "disclosure_ledger.v1"}
    other["fields"] = [{"name": "event_id", "type": "string"}]  # type: ignore[assignment]
    codec = EventCodec(IdentityLinked, registry=Registry({7: json.dumps(other)}))
    assert cause_of(codec, confluent_header(7) + b"\x02a") == "schema_mismatch"


def test_unknown_writers_are_named() -> None:
    """An unknown fingerprint, an unknown id and an id without registry are cause unknown_schema."""
    body = body_of(LINK)
    assert cause_of(EventCodec(IdentityLinked), single_object_header(bytes(8)) + body) == "unknown_schema"
    assert cause_of(EventCodec(IdentityLinked), confluent_header(7) + body) == "unknown_schema"
    asked = EventCodec(IdentityLinked, registry=Registry({}))
    assert cause_of(asked, confluent_header(7) + body) == "unknown_schema"


def test_an_event_of_another_topic_is_an_unknown_schema() -> None:
    """A request sent to the topic of identities is told by its fingerprint."""
    requests = EventCodec(DisclosureRequested)
    plain = datum(schema_files.schema("DisclosureRequested"), examples("DisclosureRequested", 1)[0])
    data = requests.encode(DisclosureRequested.model_validate(plain))
    assert cause_of(EventCodec(IdentityLinked), data) == "unknown_schema"


def test_an_oversized_value_is_refused_before_it_is_read() -> None:
    """A value above the limit is cause oversized; one at the limit is looked at."""
    codec = EventCodec(IdentityLinked)
    assert cause_of(codec, codec.header + bytes(MAX_EVENT_BYTES)) == "oversized"
    at_limit = (codec.encode(IdentityLinked.model_validate(LINK)) + bytes(MAX_EVENT_BYTES))[:MAX_EVENT_BYTES]
    assert cause_of(codec, at_limit) == "trailing_bytes"


def test_content_that_breaks_a_rule_is_invalid_content() -> None:
    """Bytes that fit the schema but not a rule of a field, such as a wrong UUID version, name the field."""
    codec = EventCodec(IdentityLinked)
    with pytest.raises(UndecodableError, match=r"event_id: .*version 7") as caught:
        codec.decode(codec.header + KEY.bytes + body_of(LINK)[16:])
    assert caught.value.cause == "invalid_content"


def test_the_newest_schema_is_recognised_by_its_header() -> None:
    """is_newest is true for the own header and for an id with the same schema, false for anything else."""
    older = schema_files.schema("IdentityLinked")
    older["fields"].pop()
    texts = {1: schema_files.schema_text("IdentityLinked"), 2: json.dumps(older)}
    codec = EventCodec(IdentityLinked, registry=Registry(texts))
    assert codec.is_newest(codec.header)
    assert codec.is_newest(confluent_header(1))
    assert not codec.is_newest(confluent_header(2))
    assert not codec.is_newest(confluent_header(3))
    assert not codec.is_newest(single_object_header(bytes(8)))
    assert not codec.is_newest(b"junk")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"sequence": -1}, "sequence"),
        ({"sequence": 2**63}, "sequence"),
        ({"occurred_at": datetime(2026, 4, 6)}, "occurred_at"),  # noqa: DTZ001 - naive on purpose
        ({"occurred_at": datetime.min.replace(tzinfo=timezone(timedelta(hours=3)))}, "occurred_at"),
        ({"event_id": KEY}, "event_id"),
        ({"action": "marry"}, "action"),
        ({"cause": ""}, "cause"),
        ({"cause": "x" * 513}, "cause"),
        ({"surname": "Example"}, "surname"),
    ],
)
def test_bad_values_are_refused_when_they_are_made(changed: dict[str, Any], field: str) -> None:
    """Numbers Avro cannot hold, naive times, wrong ids and unknown fields never get to the wire."""
    with pytest.raises(ValidationError) as caught:
        IdentityLinked.model_validate({**LINK, **changed})
    assert [entry["loc"] for entry in caught.value.errors()] == [(field,)]


EMAIL, PHONE = "alice@example.com", "+14155550123"


@pytest.mark.parametrize(
    ("field", "identifier"),
    [
        ("subject_key", EMAIL),
        ("subject_key", PHONE),
        ("subject_key", 14155550123),
        ("subject_key", EMAIL.encode()),
        ("event_id", EMAIL),
        ("action", EMAIL),
        ("occurred_at", EMAIL),
        ("sequence", EMAIL),
        ("sequence", -14155550123),
        ("cause", [EMAIL, PHONE]),
    ],
)
def test_error_texts_never_repeat_what_was_put_into_a_field(field: str, identifier: Any) -> None:
    """A raw identifier where a key belongs is in no error text, neither ours nor pydantic's."""
    with pytest.raises(ValidationError) as caught:
        IdentityLinked.model_validate({**LINK, field: identifier})
    texts = [describe("IdentityLinked", caught.value), str(caught.value), repr(caught.value)]
    assert [text for text in texts if "alice" in text or "4155550123" in text] == []
    assert field in texts[0]


def test_a_value_that_avoids_validation_is_an_invalid_event() -> None:
    """A number Avro cannot hold, smuggled in by model_copy, is an InvalidEventError."""
    smuggled = IdentityLinked.model_validate(LINK).model_copy(update={"sequence": 2**70})
    with pytest.raises(InvalidEventError, match="does not fit its schema"):
        EventCodec(IdentityLinked).encode(smuggled)
