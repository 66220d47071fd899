"""Hypothesis strategies for histories of a few subjects, in the words of the scenario format.

Everything is said in full, as dictionaries: `core_events` makes events of them, `reference_engine` reads them
as they are. Moments are few, so that they are often equal.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from core_events import TYPES
from core_signals import GPP, USP, reads
from core_world import words
from reference_registry import Said

NOON = 1_775_491_200_000_000
"""Monday 6 April 2026, 9 in the morning in California."""

MS, HOUR, DAY = 1_000, 3_600_000_000, 86_400_000_000

MOMENTS = [NOON, NOON + HOUR, NOON + DAY, NOON - DAY, NOON - 20 * DAY, NOON - 300 * DAY, NOON - 400 * DAY]
"""When things happen, often at once."""

NEAR = [0, 0, 0, 0, 500 * MS, -500 * MS, 2_000 * MS]
"""Inside and outside of how far clocks may differ."""

LATER = [2 * HOUR, 36 * HOUR, 4 * DAY, 17 * DAY, 25 * DAY, 400 * DAY]
"""When asks and reports come; deadlines lie between."""


def mostly(common: Any, *rare: Any, times: int = 0) -> SearchStrategy[Any]:
    """A value, and now and then another one."""
    return st.sampled_from([*[common] * (times or max(3, 2 * len(rare))), *rare])


ACCOUNTS = ["alice", "bob"]
PERSONS = [*ACCOUNTS, "p1"]
DEVICES = ["laptop", "tablet"]
SUBJECTS = mostly("alice", *[name for name in TYPES if name != "alice"], times=6)
THINGS = st.builds(lambda moment, near: moment + near, st.sampled_from(MOMENTS), st.sampled_from(NEAR))
SENSITIVE = sorted(words()["sensitive_elements"])


@st.composite
def visits(draw: DrawFn) -> Said:
    """Signals of a device, from somebody logged in or not."""
    signals = {
        "gpc": draw(st.sampled_from([["1"], [], ["0"], ["0", "1"], ["true"], []])),
        "gpp": draw(mostly(None, *[text for text in GPP if text is not None], times=6)),
        "usp": draw(mostly(None, *[text for text in USP if text is not None], times=9)),
        "dnt": draw(mostly(None, "1", "0", times=8)),
    }
    device = draw(st.sampled_from(DEVICES))
    account = draw(st.sampled_from([None, "alice", "alice", "bob"]))
    return {"verb": "visit", "device": device, "account": account, **signals, "reads": reads(**signals)}


@st.composite
def opt_ins(draw: DrawFn) -> Said:
    """A step of an opt-in; a confirmation seldom says anything itself."""
    verb = draw(st.sampled_from(["opt_in_requested", "opt_in_confirmed"]))
    said: Said = {"verb": verb, "subject": draw(SUBJECTS), "method": "web_form"}
    if verb == "opt_in_requested" or draw(mostly(False, True, times=6)):
        said |= {
            "of": draw(
                st.sampled_from(
                    [["sale", "share"], [], ["sale"], ["share"], ["sensitive"], ["sale", "sensitive"]]
                )
            ),
            "purposes": draw(mostly([], ["marketing"], ["research", "train_models"], times=9)),
            "recipients": draw(
                mostly([], ["harborlight"], ["tidewater", "pixelmarsh", "parcelmoor"], times=9)
            ),
            "transaction": draw(mostly(None, "listing_7", "listing_8", times=9)),
            "method": draw(
                mostly("web_form", "signed_authorization", "phone", "banner_accept_only", times=8)
            ),
            "prompted": draw(mostly(False, True, times=2)),
            "informed_of_signal": draw(mostly(False, True, times=2)),
            "expires_at": draw(mostly(None, *[NOON + later for later in LATER], NOON + HOUR, times=20)),
        }
    return said


def say(verb: str, **keys: SearchStrategy[Any]) -> SearchStrategy[Said]:
    """A preference or fact with these keys."""
    return st.fixed_dictionaries({"verb": st.just(verb), **keys})


def about(verb: str, **keys: SearchStrategy[Any]) -> SearchStrategy[Said]:
    """One about any subject."""
    return say(verb, subject=SUBJECTS, **keys)


OPT_OUTS = about(
    "opt_out",
    of=st.sampled_from(
        [["sale", "share"], ["sale"], ["share"], ["glba"], ["sale", "share"], ["sale", "glba"]]
    ),
    global_option_offered=mostly(True, False),
    channel=mostly("web_form", "agent", "transferor", "forwarded"),
    agent_permission=st.sampled_from([None, "signed", "none"]),
    verified=st.booleans(),
    processed_at=mostly(None, NOON, NOON + DAY, NOON + 4 * DAY),
)
LIMITS = about(
    "limit_sensitive",
    elements=mostly([], ["health"], ["precise_geolocation", "ssn"], SENSITIVE),
    processed_at=mostly(None, NOON + DAY),
)
AGES = about(
    "age",
    band=st.sampled_from(["13_to_15", "under_13", "16_to_17", "adult", "unknown"]),
    willful_disregard=mostly(False, True),
)
RESIDENCIES = about(
    "residency",
    region=st.sampled_from(
        ["US-CA", "US-OR", "US-MD", "US-CT", "US-WA", "US-CO", "US-VA", "US-NV", "FR", "GB", "CH", "unknown"]
    ),
)
AUTHORIZATIONS = about(
    "parental_authorization",
    verified=mostly(True, False),
    of=mostly(["sale", "share"], ["sale"], ["share"], ["collection"]),
    purposes=mostly([], ["marketing"], ["research"], times=9),
    recipients=mostly([], ["harborlight"], ["pixelmarsh", "copperkite"], times=9),
)
DIRECTIONS = about(
    "direction",
    to=st.sampled_from(["harborlight", "pixelmarsh", "parcelmoor", "tidewater"]),
    items=st.sampled_from([["identifiers"], ["identifiers.email"], ["commercial", "identifiers"]]),
    action=mostly("click", "hover", "mute", times=3),
)
DENIALS = about("opt_out_denied", documented=mostly(True, False), requestor_told=mostly(True, False))
PROGRAMS = about(
    "program_choice", program=mostly("rewards", "club"), choice=st.sampled_from(["stays", "withdraws"])
)
MATCHES = about("drop_match", drop=st.just("m1"), all_exempt=mostly(False, True))


@st.composite
def links(draw: DrawFn) -> Said:
    """A link of two subjects, the end of one, or that one never was."""
    pairs = ["alice laptop", "alice bob", "alice p1", "bob tablet", "alice tablet", "bob laptop", "p1 tablet"]
    pairs += ["alice oak_street", "laptop oak_street", "bob oak_street", "bob p1", "laptop tablet"]
    nodes = draw(st.sampled_from(pairs)).split()
    if draw(st.booleans()):
        nodes.reverse()
    verb = draw(st.sampled_from(["link", "link", "link", "unlink"]))
    mistaken = verb == "unlink" and draw(mostly(False, True))
    return {"verb": verb, "nodes": nodes, "mistaken": mistaken}


SAYINGS = st.one_of(
    OPT_OUTS,
    OPT_OUTS,
    visits(),
    visits(),
    LIMITS,
    opt_ins(),
    opt_ins(),
    opt_ins(),
    AGES,
    links(),
    links(),
    links(),
    st.one_of(RESIDENCIES, AUTHORIZATIONS, DIRECTIONS, DENIALS, PROGRAMS, MATCHES, RESIDENCIES),
    st.one_of(
        *(
            about(verb)
            for verb in ("complied", "delete", "deletion_completed", "opt_in_declined", "cookie_reject")
        )
    ),
)


def opt_in_steps(verb: str) -> SearchStrategy[Said]:
    """A step of an opt-in by alice, of whom most is asked."""
    return opt_ins().map(lambda said: {**said, "verb": verb, "subject": "alice"})


def told(*sayings: SearchStrategy[Said]) -> SearchStrategy[list[Said]]:
    """Some sayings that belong together, in their order."""
    return st.tuples(*sayings).map(list)


def of_alice(said: SearchStrategy[Said]) -> SearchStrategy[Said]:
    """The same about alice."""
    return said.map(lambda one: {**one, "subject": "alice"})


TWO_STEPS = [opt_in_steps("opt_in_requested"), opt_in_steps("opt_in_confirmed")]
YOUNG = of_alice(AGES.map(lambda said: {**said, "band": "13_to_15"}))
CHILD = of_alice(AGES.map(lambda said: {**said, "band": "under_13"}))
GROWN = of_alice(AGES.map(lambda said: {**said, "band": "16_to_17"}))
DECLINED = of_alice(about("opt_in_declined"))
ALICES_VISITS = visits().map(lambda said: {**said, "account": "alice"})
STAYING = of_alice(PROGRAMS.map(lambda said: {**said, "choice": "stays", "program": "rewards"}))
EPISODES = st.one_of(
    SAYINGS.map(lambda said: [said]),
    told(*TWO_STEPS),
    told(of_alice(OPT_OUTS), *TWO_STEPS),
    told(ALICES_VISITS, *TWO_STEPS),
    told(*TWO_STEPS, ALICES_VISITS, *TWO_STEPS),
    told(of_alice(LIMITS), *TWO_STEPS),
    told(of_alice(OPT_OUTS), of_alice(DENIALS)),
    told(of_alice(OPT_OUTS), of_alice(about("complied"))),
    told(OPT_OUTS, links()),
    told(visits(), links(), links()),
    told(YOUNG, DECLINED, GROWN),
    told(YOUNG, DECLINED, GROWN, *TWO_STEPS),
    told(YOUNG, *TWO_STEPS),
    told(CHILD, of_alice(AUTHORIZATIONS)),
    told(CHILD, *TWO_STEPS, YOUNG),
    told(YOUNG, GROWN),
    told(ALICES_VISITS, STAYING),
    told(of_alice(RESIDENCIES), *TWO_STEPS),
    told(of_alice(RESIDENCIES), SAYINGS),
)


@st.composite
def histories(draw: DrawFn, most: int = 5, theme: SearchStrategy[list[Said]] | None = None) -> list[Said]:
    """What was said of the subjects; what belongs together happened in its order, or at once.

    `theme`: an episode it must have.
    """
    found: list[Said] = []
    least = min(most, draw(st.sampled_from([0, 1, 2, 2, 3])))
    episodes = draw(st.lists(EPISODES, min_size=least, max_size=most))
    for episode in episodes if theme is None else [draw(theme), *episodes]:
        moments = [draw(THINGS) for _ in episode]
        if draw(mostly(True, False)):
            moments.sort()
        found += [{"at": at, **said} for said, at in zip(episode, moments, strict=True)]
    # Ids order what happens at one instant: not always as it is listed.
    turn = draw(mostly(1, 7))
    return [{**said, "id": (place + 1) * turn % 101} for place, said in enumerate(found)]
