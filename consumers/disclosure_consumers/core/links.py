"""Who belongs to whom, since when; and over which links a protection travels.

A protection made at a subject reaches (1) that subject; (2) from a device, the accounts and profiles linked
to it; (3) accounts and profiles linked to those; (4) the devices linked to any person so reached, where it
stops; (5) households linked to any subject so reached. Nothing leaves a household. Links act forward only,
and not over a link that had ended by then.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from disclosure_consumers.core.registry import FOREVER_US, Period
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.vocabulary import LinkAction, SubjectType
from disclosure_schemas.moments import microseconds

PERSONS = frozenset({SubjectType.ACCOUNT, SubjectType.PROFILE, SubjectType.UNKNOWN})

LONGEST_WAY = 4
"""Links on the longest way: device, account, account, device, household."""


@dataclass(slots=True)
class _Pair:
    """What was said about two subjects, by event id, so that saying it again changes nothing."""

    events: dict[bytes, tuple[int, LinkAction]] = field(default_factory=dict)

    def periods(self) -> list[Period]:
        """Periods in which the two belonged together; none if the link was a mistake."""
        if any(action is LinkAction.MISTAKEN for _, action in self.events.values()):
            return []
        periods: list[Period] = []
        opened: int | None = None
        # At equal instants the link counts before its end, so that a protection may still pass.
        for at_us, action in sorted(self.events.values(), key=lambda e: (e[0], e[1] is not LinkAction.LINK)):
            if action is LinkAction.LINK and opened is None:
                opened = at_us
            elif action is LinkAction.UNLINK and opened is not None:
                periods.append(Period(opened, at_us))
                opened = None
        if opened is not None:
            periods.append(Period(opened, FOREVER_US))
        return periods


class Links:
    """All links; a fold of IdentityLinked that does not depend on their order."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[bytes, bytes], _Pair] = {}
        self._neighbours: dict[bytes, set[bytes]] = defaultdict(set)
        self.subject_types: dict[bytes, SubjectType] = {}

    def __len__(self) -> int:
        return len(self._pairs)

    def apply(self, event: IdentityLinked) -> None:
        """Take in one event."""
        one, other = event.subject_key.bytes, event.other_subject_key.bytes
        self.subject_types[one] = event.subject_type
        self.subject_types[other] = event.other_subject_type
        self._say(one, other, event.event_id.bytes, microseconds(event.occurred_at), event.action)

    def login(self, device: bytes, account: bytes, event_id: bytes, at_us: int) -> None:
        """Link a device and the account that was logged in on it."""
        self.subject_types.setdefault(device, SubjectType.DEVICE)
        self.subject_types[account] = SubjectType.ACCOUNT
        self._say(device, account, event_id, at_us, LinkAction.LINK)

    def _say(self, one: bytes, other: bytes, event_id: bytes, at_us: int, action: LinkAction) -> None:
        pair = self._pairs.setdefault((min(one, other), max(one, other)), _Pair())
        # An action newer than this reader may be a link: protections travel over it (G4).
        known = LinkAction.LINK if action is LinkAction.UNKNOWN else action
        pair.events[event_id] = (at_us, known)
        self._neighbours[one].add(other)
        self._neighbours[other].add(one)

    def is_linked(self, subject: bytes) -> bool:
        """Whether anything was ever said about this subject."""
        return subject in self._neighbours

    def around(self, subject: bytes) -> set[bytes]:
        """Subjects near enough to be reached from this one, or to reach it; itself included."""
        found = frontier = {subject}
        for _ in range(LONGEST_WAY):
            frontier = {n for key in frontier for n in self._neighbours.get(key, ())} - found
            found = found | frontier
        return found

    def reach(self, origin: bytes, origin_type: SubjectType, at_us: int) -> dict[bytes, int]:
        """Subjects that a protection made at `origin` at `at_us` reaches, and when."""
        reached = {origin: at_us}
        if origin_type is SubjectType.HOUSEHOLD:
            return reached
        persons = {origin: at_us} if origin_type in PERSONS else self._step(reached, PERSONS)
        persons |= {key: at for key, at in self._step(persons, PERSONS).items() if key not in persons}
        _keep_earliest(reached, persons)
        _keep_earliest(reached, self._step(persons, frozenset({SubjectType.DEVICE})))
        _keep_earliest(reached, self._step(reached, frozenset({SubjectType.HOUSEHOLD})))
        return reached

    def _step(self, sources: dict[bytes, int], types: frozenset[SubjectType]) -> dict[bytes, int]:
        arrived: dict[bytes, int] = {}
        for source, at_us in sources.items():
            for neighbour in self._neighbours.get(source, ()):
                if self.subject_types.get(neighbour, SubjectType.UNKNOWN) not in types:
                    continue
                passed = _passage(
                    self._pairs[min(source, neighbour), max(source, neighbour)].periods(), at_us
                )
                if passed is not None:
                    _keep_earliest(arrived, {neighbour: passed})
        return arrived


def _passage(periods: Iterable[Period], at_us: int) -> int | None:
    """Earliest moment from `at_us` on at which a link of these periods can be passed."""
    return min((max(at_us, p.from_us) for p in periods if max(at_us, p.from_us) < p.until_us), default=None)


def _keep_earliest(known: dict[bytes, int], new: dict[bytes, int]) -> None:
    for key, at_us in new.items():
        known[key] = min(at_us, known.get(key, at_us))
