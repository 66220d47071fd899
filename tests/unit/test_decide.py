"""The decision core against tables of cases; ids in brackets are cases of the scenario pack."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from disclosure_consumers.core.decide import decide
from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.subject.standing import NOBODY, Basis, Standing, Stop, signed
from disclosure_consumers.core.verdict import Verdict
from disclosure_schemas.events.disclosure import Item, Signals
from disclosure_schemas.events.vocabulary import DisclosureChannel, Exemption, Kind, Mode, SubjectType
from disclosure_schemas.moments import microseconds
from gate_events import NOW, disclosure, registry

MM22 = "massmutual_workforce_2022"
MM20 = "massmutual_ccpa_2020"
RECEIVED = datetime(2026, 4, 6, 16, 0, tzinfo=UTC)


def stop(**changes: Any) -> Stop:
    """An own opt-out of both kinds, received at RECEIVED."""
    at_us = microseconds(RECEIVED)
    fields: dict[str, Any] = {
        "reached_us": at_us,
        "received_us": at_us,
        "event_id": UUID(int=1).bytes,
        "basis": Basis.OPT_OUT,
    }
    return Stop(**(fields | changes))


def standing_of(stops: list[Stop], subject_type: SubjectType = SubjectType.ACCOUNT) -> Standing:
    """A standing of these stops alone."""
    return signed(Standing(subject_type=subject_type, stops=tuple(stops)))


OPTED_OUT = standing_of([stop()])


def judge(
    standing: Standing = NOBODY,
    *published: str,
    at: datetime = NOW,
    collected_at: datetime | None = None,
    state_available: bool = True,
    **what: Any,
) -> Verdict:
    """Decide one disclosure at a moment."""
    occurrence = Occurrence(
        at_us=microseconds(at),
        emitted_us=microseconds(at),
        collected_us=None if collected_at is None else microseconds(collected_at),
    )
    registry_value = registry(*published)
    return decide(disclosure(**what), occurrence, standing, registry_value, state_available=state_available)


NETWORK = ("network_activity",)
SHARE: dict[str, Any] = {
    "kind": Kind.SHARE,
    "recipient_id": "pixelmarsh",
    "items": NETWORK,
    "cross_context_ads": True,
}
SERVICE: dict[str, Any] = {
    "kind": Kind.BUSINESS_PURPOSE,
    "recipient_id": "parcelmoor",
    "purpose": "provide_services",
}

CASES: list[tuple[str, Standing, dict[str, Any], tuple[str, str]]] = [
    ("D001", NOBODY, {}, ("permit", "not_opted_out")),
    ("D002", OPTED_OUT, {}, ("suppress", "opted_out_of_sale")),
    ("D003", OPTED_OUT, SHARE, ("suppress", "opted_out_of_sharing")),
    ("D004", OPTED_OUT, SERVICE, ("permit", "business_purpose")),
    ("D005", OPTED_OUT, {"kind": Kind.OTHER, "recipient_id": "tidewater"}, ("permit", "no_consideration")),
    ("D034", standing_of([stop(named=frozenset({Kind.SALE}))]), SHARE, ("permit", "partial_opt_out")),
    ("D037", standing_of([stop(basis=Basis.PENDING)]), {}, ("suppress", "opt_out_pending")),
    ("D167", standing_of([stop(basis=Basis.FORWARDED)]), {}, ("suppress", "opt_out_forwarded")),
    ("D042", standing_of([stop(basis=Basis.GPC)], SubjectType.DEVICE), SHARE, ("suppress", "gpc_device")),
    ("D043", standing_of([stop(basis=Basis.GPC)]), SHARE, ("suppress", "gpc_known_consumer")),
    ("D041", standing_of([stop(basis=Basis.DNT)], SubjectType.DEVICE), SHARE, ("permit", "not_opted_out")),
    ("D040", standing_of([stop(basis=Basis.COOKIE)], SubjectType.DEVICE),
     SHARE | {"channel": DisclosureChannel.COOKIE}, ("suppress", "cookie_reject")),
    ("a banner speaks of cookies", standing_of([stop(basis=Basis.COOKIE)], SubjectType.DEVICE), SHARE,
     ("permit", "not_opted_out")),
    ("D063", standing_of([stop(basis=Basis.STRING)], SubjectType.DEVICE), SHARE,
     ("suppress", "opted_out_of_sharing")),
    ("D089", standing_of([stop(basis=Basis.INHERITED)]), {}, ("suppress", "opt_out_inherited")),
    ("D047", standing_of([stop(own=False)]), {}, ("suppress", "linked_profile")),
    ("S033", standing_of([stop(own=False)], SubjectType.HOUSEHOLD), {},
     ("suppress", "household")),
    ("gpc in the request", NOBODY, SHARE | {"signals": Signals(gpc=("0", "1"))},
     ("suppress", "gpc_known_consumer")),
    ("gpc that is no 1", NOBODY, SHARE | {"signals": Signals(gpc=("true",))}, ("permit", "not_opted_out")),
    ("gpp unread", NOBODY, SHARE | {"signals": Signals(gpp="DBABBg~x")}, ("suppress", "signal_unparseable")),
    ("D067", OPTED_OUT, SERVICE | {"recipient_id": "lanternquay"}, ("suppress", "opted_out_of_sale")),
    ("D071", OPTED_OUT, SERVICE | {"recipient_id": "adsparrow", "cross_context_ads": True},
     ("suppress", "opted_out_of_sharing")),
    ("D074", OPTED_OUT, SERVICE | {"recipient_id": "adsparrow", "combines_data": True},
     ("suppress", "opted_out_of_sale")),
    ("D076", OPTED_OUT, SERVICE | {"recipient_id": "certwell"}, ("permit", "business_purpose")),
    ("D077", OPTED_OUT, SERVICE | {"recipient_id": "drossmere"}, ("suppress", "opted_out_of_sale")),
    ("D078", NOBODY, {"recipient_id": "hollowpine"}, ("reject", "no_third_party_contract")),
    ("D079", NOBODY, SERVICE | {"recipient_id": "some_new_startup"}, ("reject", "unknown_recipient")),
    ("D080", OPTED_OUT, SERVICE | {"recipient_id": "stonecrest"}, ("permit", "same_business")),
    ("D086", OPTED_OUT, {"kind": Kind.OPT_OUT_RELAY, "purpose": "opt_out_notice"},
     ("permit", "opt_out_relay")),
    ("D087", OPTED_OUT, {"kind": Kind.OPT_OUT_RELAY, "cross_context_ads": True},
     ("suppress", "opted_out_of_sharing")),
    ("D088", OPTED_OUT, {"kind": Kind.CORPORATE_TRANSACTION, "recipient_id": "northlock",
                         "control_transferred": True}, ("permit", "merger_transfer")),
    ("D099", NOBODY, {"items": ("E",)}, ("reject", "malformed")),
    ("unknown purpose", NOBODY, {"purpose": "fun"}, ("reject", "malformed")),
    ("kind newer than the reader", NOBODY, {"kind": Kind.UNKNOWN}, ("reject", "malformed")),
    ("D139", NOBODY, {"recipient_id": "openfield",
                      "items": (Item.parse("network_activity", Exemption.DEIDENTIFIED),)},
     ("out_of_scope", "exempt_deidentified")),
    ("D140", OPTED_OUT, {"items": (Item.parse("network_activity", Exemption.DEIDENTIFIED),)},
     ("suppress", "opted_out_of_sale")),
    ("D141", OPTED_OUT, {"recipient_id": "openfield",
                         "items": (Item.parse("identifiers.email_hash", Exemption.DEIDENTIFIED),)},
     ("suppress", "opted_out_of_sale")),
    ("D154", NOBODY, {"wholly_outside_california": True}, ("out_of_scope", "outside_california")),
    ("D169", OPTED_OUT, SERVICE | {"recipient_id": "shellbridge", "onward_recipient_id": "harborlight"},
     ("suppress", "opted_out_of_sale")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("standing", "what", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_a_disclosure_is_decided_as_the_law_says(
    standing: Standing, what: dict[str, Any], expected: tuple[str, str]
) -> None:
    """Under a notice that declares everything, outcome and reason are those of the case."""
    verdict = judge(standing, **what)

    assert expected == (verdict.outcome, verdict.reason)


NOTICE_CASES: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("D094", {"items": ("customer_records",)}, ("reject", "undeclared_kind")),
    ("D096", {"items": ("identifiers.ssn",)}, ("reject", "element_is_sensitive")),
    ("D097", SERVICE | {"recipient_id": "carewell"}, ("reject", "undeclared_recipient")),
    ("D098", SERVICE | {"items": ("biometric",)}, ("reject", "undeclared_category")),
    (
        "D102",
        SERVICE | {"recipient_id": "ledgerfern", "purpose": "train_models"},
        ("reject", "undeclared_purpose"),
    ),
    ("declared sale", {}, ("permit", "not_opted_out")),
    ("declared service", SERVICE, ("permit", "business_purpose")),
]


@pytest.mark.parametrize(
    ("what", "expected"), [c[1:] for c in NOTICE_CASES], ids=[c[0] for c in NOTICE_CASES]
)
def test_the_published_notice_is_a_promise(what: dict[str, Any], expected: tuple[str, str]) -> None:
    """Under the MassMutual 2022 notice, what its matrix does not declare is sent back."""
    verdict = judge(NOBODY, MM22, **what)

    assert expected == (verdict.outcome, verdict.reason)
    assert verdict.notice_id == MM22


def test_the_notice_at_collection_must_declare_it_too() -> None:
    """Collected under a notice that sold nothing, a sale is refused whatever today's notice says [S011]."""
    verdict = judge(NOBODY, MM20, MM22, collected_at=datetime(2021, 6, 1, tzinfo=UTC))

    assert (
        verdict.outcome,
        verdict.reason,
        verdict.flags,
    ) == ("reject", "undeclared_kind", ("notice_at_collection",))


def test_only_the_items_that_may_go_are_permitted() -> None:
    """A request of a declared and an undeclared item is partial and says which item goes."""
    verdict = judge(NOBODY, MM22, items=("customer_records", "identifiers"))

    assert (verdict.outcome, verdict.reason) == ("partial", "undeclared_kind")
    assert [(index, item.outcome) for index, item in verdict.items] == [(1, "permit")]


REPORT_CASES: list[tuple[str, Stop, dict[str, Any], str, tuple[str, ...]]] = [
    ("D009 within the time to comply", stop(), {}, "notify", ()),
    (
        "D010 after compliance",
        stop(complied_us=microseconds(RECEIVED)),
        {},
        "violation",
        ("after_compliance",),
    ),
    ("S004 a signal leaves no time", stop(basis=Basis.GPC), {}, "violation", ("after_compliance",)),
]


@pytest.mark.parametrize(("what_stops", "what", "outcome", "flags"), [c[1:] for c in REPORT_CASES],
                         ids=[c[0] for c in REPORT_CASES])  # fmt: skip
def test_a_report_after_an_opt_out_is_recorded_as_what_it_is(
    what_stops: Stop, what: dict[str, Any], outcome: str, flags: tuple[str, ...]
) -> None:
    """A report that an ask would have stopped is a notify within the time to comply, else a violation."""
    at = RECEIVED + timedelta(days=1)

    verdict = judge(standing_of([what_stops]), at=at, mode=Mode.REPORT, recipient_id="copperkite", **what)

    assert outcome == verdict.outcome
    assert set(flags) <= set(verdict.flags)


def test_the_deadline_is_the_end_of_the_fifteenth_business_day() -> None:
    """Received on Monday 6 April, day 15 counting Saturdays is the 23rd, to its last moment [D011]."""
    end = datetime(2026, 4, 24, 7, 0, tzinfo=UTC)  # midnight in California

    before = judge(OPTED_OUT, at=end - timedelta(microseconds=1), mode=Mode.REPORT)
    after = judge(OPTED_OUT, at=end, mode=Mode.REPORT)

    assert (before.outcome, after.outcome) == ("notify", "violation")
    assert "after_deadline" in after.flags


def test_a_shorter_deadline_of_the_notice_binds() -> None:
    """The notice promises 15 calendar days; a sale on day 16 breaks it [D012]."""
    verdict = judge(OPTED_OUT, MM22, at=datetime(2026, 4, 22, 16, tzinfo=UTC), mode=Mode.REPORT)

    assert verdict.outcome == "violation"
    assert "after_notice_deadline" in verdict.flags


def test_at_equal_instants_the_opt_out_wins() -> None:
    """A report of the very moment of the opt-out, or within the clock skew before it, counts as after it."""
    same = judge(OPTED_OUT, at=RECEIVED, mode=Mode.REPORT)
    skewed = judge(OPTED_OUT, at=RECEIVED - timedelta(milliseconds=200), mode=Mode.REPORT)
    earlier = judge(OPTED_OUT, at=RECEIVED - timedelta(seconds=2), mode=Mode.REPORT)

    assert (same.outcome, skewed.outcome, earlier.outcome) == ("notify", "notify", "permit")


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({}, ("suppress", "state_store_unavailable")),
        (SHARE, ("suppress", "state_store_unavailable")),
        (SERVICE, ("permit", "business_purpose")),
        (SERVICE | {"items": ("sensitive.religion_or_belief",)}, ("suppress", "state_store_unavailable")),
    ],
    ids=["sale", "share", "service", "sensitive"],
)
def test_without_preferences_sale_share_and_sensitive_fail_closed(
    what: dict[str, Any], expected: tuple[str, str]
) -> None:
    """Not knowing is not consent; ordinary business-purpose disclosures go on, marked degraded (G4)."""
    verdict = judge(NOBODY, state_available=False, **what)

    assert expected == (verdict.outcome, verdict.reason)
    assert ("degraded" in verdict.flags) is (verdict.outcome == "permit")


def test_a_verdict_names_the_preferences_that_stopped_it() -> None:
    """The ids of the opt-outs that count are part of the verdict, so that it can be explained."""
    assert judge(OPTED_OUT).stopped_by == (UUID(int=1).bytes,)
    assert judge(OPTED_OUT, **SERVICE).stopped_by == ()


def test_a_verdict_holds_until_a_contract_or_notice_changes() -> None:
    """The period in which an answer may be reused ends where the recipient's contract ends."""
    verdict = judge(NOBODY, recipient_id="summerfade", at=datetime(2026, 3, 1, tzinfo=UTC), kind=Kind.SHARE)

    assert microseconds(datetime(2026, 4, 1, 7, tzinfo=UTC)) == verdict.holds.until_us


@pytest.mark.parametrize("year", [1, 1970, 9999])
def test_a_moment_of_any_year_is_decided(year: int) -> None:
    """A report and an opt-out of a clock that is wrong by centuries are decided, not an error."""
    at = datetime(year, 12, 25, tzinfo=UTC)
    received = stop(reached_us=microseconds(at), received_us=microseconds(at))

    verdict = judge(standing_of([received]), at=at, mode=Mode.REPORT, recipient_id="copperkite")

    assert verdict.outcome in {"notify", "violation"}
