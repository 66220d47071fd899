"""Where one can go in the console, and who may."""

from dataclasses import dataclass

from disclosure_ledger.access.roles import Principal, Role

CONSOLE = "/console"
"""Everything of the console is below this path."""

PEOPLE = f"{CONSOLE}/people"
REQUESTS = f"{CONSOLE}/requests"
WORKLIST = f"{CONSOLE}/worklist"
RECIPIENTS = f"{CONSOLE}/recipients"
NOTICE = f"{CONSOLE}/notice"
STOPPED = f"{CONSOLE}/stopped"
DEAD_LETTERS = f"{CONSOLE}/dead-letters"
PIPELINE = f"{CONSOLE}/pipeline"
ACCESS = f"{CONSOLE}/access"
DECISIONS = f"{CONSOLE}/decisions"
DOCS = f"{CONSOLE}/docs"

WORKERS = (Role.ANALYST,)
WATCHERS = (Role.ANALYST, Role.AUDITOR)
AUDITORS = (Role.AUDITOR,)


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the navigation. `group`: the heading it stands under."""

    title: str
    path: str
    roles: tuple[Role, ...]
    group: str


SECTIONS = (
    Section("Find a person", PEOPLE, WORKERS, "People"),
    Section("Requests", REQUESTS, WORKERS, "People"),
    Section("Notify worklist", WORKLIST, WORKERS, "People"),
    Section("Recipients", RECIPIENTS, WATCHERS, "Disclosures"),
    Section("Notice and reality", NOTICE, WATCHERS, "Disclosures"),
    Section("Blocked and violations", STOPPED, WATCHERS, "Disclosures"),
    Section("Pipeline", PIPELINE, WATCHERS, "Operation"),
    Section("Dead letters", DEAD_LETTERS, WATCHERS, "Operation"),
    Section("Access log", ACCESS, AUDITORS, "Operation"),
    Section("Interfaces", DOCS, tuple(Role), "Operation"),
)


def sections_for(principal: Principal) -> tuple[tuple[str, tuple[Section, ...]], ...]:
    """What somebody may open, by heading, in the order of the table."""
    mine = [section for section in SECTIONS if principal.may(section.roles)]
    groups = dict.fromkeys(section.group for section in mine)
    return tuple((group, tuple(s for s in mine if s.group == group)) for group in groups)
