"""The registry as the ledger's answers need it: what is decided by, and what is only said in its files."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from disclosure_consumers.core.registry import Registry
from disclosure_consumers.registry_files import (
    RegistryFolder,
    example_registry,
    folder_of,
    inspect_files,
    read_files,
)
from disclosure_consumers.registry_folder.contents import Contents
from disclosure_consumers.settings import GateSettings


@dataclass(frozen=True, slots=True)
class PublishedRegistry:
    """A registry folder read once.

    `contents` has the files' own words (sources, letters, addresses), `folder` every notice as values,
    `registry` what is in force.
    """

    contents: Contents
    folder: RegistryFolder
    registry: Registry


ReadRegistry = Callable[[], PublishedRegistry]


def read_published(path: Path | None = None) -> PublishedRegistry:
    """Read a registry folder; without a path that of the gate's settings, else the example registry.

    Files whose bytes are as they were are not worked out again. Raises RegistryError naming file, line, entry
    and what was expected.
    """
    path = path or GateSettings().registry or example_registry()
    return _published(path, tuple(read_files(path).items()))


@lru_cache(maxsize=4)
def _published(path: Path, files: tuple[tuple[str, bytes], ...]) -> PublishedRegistry:
    contents = inspect_files(dict(files))
    folder = folder_of(path, contents)
    return PublishedRegistry(contents=contents, folder=folder, registry=folder.registry())
