"""Invariants of the core: those of the scenario format and of legal 7.3, each as exactly as it holds."""

from hypothesis import event, given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from core_events import KEYS, disclosure_of
from core_sayings import DEVICES, LIMITS, MATCHES, OPT_OUTS, THINGS, about, mostly
from core_signals import reads
from core_situations import Situation, situations
from disclosure_consumers.core.decide import decide
from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.registry import Taxonomy
from disclosure_consumers.core.steps.roles import party_at
from disclosure_consumers.core.subject.standing import NOBODY, Limit, Stop
from disclosure_consumers.core.verdict import GOES, Verdict
from disclosure_schemas.events.disclosure import Item
from disclosure_schemas.events.vocabulary import Kind, Outcome, RecipientRole
from reference_registry import Said, named

SOLD = {Kind.SALE, Kind.SHARE}
PROVIDERS = {RecipientRole.SERVICE_PROVIDER, RecipientRole.CONTRACTOR}

PERMITTING = named(
    "not_opted_out partial_opt_out opt_in_valid minor_opt_in aged_out financial_incentive "
    "opt_out_denied_as_fraud no_consideration business_purpose sensitive_exempt_purpose limit_does_not_cover "
    "same_business consumer_directed consented_entity opt_out_relay merger_transfer legal_process processor"
)
OUT_OF_SCOPE = named(
    "exempt_deidentified exempt_aggregate exempt_public exempt_glba exempt_hipaa exempt_fcra exempt_iippa "
    "exempt_dppa outside_california non_resident"
)
REJECTING = named(
    "malformed id_collision unknown_recipient undeclared_category undeclared_kind undeclared_recipient "
    "undeclared_purpose element_is_sensitive notice_excludes_minors no_third_party_contract"
)
OTHER = named("decision_ignored already_recorded retracted")
SUPPRESSING = set(Reason) - PERMITTING - OUT_OF_SCOPE - REJECTING - OTHER
GROUPS: dict[Outcome, set[str]] = {
    Outcome.PERMIT: PERMITTING,
    Outcome.OUT_OF_SCOPE: OUT_OF_SCOPE,
    Outcome.SUPPRESS: {*SUPPRESSING},
    Outcome.REJECT: REJECTING,
    Outcome.PARTIAL: {*SUPPRESSING, *REJECTING},
    Outcome.NOTIFY: {*SUPPRESSING},
    Outcome.VIOLATION: {*SUPPRESSING, *REJECTING} - {"malformed"},
}
"""Reasons of each outcome, as the table of the format has them."""

BY_NO_NOTICE = named("same_business legal_process consumer_directed merger_transfer opt_out_relay")
"""Reasons for which what no notice declares may go."""


def goes(verdict: Verdict) -> list[bool]:
    """Of each item, whether it may go."""
    return [item.outcome in GOES for item in verdict.item_verdicts]


def is_sensitive(item: Item, taxonomy: Taxonomy) -> bool:
    """A sensitive category or element."""
    return item.category == "sensitive" or item.element in taxonomy.sensitive_elements


@st.composite
def signals_alone(draw: DrawFn) -> Said:
    """A visit that says no more than "no": no login, and no string that can be read."""
    gpp = draw(st.sampled_from([None, "DBABBg~not a section"]))
    signals = {"gpc": ["1"], "gpp": gpp, "usp": None, "dnt": None}
    device = draw(st.sampled_from(DEVICES))
    return {
        "verb": "visit",
        "device": device,
        "account": None,
        **signals,
        "reads": reads(["1"], gpp, None, None),
    }


MORE = st.one_of(OPT_OUTS, signals_alone(), LIMITS, about("delete"), about("deletion_completed"), MATCHES)


@given(situations(), MORE, THINGS)
def test_one_more_protection_lets_nothing_go_that_was_stopped(
    situation: Situation, more: Said, at: int
) -> None:
    """One more opt-out, signal, limit or deletion turns no no into a yes (invariant 1, legal 7.3.1).

    This holds of each item. A visit is no protection alone if it logs somebody in, for then it links, and
    ages and residencies travel too; nor if it brings a string that can be read: that ends an unreadable one.
    """
    before, after = situation.decided(), situation.after([more], at).decided()

    assert all(was or not may for was, may in zip(goes(before), goes(after), strict=True))
    if before.outcome in {Outcome.NOTIFY, Outcome.VIOLATION}:
        assert after.outcome in {Outcome.NOTIFY, Outcome.VIOLATION}


@given(situations(published=st.just(("neutral",))), THINGS, mostly("under_13", "13_to_15"))
def test_knowing_a_child_permits_by_its_own_consent_alone(situation: Situation, at: int, band: str) -> None:
    """Known to be a child, what was stopped goes only by an authorization or opt-in of its own (7.3.1)."""
    child = {"verb": "age", "subject": situation.what["about"], "band": band, "willful_disregard": False}
    before, after = situation.decided(), situation.after([child], at).decided()

    for was, may, item in zip(goes(before), goes(after), after.item_verdicts, strict=True):
        if may and not was:
            assert item.reason == Reason.MINOR_OPT_IN


@given(situations(), st.lists(MORE, min_size=1, max_size=4), THINGS)
def test_ordinary_services_do_not_depend_on_opt_outs_or_limits(
    situation: Situation, more: list[Said], at: int
) -> None:
    """Ordinary items go to service providers as if nobody had asked anything (invariant 3, legal 7.3.4).

    Ordinary is what is not sensitive and not about a Californian known to be under 16, of whom everything is.
    The consents by which a notice counts a recipient or purpose in are left out: an opt-out can unmake those.
    """
    party = party_at(situation.what["to"], situation.registry, situation.t)
    role = None if party is None else party.role
    event(str(role))
    if role not in PROVIDERS:
        return
    service = {
        "kind": "business_purpose",
        "cross_context_ads": False,
        "combines_data": False,
        "onward_to": None,
    }
    said = [
        one for one in situation.history if one["verb"] not in {"age", "opt_in_requested", "opt_in_confirmed"}
    ]
    unasked = [one for one in said if one["verb"] in {"residency", "link", "unlink"}]
    situation = situation.but(what=situation.what | service, history=said)

    free, bound = situation.but(history=unasked).decided(), situation.after(more, at).decided()

    for place, item in enumerate(disclosure_of(situation.what, "request").items):
        if free.item_verdicts and not is_sensitive(item, situation.registry.taxonomy):
            one, other = free.item_verdicts[place], bound.item_verdicts[place]
            assert (one.outcome, one.reason, one.kind, one.flags) == (
                other.outcome,
                other.reason,
                other.kind,
                other.flags,
            )


@given(situations(published=st.just(())))
def test_what_no_notice_declares_goes_by_a_carve_out_alone(situation: Situation) -> None:
    """Without a notice nothing is permitted but what needs none (invariant 4, legal 7.3.5)."""
    for item in situation.decided().item_verdicts:
        if item.outcome is Outcome.PERMIT:
            assert item.reason in BY_NO_NOTICE
        elif item.outcome in GOES:
            assert item.reason in OUT_OF_SCOPE - {Reason.NON_RESIDENT}


@given(situations(mode=st.just("report")))
def test_a_notify_lies_between_receipt_and_compliance(situation: Situation) -> None:
    """What stops a notify was received, skew aside, and not complied with by then (invariant 5, legal 7.3.6).

    Its recipient is a third party, or a service provider to whom it was a sale or sharing in law, or who was
    given what a limit covers.
    """
    verdict, t = situation.decided(), situation.t
    event(str(verdict.outcome))
    against: list[Stop | Limit] = []
    for item in verdict.item_verdicts:
        against += [*item.stops, *item.limits]

    assert verdict.must_tell == bool(against)
    if verdict.outcome is not Outcome.NOTIFY:
        return
    skew_us = situation.registry.policy.clock_skew_bound_ms * 1000
    assert against
    for one in against:
        assert one.received_us <= one.reached_us <= t + skew_us
        assert one.complied_us is None or t < one.complied_us
    stopped = [item for item in verdict.item_verdicts if item.outcome not in GOES]
    assert all(item.stops or item.limits for item in stopped)
    if verdict.recipient_role is not RecipientRole.THIRD_PARTY:
        assert all(item.kind in SOLD or item.limits for item in stopped)


@given(situations(store_up=st.booleans()))
def test_every_reason_belongs_to_its_outcome(situation: Situation) -> None:
    """Reasons stand in the group of their outcome in the table of the format, flags in its list."""
    verdict = situation.decided()

    assert verdict.reason in GROUPS[verdict.outcome]
    assert all(item.reason in GROUPS[item.outcome] for item in verdict.item_verdicts)
    assert set(verdict.flags) <= set(Flag)
    assert verdict.flags == tuple(sorted(set(verdict.flags)))
    if situation.mode == "request":
        assert verdict.outcome not in {Outcome.NOTIFY, Outcome.VIOLATION}
    else:
        assert verdict.outcome not in {Outcome.SUPPRESS, Outcome.PARTIAL}
        assert verdict.outcome is not Outcome.REJECT or verdict.reason == Reason.MALFORMED


@given(situations(mode=st.just("request")))
def test_the_whole_follows_from_its_items(situation: Situation) -> None:
    """All go: permit, or out of scope; none: as the lowest step stopped; some: partial, for that reason."""
    verdict = situation.decided()
    items, told = verdict.item_verdicts, dict(verdict.items)
    if not items:
        assert verdict.reason in {Reason.MALFORMED, Reason.UNKNOWN_RECIPIENT}
        return
    going, stopped = [i for i in items if i.outcome in GOES], [i for i in items if i.outcome not in GOES]

    assert len(items) == len(situation.what["items"])
    if stopped:
        lowest = min(item.step for item in stopped)
        main = next(item for item in stopped if item.step == lowest)
        assert verdict.outcome == (Outcome.PARTIAL if going else main.outcome)
        assert (verdict.reason, verdict.kind) == (main.reason, main.kind)
    else:
        some_permitted = any(item.outcome is Outcome.PERMIT for item in going)
        assert verdict.outcome == (Outcome.PERMIT if some_permitted else Outcome.OUT_OF_SCOPE)
    for place, item in enumerate(items):
        assert told.get(place, item) == item
        assert place in told or (item.reason, item.kind) == (verdict.reason, verdict.kind)
        assert verdict.outcome is not Outcome.PARTIAL or place in told or item in stopped


@given(situations())
def test_each_item_is_decided_on_its_own(situation: Situation) -> None:
    """An item is decided in company as it is alone, and in any place."""
    entries, together = situation.what["items"], situation.decided().item_verdicts
    backwards = situation.but(what=situation.what | {"items": entries[::-1]}).decided().item_verdicts

    assert together == backwards[::-1]
    for entry, item in zip(entries, together, strict=False):
        assert situation.but(what=situation.what | {"items": [entry]}).decided().item_verdicts == (item,)


@given(situations(store_up=st.just(False)))
def test_without_preferences_nothing_that_fails_closed_goes(situation: Situation) -> None:
    """The store down, what was said makes no difference, and no sale, sharing or sensitive item goes (G4).

    Except by a carve-out, which no preference stops, and what is exempt; a sensitive item also for a
    permitted purpose of a limit.
    """
    what, t, registry = situation.what, situation.t, situation.registry
    verdict = situation.decided()
    occurrence = Occurrence(
        at_us=t,
        emitted_us=what["emitted_at"] if situation.mode == "report" else t,
        collected_us=what["collected_at"],
        transaction_id=what["transaction"],
    )
    disclosure = disclosure_of(what, situation.mode)

    assert verdict == decide(disclosure, occurrence, NOBODY, registry, state_available=False)
    closed = registry.policy.fail_closed_kinds
    for item, entry in zip(verdict.item_verdicts, disclosure.items, strict=False):
        if item.outcome is not Outcome.PERMIT or item.reason in BY_NO_NOTICE:
            continue
        assert Flag.DEGRADED in item.flags
        assert item.kind not in {Kind(word) for word in closed - {"sensitive"}}
        sensitive = is_sensitive(entry, registry.taxonomy) and what["limit_exception"] is None
        assert not ("sensitive" in closed and sensitive)


@given(situations(), st.sampled_from(sorted(KEYS)))
def test_a_report_is_stopped_for_what_would_have_stopped_the_ask(situation: Situation, name: str) -> None:
    """Reported when all had been said, a disclosure has the reasons of the ask, and another outcome."""
    late = max([situation.t, *(said["at"] for said in situation.history)])
    situation = situation.but(what=situation.what | {"about": name, "emitted_at": late}, t=late)

    ask, report = situation.but(mode="request").decided(), situation.but(mode="report").decided()

    assert report.item_verdicts == ask.item_verdicts
    assert (report.reason, report.kind) == (ask.reason, ask.kind)
    if ask.outcome in GOES or ask.reason == Reason.MALFORMED:
        assert report.outcome == ask.outcome
    else:
        assert report.outcome in {Outcome.NOTIFY, Outcome.VIOLATION}
    assert set(ask.flags) <= set(report.flags)
