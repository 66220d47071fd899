"""Schema compatibility, judged by Apache Avro's own checker and told by field.

Apache's checker says whether a reader can read what a writer wrote, and of what kind a breakage is; it loses
the place inside unions and gives positions instead of names. So a failing pair is taken apart here, field by
field, until the checker's verdict is about one type.
"""

import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import avro.schema
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.errors import IgnoredLogicalType

from disclosure_schemas.schema_files import AvroSchema


@dataclass(frozen=True, slots=True)
class Breakage:
    """One reason why a reader cannot take what a writer wrote."""

    field: str
    kind: str
    detail: str

    def __str__(self) -> str:
        return f"{self.field}: {self.kind} ({self.detail})"


def history_breakages(history: Mapping[int, AvroSchema]) -> list[str]:
    """Compare every version of a record with every earlier one, in both directions."""
    found = []
    for earlier, later in combinations(sorted(history), 2):
        for reader, writer in ((later, earlier), (earlier, later)):
            found += [
                f"version {reader} cannot read version {writer}: {breakage}"
                for breakage in breakages(history[reader], history[writer])
            ]
    return found


def breakages(reader: AvroSchema, writer: AvroSchema) -> list[Breakage]:
    """Why `reader` cannot read what `writer` wrote; empty where it can."""
    with warnings.catch_warnings():
        # Apache's Python library knows `uuid` on strings only; `_logical_breakages` compares logical types.
        warnings.simplefilter("ignore", IgnoredLogicalType)
        new, old = (avro.schema.parse(json.dumps(schema)) for schema in (reader, writer))
    found = list(_explain(new, old, str(reader["name"])))
    assert bool(found) is not _compatible(new, old), "the parts and the whole are judged alike"
    return found + list(_logical_breakages(new, old, str(reader["name"])))


def _compatible(reader: Any, writer: Any) -> bool:
    return _verdict(reader, writer).compatibility is SchemaCompatibilityType.compatible


def _verdict(reader: Any, writer: Any) -> Any:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    return checker.get_compatibility(reader, writer)


def _explain(reader: Any, writer: Any, path: str) -> Iterator[Breakage]:
    """Take an incompatible pair apart; what cannot be taken apart is reported as the checker reports it."""
    if _compatible(reader, writer):
        return
    parts = list(_parts(reader, writer, path))
    inner = [breakage for new, old, at in parts for breakage in _explain(new, old, at)]
    inner += _missing_fields(reader, writer, path)
    if inner and _same_name(reader, writer):
        yield from inner
        return
    verdict = _verdict(reader, writer)
    kinds = sorted({kind.value for kind in verdict.incompatibilities})
    yield Breakage(path, ", ".join(kinds), "; ".join(sorted(verdict.messages)))
    yield from inner


def _parts(reader: Any, writer: Any, path: str) -> Iterator[tuple[Any, Any, str]]:
    """Pairs of types inside a pair of types, each with its path."""
    if (reader.type, writer.type) == ("record", "record"):
        for field in reader.fields:
            old = writer.fields_dict.get(field.name)
            if old is not None:
                yield field.type, old.type, f"{path}.{field.name}"
    elif (reader.type, writer.type) == ("array", "array"):
        yield reader.items, writer.items, f"{path}[]"
    elif "union" in {reader.type, writer.type}:
        for old in writer.schemas if writer.type == "union" else [writer]:
            branches = reader.schemas if reader.type == "union" else [reader]
            same = [new for new in branches if new.type == old.type and _same_name(new, old)]
            yield from ((new, old, path) for new in same)


def _same_name(reader: Any, writer: Any) -> bool:
    return getattr(reader, "fullname", None) == getattr(writer, "fullname", None)


def _missing_fields(reader: Any, writer: Any, path: str) -> list[Breakage]:
    """Fields that only the reader has, and cannot fill: as Apache's checker names them."""
    if (reader.type, writer.type) != ("record", "record"):
        return []
    return [
        Breakage(f"{path}.{field.name}", "reader_field_missing_default_value", "the writer has no such field")
        for field in reader.fields
        if field.name not in writer.fields_dict and not field.has_default
    ]


def _logical_breakages(reader: Any, writer: Any, path: str) -> Iterator[Breakage]:
    """Changes of meaning that Avro's rules let pass: microseconds read as milliseconds."""
    new, old = (schema.other_props.get("logicalType") for schema in (reader, writer))
    if new != old and reader.type == writer.type:
        yield Breakage(path, "logical_type_changed", f"reader: {new}, writer: {old}")
    for inner_reader, inner_writer, at in _parts(reader, writer, path):
        yield from _logical_breakages(inner_reader, inner_writer, at)
