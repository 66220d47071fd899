"""How commands print: text and tables for people on stdout, JSON for programs, progress on stderr."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, TextIO
from uuid import UUID

from cyclopts import Parameter
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.prompt import Confirm
from rich.table import Table
from rich.text import Text

_WIDTH_WITHOUT_TERMINAL = 160
"""A pipe or file has no width; lines must not be cut to eighty columns there."""


def _width(stream: TextIO) -> int | None:
    """None: what the terminal or COLUMNS says."""
    return None if stream.isatty() or "COLUMNS" in os.environ else _WIDTH_WITHOUT_TERMINAL


stdout = Console(highlight=False, width=_width(sys.stdout))
stderr = Console(stderr=True, highlight=False, width=_width(sys.stderr))

JsonFlag = Annotated[bool, Parameter(name="--json", help="Print JSON for programs instead of text.")]


def say(text: str = "") -> None:
    """Print one line of text as it is: no markup, no wrapping."""
    stdout.print(text, markup=False, soft_wrap=True)


def warn(text: str) -> None:
    """Print one line to stderr."""
    stderr.print(text, markup=False, soft_wrap=True)


def print_json(value: object) -> None:
    """Print one JSON document; keys, moments, enums and bytes become text."""
    sys.stdout.write(json.dumps(value, default=_plain, indent=2, ensure_ascii=False) + "\n")


def print_text(text: str) -> None:
    """Print a whole document as it is."""
    sys.stdout.write(text)


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None = None
) -> None:
    """Print rows under named columns; numbers stand to the right."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for index, name in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))  # never read as markup
    show(table)


def show(view: RenderableType) -> None:
    """Print what rich can render."""
    stdout.print(view)


def confirmed(question: str) -> bool:
    """Ask a person yes or no, on stderr; no where nobody can answer."""
    return sys.stdin.isatty() and Confirm.ask(question, console=stderr, default=False)


@dataclass(frozen=True, slots=True)
class ProgressBar:
    """One bar of a long piece of work."""

    _progress: Progress
    _task: TaskID

    def advance(self, steps: int = 1) -> None:
        """Say that more of the work is done."""
        self._progress.advance(self._task, steps)

    def tell(self, text: str) -> None:
        """Print a line on stderr, above the bar."""
        self._progress.console.print(text, markup=False, soft_wrap=True)

    def reach(self, completed: int, total: int | None = None) -> None:
        """Say how much of the work is done in all."""
        self._progress.update(self._task, completed=completed, total=total)


@contextmanager
def progress_bar(what: str, total: int | None = None) -> Iterator[ProgressBar]:
    """Show a bar on stderr while the work goes on; nothing where stderr is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal) as progress:
        yield ProgressBar(progress, progress.add_task(what, total=total))


@contextmanager
def waiting_for(what: str) -> Iterator[None]:
    """Show on a terminal that something of unknown length goes on."""
    with stderr.status(what) if stderr.is_terminal else nullcontext():
        yield


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")
