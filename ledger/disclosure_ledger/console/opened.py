"""Persons whose file somebody has open: keys and purpose, kept on the server under a random id.

Neither an identifier nor a subject key stands in an address, and every page of the file knows why it is read.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeVar

from disclosure_ledger.access.roles import Principal
from disclosure_ledger.access.sessions import Sessions
from disclosure_ledger.api.emission import Accepted
from disclosure_ledger.api.errors import NotFoundError
from disclosure_ledger.overview.timeline import Habit
from disclosure_schemas.events.vocabulary import SubjectType


class KnownSubject(NamedTuple):
    """A subject somebody named. `known_by`: the kind of what was given, in words, never what was given."""

    key: uuid.UUID
    type: SubjectType
    known_by: str


@dataclass(slots=True)
class ChoiceRecorded:
    """A choice recorded from an open file, once for each key of the person.

    `obeyed_s`: seconds from acceptance until the preference state of decisions had it; None: not seen yet.
    """

    accepted: tuple[Accepted, ...]
    what: str
    at: datetime
    obeyed_s: float | None = None
    is_recorded: bool = False


@dataclass(slots=True)
class PersonFile:
    """An open file of `name`, who asks. `habits`: what was disclosed when the page was last made."""

    name: str
    subjects: tuple[KnownSubject, ...]
    purpose: str
    opened_at: datetime
    habits: tuple[Habit, ...] = ()
    recorded: list[ChoiceRecorded] = field(default_factory=list)

    @property
    def subject_keys(self) -> tuple[uuid.UUID, ...]:
        """Keys of the person."""
        return tuple(subject.key for subject in self.subjects)


@dataclass(frozen=True, slots=True)
class EventFile:
    """What somebody looks at: `what` is decision or letter, `id` that of the one or the other."""

    name: str
    what: str
    id: str
    purpose: str


class OpenFiles:
    """All open files; each ends by time like a session, and is its opener's alone."""

    def __init__(self) -> None:
        self._people: Sessions[PersonFile] = Sessions()
        self._events: Sessions[EventFile] = Sessions()

    def open_person(self, file: PersonFile) -> str:
        """Keep a file open; its id."""
        return self._people.begin(file, file.opened_at)

    def person(self, file_id: str, principal: Principal, now: datetime) -> PersonFile:
        """An open file; raises NotFoundError for one that is closed or somebody else's."""
        return _owned(self._people.get(file_id, now), principal)

    def close_person(self, file_id: str, principal: Principal, now: datetime) -> None:
        """Close a file."""
        self.person(file_id, principal, now)
        self._people.end(file_id)

    def open_event(self, file: EventFile, now: datetime) -> str:
        """Keep the look at an event open; its id."""
        return self._events.begin(file, now)

    def event(self, file_id: str, what: str, principal: Principal, now: datetime) -> EventFile:
        """An event that is looked at; raises NotFoundError."""
        file = _owned(self._events.get(file_id, now), principal)
        if file.what != what:
            raise NotFoundError(_CLOSED)
        return file


_CLOSED = (
    "this file is not open any more: files close after 30 minutes without use. Look the person up again."
)


F = TypeVar("F", PersonFile, EventFile)


def _owned(file: F | None, principal: Principal) -> F:
    if file is None or file.name != principal.name:
        raise NotFoundError(_CLOSED)
    return file
