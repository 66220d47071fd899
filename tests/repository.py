"""What tests of the repository's own files have in common: the files, the settings, the commands."""

import importlib
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings

ROOT = Path(__file__).resolve().parents[1]
COMPONENTS = ("schemas", "producers", "consumers", "ledger")


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file of the repository: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    names = listed.stdout.decode().split("\0")
    return tuple(sorted(ROOT / name for name in set(names) if name and (ROOT / name).is_file()))


def text_of(path: Path) -> str:
    """Text of a file; empty for one that is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def package_modules() -> list[Path]:
    """Python files of the four packages."""
    folders = {ROOT / component for component in COMPONENTS}
    return [
        path for path in repository_files() if path.suffix == ".py" and folders.intersection(path.parents)
    ]


def module_name(path: Path) -> str:
    """Import name of a module of the four packages."""
    parts = path.relative_to(ROOT).with_suffix("").parts[1:]
    return ".".join(part for part in parts if part != "__init__")


@cache
def settings_classes() -> tuple[type[BaseSettings], ...]:
    """Every settings class of the four packages."""
    modules = [
        importlib.import_module(module_name(path))
        for path in package_modules()
        if "(BaseSettings)" in text_of(path)
    ]
    return tuple(
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, BaseSettings) and found.__module__ == module.__name__
    )


def settings_variables() -> Iterator[str]:
    """Names of the environment variables that are settings."""
    for settings in settings_classes():
        prefix = settings.model_config["env_prefix"]
        yield from (f"{prefix}{name}".upper() for name in settings.model_fields)


def make_targets() -> dict[str, str]:
    """Targets of the Makefile that people call, with their comments."""
    lines = text_of(ROOT / "Makefile").splitlines()
    rules = [line.partition(":") for line in lines if line[:1].isalpha() and ":=" not in line and ":" in line]
    return {name: rest.partition("##")[2].strip() for name, _, rest in rules if "?=" not in name}


def project() -> dict[str, Any]:
    """The project table of pyproject.toml."""
    loaded: dict[str, Any] = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    return loaded
