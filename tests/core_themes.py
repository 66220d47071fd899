"""Rules that are met only if history and disclosure are about them: what is said, what is disclosed."""

from typing import Any, NamedTuple

from hypothesis.strategies import SearchStrategy

from core_sayings import (
    AGES,
    AUTHORIZATIONS,
    DAY,
    DIRECTIONS,
    LIMITS,
    MATCHES,
    NOON,
    OPT_OUTS,
    PROGRAMS,
    RESIDENCIES,
    about,
    links,
    of_alice,
    opt_in_steps,
    told,
    visits,
)
from core_signals import reads
from reference_registry import Said


class Theme(NamedTuple):
    """What is said, the keys of the disclosure that differ, and the notices published, if they matter."""

    said: SearchStrategy[list[Said]]
    changes: Said = {}  # noqa: RUF012 - never changed
    published: tuple[str, ...] | None = None


def with_keys(said: SearchStrategy[Said], **keys: Any) -> SearchStrategy[Said]:
    """The same with some keys as given."""
    return said.map(lambda one: {**one, **keys})


def signalled(**signals: Any) -> SearchStrategy[Said]:
    """A visit of the laptop with these signals and no others."""
    sent = {"gpc": [], "gpp": None, "usp": None, "dnt": None} | signals
    return with_keys(visits(), device="laptop", **sent, reads=reads(**sent))


def one_item(item: str, tag: str | None = None) -> Said:
    """Keys of a disclosure of one item."""
    return {"items": [{"item": item, "exempt": tag}]}


def residency(region: str) -> SearchStrategy[Said]:
    """Where alice lives."""
    return with_keys(RESIDENCIES, subject="alice", region=region)


TWO_STEPS = (opt_in_steps("opt_in_requested"), opt_in_steps("opt_in_confirmed"))
FREE = {"consideration": "none", "cross_context_ads": False, "about": "alice"}
SALE = FREE | {"kind": "sale", "to": "harborlight", "consideration": "monetary", "purpose": "marketing"}
SHARE = FREE | {"kind": "share", "to": "pixelmarsh", "cross_context_ads": True, "purpose": "marketing"}
SERVICE = FREE | {"kind": "business_purpose", "to": "parcelmoor", "purpose": "provide_services"}
RELAY = SALE | {"kind": "opt_out_relay", "purpose": "opt_out_notice"}
RESEARCH = SERVICE | {"to": "brambleworks", "purpose": "research"}
OF_LAPTOP, OF_HOUSEHOLD, BY_COOKIE = {"about": "laptop"}, {"about": "oak_street"}, {"channel": "cookie"}
CHILD = with_keys(AGES, subject="alice", band="under_13")
TO_HOUSEHOLD = with_keys(links(), verb="link", mistaken=False, nodes=["laptop", "oak_street"])
MM22, MM20 = "massmutual_workforce_2022", "massmutual_ccpa_2020"

BY_CLICK = {"kind": "consumer_directed", "consideration": "none"}
TWO_ITEMS = {"items": [{"item": name, "exempt": None} for name in ("identifiers.email", "commercial")]}
DIRECTED = with_keys(DIRECTIONS, subject="alice", to="harborlight")
TO_TIDEWATER = [
    with_keys(step, recipients=["tidewater"], purposes=[], transaction=None) for step in TWO_STEPS
]

THEMES = [
    Theme(told(DIRECTED), SALE | BY_CLICK),
    Theme(told(DIRECTED, of_alice(about("deletion_completed"))), SALE | BY_CLICK | TWO_ITEMS),
    Theme(told(with_keys(DIRECTED, action="hover")), SALE | BY_CLICK),
    Theme(told(*TO_TIDEWATER), SERVICE | {"kind": "other", "to": "tidewater"}),
    Theme(told(*TO_TIDEWATER), SERVICE | {"kind": "other", "to": "tidewater"}, ("careful_2026",)),
    Theme(told(OPT_OUTS), SALE | one_item("network_activity", "deidentified") | {"to": "openfield"}),
    Theme(told(of_alice(OPT_OUTS)), RELAY | one_item("identifiers")),
    Theme(told(of_alice(with_keys(OPT_OUTS, of=["glba"]))), SALE | one_item("commercial", "glba")),
    Theme(told(signalled(gpc=["1"]), TO_HOUSEHOLD), SHARE | OF_HOUSEHOLD),
    Theme(told(signalled(gpp="DBABBg~not a section"), signalled(usp="1YNN")), SHARE | OF_LAPTOP),
    Theme(told(signalled(gpp="DBABBg~not a section")), SHARE | OF_LAPTOP),
    Theme(told(signalled(gpc=["1"]), signalled()), SHARE | OF_LAPTOP),
    Theme(told(*TWO_STEPS, with_keys(signalled(gpc=["1"]), account="alice")), SALE),
    Theme(told(signalled(dnt="1"), signalled()), SHARE | OF_LAPTOP),
    Theme(told(with_keys(about("cookie_reject"), subject="laptop")), SHARE | OF_LAPTOP | BY_COOKIE),
    Theme(told(with_keys(AGES, subject="alice", band="unknown", willful_disregard=True)), SALE),
    Theme(told(CHILD, of_alice(OPT_OUTS), of_alice(AUTHORIZATIONS)), SALE),
    Theme(told(CHILD, of_alice(LIMITS)), SERVICE),
    Theme(told(of_alice(LIMITS), *TWO_STEPS), RESEARCH | one_item("customer_records.health")),
    Theme(told(residency("US-WA"), *TWO_STEPS), SALE | one_item("customer_records.health")),
    Theme(told(residency("US-CT"), *TWO_STEPS), SALE | one_item("sensitive.religion_or_belief")),
    Theme(told(residency("US-MD"), *TWO_STEPS), SALE | one_item("sensitive")),
    Theme(told(residency("US-OR"), AGES), SALE | one_item("geolocation.precise_geolocation")),
    Theme(told(residency("FR"), *TWO_STEPS), SERVICE | {"to": "nordhafen"}),
    Theme(told(residency("FR"), *TWO_STEPS, of_alice(OPT_OUTS)), SHARE),
    Theme(told(of_alice(MATCHES)), SALE | {"acting_as": "broker"}),
    Theme(told(with_keys(visits(), account="alice"), with_keys(PROGRAMS, program="rewards", choice="stays")),
          SHARE | {"program": "rewards"}),
    Theme(told(of_alice(LIMITS)), SERVICE | one_item("sensitive.religion_or_belief")),
    Theme(told(of_alice(OPT_OUTS)), SERVICE | {"to": "rivermill"}),
    Theme(told(of_alice(OPT_OUTS)), SERVICE | {"to": "drossmere"}),
    Theme(told(of_alice(OPT_OUTS)), SERVICE | {"to": "halfmoor"}),
    Theme(told(of_alice(OPT_OUTS)), SALE | {"to": "stonecrest"}),
    Theme(told(of_alice(OPT_OUTS)), SALE | {"kind": "corporate_transaction"}),
    Theme(told(of_alice(with_keys(OPT_OUTS, channel="agent", agent_permission=None))), SALE),
    Theme(told(of_alice(OPT_OUTS)), SERVICE | {"onward_to": "harborlight"}),
    Theme(told(of_alice(OPT_OUTS)), SERVICE | {"combines_data": True}),
    Theme(told(*TWO_STEPS), SALE | {"collected_at": NOON - 1500 * DAY}, (MM20, MM22)),
    Theme(told(*TWO_STEPS), SERVICE | {"purpose": "train_models", "to": "ledgerfern"}, (MM22,)),
    Theme(told(with_keys(of_alice(OPT_OUTS), at=NOON)), SALE, (MM22,)),
    Theme(told(of_alice(LIMITS)), RESEARCH | one_item("sensitive.ssn"), ("careful_2026",)),
    Theme(told(OPT_OUTS, with_keys(links(), verb="link")), SALE | {"about": "bob"}),
]  # fmt: skip
"""Each is a rule with what it needs to be met."""
