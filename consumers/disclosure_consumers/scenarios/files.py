"""Which files hold scenarios: files, folders and patterns as a person names them."""

import glob
from collections.abc import Iterable, Iterator
from pathlib import Path

from disclosure_consumers.registry_folder.contents import TAXONOMY
from disclosure_consumers.registry_folder.problems import Problem
from disclosure_consumers.scenarios.errors import ScenarioFileError

SUFFIXES = frozenset({".yaml", ".yml"})
REGISTRY_FOLDER = "registry"


def find_files(named: Iterable[Path]) -> tuple[Path, ...]:
    """Scenario files in the order named, each once; raises ScenarioFileError where one names nothing.

    Of a folder, and of a pattern such as `policies/**/*.yaml`, all YAML files but those of registries: of a
    folder with a taxonomy.yaml and all below it. A file named as such is taken as it is.
    """
    found: dict[Path, Path] = {}
    problems: list[Problem] = []
    for path in named:
        files = list(_files(path))
        if not files:
            problems.append(Problem("no_file", str(path), None, "", _nothing(path)))
        for file in files:
            found.setdefault(file.resolve(), file)
    if problems:
        raise ScenarioFileError(problems)
    return tuple(found.values())


def registry_beside(file: Path) -> Path | None:
    """The folder `registry` beside a scenario file, if there is one."""
    folder = file.parent / REGISTRY_FOLDER
    return folder if folder.is_dir() else None


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if _may_be_one(file, path))
    elif path.exists():
        yield path
    elif glob.has_magic(str(path)):
        top = Path(path.anchor)
        for name in sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207 - Path.glob refuses absolute ones
            if _may_be_one(Path(name), top):
                yield Path(name)


def _may_be_one(file: Path, top: Path) -> bool:
    """A YAML file that no registry holds, in no hidden folder below `top`."""
    if file.suffix not in SUFFIXES or not file.is_file():
        return False
    inner = file.relative_to(top) if file.is_relative_to(top) else file
    if any(part.startswith(".") and part not in {".", ".."} for part in inner.parts):
        return False
    return not any((folder / TAXONOMY).exists() for folder in file.parents)


def _nothing(path: Path) -> str:
    if path.is_dir():
        return "this folder holds no scenario file: expected *.yaml outside of a registry."
    if glob.has_magic(str(path)):
        return "no file fits this pattern."
    return "there is no such file. Write one with `disclosures scenario new`."
