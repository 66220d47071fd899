"""All that the ledger has of one person, and of whoever what was said may reach the person from."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from disclosure_consumers.core.registry import Policy
from disclosure_consumers.core.subject.facts import SubjectState, said_by_link, said_by_preference, with_said
from disclosure_consumers.core.subject.links import LONGEST_WAY
from disclosure_consumers.core.subject.standing import Standing
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_ledger.said import link_of, preference_of
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.rows import DecisionRow, naive_utc


@dataclass(frozen=True, slots=True)
class Person:
    """Rows of one person's keys, and the states of the subjects around them by key.

    `is_known`: whether any decision, preference or link mentions one of the keys.
    """

    keys: tuple[uuid.UUID, ...]
    rows: tuple[DecisionRow, ...]
    states: dict[bytes, SubjectState]
    is_known: bool

    def standings(self, policy: Policy) -> tuple[Standing, ...]:
        """What has reached each of the keys."""
        subjects = Subjects(policy, self.states)
        return tuple(subjects.standing(key.bytes) for key in self.keys)


def read_person(ledger: Ledger, keys: Sequence[uuid.UUID], known_at: datetime | None = None) -> Person:
    """Read the rows of a person, by the person's keys alone, and what was said about them.

    `known_at`: only what was recorded by then.
    """
    with ledger.snapshot() as snapshot:
        rows = snapshot.rows_of_subject(keys, known_at)
        states: dict[bytes, SubjectState] = {}
        known: set[uuid.UUID] = set()
        frontier = set(keys)
        for _ in range(LONGEST_WAY + 1):
            known |= frontier
            frontier = _take_in(snapshot, frontier, states, known_at) - known
            if not frontier:
                break
    mentioned = any(key.bytes in states for key in keys)
    return Person(tuple(keys), tuple(rows), states, is_known=bool(rows) or mentioned)


def _take_in(
    snapshot: Snapshot, keys: set[uuid.UUID], states: dict[bytes, SubjectState], known_at: datetime | None
) -> set[uuid.UUID]:
    """Add what was said about these subjects; returns the subjects that are mentioned beside them."""
    params = {
        "subject_keys": [str(key) for key in sorted(keys)],
        "known_at": None if known_at is None else naive_utc(known_at),
    }
    beside: set[uuid.UUID] = set()
    for found in snapshot.fetch("preferences_said_of", params):
        preference = preference_of(found)
        beside.add(preference.subject_key)
        if preference.account_key is not None:
            beside.add(preference.account_key)
        for said in said_by_preference(preference):
            states[said.subject] = with_said(states.get(said.subject), said)
    for found in snapshot.fetch("links_said_of", params):
        link = link_of(found)
        beside |= {link.subject_key, link.other_subject_key}
        for said in said_by_link(link):
            states[said.subject] = with_said(states.get(said.subject), said)
    return beside
