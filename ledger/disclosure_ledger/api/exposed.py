"""Which operations of the table the API offers, to whom, and how a look-up of a person is written down.

One line for each operation; its route, parameters, body and description follow from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from disclosure_ledger.access.reading import ACCESS_LOG
from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.dead_letters import DEAD_LETTERS
from disclosure_ledger.door.operation import Operation


@dataclass(frozen=True, slots=True)
class Exposed:
    """One operation as a route of the API.

    `method` GET: the fields of the body are parameters of the query. `path`: that of the door unless given.
    `subject_keys`: name of the body's field with the keys of one person; callers then send `person`,
    with keys and identifiers, and a purpose, and the look-up is written into the access log. `is_found`:
    whether an answer has something about that person.
    """

    method: Literal["GET", "POST"]
    operation: Operation[Any, Any]
    roles: tuple[Role, ...]
    tag: str
    path: str | None = None
    subject_keys: str | None = None
    is_found: Callable[[Any], bool] = bool

    @property
    def route(self) -> str:
        """Path of the route."""
        return self.path or self.operation.path


EXPOSED: tuple[Exposed, ...] = (
    Exposed("GET", ACCESS_LOG, (Role.AUDITOR,), "audit"),
    Exposed("GET", DEAD_LETTERS, (Role.ANALYST, Role.AUDITOR), "dead letters"),
)
"""The table."""
