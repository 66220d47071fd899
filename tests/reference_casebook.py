"""Whole scenarios by the reference engine: what arrives, in its order, and what is decided first and last.

Part of the reference engine, told from the text of the scenario format. An arrival is a preference, fact,
link or contract as scenarios write them, or one of

    ask, report   at, name, number (event id), what (every key), follows (number of the ask, or None)
    correct       at, id, of (number of the report), what (every key, with those that are replaced)
    retract       at, of
    shred         at, subject
    state_store   at, up
"""

from dataclasses import dataclass, field, replace

from reference_engine import Found, Reference
from reference_registry import Book, Said

DISCLOSED = {"permit", "notify", "violation"}
KNOWN_LATER = {"correct", "retract", "shred", "state_store", "ask", "report"}


@dataclass
class Case:
    """One ask or report: its first decision, its last one, and whether it can still change."""

    said: Said
    first: Found | None = None
    settled: bool = False
    before_outage: Found | None = None


@dataclass
class Arrived:
    """What has arrived so far."""

    history: list[Said] = field(default_factory=list)
    corrections: list[Said] = field(default_factory=list)
    retracted: set[int] = field(default_factory=set)
    shredded: set[str] = field(default_factory=set)
    seen: dict[int, Said] = field(default_factory=dict)
    answers: dict[int, tuple[str, list[str]]] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    now: int = -(2**62)
    up: bool = True


class Story:
    """A scenario as it is told."""

    def __init__(self, book: Book, types: dict[str, str]) -> None:
        self.book, self.types, self.known = book, types, Arrived()

    def tell(self, arrivals: list[Said]) -> "Story":
        """Let events arrive."""
        for said in arrivals:
            self.arrive(said)
        return self

    def arrive(self, said: Said) -> None:
        """Take in one event."""
        known, verb = self.known, said["verb"]
        known.now = max(known.now, said["at"])
        if verb not in KNOWN_LATER:
            # An event that arrives again is the same event.
            if said not in known.history:
                known.history.append(said)
        elif verb == "correct":
            known.corrections.append(said)
        elif verb == "retract":
            known.retracted.add(said["of"])
        elif verb == "shred":
            known.shredded.add(said["subject"])
        elif verb == "state_store":
            self.switch(up=said["up"])
        else:
            known.cases.append(self.open(said))

    def switch(self, *, up: bool) -> None:
        """Reports that arrive while the store is down are decided when it is up; others stay as they are."""
        waiting = [case for case in self.known.cases if case.said["verb"] == "report" and not case.settled]
        if self.known.up and not up:
            for case in waiting:
                case.before_outage = self.last(case)
        self.known.up = up
        for case in waiting:
            if up and case.first is None:
                case.first = self.last(case)

    def open(self, said: Said) -> Case:
        """Step 1, and the first decision."""
        known, number = self.known, said["number"]
        found = self.decide(said, said["what"])
        if found.reason == "malformed":
            # Read as: what could not be recorded has used up no id.
            known.answers.setdefault(number, ("reject", []))
            return Case(said, found, settled=True)
        kind = said["what"]["kind"]
        if number in known.seen:
            same = self.content(known.seen[number]) == self.content(said)
            repeat = ("duplicate", "already_recorded") if same else ("reject", "id_collision")
            return Case(said, Found(*repeat, kind), settled=True)
        known.seen[number] = said
        if said["verb"] == "ask":
            entries = said["what"]["items"]
            known.answers[number] = (found.outcome, [str(entries[place]) for place in found.permit])
            return Case(said, found, settled=True)
        case = Case(said)
        case.first = self.last(case)
        return case

    @staticmethod
    def content(said: Said) -> Said:
        """What an event says, its name in the story aside."""
        return {key: value for key, value in said.items() if key != "name"}

    def last(self, case: Case) -> Found | None:
        """How a case stands now; None for a report that waits for the store."""
        known, number = self.known, case.said["number"]
        if case.settled:
            return case.first
        if number in known.retracted:
            return Found("retracted", "retracted", case.said["what"]["kind"])
        if not known.up:
            return case.before_outage
        about = [one for one in known.corrections if one["of"] == number]
        for correction in sorted(about, key=lambda one: (one["at"], one["id"]), reverse=True):
            found = self.decide(case.said, correction["what"])
            if found.reason != "malformed":  # Read as: a correction that cannot be read changes nothing
                return replace(found, flags=found.flags | {"corrected"})
        return self.decide(case.said, case.said["what"])

    def decide(self, said: Said, what: Said) -> Found:
        """Decide by all that has arrived; when it happened and was sent stays as first reported."""
        report = said["verb"] == "report"
        what = {**what, "emitted_at": said["what"]["emitted_at"]}
        found = Reference(
            self.book,
            self.types,
            self.known.history,
            what,
            said["at"] if report else self.known.now,
            mode="report" if report else "request",
            store_up=report or self.known.up,
            asked=self.known.answers.get(said["follows"]) if report else None,
        ).decide()
        found.about = what["about"]
        return found

    def standing(self) -> list[tuple[Case, Found]]:
        """Reports with their last decision."""
        found = [(case, self.last(case)) for case in self.known.cases if case.said["verb"] == "report"]
        return [(case, last) for case, last in found if last is not None]

    def notify(self) -> set[str]:
        """Recipients to be told of an opt-out, a limit or a deletion; of a step transaction who is behind."""
        told = set()
        for case, last in self.standing():
            if last.outcome in {"notify", "violation"} and last.must_tell:
                told.add(last.party)
            if last.outcome in DISCLOSED and last.sorts & {"sale", "share", "business_purpose"}:
                reference = Reference(
                    self.book,
                    self.types,
                    self.known.history,
                    {"to": "", "about": last.about},
                    2**62,
                    mode="report",
                )
                deleted = [one["reached"] for one in reference.has_arrived("deletion_completed")]
                if any(case.said["at"] <= reached for reached in deleted):
                    told.add(last.party)
        return told

    def disclosed_to(self, subject: str) -> set[str]:
        """To whom data of a subject was disclosed, rightly or not."""
        if subject in self.known.shredded:
            return set()
        reports = [last for _, last in self.standing() if last.outcome in DISCLOSED and last.about == subject]
        return {party for last in reports for party in last.parties}

    def drop_status(self, drop: str) -> str:
        """Status of an entry of the deletion platform."""
        matched = {
            e["subject"]: e["all_exempt"]
            for e in self.known.history
            if e["verb"] == "drop_match" and e["drop"] == drop
        }
        if not matched:
            return "not_found"
        if all(matched.values()):
            return "exempted"
        return "deleted" if len(matched) == 1 else "opted_out"
