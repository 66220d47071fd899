"""The packaged examples: complete, and readable under their version and every later one."""

import io
from importlib import resources
from typing import Any

import fastavro
import pytest

from disclosure_schemas import schema_files
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.base import Value
from schema_examples import datum, examples, paths_of
from strategies import EVENTS

VERSIONS = [
    pytest.param(value_type, version, id=f"{value_type.__name__}-v{version}")
    for value_type in EVENTS
    for version in schema_files.versions(value_type.__name__)
]


def schema_paths(schema: Any, path: str = "", named: dict[str, Any] | None = None) -> set[str]:
    """Paths of all fields of a schema, as `paths_of` writes them."""
    named = {} if named is None else named
    if isinstance(schema, str):
        return schema_paths(named[schema], path, named) if schema in named else set()
    if isinstance(schema, list):
        return {found for branch in schema for found in schema_paths(branch, path, named)}
    if "name" in schema:
        named[schema["name"]] = schema
    if schema["type"] == "array":
        return schema_paths(schema["items"], f"{path}[]", named)
    found = set()
    for field in schema.get("fields", []):
        found |= {f"{path}.{field['name']}"} | schema_paths(field["type"], f"{path}.{field['name']}", named)
    return found


def test_every_version_has_an_example_file_and_no_other() -> None:
    """There is one file of examples for each schema file."""
    folder = resources.files("disclosure_schemas").joinpath("examples")
    expected = {
        f"{schema_files.file_stem(value_type.__name__)}.v{version}.json"
        for value_type in EVENTS
        for version in schema_files.versions(value_type.__name__)
    }
    assert {entry.name for entry in folder.iterdir()} == expected


@pytest.mark.parametrize(("value_type", "version"), VERSIONS)
def test_the_examples_of_a_version_show_every_field(value_type: type[Value], version: int) -> None:
    """At least three examples, which together fill each field of the schema once.

    The request inside a decision is shown by the examples of requests.
    """
    shown = examples(value_type.__name__, version)
    assert len(shown) >= 3
    wanted = schema_paths(schema_files.schema(value_type.__name__, version), "[]")
    missing = wanted - paths_of(shown)
    assert {path for path in missing if not path.startswith("[].request.")} == set()


@pytest.mark.parametrize(("value_type", "version"), VERSIONS)
def test_the_examples_of_a_version_are_read_by_every_later_one(value_type: type[Value], version: int) -> None:
    """What fastavro writes under a version, it reads back under it, and under every later one."""
    record = value_type.__name__
    schema = schema_files.schema(record, version)
    written_by = fastavro.parse_schema(schema)
    later = [number for number in schema_files.versions(record) if number >= version]
    for plain in examples(record, version):
        data = datum(schema, plain)
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, written_by, data, strict_allow_default=True)
        for number in later:
            read_by = fastavro.parse_schema(schema_files.schema(record, number))
            read = fastavro.schemaless_reader(io.BytesIO(buffer.getvalue()), written_by, read_by)
            assert isinstance(read, dict)
            assert set(read) == {field["name"] for field in schema_files.schema(record, number)["fields"]}
            if number == version:
                assert paths_of(read) >= paths_of(data)


@pytest.mark.parametrize(("value_type", "version"), VERSIONS)
def test_the_examples_of_a_version_are_read_by_the_codec(value_type: type[Value], version: int) -> None:
    """Framed with the fingerprint of their version, the examples decode to valid Python values."""
    record = value_type.__name__
    schema = schema_files.schema(record, version)
    codec = EventCodec(value_type)
    for plain in examples(record, version):
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, fastavro.parse_schema(schema), datum(schema, plain))
        value = codec.decode(codec_header(schema) + buffer.getvalue())
        assert codec.decode(codec.encode(value)) == value


def codec_header(schema: dict[str, Any]) -> bytes:
    """Single-object header of a schema, made without the code under test."""
    canonical = fastavro.schema.to_parsing_canonical_form(schema)
    return b"\xc3\x01" + bytes.fromhex(fastavro.schema.fingerprint(canonical, "CRC-64-AVRO"))


@pytest.mark.parametrize(("value_type", "version"), VERSIONS)
def test_the_newest_examples_make_python_values(value_type: type[Value], version: int) -> None:
    """The newest examples are valid Python values, and encode to the bytes fastavro makes of them."""
    record = value_type.__name__
    schema = schema_files.schema(record)
    for plain in examples(record, schema_files.versions(record)[-1]):
        data = datum(schema, plain)
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, fastavro.parse_schema(schema), data)
        assert EventCodec(value_type).encode_body(value_type.model_validate(data)) == buffer.getvalue()
