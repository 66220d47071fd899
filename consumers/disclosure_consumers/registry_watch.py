"""A registry folder that may change while a gate runs: looked at now and then, taken over when it is whole.

A look costs one stat for each file. What is found is read only when two looks in a row saw the same files, so
that a checkout or an editor that is still writing is not read half-way.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import structlog

from disclosure_consumers.core.registry import Registry
from disclosure_consumers.registry_files import folder_of, inspect_files, read_files, registry_paths
from disclosure_consumers.registry_folder.problems import RegistryError

_log = structlog.get_logger(__name__)

Look = tuple[tuple[str, int, int, int, int], ...]
"""Name, size in bytes, inode, and nanoseconds of the last write and change of each file; equal looks, equal
files."""


class RegistryWatch:
    """Keeps the registry of a folder up to date; not for several threads.

    `registry`: the one in force. `broken`: why the files of the folder do not load, while they do not; the
    registry then stays as it was (a gate must not decide by half a registry, nor stop deciding).
    """

    def __init__(
        self, folder: Path, published: Iterable[str] | None = None, *, interval_s: float = 5.0
    ) -> None:
        """Load the folder; raises RegistryError if it cannot be.

        `published`: as in `load_registry`. `interval_s`: least seconds between two looks.
        """
        self._folder = folder
        self._published = None if published is None else tuple(published)
        self._interval_s = interval_s
        self._next_look_s = float("-inf")
        self._settled = self._seen = _look(folder)
        self._reported: bytes | None = None
        self.broken: str | None = None
        self.registry = self._load(read_files(folder))

    def poll(self, now_s: float) -> Registry | None:
        """The new registry if the folder has another content since; else None, at once.

        `now_s`: seconds of a clock that never goes back. A new registry comes two looks after the change.
        """
        if now_s < self._next_look_s:
            return None
        self._next_look_s = now_s + self._interval_s
        found = _look(self._folder)
        if found == self._settled or found != self._seen:
            self._seen = found
            return None
        return self._take_over(found)

    def _take_over(self, found: Look) -> Registry | None:
        files: Mapping[str, bytes] = {}
        try:
            files = read_files(self._folder)
            registry, broken = self._load(files), None
        except RegistryError as error:
            registry, broken = self.registry, error
        if _look(self._folder) != found:
            return None  # written to meanwhile: the next two looks decide
        if broken is not None:
            self._report(broken, files)
            if broken.problems:  # what cannot be read at all may become readable without a change
                self._settled = found
            return None
        self._settled = found
        self.broken = self._reported = None
        if registry.content_hash == self.registry.content_hash:
            return None
        self.registry = registry
        _log.info("registry changed", folder=str(self._folder), registry_hash=registry.content_hash.hex())
        return registry

    def _load(self, files: Mapping[str, bytes]) -> Registry:
        return folder_of(self._folder, inspect_files(files)).registry(self._published)

    def _report(self, error: RegistryError, files: Mapping[str, bytes]) -> None:
        """Log what is wrong, once for the same content."""
        self.broken = str(error)
        content = _digest(files)
        if content == self._reported:
            return
        self._reported = content
        _log.error(
            "registry does not load; the last one stays in force",
            folder=str(self._folder),
            problems=len(error.problems) or 1,
            error=str(error),
            registry_hash=self.registry.content_hash.hex(),
        )


def _look(folder: Path) -> Look:
    """What stat says of every file; a file that goes away meanwhile counts as one that is not there."""
    found = []
    try:
        paths = registry_paths(folder)
    except OSError:
        paths = []
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            continue
        found.append((str(path), stat.st_size, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns))
    return tuple(found)


def _digest(files: Mapping[str, bytes]) -> bytes:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.digest()
