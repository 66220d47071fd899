"""Event values to Avro bytes and back: the only module that imports fastavro.

A codec writes the newest packaged schema of its record and reads every packaged version, plus any schema
a registry names, resolved by Avro's rules to the newest.
"""

import io
import json
from typing import Any, Generic, Protocol, TypeVar

import fastavro
from fastavro.schema import fingerprint, to_parsing_canonical_form
from pydantic import ValidationError

from disclosure_schemas import schema_files
from disclosure_schemas.errors import InvalidEventError, UndecodableError, UnknownSchemaError
from disclosure_schemas.events.base import Value
from disclosure_schemas.framing import Frame, confluent_header, read_frame, single_object_header

T = TypeVar("T", bound=Value)

MAX_EVENT_BYTES = 262_144
"""Largest value taken in from applications; the largest honest event is a few kilobytes."""

_MAX_BYTES = {"DisclosureDecided": 2 * MAX_EVENT_BYTES, "DeadLetter": 4_194_304}
"""Records that hold another one are larger."""


class RegistrySchemas(Protocol):
    """Where schemas of the Confluent wire format come from."""

    def schema_by_id(self, registry_id: int) -> str:
        """Text of the schema with this id; raises UnknownSchemaError."""
        ...


def schema_fingerprint(text_or_schema: Any) -> bytes:
    """CRC-64-AVRO fingerprint of a schema's canonical form, 8 bytes, little-endian."""
    canonical = to_parsing_canonical_form(fastavro.parse_schema(text_or_schema))
    return bytes.fromhex(fingerprint(canonical, "CRC-64-AVRO"))


def _parse_part(record: str, first: str, last: str, only_type: bool = False) -> Any:
    """Parse a run of a record's fields as a record, or the type of one; earlier fields lend their types."""
    schema = schema_files.schema(record)
    fields, namespace = schema["fields"], schema["namespace"]
    names = [field["name"] for field in fields]
    start, end = names.index(first), names.index(last) + 1
    known: dict[str, Any] = {}
    before = {"type": "record", "name": "Before", "namespace": namespace, "fields": fields[:start]}
    fastavro.parse_schema(before, named_schemas=known)
    part = {"type": "record", "name": "Part", "fields": fields[start:end]}
    return fastavro.parse_schema(
        {**(fields[start]["type"] if only_type else part), "namespace": namespace}, named_schemas=known
    )


class PartWriter:
    """Writes consecutive fields of a record as bytes; the parts of a record, joined, are the record."""

    def __init__(self, record: str, first: str, last: str) -> None:
        self._schema = _parse_part(record, first, last)

    def write(self, datum: dict[str, Any]) -> bytes:
        """Encode the fields of this part."""
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, self._schema, datum)
        return buffer.getvalue()


class PartReader(Generic[T]):
    """Reads bytes that are exactly one field's nested record."""

    def __init__(self, record: str, field: str, value_type: type[T]) -> None:
        self._schema = _parse_part(record, field, field, only_type=True)
        self._value_type = value_type

    def read(self, data: bytes) -> T:
        """Decode and check; raises UndecodableError."""
        datum = _read_exactly(data, self._schema, None, self._value_type.__name__)
        return _validated(self._value_type, datum)


class EventCodec(Generic[T]):
    """Encodes and decodes one record type.

    `registry_id`: write the Confluent wire format with this id; without it, single-object encoding.
    `registry`: where to look up ids of the Confluent wire format that are met when reading.
    """

    def __init__(
        self, value_type: type[T], *, registry: RegistrySchemas | None = None, registry_id: int | None = None
    ) -> None:
        self.record = value_type.__name__
        self._value_type = value_type
        self._max_bytes = _MAX_BYTES.get(self.record, MAX_EVENT_BYTES)
        self._registry = registry
        newest = schema_files.schema(self.record)
        self._newest = fastavro.parse_schema(newest)
        self._newest_name = f"{newest['namespace']}.{newest['name']}"
        self._by_fingerprint = {
            schema_fingerprint(schema): fastavro.parse_schema(schema)
            for schema in (schema_files.schema(self.record, v) for v in schema_files.versions(self.record))
        }
        self._newest_fingerprint = schema_fingerprint(schema_files.schema(self.record))
        self._by_registry_id: dict[int, Any] = {}
        self.header = (
            single_object_header(self._newest_fingerprint)
            if registry_id is None
            else confluent_header(registry_id)
        )

    def encode_body(self, value: T) -> bytes:
        """Encode without header; raises InvalidEventError."""
        buffer = io.BytesIO()
        try:
            fastavro.schemaless_writer(buffer, self._newest, value.model_dump())
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            raise InvalidEventError(f"the {self.record} does not fit its schema: {error}") from error
        return buffer.getvalue()

    def encode(self, value: T) -> bytes:
        """Encode with header; raises InvalidEventError."""
        return self.header + self.encode_body(value)

    def decode(self, data: bytes) -> T:
        """Decode a framed value; raises UndecodableError, whose cause classifies the dead letter."""
        if len(data) > self._max_bytes:
            raise UndecodableError(
                f"the value has {len(data)} bytes, at most {self._max_bytes} are taken in. "
                "Split the disclosure or send fewer items.",
                cause="oversized",
            )
        frame = read_frame(data)
        return self.decode_body(data[frame.header_bytes :], self._writer_schema(frame))

    def decode_body(self, body: bytes, writer: Any = None) -> T:
        """Decode a body written with `writer` (the newest schema where None); raises UndecodableError."""
        schema = self._newest if writer is None else writer
        reader = None if schema is self._newest else self._newest
        return _validated(self._value_type, _read_exactly(body, schema, reader, self.record))

    def is_newest(self, header: bytes) -> bool:
        """Whether these header bytes name the newest schema, so that a body may be taken as it is."""
        try:
            return self._writer_schema(read_frame(header)) is self._newest
        except UndecodableError:
            return False

    def _writer_schema(self, frame: Frame) -> Any:
        if frame.fingerprint is not None:
            if frame.fingerprint == self._newest_fingerprint:
                return self._newest
            if frame.fingerprint not in self._by_fingerprint:
                known = ", ".join(sorted(key.hex() for key in self._by_fingerprint))
                raise UndecodableError(
                    f"no packaged schema of {self.record} has the fingerprint {frame.fingerprint.hex()} "
                    f"(known: {known}). Upgrade this consumer, or send with a released SDK.",
                    cause="unknown_schema",
                )
            return self._by_fingerprint[frame.fingerprint]
        assert frame.registry_id is not None, "a frame names a fingerprint or a registry id"
        return self._registry_schema(frame.registry_id)

    def _registry_schema(self, registry_id: int) -> Any:
        if registry_id in self._by_registry_id:
            return self._by_registry_id[registry_id]
        if self._registry is None:
            raise UndecodableError(
                f"the value is in Confluent wire format (schema id {registry_id}), but no schema registry is "
                "configured. Set DISCLOSURE_SCHEMA_REGISTRY_URL.",
                cause="unknown_schema",
            )
        try:
            parsed = fastavro.parse_schema(json.loads(self._registry.schema_by_id(registry_id)))
        except UnknownSchemaError as error:
            raise UndecodableError(str(error), cause="unknown_schema") from error
        except (ValueError, TypeError, KeyError, fastavro.schema.SchemaParseException) as error:
            raise UndecodableError(
                f"the registry's schema {registry_id} is not an Avro schema: {error}. "
                "Register the packaged .avsc of the record.",
                cause="unknown_schema",
            ) from error
        name = parsed.get("name") if isinstance(parsed, dict) else None
        if name != self._newest_name:
            raise UndecodableError(
                f"schema id {registry_id} is a {name or 'nameless type'}, expected {self._newest_name}. "
                "The event was sent to the wrong topic.",
                cause="schema_mismatch",
            )
        same = schema_fingerprint(parsed) == self._newest_fingerprint
        self._by_registry_id[registry_id] = self._newest if same else parsed
        return self._by_registry_id[registry_id]


def _read_exactly(body: bytes, writer: Any, reader: Any, record: str) -> Any:
    """Read one datum that uses all bytes of the body."""
    stream = io.BytesIO(body)
    try:
        datum = fastavro.schemaless_reader(stream, writer, reader)
    except fastavro.schema.SchemaParseException as error:
        raise UndecodableError(
            f"the writer's schema of this {record} cannot be read as the current one: {error}. "
            "Schema changes must be compatible in both directions.",
            cause="schema_mismatch",
        ) from error
    except Exception as error:  # fastavro raises whatever the broken bytes led to
        mismatch = type(error).__name__ == "SchemaResolutionError"
        raise UndecodableError(
            f"the bytes are not a {record}: {type(error).__name__}: {error}. "
            "The emitter's schema or serializer differs from the header it sent.",
            cause="schema_mismatch" if mismatch else "malformed",
        ) from error
    if stream.tell() != len(body):
        raise UndecodableError(
            f"a {record} was read from the first {stream.tell()} of {len(body)} bytes; "
            "expected none to be left over. The emitter's schema differs from the header it sent.",
            cause="trailing_bytes",
        )
    return datum


def _validated(value_type: type[T], datum: Any) -> T:
    try:
        return value_type.model_validate(datum)
    except ValidationError as error:
        raise UndecodableError(describe(value_type.__name__, error), cause="invalid_content") from error


def describe(record: str, error: ValidationError) -> str:
    """Say in one line which fields of a record are wrong, what was expected and what was got.

    What was got is told by type and length alone: what was put into a wrong field may be an identifier.
    """
    problems = "; ".join(
        f"{'.'.join(str(part) for part in entry['loc']) or 'value'}: {entry['msg']}"
        + ("" if entry["type"] == "missing" else f", got {_shape(entry['input'])}")
        for entry in error.errors(include_url=False)
    )
    return f"the {record} has invalid content: {problems}"


def _shape(got: object) -> str:
    if isinstance(got, str | bytes):
        return f"{type(got).__name__} of length {len(got)}"
    return repr(got) if got is None or isinstance(got, bool) else type(got).__name__
