"""What must hold of everybody's standing: order, repeats, and how far what is said travels."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from core_events import KEYS, TYPES, control_event, fold
from core_sayings import DAY, LATER, NOON, histories, links, mostly, say
from core_strategies import SETTINGS, moments_of_deciding
from core_world import core_registry
from disclosure_consumers.core.registry import Policy
from disclosure_consumers.core.subject.standing import Standing, joined
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_schemas.events.vocabulary import SubjectType
from reference_registry import Said

LAST = NOON + max(LATER)
PERMISSIONS = {
    "opt_in_requested",
    "opt_in_confirmed",
    "opt_in_declined",
    "parental_authorization",
    "direction",
    "program_choice",
}


def policy_of(toggles: Said) -> Policy:
    """Settings as the core has them."""
    return core_registry(("neutral",), toggles).policy


def everybody(subjects: Subjects) -> dict[str, Standing]:
    """Every subject's standing, with all there is in it."""
    return {name: subjects.standing(key.bytes) for name, key in KEYS.items()}


def reached(standings: dict[str, Standing], *names: str) -> dict[str, Standing]:
    """What has reached these subjects: their standings but for what they are said to be."""
    found = {name: standings[name] for name in names or KEYS}
    return {
        name: standing._replace(subject_type=SubjectType.UNKNOWN, signature=None)
        for name, standing in found.items()
    }


def told(history: list[Said], policy: Policy | None = None) -> dict[str, Standing]:
    """Everybody's standing after a history."""
    return everybody(fold(map(control_event, history), policy))


@given(histories(), SETTINGS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_matters(history: list[Said], toggles: Said, random: Random) -> None:
    """Events in any order, each as often as it likes, leave everybody with the same standing."""
    again = [*history, *random.choices(history, k=len(history))] if history else []
    random.shuffle(again)

    assert told(again, policy_of(toggles)) == told(history, policy_of(toggles))


@given(histories(), st.randoms(use_true_random=False))
def test_looking_in_between_changes_nothing(history: list[Said], random: Random) -> None:
    """A standing that was remembered is worked out anew when something that can reach it is said."""
    subjects = fold([])
    for said in history:
        for name in random.sample(list(KEYS), 3):
            subjects.standing(KEYS[name].bytes)
        subjects = _and(subjects, said)
        everybody(subjects)

    assert everybody(subjects) == told(history)


def _and(subjects: Subjects, said: Said) -> Subjects:
    event = control_event(said)
    if said["verb"] in {"link", "unlink"}:
        subjects.apply_link(event)  # type: ignore[arg-type]
    else:
        subjects.apply_preference(event)  # type: ignore[arg-type]
    return subjects


@given(histories(), SETTINGS, SETTINGS)
def test_other_settings_are_obeyed_as_if_they_had_always_held(
    history: list[Said], before: Said, after: Said
) -> None:
    """What was taken in under other settings is worked out again under the new ones."""
    subjects = fold(map(control_event, history), policy_of(before))
    everybody(subjects)

    subjects.obey(policy_of(after))

    assert everybody(subjects) == told(history, policy_of(after))


@given(histories())
def test_permissions_never_travel(history: list[Said]) -> None:
    """What a subject permits is in its own standing alone: without it, nobody else's is any different."""
    for name in TYPES:
        kept = [
            said
            for said in history
            if said.get("subject") == name
            or said["verb"] not in PERMISSIONS
            or said.get("choice") == "withdraws"
        ]
        assert told(kept)[name] == told(history)[name]


@given(histories(), SETTINGS)
def test_nothing_leaves_a_household(history: list[Said], toggles: Said) -> None:
    """Whatever is said of a household, or of who belongs to it, changes no standing but its own."""
    without = [
        said
        for said in history
        if said.get("subject") != "oak_street" and "oak_street" not in said.get("nodes", ())
    ]
    policy = policy_of(toggles)
    others = KEYS.keys() - {"oak_street"}

    assert reached(told(history, policy), *others) == reached(told(without, policy), *others)


@given(histories())
def test_a_household_takes_in_opt_outs_and_limits_alone(history: list[Said]) -> None:
    """No deletion, platform match, age or residency of a member reaches the household's record."""
    own = [said for said in history if said.get("subject") == "oak_street"]
    household, alone = told(history)["oak_street"], told(own)["oak_street"]

    for part in ("deletions", "matches", "ages", "regions", "permissions"):
        assert getattr(household, part) == getattr(alone, part)


@given(
    histories(), st.sampled_from(["alice laptop", "alice bob", "alice p1", "bob tablet", "laptop oak_street"])
)
def test_a_mistaken_link_never_existed(history: list[Said], pair: str) -> None:
    """Found to be mistaken, a link leaves everybody as if the two had never been linked."""
    nodes = pair.split()
    apart = [
        {**said, "account": None} if {said.get("device"), said.get("account")} == set(nodes) else said
        for said in history
    ]
    never = [said for said in apart if set(said.get("nodes", ())) != set(nodes)]
    mistake = {"verb": "unlink", "nodes": nodes, "mistaken": True, "at": LAST, "id": 200}

    assert reached(told([*apart, mistake])) == reached(told(never))


@given(histories(), mostly("alice", "bob", "laptop"), histories(), moments_of_deciding())
def test_a_linked_subject_of_a_request_brings_protections_alone(
    history: list[Said], name: str, other: list[Said], at: int
) -> None:
    """Joined with others whom the sender links to it, a subject keeps its permissions and gains none."""
    mine, theirs = told(history)[name], list(told(other).values())

    both = joined(mine, theirs, at)

    assert both.permissions == mine.permissions
    assert both.subject_type == mine.subject_type
    assert both.stops[: len(mine.stops)] == mine.stops
    assert not any(stop.own or stop.reached_us < at for stop in both.stops[len(mine.stops) :])
    for part in ("financial", "limits", "deletions", "matches", "ages", "regions"):
        brought = sum(len(getattr(one, part)) for one in theirs)
        assert len(getattr(both, part)) == len(getattr(mine, part)) + brought


@given(histories(), links())
def test_an_unlink_takes_nothing_back(history: list[Said], link: Said) -> None:
    """What has arrived over a link stays when the link ends later."""
    end = {**link, "verb": "unlink", "mistaken": False, "at": LAST + DAY, "id": 200}

    assert reached(told([*history, end])) == reached(told(history))


@given(histories(), say("residency", region=st.just("US-NV")))
def test_nobody_is_told_of_a_stranger(history: list[Said], fact: Said) -> None:
    """What is said of a subject without links reaches nobody else."""
    alone = [said for said in history if "p1" not in said.get("nodes", ())]
    stranger = {**fact, "subject": "p1", "at": NOON, "id": 200}
    others = KEYS.keys() - {"p1"}

    assert reached(told([*alone, stranger]), *others) == reached(told(alone), *others)
