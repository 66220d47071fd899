"""The packaged `.avsc` files: the contract, every version of every record, by name and version."""

import json
import re
from functools import cache
from importlib import resources
from typing import Any

from disclosure_schemas.errors import UnknownSchemaError

_FILE_NAME = re.compile(r"(?P<stem>[a-z_]+)\.v(?P<version>\d+)\.avsc")

AvroSchema = dict[str, Any]


def file_stem(record: str) -> str:
    """File stem of a record name: DisclosureRequested -> disclosure_requested."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", record).lower()


@cache
def versions(record: str) -> tuple[int, ...]:
    """Versions of a record that are packaged, oldest first; raises UnknownSchemaError for none."""
    stem = file_stem(record)
    names = (entry.name for entry in resources.files("disclosure_schemas").joinpath("avro").iterdir())
    matches = (_FILE_NAME.fullmatch(name) for name in names)
    found = sorted(int(match["version"]) for match in matches if match and match["stem"] == stem)
    if not found:
        raise UnknownSchemaError(f"no schema file for the record {record!r}: expected avro/{stem}.v1.avsc")
    return tuple(found)


@cache
def schema_text(record: str, version: int | None = None) -> str:
    """Text of one schema; the newest version where none is named."""
    chosen = versions(record)[-1] if version is None else version
    if chosen not in versions(record):
        raise UnknownSchemaError(
            f"the record {record!r} has the versions {list(versions(record))}, not {chosen}."
        )
    name = f"{file_stem(record)}.v{chosen}.avsc"
    return resources.files("disclosure_schemas").joinpath("avro", name).read_text(encoding="utf-8")


def schema(record: str, version: int | None = None) -> AvroSchema:
    """One schema as JSON; the newest version where none is named."""
    loaded: AvroSchema = json.loads(schema_text(record, version))
    return loaded
