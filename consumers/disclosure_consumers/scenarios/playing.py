"""Playing a story through the engine: what it decided first and last, who must be told, who has the data."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import factorial
from typing import NamedTuple

from disclosure_consumers.core.casebook.casebook import Case, Casebook, Ruling
from disclosure_consumers.scenarios.aliases import subject_of
from disclosure_consumers.scenarios.story import Step, Story

ORDERS_MAX = 120
"""Orders of arrival that are tried: all of up to five events, of more a sample that is always the same."""


class Result(NamedTuple):
    """One decision, in the words of `then`; `permit` holds items as written."""

    outcome: str
    reason: str
    kind: str
    flags: frozenset[str]
    permit: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a story ends.

    `first` and `last`: first and last decision by id; None for a report that still waits for its first one.
    `disclosed_to`: by account.
    """

    first: Mapping[str, Result | None]
    last: Mapping[str, Result | None]
    notify: frozenset[str]
    disclosed_to: Mapping[str, frozenset[str]]
    drop_status: Mapping[str, str]


def play(story: Story, order: Sequence[Step]) -> Ending:
    """Let the events of a story arrive in an order; an event delivered again is decided, but not counted."""
    casebook = Casebook(story.registry)
    cases: dict[str, Case] = {}
    for step in order:
        for arrival in step.arrivals:
            case = casebook.receive(arrival)
            if case is not None and step.name is not None:
                cases.setdefault(step.name, case)
    accounts = story.then.get("disclosed_to", {})
    return Ending(
        first={name: _result(case.first) for name, case in cases.items()},
        last={name: _result(casebook.final(case)) for name, case in cases.items()},
        notify=casebook.to_be_told(),
        disclosed_to={name: casebook.disclosed_to(subject_of(name).key.bytes) for name in accounts},
        drop_status={
            step.name: casebook.drop_status(step.name).value
            for step in story.steps
            if step.verb == "drop_match" and step.name is not None
        },
    )


def delivered_twice(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Each event twice in a row."""
    return tuple(step for step in steps for _ in range(2))


def orders(steps: Sequence[Step], seed: str) -> Iterator[tuple[Step, ...]]:
    """Other orders in which the events may arrive."""
    if factorial(len(steps)) <= ORDERS_MAX:
        yield from list(permutations(steps))[1:]
        return
    yield tuple(reversed(steps))
    shuffler = random.Random(seed)  # noqa: S311 - a sample that is the same in every run
    for _ in range(ORDERS_MAX - 1):
        yield tuple(shuffler.sample(steps, len(steps)))


def _result(ruling: Ruling | None) -> Result | None:
    if ruling is None:
        return None
    return Result(
        outcome=str(ruling.outcome),
        reason=str(ruling.reason),
        kind=str(ruling.kind),
        flags=frozenset(str(flag) for flag in ruling.flags),
        permit=frozenset(str(item) for item in ruling.permitted),
    )
