"""The casebook: repeats, amendments, first and last decisions, who must be told, who has the data."""

from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure_consumers.core.casebook.arrivals import (
    Arrival,
    Correction,
    Elapsed,
    Retraction,
    Shredded,
    StateStore,
    Unplaceable,
)
from disclosure_consumers.core.casebook.casebook import Case, Casebook, Ruling
from disclosure_consumers.core.casebook.contracts import ContractEnded, ContractSigned, amended
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.registry import FOREVER_US, Contract, Period
from disclosure_schemas.events.disclosure import DisclosureRequested, Item
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome, PreferenceKind, SubjectType
from disclosure_schemas.moments import microseconds
from gate_events import NOW, disclosure, event_id, link, preference, registry, request

ALICE, BOB = UUID(int=1), UUID(int=2)
NOW_US = microseconds(NOW)
HOUR_US = 3600 * 1_000_000
REGISTRY = registry()


def report(subject: UUID = ALICE, *, hours: float = 0, **what: Any) -> DisclosureRequested:
    """A report of a sale, some hours after NOW."""
    at = NOW + timedelta(hours=hours)
    told = disclosure(**({"mode": Mode.REPORT, "recipient_id": "copperkite"} | what))
    return request(subject, told, occurred_at=at, emitted_at=at)


def correction(of: DisclosureRequested, *, hours: float, **what: Any) -> Correction:
    """A correction of a report, some hours after NOW."""
    corrected = report(of.subject_key, hours=hours, **what)
    return Correction(NOW_US + int(hours * HOUR_US), corrected.event_id.bytes, of.event_id.bytes, corrected)


def received(book: Casebook, event: Arrival) -> Case:
    """The case of a disclosure."""
    case = book.receive(event)
    assert case is not None
    return case


def final(book: Casebook, case: Case) -> Ruling:
    """How a case stands that has been decided."""
    ruling = book.final(case)
    assert ruling is not None
    return ruling


def test_a_request_is_answered_once_by_all_that_has_arrived() -> None:
    """An opt-out later than the request, but here before it, stops it; one that comes after does not."""
    book = Casebook(REGISTRY)
    book.receive(preference(BOB, PreferenceKind.OPT_OUT, occurred_at=NOW + timedelta(hours=1)))
    stopped = received(book, request(BOB))
    went = received(book, request(ALICE))
    book.receive(preference(ALICE, PreferenceKind.OPT_OUT))
    assert final(book, stopped).reason == Reason.OPTED_OUT_OF_SALE
    assert final(book, went) == went.first
    assert final(book, went).outcome is Outcome.PERMIT


def test_a_request_is_answered_as_of_the_latest_moment_that_has_arrived() -> None:
    """A contract that has ended by the latest moment known is over, though the request was sent before."""
    book = Casebook(REGISTRY)
    book.receive(ContractEnded(NOW_US + HOUR_US, b"e", "harborlight"))
    assert final(book, received(book, request(ALICE))).reason == Reason.NO_THIRD_PARTY_CONTRACT


def test_time_passes_with_events_that_decide_nothing() -> None:
    """A platform entry that matches nobody moves the moment as of which a request is answered."""
    book = Casebook(REGISTRY)
    later = NOW + timedelta(hours=2)
    book.receive(preference(ALICE, PreferenceKind.OPT_OUT, occurred_at=NOW))
    book.receive(preference(ALICE, PreferenceKind.OPT_IN_REQUESTED, occurred_at=NOW + timedelta(minutes=1)))
    book.receive(
        preference(
            ALICE,
            PreferenceKind.OPT_IN_CONFIRMED,
            occurred_at=NOW + timedelta(minutes=2),
            expires_at=NOW + timedelta(hours=1),
        )
    )
    before = received(book, request(ALICE))
    book.receive(Elapsed(microseconds(later)))
    after = received(book, request(ALICE))
    assert final(book, before).reason == Reason.OPT_IN_VALID
    assert final(book, after).reason == Reason.CONSENT_EXPIRED


def test_a_report_is_decided_again_with_what_arrives_later() -> None:
    """The first decision stays as it was; the last one is made of all that has arrived."""
    book = Casebook(REGISTRY)
    case = received(book, report())
    book.receive(preference(ALICE, PreferenceKind.OPT_OUT))
    assert case.first is not None
    assert case.first.outcome is Outcome.PERMIT
    assert final(book, case).outcome is Outcome.NOTIFY
    assert book.to_be_told() == {"copperkite"}


@pytest.mark.parametrize(
    ("changes", "outcome", "reason"),
    [
        ({}, Outcome.DUPLICATE, Reason.ALREADY_RECORDED),
        ({"recipient_id": "tidewater"}, Outcome.REJECT, Reason.ID_COLLISION),
        ({"mode": Mode.REQUEST}, Outcome.REJECT, Reason.ID_COLLISION),
    ],
)
def test_an_event_id_seen_before(changes: dict[str, Any], outcome: Outcome, reason: Reason) -> None:
    """With the same content it is a repeat, with other content a collision; neither is a disclosure."""
    book = Casebook(REGISTRY)
    first = report()
    received(book, first)
    told = first.disclosure.model_copy(update=changes)
    again = received(book, first.model_copy(update={"disclosure": told}))
    assert (final(book, again).outcome, final(book, again).reason) == (outcome, reason)
    assert book.disclosed_to(ALICE.bytes) == {"copperkite"}


def test_what_could_not_be_recorded_leaves_its_id_free() -> None:
    """A malformed event is no event seen before: the same id with content that can be read is recorded."""
    book = Casebook(REGISTRY)
    good = report()
    bad = good.model_copy(update={"disclosure": disclosure(mode=Mode.REPORT, purpose="astrology")})
    assert final(book, received(book, bad)).reason == Reason.MALFORMED
    assert final(book, received(book, bad)).reason == Reason.MALFORMED
    assert final(book, received(book, good)).outcome is Outcome.PERMIT


def test_a_disclosure_without_one_time_or_recipient_is_malformed() -> None:
    """It is sent back, and is nobody's disclosure."""
    book = Casebook(REGISTRY)
    ruling = final(book, received(book, Unplaceable(None, Kind.SHARE)))
    assert (ruling.outcome, ruling.kind, ruling.reason) == (Outcome.REJECT, Kind.SHARE, Reason.MALFORMED)
    assert ruling.permitted == ()
    assert not book.to_be_told()


def test_the_latest_correction_alone_counts() -> None:
    """Of two corrections the later one replaces the content, whichever came first; the moment stays."""
    first = report(items=("commercial",))
    early = correction(first, hours=1, recipient_id="tidewater", items=("inferences",))
    late = correction(first, hours=2, recipient_id="cedarline", items=("commercial",))
    events: list[Arrival] = [first, early, late]
    for order in permutations(events):
        book = Casebook(REGISTRY)
        (case,) = [case for event in order if (case := book.receive(event)) is not None]
        ruling = final(book, case)
        assert Flag.CORRECTED in ruling.flags
        assert ruling.permitted == (Item(category="commercial"),)
        assert book.disclosed_to(ALICE.bytes) == {"cedarline"}


def test_a_correction_may_name_another_subject() -> None:
    """The disclosure is then that subject's, decided by what that subject asked."""
    book = Casebook(REGISTRY)
    first = report()
    case = received(book, first)
    book.receive(preference(BOB, PreferenceKind.OPT_OUT))
    moved = correction(first, hours=1)
    book.receive(moved._replace(replacement=moved.replacement.model_copy(update={"subject_key": BOB})))
    assert final(book, case).outcome is Outcome.NOTIFY
    assert not book.disclosed_to(ALICE.bytes)
    assert book.disclosed_to(BOB.bytes) == {"copperkite"}


def test_a_correction_that_cannot_be_read_changes_nothing() -> None:
    """A later correction with a word that does not exist leaves the one before it in place."""
    book = Casebook(REGISTRY)
    first = report()
    case = received(book, first)
    book.receive(correction(first, hours=1, recipient_id="tidewater"))
    book.receive(correction(first, hours=2, purpose="astrology"))
    assert final(book, case).outcome is Outcome.PERMIT
    assert book.disclosed_to(ALICE.bytes) == {"tidewater"}


def test_what_is_retracted_never_happened() -> None:
    """Retracted before or after it arrived, corrected or not: retracted, and nobody need be told."""
    first = report()
    events: list[Arrival] = [
        preference(ALICE, PreferenceKind.OPT_OUT),
        first,
        correction(first, hours=1),
        Retraction(NOW_US, first.event_id.bytes),
    ]
    for order in permutations(events):
        book = Casebook(REGISTRY)
        (case,) = [case for event in order if (case := book.receive(event)) is not None]
        assert final(book, case).outcome is Outcome.RETRACTED
        assert not book.to_be_told()
        assert not book.disclosed_to(ALICE.bytes)


def test_reports_wait_for_the_store() -> None:
    """A report during an outage has no decision until the store is up; one of before keeps its own."""
    book = Casebook(REGISTRY)
    before = received(book, report())
    book.receive(StateStore(NOW_US, readable=False))
    book.receive(preference(ALICE, PreferenceKind.OPT_OUT))
    waiting = received(book, report(hours=1))
    malformed = received(book, report(hours=1, purpose="astrology"))
    assert (waiting.first, book.final(waiting)) == (None, None)
    assert final(book, before).outcome is Outcome.PERMIT
    assert final(book, malformed).reason == Reason.MALFORMED
    book.receive(StateStore(NOW_US, readable=True))
    assert waiting.first is not None
    assert waiting.first.outcome is Outcome.NOTIFY
    assert final(book, before).outcome is Outcome.NOTIFY


def test_requests_during_an_outage_are_answered_at_once() -> None:
    """Not knowing is not consent: a sale is stopped, a service goes on, and both answers stand."""
    book = Casebook(REGISTRY)
    book.receive(StateStore(None, readable=False))
    sale = received(book, request(ALICE))
    what = disclosure(kind=Kind.BUSINESS_PURPOSE, recipient_id="parcelmoor", consideration="none")
    service = received(book, request(ALICE, what))
    book.receive(StateStore(None, readable=True))
    assert final(book, sale).reason == Reason.STATE_STORE_UNAVAILABLE
    assert final(book, service).flags == {Flag.DEGRADED}


def test_a_report_that_ignores_its_answer_is_critical() -> None:
    """Told not to, sent anyway: a violation even within the time to comply, and the recipient is told."""
    book = Casebook(REGISTRY)
    book.receive(preference(ALICE, PreferenceKind.OPT_OUT))
    asked = request(ALICE)
    book.receive(asked)
    sent = report().model_copy(update={"decision_event_id": asked.event_id})
    case = received(book, sent)
    assert final(book, case).reason == Reason.DECISION_IGNORED
    assert Flag.CRITICAL in final(book, case).flags
    assert book.to_be_told() == {"copperkite"}


def test_both_recipients_of_a_step_transaction_have_the_data_and_the_one_behind_is_told() -> None:
    """A service provider passes data on to a buyer: both are disclosed to, the buyer must be told."""
    book = Casebook(REGISTRY)
    book.receive(preference(ALICE, PreferenceKind.OPT_OUT))
    book.receive(
        report(
            kind=Kind.BUSINESS_PURPOSE,
            recipient_id="shellbridge",
            consideration="none",
            onward_recipient_id="harborlight",
        )
    )
    assert book.disclosed_to(ALICE.bytes) == {"shellbridge", "harborlight"}
    assert book.to_be_told() == {"harborlight"}


def test_a_completed_deletion_is_told_to_recipients_of_before() -> None:
    """Sales and services up to the moment it was done, over links too; not what the law ordered."""
    book = Casebook(REGISTRY)
    book.receive(link(BOB, ALICE, subject_type=SubjectType.ACCOUNT))
    service: dict[str, Any] = {"kind": Kind.BUSINESS_PURPOSE, "consideration": "none"}
    book.receive(report(hours=0))
    book.receive(report(BOB, hours=1, recipient_id="parcelmoor", **service))
    book.receive(report(hours=1, kind=Kind.LEGAL_PROCESS, consideration="none", recipient_id="alder_health"))
    book.receive(report(hours=3, recipient_id="vaultmoss", **service))
    book.receive(preference(ALICE, PreferenceKind.DELETE, occurred_at=NOW + timedelta(hours=1)))
    assert not book.to_be_told()
    book.receive(preference(ALICE, PreferenceKind.DELETION_COMPLETED, occurred_at=NOW + timedelta(hours=2)))
    assert book.to_be_told() == {"copperkite", "parcelmoor"}


def test_after_the_key_is_destroyed_nobody_is_named() -> None:
    """Nothing in the ledger is hers any more, whenever it arrived; others keep their answers."""
    book = Casebook(REGISTRY)
    book.receive(report())
    book.receive(report(BOB))
    book.receive(Shredded(None, ALICE.bytes))
    book.receive(report(hours=1))
    assert not book.disclosed_to(ALICE.bytes)
    assert book.disclosed_to(BOB.bytes) == {"copperkite"}


@pytest.mark.parametrize(
    ("subjects", "exempt", "status"),
    [
        ((), False, "not_found"),
        ((ALICE,), False, "deleted"),
        ((ALICE, BOB), False, "opted_out"),
        ((ALICE, BOB), True, "exempted"),
    ],
)
def test_status_of_a_platform_entry(subjects: tuple[UUID, ...], exempt: bool, status: str) -> None:
    """The answer follows from how many subjects an entry matched; matching again changes nothing."""
    book = Casebook(REGISTRY)
    for subject in subjects * 2:
        book.receive(
            preference(subject, PreferenceKind.DROP_MATCH, drop_id="m", drop_list="email", all_exempt=exempt)
        )
    assert book.drop_status("m") == status


def signed(hours: float, contract_type: str = "service_provider") -> ContractSigned:
    """A contract with Lanternquay, which has none."""
    at_us = NOW_US + int(hours * HOUR_US)
    period = Period(at_us, FOREVER_US)
    contract = Contract(id=f"c{hours}", type=contract_type, period=period)  # type: ignore[arg-type]
    return ContractSigned(at_us, f"s{hours}".encode(), "lanternquay", contract)


def ended(hours: float, contract_type: str | None = None) -> ContractEnded:
    """The end of contracts with Lanternquay."""
    return ContractEnded(NOW_US + int(hours * HOUR_US), f"e{hours}".encode(), "lanternquay", contract_type)


@pytest.mark.parametrize(
    ("facts", "in_force"),
    [
        ([signed(1)], [1, 2, 3, 4]),
        ([signed(1), ended(3)], [1, 2]),
        ([signed(1), ended(2), signed(3)], [1, 3, 4]),
        ([signed(1), ended(1)], []),
        ([ended(0), signed(1)], [1, 2, 3, 4]),
        ([signed(1), ended(3), ended(2)], [1]),
        ([signed(1), ended(2, "third_party")], [1, 2, 3, 4]),
        ([signed(1), signed(2, "third_party"), ended(3, "third_party")], [1, 2, 3, 4]),
        ([signed(1), signed(1)], [1, 2, 3, 4]),
    ],
)
def test_contracts_signed_and_ended_amend_the_registry(
    facts: list[ContractSigned | ContractEnded], in_force: list[int]
) -> None:
    """A contract is in force from its moment to the first end after it, whatever the order of the news."""
    for order in permutations(facts):
        contracts = amended(REGISTRY, order).recipients["lanternquay"].contracts
        services = [contract for contract in contracts if contract.type == "service_provider"]
        assert [
            hour for hour in range(5) if any(c.period.holds(NOW_US + hour * HOUR_US) for c in services)
        ] == in_force


def test_amending_the_registry_forgets_what_was_worked_out_with_it() -> None:
    """A role that was remembered before a contract ended is not remembered after."""
    book = Casebook(REGISTRY)
    what = disclosure(kind=Kind.BUSINESS_PURPOSE, recipient_id="parcelmoor", consideration="none")
    before = received(book, request(ALICE, what))
    book.receive(ContractEnded(NOW_US, b"e", "parcelmoor"))
    after = received(book, request(ALICE, what))
    assert final(book, before).outcome is Outcome.PERMIT
    assert final(book, after).reason == Reason.NO_THIRD_PARTY_CONTRACT


def test_news_of_a_contract_with_nobody_known_changes_nothing() -> None:
    """A recipient that is not in the registry stays unknown."""
    facts = [ContractEnded(NOW_US, b"e", "nobody_ltd")]
    assert "nobody_ltd" not in amended(REGISTRY, facts).recipients


FIRST, SECOND = report(), report(BOB, hours=5, recipient_id="harborlight")
STORY: tuple[Arrival, ...] = (
    FIRST,
    SECOND,
    preference(ALICE, PreferenceKind.OPT_OUT),
    preference(BOB, PreferenceKind.OPT_OUT, occurred_at=NOW + timedelta(hours=3)),
    preference(BOB, PreferenceKind.COMPLIED, occurred_at=NOW + timedelta(hours=4)),
    link(BOB, ALICE, subject_type=SubjectType.ACCOUNT, occurred_at=NOW + timedelta(hours=2)),
    preference(ALICE, PreferenceKind.OPT_IN_REQUESTED, occurred_at=NOW - timedelta(minutes=40)),
    preference(ALICE, PreferenceKind.OPT_IN_CONFIRMED, occurred_at=NOW - timedelta(minutes=20)),
    correction(FIRST, hours=1, recipient_id="tidewater"),
    ContractEnded(NOW_US + 4 * HOUR_US, b"e", "harborlight"),
    preference(ALICE, PreferenceKind.DELETION_COMPLETED, occurred_at=NOW + timedelta(hours=9)),
    Retraction(NOW_US, event_id().bytes),
)


def ending(events: tuple[Arrival, ...]) -> tuple[object, ...]:
    """How the reports of STORY stand after these events."""
    book = Casebook(REGISTRY)
    cases: dict[bytes, Case] = {}
    for event in events:
        case = book.receive(event)
        if case is not None and isinstance(case.event, DisclosureRequested):
            cases.setdefault(case.event.event_id.bytes, case)
    rulings = [final(book, cases[event.event_id.bytes])[:4] for event in (FIRST, SECOND)]
    return rulings, book.to_be_told(), book.disclosed_to(ALICE.bytes), book.disclosed_to(BOB.bytes)


@given(order=st.permutations(STORY), again=st.lists(st.sampled_from(STORY), max_size=4))
def test_the_end_depends_on_no_order_and_no_repetition(order: list[Arrival], again: list[Arrival]) -> None:
    """Once all has arrived, reports stand alike whatever the order, and however often each event came."""
    expected = ending(STORY)
    assert expected[1] == {"tidewater", "harborlight"}
    assert ending((*order, *again)) == expected
