"""What a folder's snapshot is: its file, how far the control topics are in it, and who can read it.

Snapshot and manifest change together, for the manifest names the file and is replaced in one step.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from disclosure_consumers.core.subject.facts import Content, Fact, SubjectState, Tie
from disclosure_consumers.core.verdict import RULE_VERSION
from disclosure_consumers.ports import Mark, Partition
from disclosure_consumers.state.errors import SnapshotError
from disclosure_schemas import schema_files
from disclosure_schemas.codec import schema_fingerprint

MANIFEST_FILE = "snapshot.json"
FORMAT_VERSION = 1
"""Raised with every change of how states or files are encoded."""

_RECORDS = ("PreferenceRecorded", "IdentityLinked")
_SHAPES = (SubjectState, Fact, Tie, Content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One snapshot. `checksum`: CRC-32 of the file's bytes."""

    file: str
    checksum: int
    marks: Mapping[Partition, Mark]


@cache
def reader_version() -> dict[str, Any]:
    """What must be the same for a state to be taken over.

    Records are read when they are taken in: rules that read them otherwise, words that are known now, and
    facts of another shape all ask for the topics to be read anew.
    """
    return {
        "format": FORMAT_VERSION,
        "rules": RULE_VERSION,
        "schemas": {name: schema_fingerprint(schema_files.schema(name)).hex() for name in _RECORDS},
        "shapes": {shape.__name__: list(shape._fields) for shape in _SHAPES},
    }


def read_manifest(folder: Path) -> Manifest | None:
    """Read a folder's manifest; None where there is none, SnapshotError for one of another program."""
    try:
        text = (folder / MANIFEST_FILE).read_bytes()
    except FileNotFoundError:
        return None
    try:
        told = json.loads(text)
        differing = [name for name, value in reader_version().items() if told["reader"][name] != value]
        if differing:
            raise SnapshotError(f"it was written with other {', '.join(differing)}")
        return Manifest(
            file=str(told["file"]),
            checksum=int(told["checksum"]),
            marks={
                (str(topic), int(partition)): Mark(int(offset), bytes.fromhex(digest))
                for topic, partition, offset, digest in told["marks"]
            },
        )
    except (ValueError, KeyError, TypeError) as error:
        raise SnapshotError(f"{MANIFEST_FILE} is damaged: {type(error).__name__}: {error}") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace a folder's manifest, and wait until the disk has it."""
    told = {
        "reader": reader_version(),
        "file": manifest.file,
        "checksum": manifest.checksum,
        "marks": [
            [topic, partition, mark.offset, mark.digest.hex()]
            for (topic, partition), mark in sorted(manifest.marks.items())
        ],
    }
    new = folder / f"{MANIFEST_FILE}.new"
    with new.open("w", encoding="utf-8") as file:
        json.dump(told, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / MANIFEST_FILE)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
