"""The events of a scenario as listed: when each happened, and what those that others refer to are called."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from disclosure_consumers.registry_folder.document import Document
from disclosure_consumers.registry_folder.problems import Path, Problem, hint

FIRST = datetime.fromisoformat("2026-04-06T09:00:00-07:00")
"""When the first event happens unless it says so: a Monday morning in California."""

PACE = timedelta(minutes=1)
"""An event that does not say when happens so long after the one listed before it."""

DISCLOSURES = frozenset({"ask", "report"})

NOT_IDS = frozenset({"notify", "disclosed_to"})
"""Keys of `then` that name no event."""

_YEARS = range(1900, 3000)
_MOMENTS = ("processed_at", "expires_at", "emitted_at", "collected_at")


class Entry(NamedTuple):
    """One event of the list; `at` None: it has no time. `name`: id of an ask, report or platform entry."""

    place: Path
    position: int
    verb: str
    value: Any
    at: datetime | None
    name: str | None


class Listing:
    """All events of one scenario; what cannot be is collected in `problems`."""

    def __init__(self, document: Document, place: Path, scenario: Mapping[str, Any]) -> None:
        self.entries: list[Entry] = []
        self.asks: dict[str, Entry] = {}
        self.reports: dict[str, Entry] = {}
        self.matches: dict[str, Entry] = {}
        self.problems: list[Problem] = []
        self._document = document
        for part in ("given", "when"):
            for index, event in enumerate(scenario.get(part, [])):
                self._add((*place, part, index), event)

    def problem(self, place: Path, text: str) -> None:
        """Note something that cannot be."""
        self.problems.append(self._document.problem("contradiction", place, text))

    def line(self, entry: Entry) -> int:
        """Line of an event."""
        return self._document.line(entry.place) or 0

    def check_then(self, then: Mapping[str, Any], place: Path) -> None:
        """Whether what must come out is said of events there are, and of what they can have."""
        known = [*self.asks, *self.reports, *self.matches]
        for name, expected in then.items():
            if name in NOT_IDS:
                continue
            is_match = name in self.matches
            if name not in known:
                text = f"no ask, report or drop_match is called {name!r}{hint(name, known)}"
                self.problem((*place, name), text)
            elif is_match != ("drop_status" in expected) or (is_match and len(expected) > 1):
                text = "drop_status, and nothing else, is of a drop_match; other keys are of disclosures."
                self.problem((*place, name), text)
            elif "at_first" in expected and name not in self.reports:
                self.problem(
                    (*place, name, "at_first"), "an ask is answered once; only a report has at_first."
                )

    def check_any_order(self, place: Path) -> None:
        """Whether the order of arrival can be left open."""
        verbs = {entry.verb for entry in self.entries}
        for verb in sorted(verbs & {"ask", "state_store"}):
            text = f"any_order cannot hold with {verb}: it depends on what has arrived before it."
            self.problem(place, text)

    def _add(self, place: Path, event: Mapping[str, Any]) -> None:
        (verb,) = (key for key in event if key != "at")
        value = event[verb]
        at = self._moment((*place, "at"), event["at"]) if "at" in event else self._next_moment(place)
        for key in _MOMENTS:
            if isinstance(value, Mapping) and key in value:
                self._moment((*place, verb, key), value[key])
        entry = Entry(place, len(self.entries), verb, value, at, self._name_of(verb, value))
        self.entries.append(entry)
        if entry.name is not None:
            self._enter(entry, entry.name)

    def _next_moment(self, place: Path) -> datetime | None:
        before = next((entry.at for entry in reversed(self.entries) if entry.at is not None), None)
        return self._moment(place, (FIRST if before is None else before + PACE).isoformat())

    def _moment(self, place: Path, text: str | None) -> datetime | None:
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
            if moment.year in _YEARS:
                return moment.astimezone(UTC)
        except ValueError:
            pass  # the 30th of February
        self.problem(place, f"{text} is no moment of the years {_YEARS[0]} to {_YEARS[-1]}.")
        return None

    def _name_of(self, verb: str, value: Any) -> str | None:
        if verb in DISCLOSURES:
            before = sum(entry.verb in DISCLOSURES for entry in self.entries)
            return str(value.get("id", f"d{before + 1}"))
        return str(value["id"]) if verb == "drop_match" else None

    def _enter(self, entry: Entry, name: str) -> None:
        place = (*entry.place, entry.verb)
        of_verb = {"ask": self.asks, "report": self.reports, "drop_match": self.matches}
        if name in NOT_IDS:
            self.problem(place, f"{name!r} has a meaning of its own in `then`. Choose another id.")
        for verb, taken in of_verb.items():
            # The same platform entry may match again, and more subjects.
            if name in taken and not verb == entry.verb == "drop_match":
                text = f"the id {name!r} is taken; a disclosure without an id is d1, d2, ... by order."
                self.problem(place, text)
        of_verb[entry.verb].setdefault(name, entry)
