"""A folder that appears whole or not at all, and the manifest that says what is in it."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from disclosure_ledger.exports.errors import ExportError
from disclosure_ledger.store.sealing import file_sha256
from disclosure_schemas.events.base import Value

MANIFEST = "manifest.json"


class ExportedFile(Value):
    """A file of an export: its path within the folder, rows (or resources), bytes and SHA-256."""

    path: str
    rows: int
    bytes: int
    sha256: str


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Write into the folder that this gives; it takes the target's name at the end, or is removed.

    Raises ExportError where the target is there and not empty, or cannot be made.
    """
    if not target.is_absolute():
        raise ExportError(f"the folder of an export is named in full, got {target}.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ExportError(f"{target} is there and not an empty folder. Name one that does not exist yet.")
    partial = target.with_name(f".{target.name}.{uuid4().hex}.partial")
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        raise ExportError(
            f"the folder {target} cannot be made: {error.strerror}. Name another one."
        ) from error
    try:
        yield partial
        for file in partial.rglob("*"):
            to_disk(file)
        partial.rename(target)
        to_disk(target.parent)
    except OSError as error:
        raise ExportError(
            f"the folder {target} could not be written: {error.strerror or error}. Nothing was left there."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def to_disk(path: Path) -> None:
    """Wait until a file or folder is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def exported_file(folder: Path, file: Path, rows: int) -> ExportedFile:
    """Describe a file of an export that is finished."""
    return ExportedFile(
        path=file.relative_to(folder).as_posix(),
        rows=rows,
        bytes=file.stat().st_size,
        sha256=file_sha256(file),
    )


def write_manifest(folder: Path, manifest: Value) -> None:
    """Write the manifest of an export."""
    text = json.dumps(manifest.model_dump(mode="json"), indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
