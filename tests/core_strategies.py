"""Hypothesis strategies for asks and reports, and the settings by which they are decided.

In the words of the scenario format, with every key, as dictionaries; see `core_sayings` for what was said.
"""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from core_sayings import DAY, LATER, MOMENTS, MS, NEAR, NOON, mostly
from core_world import recipients, words
from reference_registry import Said

RECIPIENTS = sorted(recipients())
BUYERS = ["harborlight", "pixelmarsh", "copperkite", "ferrymoor", "lastweek"]
VENDORS = [
    "parcelmoor",
    "brambleworks",
    "adsparrow",
    "certwell",
    "shellbridge",
    "nordhafen",
    "greyvale",
    "ferrymoor",
]
ODD = ["rivermill", "halfmoor", "lanternquay", "drossmere", "oldgate", "loomstore", "stonecrest", "openfield"]
PURPOSES = sorted(words()["purposes"])
CATEGORIES = sorted(words()["pi_categories"])
ITEMS = [
    f"{category}.{element}"
    for category, described in sorted(words()["pi_categories"].items())
    for element in described["elements"]
]
TAGS = ["deidentified", "aggregate", "public", "glba", "hipaa", "fcra", "iippa", "dppa"]
LIMIT_EXCEPTIONS = ["expected_service", "resist_fraud", "services_for_business", "not_inferring"]

ANYBODY = st.sampled_from([*VENDORS * 2, *BUYERS, *ODD, *RECIPIENTS])

CARVE_OUTS = ["consumer_directed", "legal_process", "corporate_transaction", "opt_out_relay"]

_DEFAULT_PURPOSES = {
    "sale": "marketing",
    "share": "marketing",
    "legal_process": "legal_and_security",
    "corporate_transaction": "corporate_transaction",
    "opt_out_relay": "opt_out_notice",
}


@st.composite
def items(draw: DrawFn, *, plain: bool) -> list[Said]:
    """One to three items, some with a tag."""
    common = st.sampled_from(
        ["identifiers", "identifiers.email", "network_activity", "identifiers.ssn", "customer_records.health",
         "geolocation.precise_geolocation", "sensitive", "sensitive.religion_or_belief"]
    )  # fmt: skip
    one = common if plain else st.sampled_from([*CATEGORIES, *ITEMS])
    names = draw(st.lists(one, min_size=1, max_size=2 if plain else 3, unique=True))
    tags = mostly(None, *TAGS, times=100 if plain else 8)
    return [{"item": name, "exempt": draw(tags)} for name in names]


@st.composite
def disclosures(draw: DrawFn) -> Said:
    """What is asked for or reported, with every key: mostly plain, so that what was said decides."""
    plain = draw(mostly(True, False))
    kinds = ["sale", "share", "business_purpose"] + ([] if plain else ["business_purpose", *CARVE_OUTS])
    kind = draw(st.sampled_from(kinds if plain else [*kinds, "other"]))
    buying = kind in {"sale", "share"}
    purpose = _DEFAULT_PURPOSES.get(kind, "provide_services")
    what = {
        "kind": kind,
        "to": draw(st.sampled_from(BUYERS if buying else VENDORS)),
        "about": draw(mostly("alice", "bob", "laptop", "tablet", "p1", "oak_street", times=10)),
        "items": draw(items(plain=plain)),
        "purpose": purpose,
        "consideration": "monetary" if kind == "sale" else "none",
        "cross_context_ads": kind == "share",
        "combines_data": draw(mostly(False, True)),
        "limit_exception": draw(mostly(None, *LIMIT_EXCEPTIONS, times=8)),
        "channel": draw(st.sampled_from(["server", "batch", "cookie", "cookie"])),
        "program": draw(mostly(None, "rewards", times=2)),
        "transaction": draw(mostly(None, "listing_7")),
        "control_transferred": draw(st.booleans()),
        "onward_to": None,
        "acting_as": draw(mostly("business", "broker")),
        "bought": "not_bought",
        "wholly_outside_california": False,
        "collected_at": None,
        "emitted_at": NOON + 1000 * DAY,
    }
    if plain:
        return what
    return what | {
        "to": draw(mostly(draw(ANYBODY), "some_new_startup", times=40)),
        "purpose": draw(mostly(purpose, *PURPOSES, times=20)),
        "consideration": draw(mostly(what["consideration"], "other", "none", "monetary", times=6)),
        "cross_context_ads": draw(mostly(kind == "share", kind != "share")),
        "onward_to": draw(
            mostly(None, "harborlight", "parcelmoor", "hollowpine", "stonecrest", "nobody_known")
        ),
        "bought": draw(mostly("not_bought", "with_notice", "without_notice", times=8)),
        "wholly_outside_california": draw(mostly(False, True, times=40)),
        "collected_at": draw(mostly(None, NOON - 1500 * DAY, NOON - 400 * DAY, NOON - DAY, times=6)),
        "emitted_at": draw(mostly(NOON + 1000 * DAY, NOON, NOON - 500 * MS, times=10)),
    }


# --- settings ----------------------------------------------------------------------------------------------

PUBLISHED = st.sampled_from(
    [
        *[("neutral",)] * 12,
        ("massmutual_workforce_2022",),
        ("massmutual_ccpa_2020", "massmutual_workforce_2022"),
        ("metlife_online_2019",),
        ("careful_2026", "neutral"),
        ("neutral", "brief_2026", "careful_2026"),
        (),
    ]
)
TOGGLES = st.fixed_dictionaries(
    {},
    optional={
        "treat_dnt_as_opt_out": st.booleans(),
        "treat_cookie_reject_as_opt_out": st.booleans(),
        "anonymous_device_opt_out_persists": st.booleans(),
        "retro_link_device_opt_out_to_account": st.sampled_from(["forward_only", "none", "backward"]),
        "us_wide_gpc": st.booleans(),
        "unparseable_signal": st.sampled_from(["suppress", "ignore"]),
        "fail_closed_kinds": st.sampled_from([[], ["sale"], ["sale", "share"], ["sensitive"]]),
        "consent_ttl_days": st.sampled_from([None, 1, 30]),
        "household_strictest": st.booleans(),
        "aged_out_requires_notice": st.booleans(),
        "clock_skew_bound_ms": st.sampled_from([0, 1000, 3000]),
        "notice_sla_override": st.booleans(),
        "dual_notice_check": st.booleans(),
        "business_days": st.sampled_from(["mon_sat", "mon_fri"]),
    },
)
SETTINGS: SearchStrategy[Said] = st.just({}) | TOGGLES


def moments_of_deciding() -> SearchStrategy[int]:
    """When an ask or a report is decided: after most of a history, sometimes in the midst of it."""
    return st.builds(
        lambda moment, near: moment + near,
        st.sampled_from(
            [*[NOON + later for later in LATER] * 2, *[NOON + later for later in LATER[:3]] * 2, *MOMENTS]
        ),
        st.sampled_from(NEAR),
    )


def now_of(history: list[Said], at: int) -> int:
    """Now, when an ask is answered: the latest moment of all that has arrived."""
    latest: int = max([at, *(event["at"] for event in history)])
    return latest
