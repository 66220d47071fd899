"""What can be asked of a ledger or done with it, as values: one form for callers, door and API.

An operation names its body and its answer, both frozen values with JSON forms, and the function that makes
one of the other where the ledger is open. Local callers, the door's routes and its client follow from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from disclosure_ledger.published_registry import ReadRegistry
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.events.base import Value

B = TypeVar("B", bound=Value)
A = TypeVar("A", bound=Value)

ANSWER_TIMEOUT_S = 60.0
"""Longest wait for an ordinary answer."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and beside what an operation runs.

    `now`: the moment, in UTC. `retention_floor`: earliest moment of which records are kept; None where none
    was ever deleted. `registry`: reads the registry in force; raises RegistryError.
    """

    now: datetime
    retention_floor: datetime | None
    registry: ReadRegistry


@dataclass(frozen=True, slots=True)
class Operation(Generic[B, A]):
    """One thing that can be asked of a ledger, or done with it.

    `path`: of the door's route, such as /v1/worklist. `writes`: it changes the ledger, so it needs one that
    is open for writing. `timeout_s`: longest wait of a caller behind the door.
    """

    path: str
    body: type[B]
    answer: type[A]
    run: Callable[[Ledger, B, Occasion], A]
    writes: bool = False
    timeout_s: float = ANSWER_TIMEOUT_S

    def __str__(self) -> str:
        return self.path
