"""A scenario as a story: what arrives, in order, and what must come out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from disclosure_consumers.core.casebook.arrivals import Arrival
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.registry_folder.document import Document
from disclosure_consumers.registry_folder.problems import Path


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the list.

    `arrivals` is what the engine receives: none for an event that it cannot place in time. `name`: id of an
    ask, a report or a platform entry.
    """

    verb: str
    value: Any
    at: datetime | None
    line: int
    arrivals: tuple[Arrival, ...] = ()
    name: str | None = None

    @property
    def is_disclosure(self) -> bool:
        """Whether it asks for a disclosure or reports one."""
        return self.verb in {"ask", "report"}


@dataclass(frozen=True, slots=True)
class Story:
    """One scenario, ready to be played."""

    id: str
    title: str
    cites: tuple[str, ...]
    why: str | None
    registry: Registry
    steps: tuple[Step, ...]
    also_holds: frozenset[str]
    then: Mapping[str, Any]
    document: Document
    place: Path

    @property
    def file(self) -> str:
        """File it is written in, as it was named."""
        return self.document.name

    def line(self, *keys: str) -> int:
        """Line of the scenario, or of a key of what must come out."""
        return self.document.line((*self.place, "then", *keys) if keys else self.place) or 0
