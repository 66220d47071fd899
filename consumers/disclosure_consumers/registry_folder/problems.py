"""What is wrong in a registry: where, what was expected, what was got and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from disclosure_schemas.errors import DisclosureError

Path = tuple[str | int, ...]
"""Keys and indexes that lead to an entry of a file."""

_SHOWN_PROBLEMS = 20
_SHOWN_WORDS = 30
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that cannot be.

    `code` is stable; `line` counts from 1 and is None for a file as a whole; `path` leads to the entry.
    """

    code: str
    file: str
    line: int | None
    entry: str
    text: str
    path: Path = ()

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.entry}: {self.text}" if self.entry else f"{place}: {self.text}"


class RegistryError(DisclosureError):
    """A registry file is missing, is not YAML, or says something that cannot be.

    `problems`: all that is wrong, in the order of files and lines; empty if the folder cannot be read.
    """

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


def error_of(place: str, problems: Sequence[Problem]) -> RegistryError:
    """The error for the problems of a registry; `place` says which registry it is."""
    shown = [str(problem) for problem in problems[:_SHOWN_PROBLEMS]]
    more = len(problems) - len(shown)
    if more:
        shown.append(f"and {more} more; `disclosures registry check` lists all of them.")
    count = "an error" if len(problems) == 1 else f"{len(problems)} errors"
    return RegistryError("\n  ".join([f"the registry {place} has {count}:", *shown]), problems)


def entry_name(path: Path) -> str:
    """How a person reads a path: `harborlight.contracts[0].type`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return shortened(text.removeprefix("."))


def shortened(text: str) -> str:
    """At most sixty characters of a text."""
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def shown(value: object) -> str:
    """A value of a file, short enough for a message."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return shortened(repr(value))


def hint(word: object, known: Iterable[str]) -> str:
    """`; did you mean ...?` for a misspelt word, else the words there are."""
    words = sorted(known)
    close = get_close_matches(str(word), words, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    if not words:
        return "; there are none."
    more = ", ..." if len(words) > _SHOWN_WORDS else ""
    return f"; known are {', '.join(words[:_SHOWN_WORDS])}{more}."
