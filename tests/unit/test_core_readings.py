"""Places of the scenario format that are easily read wrongly, each as a case of its own."""

from typing import Any

import pytest

from core_events import judge
from core_sayings import DAY, HOUR, NOON
from core_signals import GPP, reads
from core_situations import Situation
from core_stories import arrival_of
from core_world import core_registry
from disclosure_consumers.core.casebook.casebook import Casebook
from disclosure_consumers.core.decide import Answered
from disclosure_schemas.events.disclosure import Item
from disclosure_schemas.events.vocabulary import Outcome
from reference_registry import Said

LIMITS_LOCATION = next(text for text, said in GPP.items() if said["limits"] == ["precise_geolocation"])

SALE: Said = {
    "kind": "sale",
    "to": "harborlight",
    "about": "alice",
    "items": [{"item": "identifiers.email", "exempt": None}],
    "purpose": "marketing",
    "consideration": "monetary",
    "cross_context_ads": False,
    "combines_data": False,
    "limit_exception": None,
    "channel": "server",
    "program": None,
    "transaction": None,
    "control_transferred": False,
    "onward_to": None,
    "acting_as": "business",
    "bought": "not_bought",
    "wholly_outside_california": False,
    "collected_at": None,
    "emitted_at": NOON + 1000 * DAY,
}
SERVICE = SALE | {
    "kind": "business_purpose",
    "to": "parcelmoor",
    "consideration": "none",
    "purpose": "research",
}
DIRECTED = SALE | {"kind": "consumer_directed", "consideration": "none"}


def said(verb: str, at: int, subject: str = "alice", **keys: Any) -> Said:
    """Something that was said of a subject."""
    defaults: dict[str, Said] = {
        "opt_out": {"of": ["sale", "share"], "channel": "web_form", "agent_permission": None},
        "opt_in_requested": {"of": [], "method": "web_form"},
        "opt_in_confirmed": {"method": "web_form"},
        "age": {"willful_disregard": False},
        "direction": {"to": "harborlight", "items": ["identifiers.email"], "action": "click"},
    }
    return {"verb": verb, "at": at, "subject": subject, **defaults.get(verb, {}), **keys}


def visit(at: int, account: str | None = None, **signals: Any) -> Said:
    """A visit of the laptop."""
    sent = {"gpc": [], "gpp": None, "usp": None, "dnt": None} | signals
    return {"verb": "visit", "at": at, "device": "laptop", "account": account, **sent, "reads": reads(**sent)}


def link(at: int, one: str, other: str, verb: str = "link", *, mistaken: bool = False) -> Said:
    """Two subjects belong together, or do not."""
    return {"verb": verb, "at": at, "nodes": [one, other], "mistaken": mistaken}


def consent(at: int, **keys: Any) -> list[Said]:
    """Both steps of an opt-in, an hour apart."""
    return [said("opt_in_requested", at, **keys), said("opt_in_confirmed", at + HOUR)]


def situation(history: list[Said], **parts: Any) -> Situation:
    """An ask about alice a day after noon, unless said otherwise."""
    numbered = [{"id": place + 1, **one} for place, one in enumerate(history)]
    defaults: dict[str, Any] = {
        "what": SALE,
        "mode": "request",
        "published": ("neutral",),
        "toggles": {},
        "t": NOON + DAY,
    }
    return Situation(numbered, **(defaults | parts))


def one_item(item: str, exempt: str | None = None) -> Said:
    """Keys of a disclosure of one item."""
    return {"items": [{"item": item, "exempt": exempt}]}


LOCATION = one_item("geolocation.precise_geolocation")
UNREADABLE = "DBABBg~not a section"

CASES: list[tuple[str, Situation, tuple[str, str]]] = [
    ("an opt-out of the instant at which a link ends still passes over it",
     situation([link(NOON - DAY, "alice", "bob"), said("opt_out", NOON, "bob"),
                link(NOON, "alice", "bob", "unlink")]),
     ("suppress", "linked_profile")),
    ("one of an instant later does not",
     situation([link(NOON - DAY, "alice", "bob"), said("opt_out", NOON + 1, "bob"),
                link(NOON, "alice", "bob", "unlink")]),
     ("permit", "not_opted_out")),
    ("a link made after an earlier one was found to be mistaken is another link",
     situation([link(NOON - 3 * DAY, "alice", "bob"),
                link(NOON - 2 * DAY, "alice", "bob", "unlink", mistaken=True),
                link(NOON - DAY, "alice", "bob"), said("opt_out", NOON, "bob")]),
     ("suppress", "linked_profile")),
    ("the setting for later logins is about opt-outs, not about the limit of a signal",
     situation([visit(NOON - DAY, gpp=LIMITS_LOCATION), link(NOON, "laptop", "alice")],
               what=SERVICE | LOCATION | {"to": "brambleworks"},
               toggles={"retro_link_device_opt_out_to_account": "none"}),
     ("suppress", "limit_sensitive")),
    ("nor is that limit carried back",
     situation([visit(NOON - DAY, gpp=LIMITS_LOCATION), link(NOON + 2 * DAY, "laptop", "alice")],
               what=SERVICE | LOCATION | {"to": "brambleworks"}, mode="report", t=NOON,
               toggles={"retro_link_device_opt_out_to_account": "backward"}),
     ("permit", "business_purpose")),
    ("who hands data on to somebody unknown discloses to an unknown recipient",
     situation([], what=SERVICE | {"onward_to": "nobody_known"}), ("reject", "unknown_recipient")),
    ("aged out is who never refused, at whatever age",
     situation([said("age", NOON - 3 * DAY, band="13_to_15"), said("age", NOON - 2 * DAY, band="16_to_17"),
                said("opt_in_declined", NOON)]),
     ("permit", "not_opted_out")),
    ("a signal that does not count where she lives does not forbid asking",
     situation([said("residency", NOON - 9 * DAY, region="US-VA"),
                visit(NOON - 8 * DAY, "alice", gpc=["1"]), said("opt_out", NOON - 500 * DAY),
                *consent(NOON - 2 * DAY, prompted=True)], toggles={"us_wide_gpc": False}),
     ("permit", "opt_in_valid")),
    ("nor does an unreadable string in whose place a readable one came",
     situation([visit(NOON - 9 * DAY, "alice", gpp=UNREADABLE), visit(NOON - 8 * DAY, usp="1YNN"),
                said("opt_out", NOON - 500 * DAY), *consent(NOON - 2 * DAY, prompted=True)]),
     ("permit", "opt_in_valid")),
    ("while it counts it does",
     situation([visit(NOON - 9 * DAY, "alice", gpp=UNREADABLE), *consent(NOON - 2 * DAY, prompted=True)]),
     ("suppress", "consent_invalid")),
]  # fmt: skip


@pytest.mark.parametrize(("told", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_easily_read_wrongly_is_decided_as_written(
    told: Situation, expected: tuple[str, str]
) -> None:
    """Core and reference engine both decide the case as the format says."""
    verdict, found = told.decided(), told.expected()

    assert expected == (verdict.outcome, verdict.reason)
    assert expected == (found.outcome, found.reason)


def test_what_is_dated_later_than_the_clock_counts_for_an_ask() -> None:
    """An ask is answered as of the latest moment of all that has arrived: no such age is overlooked."""
    ages = [
        said("age", NOON + 5 * DAY, band="unknown", willful_disregard=True),
        said("age", NOON + 5 * DAY, band="under_13"),
    ]

    assert situation(ages[:1]).decided().reason == "willful_disregard_of_age"
    assert situation(ages).decided().reason == "minor_under_13_without_parent"
    assert situation(ages, t=NOON + 5 * DAY).expected().reason == "minor_under_13_without_parent"


def test_what_another_law_governs_keeps_the_kind_it_was_declared_as() -> None:
    """Health data given to an authority by law is no sale because step 4 decides it before step 5 can."""
    what = SALE | one_item("customer_records.health", "hipaa")
    legal_process = what | {"kind": "legal_process", "to": "alder_health", "consideration": "none"}

    verdict = situation([], what=legal_process | {"purpose": "public_health"}).decided()

    assert (verdict.reason, verdict.kind, verdict.flags) == (
        "exempt_hipaa",
        "legal_process",
        ("hipaa_accounting",),
    )


def test_flags_of_a_tag_that_does_not_hold_stay_when_a_carve_out_permits() -> None:
    """Flags add up: an affiliate may have the address, which was called deidentified all the same."""
    what = SALE | one_item("identifiers.email_hash", "deidentified") | {"to": "stonecrest"}

    verdict = situation([], what=what).decided()

    assert (verdict.reason, verdict.flags) == ("same_business", ("reclassified_pseudonymous",))


@pytest.mark.parametrize("outcome", [Outcome.PERMIT, Outcome.PARTIAL, Outcome.OUT_OF_SCOPE])
def test_an_ask_that_permitted_other_items_was_ignored(outcome: Outcome) -> None:
    """Asked for one item and sent another: the answer permitted only other items, whatever it was called."""
    told = situation([], mode="report")
    answered = Answered(outcome, frozenset({Item.parse("commercial")}))

    verdict = judge(told.subjects, told.registry, SALE, told.t, mode="report", answered=answered)

    assert (verdict.outcome, verdict.reason, verdict.flags) == (
        "violation",
        "decision_ignored",
        ("critical",),
    )


@pytest.mark.parametrize("verb", ["delete", "deletion_completed"])
def test_whoever_bought_one_of_the_items_is_told_of_the_deletion(verb: str) -> None:
    """A report of a directed item and a sold one is a sale too; a deletion is told of when it is done."""
    items = [{"item": name, "exempt": None} for name in ("identifiers.email", "commercial")]
    report = {"verb": "report", "at": NOON, "name": "d1", "number": 400, "follows": None}
    casebook = Casebook(core_registry(("neutral",), {}))
    for one in (
        {"id": 1, **said("direction", NOON - DAY)},
        report | {"what": DIRECTED | {"items": items}},
        {"id": 2, **said(verb, NOON + DAY)},
    ):
        casebook.receive(arrival_of(one))

    assert casebook.to_be_told() == ({"harborlight"} if verb == "deletion_completed" else set())
