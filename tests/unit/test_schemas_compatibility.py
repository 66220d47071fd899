"""Full transitive compatibility of every schema version with every earlier one, by Apache Avro's checker."""

from collections.abc import Callable

import pytest

from avro_compatibility import Breakage, breakages, history_breakages
from disclosure_schemas import schema_files
from disclosure_schemas.schema_files import AvroSchema
from disclosure_schemas.topics import TOPICS


@pytest.mark.parametrize("record", [topic.record for topic in TOPICS])
def test_every_version_reads_every_other(record: str) -> None:
    """Old events are read by new consumers and new events by old ones, over all versions there are."""
    history = {version: schema_files.schema(record, version) for version in schema_files.versions(record)}
    assert history_breakages(history) == []


def mode() -> AvroSchema:
    """An enum with a default, as the packaged schemas have them."""
    return {"type": "enum", "name": "Mode", "symbols": ["request", "report", "unknown"], "default": "unknown"}


def parcel() -> AvroSchema:
    """A small record with each construction the packaged schemas use."""
    item = {"type": "record", "name": "Item", "fields": [{"name": "category", "type": "string"}]}
    key = {"type": "fixed", "name": "Key", "size": 16}
    moment = {"type": "long", "logicalType": "timestamp-micros"}
    fields = [
        {"name": "key", "type": key},
        {"name": "at", "type": moment},
        {"name": "count", "type": "long"},
        {"name": "mode", "type": mode()},
        {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "items", "type": {"type": "array", "items": item}},
        {"name": "first", "type": ["null", "Item"], "default": None},
        {
            "name": "origin",
            "type": {"type": "record", "name": "Origin", "fields": [{"name": "app", "type": "string"}]},
        },
    ]
    return {"type": "record", "name": "Parcel", "namespace": "test.v1", "fields": fields}


Change = Callable[[AvroSchema], None]


def field(schema: AvroSchema, name: str) -> AvroSchema:
    """A field of a record by its name."""
    found: AvroSchema = next(entry for entry in schema["fields"] if entry["name"] == name)
    return found


def remove_required(schema: AvroSchema) -> None:
    """Remove a field that has no default."""
    schema["fields"] = [entry for entry in schema["fields"] if entry["name"] != "count"]


def add_required(schema: AvroSchema) -> None:
    """Add a field without default."""
    schema["fields"].append({"name": "extra", "type": "string"})


def change_type(schema: AvroSchema) -> None:
    """Make a number a text."""
    field(schema, "count")["type"] = "string"


def narrow(schema: AvroSchema) -> None:
    """Make a long an int: old readers cope, new ones do not."""
    field(schema, "count")["type"] = "int"


def make_required(schema: AvroSchema) -> None:
    """Take null away from a union."""
    field(schema, "note")["type"] = "string"
    field(schema, "note")["default"] = ""


def resize(schema: AvroSchema) -> None:
    """Change the size of a fixed type."""
    field(schema, "key")["type"]["size"] = 32


def rename_fixed(schema: AvroSchema) -> None:
    """Rename a fixed type."""
    field(schema, "key")["type"]["name"] = "OtherKey"


def rename_record(schema: AvroSchema) -> None:
    """Rename a nested record."""
    field(schema, "origin")["type"]["name"] = "Source"


def rename_field(schema: AvroSchema) -> None:
    """Rename a field inside a nested record, without alias."""
    field(schema, "origin")["type"]["fields"][0]["name"] = "application"


def change_in_array(schema: AvroSchema) -> None:
    """Change a type inside the records of an array, which a union elsewhere refers to."""
    field(schema, "items")["type"]["items"]["fields"][0]["type"] = "long"


def add_symbol_without_default(schema: AvroSchema) -> None:
    """Add a symbol to an enum that has no default."""
    del field(schema, "mode")["type"]["default"]
    field(schema, "mode")["type"]["symbols"].append("rumour")


def remove_symbol_without_default(schema: AvroSchema) -> None:
    """Remove a symbol from an enum that has no default."""
    field(schema, "mode")["type"].update(symbols=["request", "unknown"])
    del field(schema, "mode")["type"]["default"]


def coarsen(schema: AvroSchema) -> None:
    """Count time in milliseconds; Avro itself sees no change."""
    field(schema, "at")["type"]["logicalType"] = "timestamp-millis"


MISSING = "reader_field_missing_default_value"


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        (remove_required, [(1, "Parcel.count", MISSING)]),
        (add_required, [(2, "Parcel.extra", MISSING)]),
        (change_type, [(2, "Parcel.count", "type_mismatch"), (1, "Parcel.count", "type_mismatch")]),
        (narrow, [(2, "Parcel.count", "type_mismatch")]),
        (make_required, [(2, "Parcel.note", "type_mismatch")]),
        (resize, [(2, "Parcel.key", "fixed_size_mismatch"), (1, "Parcel.key", "fixed_size_mismatch")]),
        (rename_fixed, [(2, "Parcel.key", "name_mismatch"), (1, "Parcel.key", "name_mismatch")]),
        (rename_record, [(2, "Parcel.origin", "name_mismatch"), (1, "Parcel.origin", "name_mismatch")]),
        (rename_field, [(2, "Parcel.origin.application", MISSING), (1, "Parcel.origin.app", MISSING)]),
        (
            change_in_array,
            [
                (2, "Parcel.items[].category", "type_mismatch"),
                (2, "Parcel.first.category", "type_mismatch"),
                (1, "Parcel.items[].category", "type_mismatch"),
                (1, "Parcel.first.category", "type_mismatch"),
            ],
        ),
        (add_symbol_without_default, []),
        (remove_symbol_without_default, [(2, "Parcel.mode", "missing_enum_symbols")]),
        (coarsen, [(2, "Parcel.at", "logical_type_changed"), (1, "Parcel.at", "logical_type_changed")]),
    ],
    ids=lambda argument: getattr(argument, "__name__", ""),
)
def test_a_breaking_change_is_reported_with_its_field_and_kind(
    change: Change, reported: list[tuple[int, str, str]]
) -> None:
    """Each breaking change names the version that can no longer read, the field's path and the breakage."""
    later = parcel()
    change(later)
    texts = history_breakages({1: parcel(), 2: later})
    expected = [
        f"version {reader} cannot read version {3 - reader}: {at}: {kind} (" for reader, at, kind in reported
    ]
    assert len(texts) == len(expected), texts
    for text, beginning in zip(texts, expected, strict=True):
        assert text.startswith(beginning), text


def test_a_new_enum_symbol_breaks_a_reader_that_has_no_default() -> None:
    """A symbol added to an enum whose earlier version has no default is a missing symbol for old readers."""
    earlier, later = parcel(), parcel()
    del field(earlier, "mode")["type"]["default"]
    field(later, "mode")["type"]["symbols"].append("rumour")
    assert breakages(later, earlier) == []
    assert breakages(earlier, later) == [Breakage("Parcel.mode", "missing_enum_symbols", "{'rumour'}")]


def test_a_breakage_between_versions_that_are_not_neighbours_is_found() -> None:
    """Compatibility is transitive: 3 may read 2 and 2 read 1 while 3 cannot read 1."""
    first, second, third = parcel(), parcel(), parcel()
    first["fields"] = [entry for entry in first["fields"] if entry["name"] != "count"]
    field(second, "count")["default"] = 0
    found = history_breakages({1: first, 2: second, 3: third})
    assert [text.partition(" (")[0] for text in found] == [
        "version 3 cannot read version 1: Parcel.count: reader_field_missing_default_value"
    ]


def test_a_compatible_change_is_let_pass() -> None:
    """An optional field, a symbol under a default, another order and better words break nobody."""
    later = parcel()
    later["fields"].reverse()
    later["doc"] = "Better words."
    field(later, "first")["type"] = ["null", field(parcel(), "items")["type"]["items"]]
    field(later, "items")["type"]["items"] = "Item"
    field(later, "mode")["type"]["symbols"].append("rumour")
    later["fields"].append({"name": "region", "type": ["null", "string"], "default": None})
    assert history_breakages({1: parcel(), 2: later}) == []


def test_a_breaking_change_of_a_packaged_schema_is_found() -> None:
    """A field taken out of the disclosure inside a decision is reported at its full path."""
    later = schema_files.schema("DisclosureDecided")
    disclosure = field(field(later, "request")["type"], "disclosure")["type"]
    disclosure["fields"] = [entry for entry in disclosure["fields"] if entry["name"] != "recipient_id"]
    found = history_breakages({1: schema_files.schema("DisclosureDecided"), 2: later})
    assert len(found) == 1
    assert found[0].startswith(
        "version 1 cannot read version 2: DisclosureDecided.request.disclosure.recipient_id: "
        "reader_field_missing_default_value ("
    )
