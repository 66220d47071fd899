"""Over which links a protection travels, and when it arrives.

A protection made at a subject reaches (1) that subject; (2) from a device, the accounts and profiles linked
to it; (3) accounts and profiles linked to those; (4) the devices linked to any person so reached, where it
stops; (5) households linked to any subject so reached. Nothing leaves a household. Links act forward only,
and not over a link that had ended by then.
"""

from collections.abc import Callable, Iterable

from disclosure_consumers.core.registry import FOREVER_US, Period
from disclosure_consumers.core.subject.facts import SubjectState, Tie
from disclosure_schemas.events.vocabulary import LinkAction, SubjectType

StateOf = Callable[[bytes], SubjectState | None]
"""Finds what was said about a subject; None if nothing was."""

PERSONS = frozenset({SubjectType.ACCOUNT, SubjectType.PROFILE, SubjectType.UNKNOWN})
DEVICES = frozenset({SubjectType.DEVICE})
HOUSEHOLDS = frozenset({SubjectType.HOUSEHOLD})

LONGEST_WAY = 4
"""Links on the longest way: device, account, account, device, household."""

_Passage = Callable[[Iterable[Period], int], int | None]


def periods_of(ties: Iterable[Tie]) -> list[Period]:
    """Periods in which two subjects belonged together; a link found to be a mistake never existed."""
    said = sorted((tie.at_us, tie.action is not LinkAction.LINK, tie.action) for tie in ties)
    mistaken = [at_us for at_us, _, action in said if action is LinkAction.MISTAKEN]
    if mistaken:
        said = [entry for entry in said if entry[0] > mistaken[-1]]
    periods: list[Period] = []
    opened: int | None = None
    # At equal instants the link counts before its end, so that a protection may still pass.
    for at_us, _, action in said:
        if action is LinkAction.LINK and opened is None:
            opened = at_us
        elif action is LinkAction.UNLINK and opened is not None:
            periods.append(Period(opened, at_us))
            opened = None
    if opened is not None:
        periods.append(Period(opened, FOREVER_US))
    return periods


def around(subject: bytes, state_of: StateOf) -> set[bytes]:
    """Subjects near enough to be reached from this one, or to reach it; itself included."""
    found = frontier = {subject}
    for _ in range(LONGEST_WAY):
        frontier = {other for key in frontier for other in _neighbours(state_of(key))} - found
        found = found | frontier
    return found


def reach(
    origin: bytes, at_us: int, state_of: StateOf, *, into_households: bool = True, later_logins: str = ""
) -> dict[bytes, int]:
    """Subjects that a protection made at `origin` at `at_us` reaches, and when.

    `later_logins`: whether it passes from a device to a person linked later: from the link on (the default),
    `none`: not at all, `backward`: as if the link had been there before (toggle
    `retro_link_device_opt_out_to_account`).
    """
    reached = {origin: at_us}
    state = state_of(origin)
    if state is None or state.subject_type is SubjectType.HOUSEHOLD:
        return reached
    persons = dict(reached)
    if state.subject_type is SubjectType.DEVICE:
        passage = {"none": _without_later, "backward": _backward}.get(later_logins, _forward)
        persons = _step(reached, PERSONS, state_of, passage)
    _keep_earliest(persons, _step(persons, PERSONS, state_of))
    _keep_earliest(reached, persons)
    _keep_earliest(reached, _step(persons, DEVICES, state_of))
    if into_households:
        _keep_earliest(reached, _step(reached, HOUSEHOLDS, state_of))
    return reached


def _neighbours(state: SubjectState | None) -> set[bytes]:
    return {tie.other for tie in state.ties} if state else set()


def _forward(periods: Iterable[Period], at_us: int) -> int | None:
    """Earliest moment from `at_us` on at which a link of these periods can be passed."""
    # A link that ends at the very instant still carries it: of two things at one instant the protection wins.
    return min((max(at_us, p.from_us) for p in periods if max(at_us, p.from_us) <= p.until_us), default=None)


def _without_later(periods: Iterable[Period], at_us: int) -> int | None:
    return at_us if any(period.from_us <= at_us <= period.until_us for period in periods) else None


def _backward(periods: Iterable[Period], at_us: int) -> int | None:
    return None if _forward(periods, at_us) is None else at_us


def _step(
    sources: dict[bytes, int], types: frozenset[SubjectType], state_of: StateOf, passage: _Passage = _forward
) -> dict[bytes, int]:
    arrived: dict[bytes, int] = {}
    for source, at_us in sources.items():
        state = state_of(source)
        for neighbour in _neighbours(state):
            other = state_of(neighbour)
            if state is None or other is None or other.subject_type not in types:
                continue
            passed = passage(periods_of(tie for tie in state.ties if tie.other == neighbour), at_us)
            if passed is not None:
                _keep_earliest(arrived, {neighbour: passed})
    return arrived


def _keep_earliest(known: dict[bytes, int], new: dict[bytes, int]) -> None:
    for key, at_us in new.items():
        known[key] = min(at_us, known.get(key, at_us))
