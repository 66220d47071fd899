"""`pipeline.env`: the settings an application needs for a pipeline, as lines a shell can read.

It holds the subject secret, so only its owner may read it.
"""

import os
import shlex
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from disclosure_ledger.pipeline.errors import StateFileError

FILE_NAME = "pipeline.env"
DEFAULT_FOLDER = Path(".disclosures")
"""Where `disclosures up` keeps everything unless told otherwise."""

_BOOTSTRAP = "DISCLOSURE_KAFKA_BOOTSTRAP"


def as_lines(values: Mapping[str, str]) -> str:
    """One `export NAME=value` a line, quoted for a POSIX shell."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def write(folder: Path, values: Mapping[str, str]) -> Path:
    """Write the file whole or not at all, readable for its owner only, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    staging = path.with_suffix(".partial")
    staging.unlink(missing_ok=True)
    with os.fdopen(os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(as_lines(values))
    staging.replace(path)
    return path


def read(path: Path) -> dict[str, str]:
    """Settings of a file, without running a shell; raises StateFileError."""
    values: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise StateFileError(
            f"{path} cannot be read: {error.strerror}. Expected a file written by `disclosures up` or "
            "`disclosures demo`; start one of them in this folder, or name theirs with --dir."
        ) from error
    for number, line in enumerate(lines, start=1):
        try:
            name, value = setting(line)
        except ValueError as error:
            raise StateFileError(
                f"{path} line {number} is not `export NAME=value`. Delete the file: it is written at start."
            ) from error
        values[name] = value
    return values


def setting(line: str) -> tuple[str, str]:
    """Name and value of one `export NAME=value`; raises ValueError for any other line."""
    export, assignment = shlex.split(line)
    name, is_setting, value = assignment.partition("=")
    if export != "export" or not is_setting:
        raise ValueError(line)
    return name, value


def adopt(environment: MutableMapping[str, str], folder: Path) -> Path | None:
    """Take the settings of a pipeline in this folder, unless the environment names a broker itself.

    Looks for `pipeline.env` in the folder, then in its `.disclosures`; returns the file used. What the
    environment sets already stays.
    """
    if _BOOTSTRAP in environment:
        return None
    for path in (folder / FILE_NAME, folder / DEFAULT_FOLDER / FILE_NAME):
        if path.is_file():
            for name, value in read(path).items():
                environment.setdefault(name, value)
            return path
    return None
