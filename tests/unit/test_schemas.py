"""The `.avsc` files: documented, equal to the Python values, and never edited once recorded."""

import hashlib
import json
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any

import pytest

from avro_shapes import differences, shape_of_schema, shape_of_value
from disclosure_schemas import schema_files
from disclosure_schemas.codec import schema_fingerprint
from disclosure_schemas.errors import UnknownSchemaError
from disclosure_schemas.events.base import Value
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.schema_files import AvroSchema
from disclosure_schemas.topics import TOPICS
from strategies import EVENTS

AVRO = resources.files("disclosure_schemas").joinpath("avro")
FILES = sorted(entry.name for entry in AVRO.iterdir() if entry.name.endswith(".avsc"))


def load(file_name: str) -> AvroSchema:
    """One schema file as JSON."""
    schema: AvroSchema = json.loads(AVRO.joinpath(file_name).read_text(encoding="utf-8"))
    return schema


def parts(schema: Any, path: str) -> Iterator[tuple[str, AvroSchema]]:
    """Every record, enum, fixed and field of a schema, with its path."""
    if isinstance(schema, list):
        for branch in schema:
            yield from parts(branch, path)
    elif isinstance(schema, dict):
        if "name" in schema:
            yield path, schema
        for field in schema.get("fields", []):
            yield f"{path}.{field['name']}", field
            yield from parts(field["type"], f"{path}.{field['name']}")
        yield from parts(schema.get("items"), f"{path}[]")


@pytest.mark.parametrize("file_name", FILES)
def test_every_record_type_and_field_is_documented(file_name: str) -> None:
    """Each record, field, enum and fixed type of a schema file has a doc that is not empty."""
    found = dict(parts(load(file_name), file_name))
    assert len(found) > 5
    assert [path for path, part in found.items() if not part.get("doc", "").strip()] == []


def test_every_topic_has_a_record_with_schema_value_and_strategy() -> None:
    """The records of the topic table, the schema files and the Python values are the same."""
    records = {topic.record for topic in TOPICS}
    assert records == {value_type.__name__ for value_type in EVENTS}
    assert {file_name.split(".")[0] for file_name in FILES} == {
        schema_files.file_stem(name) for name in records
    }


@pytest.mark.parametrize("value_type", EVENTS, ids=lambda value_type: value_type.__name__)
def test_a_python_value_equals_its_newest_schema(value_type: type[Value]) -> None:
    """Names, order, types, nullability, defaults, symbols and nested records are alike on both sides."""
    schema = schema_files.schema(value_type.__name__)
    assert list(differences(shape_of_schema(schema), shape_of_value(value_type))) == []


def field_of(schema: Any, *names: str) -> dict[str, Any]:
    """The field at a path of names."""
    for name in names[:-1]:
        schema = field_of(schema, name)["type"]
        schema = schema["items"] if schema["type"] == "array" else schema
    field: dict[str, Any] = next(entry for entry in schema["fields"] if entry["name"] == names[-1])
    return field


def rename(schema: AvroSchema) -> None:
    """Rename a nested field."""
    field_of(schema, "disclosure", "purpose")["name"] = "aim"


def drop(schema: AvroSchema) -> None:
    """Remove a field."""
    schema["fields"] = [field for field in schema["fields"] if field["name"] != "sequence"]


def swap(schema: AvroSchema) -> None:
    """Change the order of two fields."""
    fields = schema["fields"]
    fields[0], fields[1] = fields[1], fields[0]


def retype(schema: AvroSchema) -> None:
    """Make a long an int."""
    field_of(schema, "sequence")["type"] = "int"


def make_nullable(schema: AvroSchema) -> None:
    """Allow null where Python does not."""
    field_of(schema, "disclosure", "emitter")["type"] = ["null", "string"]


def change_default(schema: AvroSchema) -> None:
    """Give a field another default."""
    field_of(schema, "disclosure", "combines_data")["default"] = True


def drop_default(schema: AvroSchema) -> None:
    """Take a default away."""
    del field_of(schema, "linked_subject_keys")["default"]


def add_symbol(schema: AvroSchema) -> None:
    """Add a symbol to an enum."""
    field_of(schema, "disclosure", "mode")["type"]["symbols"].append("rumour")


def coarsen(schema: AvroSchema) -> None:
    """Count time in milliseconds."""
    field_of(schema, "emitted_at")["type"]["logicalType"] = "timestamp-millis"


def loosen_id(schema: AvroSchema) -> None:
    """Let any key stand where an event id belongs."""
    field_of(schema, "event_id")["type"]["name"] = "AnyKey"
    field_of(schema, "decision_event_id")["type"][1] = "AnyKey"
    field_of(schema, "corrects_event_id")["type"][1] = "AnyKey"
    field_of(schema, "retracts_event_id")["type"][1] = "AnyKey"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (rename, "DisclosureRequested.disclosure: only in the schema: ['aim'], only in Python: ['purpose']"),
        (drop, "DisclosureRequested: only in the schema: [], only in Python: ['sequence']"),
        (swap, "DisclosureRequested: order ['subject_key', 'event_id'"),
        (retype, "DisclosureRequested.sequence: the schema has 'int', the Python value has 'long'"),
        (make_nullable, "DisclosureRequested.disclosure.emitter: the schema has {'union'"),
        (change_default, "DisclosureRequested.disclosure.combines_data (default): the schema has True"),
        (drop_default, "DisclosureRequested.linked_subject_keys (default): the schema has 'no default'"),
        (add_symbol, "DisclosureRequested.disclosure.mode (symbols): the schema has ['request', 'report'"),
        (coarsen, "DisclosureRequested.emitted_at: the schema has 'long/timestamp-millis'"),
        (
            loosen_id,
            "DisclosureRequested.event_id (uuid): the schema has 'key', the Python value has 'event id'",
        ),
    ],
    ids=lambda argument: getattr(argument, "__name__", ""),
)
def test_the_comparison_names_what_differs(change: Callable[[AvroSchema], None], place: str) -> None:
    """A schema that drifts from the Python value in any way is found, with the path of the difference."""
    schema = schema_files.schema("DisclosureRequested")
    change(schema)
    found = list(differences(shape_of_schema(schema), shape_of_value(DisclosureRequested)))
    assert [text for text in found if text.startswith(place)], found


def test_a_type_that_several_schemas_use_is_the_same_in_all() -> None:
    """A named type means one thing: its definition is equal in every newest schema that holds it."""
    first: dict[str, tuple[str, Any]] = {}
    for value_type in EVENTS:
        named: dict[str, AvroSchema] = {}
        shape_of_schema(schema_files.schema(value_type.__name__), named)
        for name, definition in named.items():
            docs = [definition["doc"], *(field["doc"] for field in definition.get("fields", []))]
            meaning = (shape_of_schema(definition, dict(named)), docs)
            seen_in, seen = first.setdefault(name, (value_type.__name__, meaning))
            assert meaning == seen, f"{name} differs between {seen_in} and {value_type.__name__}"
    assert {"EventId", "Kind", "Disclosure", "Signals"} <= set(first)


def test_the_request_inside_a_decision_is_the_request() -> None:
    """`DisclosureDecided.request` has the shape of DisclosureRequested, so its bytes can be copied."""
    decided = shape_of_schema(schema_files.schema("DisclosureDecided"))
    embedded = next(field["type"] for field in decided["fields"] if field["name"] == "request")
    assert embedded == shape_of_schema(schema_files.schema("DisclosureRequested"))
    assert decided["fields"][-1]["name"] == "request"
    assert list(DisclosureDecided.model_fields)[-1] == "request"


@pytest.mark.parametrize("file_name", FILES)
def test_a_recorded_schema_file_is_never_edited(file_name: str) -> None:
    """Fingerprint and digest of each schema file are those recorded beside it in `released.json`."""
    released = json.loads(AVRO.joinpath("released.json").read_text(encoding="utf-8"))
    now = {
        "crc_64_avro": schema_fingerprint(load(file_name)).hex(),
        "sha256": hashlib.sha256(AVRO.joinpath(file_name).read_bytes()).hexdigest(),
    }
    assert file_name in released, (
        f'new schema file: add "{file_name}": {json.dumps(now)} to avro/released.json'
    )
    assert now == released[file_name], (
        f"{file_name} was edited after it was recorded. Events written with it exist: leave it as it was and "
        f"add a new version instead (avro/{file_name.partition('.')[0]}.v<n+1>.avsc, with examples)."
    )


def test_no_recorded_schema_file_is_removed() -> None:
    """Every file recorded in `released.json` is still there: old events must stay readable."""
    released = json.loads(AVRO.joinpath("released.json").read_text(encoding="utf-8"))
    assert sorted(released) == FILES


def test_an_unknown_record_or_version_is_named() -> None:
    """Asking for a schema that is not packaged raises UnknownSchemaError and says what there is."""
    with pytest.raises(UnknownSchemaError, match=r"expected avro/no_such_record\.v1\.avsc"):
        schema_files.schema("NoSuchRecord")
    with pytest.raises(UnknownSchemaError, match=r"has the versions \[1.*\], not 99"):
        schema_files.schema("DeadLetter", 99)


def test_file_stems_are_snake_case() -> None:
    """A record's files are named after it in snake case."""
    assert schema_files.file_stem("DisclosureRequested") == "disclosure_requested"
