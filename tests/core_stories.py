"""Hypothesis strategies for whole scenarios, and their events as what arrives at the casebook."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from core_events import KEYS, control_event, event_id, request_of
from core_sayings import DAY, MOMENTS, NOON, THINGS, histories, mostly
from core_strategies import disclosures, moments_of_deciding
from core_themes import THEMES, Theme
from disclosure_consumers.core.casebook.arrivals import Arrival, Correction, Retraction, Shredded, StateStore
from disclosure_consumers.core.casebook.contracts import ContractEnded, ContractSigned
from disclosure_consumers.core.registry import FOREVER_US, Contract, Period
from reference_registry import Said

_NOT_OF_A_CONTRACT = {"at", "id", "verb", "recipient"}


def arrival_of(said: Said) -> Arrival:
    """One event of a story as it arrives."""
    verb, at = said["verb"], said["at"]
    if verb in {"ask", "report"}:
        mode = "request" if verb == "ask" else "report"
        return request_of(said["what"], mode, at, said["number"], said["follows"])
    if verb == "correct":
        replacement = request_of(said["what"], "report", at, said["id"])
        return Correction(at, event_id(said["id"]).bytes, event_id(said["of"]).bytes, replacement)
    if verb == "retract":
        return Retraction(at, event_id(said["of"]).bytes)
    if verb == "shred":
        return Shredded(at, KEYS[said["subject"]].bytes)
    if verb == "state_store":
        return StateStore(at, readable=said["up"])
    number = event_id(said["id"]).bytes
    if verb == "contract_signed":
        terms = {key: value for key, value in said.items() if key not in _NOT_OF_A_CONTRACT}
        contract = Contract(id=f"signed-{said['id']}", period=Period(at, FOREVER_US), **terms)
        return ContractSigned(at, number, said["recipient"], contract)
    if verb == "contract_ended":
        return ContractEnded(at, number, said["recipient"], said.get("type"))
    return control_event(said)


@st.composite
def contracts(draw: DrawFn) -> Said:
    """A contract that is signed or ended since the registry was written."""
    recipient = draw(
        st.sampled_from(
            ["harborlight", "pixelmarsh", "parcelmoor", "oldgate", "hollowpine", "rivermill", "spindle"]
        )
    )
    at = draw(THINGS)
    if draw(st.booleans()):
        ended: Said = {"verb": "contract_ended", "recipient": recipient, "at": at}
        kind: str | None = draw(mostly(None, "third_party", "service_provider"))
        return ended if kind is None else ended | {"type": kind}
    return {
        "verb": "contract_signed",
        "recipient": recipient,
        "at": at,
        "type": draw(st.sampled_from(["third_party", "service_provider", "contractor"])),
        "required_terms": draw(mostly(True, False)),
        "certified": draw(st.booleans()),
        "forwards_opt_outs": draw(st.booleans()),
        "through": draw(mostly(None, "parcelmoor", "oldgate")),
        "flow_down": draw(mostly(True, False)),
    }


def changes() -> SearchStrategy[dict[str, Any]]:
    """Keys that a report has otherwise than its ask, or a correction otherwise than the report."""
    return st.sampled_from(
        [
            {},
            {"to": "copperkite"},
            {
                "to": "parcelmoor",
                "kind": "business_purpose",
                "consideration": "none",
                "purpose": "provide_services",
            },
            {"kind": "sale", "consideration": "monetary", "purpose": "marketing"},
            {"items": [{"item": "identifiers", "exempt": None}]},
            {"items": [{"item": "commercial", "exempt": None}, {"item": "sensitive.ssn", "exempt": None}]},
            {"about": "bob"},
            {"purpose": "no_such_purpose"},
            {"collected_at": NOON - 1500 * DAY},
            {"to": "some_new_startup"},
        ]
    )


@st.composite
def shown_ones(draw: DrawFn, theme: Theme | None, *, asks: bool, collisions: bool) -> list[Said]:
    """Some asks and reports, the first on a theme; now and then one that repeats another, or collides."""
    shown: list[Said] = []
    for place in range(draw(st.integers(1, 4))):
        what, follows = draw(disclosures()), None
        if theme is not None and place == 0:
            what |= theme.changes
        verb = draw(st.sampled_from(["ask", "report", "report"])) if asks else "report"
        earlier = [one for one in shown if one["verb"] == "ask"]
        if verb == "report" and earlier and draw(st.booleans()):
            ask = draw(st.sampled_from(earlier))
            follows, what = ask["number"], {**ask["what"], **draw(changes())}
        at = draw(moments_of_deciding())
        one = {"verb": verb, "at": at, "number": 400 + place, "what": what, "follows": follows}
        if collisions and shown and draw(mostly(False, True, times=4)):
            other = draw(st.sampled_from(shown))
            one = draw(st.sampled_from([other, one | {"number": other["number"]}]))
        shown.append(one | {"name": f"d{place}"})
    return shown


@st.composite
def tellings(draw: DrawFn, *, asks: bool = True, outages: bool = True, collisions: bool = True) -> list[Said]:
    """A story: what was said and disclosed, in some order of arrival."""
    theme = draw(st.none() | st.sampled_from(THEMES))
    told: list[Said] = draw(histories(most=3, theme=None if theme is None else theme.said))
    told += [
        {**said, "id": 300 + place} for place, said in enumerate(draw(st.lists(contracts(), max_size=2)))
    ]
    shown = draw(shown_ones(theme, asks=asks, collisions=collisions))
    reports = [one for one in shown if one["verb"] == "report"]
    more: list[Said] = []
    for place, report in enumerate(reports):
        if draw(mostly(False, True)):
            what = {**report["what"], **draw(changes())}
            at = draw(st.sampled_from(MOMENTS))
            more.append(
                {"verb": "correct", "at": at, "id": 500 + place, "of": report["number"], "what": what}
            )
            if draw(st.booleans()):
                more.append({**more[-1], "id": 600 + place, "what": {**what, **draw(changes())}})
        if draw(mostly(False, True, times=6)):
            more.append({"verb": "retract", "at": draw(st.sampled_from(MOMENTS)), "of": report["number"]})
    if draw(mostly(False, True, times=9)):
        more.append(
            {"verb": "shred", "at": draw(st.sampled_from(MOMENTS)), "subject": draw(mostly("alice", "bob"))}
        )
    told = [*told, *shown, *more]
    if draw(st.booleans()):
        told.sort(key=lambda said: said["at"])
    else:
        told = draw(st.permutations(told))
    if outages and draw(mostly(False, True)):
        for up in (False, True) if draw(mostly(True, False)) else (False,):
            told.insert(draw(st.integers(0, len(told))), {"verb": "state_store", "at": NOON, "up": up})
    return told
