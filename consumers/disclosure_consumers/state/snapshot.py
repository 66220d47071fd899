"""Snapshots: found in a folder and checked, or written piece by piece."""

import secrets
import zlib
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

import structlog

from disclosure_consumers.ports import Mark, Partition
from disclosure_consumers.state.contents import ContentTable
from disclosure_consumers.state.errors import SnapshotError
from disclosure_consumers.state.manifest import MANIFEST_FILE, Manifest, read_manifest, write_manifest
from disclosure_consumers.state.subject_file import Entries, SubjectFile, SubjectFileWriter

_log = structlog.get_logger(__name__)

PIECE_ENTRIES = 10_000
_PIECE_BYTES = 4 << 20
_PATTERN = "subjects-*.mdb"


def open_snapshot(folder: Path, contents: ContentTable) -> tuple[Manifest, SubjectFile] | None:
    """Open a folder's snapshot and load its contents; None where there is none.

    One that is damaged or not of this program's making is thrown away: the control topics have everything.
    """
    try:
        manifest = read_manifest(folder)
        if manifest is None:
            remove_others(folder, keep=None)
            return None
        remove_others(folder, keep=manifest.file)
        _require_whole(folder / manifest.file, manifest)
        file = SubjectFile(folder / manifest.file)
        contents.load(file.contents)
    except (SnapshotError, OSError, ValueError, TypeError) as error:
        _log.warning("kept preference state thrown away, reading the topics whole", cause=str(error))
        remove_snapshot(folder)
        return None
    return manifest, file


def write_snapshot(
    folder: Path, entries: Entries, contents: ContentTable, marks: Mapping[Partition, Mark]
) -> Generator[None, None, tuple[Manifest, SubjectFile]]:
    """Write a snapshot that replaces the folder's, a few milliseconds of work at a time; returns it.

    Left before its end it leaves the former one as it was. Raises SnapshotError or OSError.
    """
    path = folder / f"subjects-{secrets.token_hex(8)}.mdb"
    try:
        writer = SubjectFileWriter(path)
        try:
            while writer.append(entries, PIECE_ENTRIES):
                yield
            writer.finish(contents.encoded())
        finally:
            writer.close()
        checksum = 0
        for piece in _pieces(path):
            checksum = zlib.crc32(piece, checksum)
            yield
        manifest = Manifest(file=path.name, checksum=checksum, marks=marks)
        write_manifest(folder, manifest)
        return manifest, SubjectFile(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def remove_snapshot(folder: Path) -> None:
    """Remove a folder's snapshot, whatever is left of it."""
    (folder / MANIFEST_FILE).unlink(missing_ok=True)
    remove_others(folder, keep=None)


def remove_others(folder: Path, *, keep: str | None) -> None:
    """Remove files that no manifest names: former ones, and those that were not finished."""
    for path in folder.glob(_PATTERN):
        if path.name != keep:
            path.unlink()


def _require_whole(path: Path, manifest: Manifest) -> None:
    checksum = 0
    for piece in _pieces(path):
        checksum = zlib.crc32(piece, checksum)
    if checksum != manifest.checksum:
        raise SnapshotError(f"{path.name} has checksum {checksum:08x}, expected {manifest.checksum:08x}")


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
