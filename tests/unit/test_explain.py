"""The story of a decision: what it says of each kind of decision, step by step and section by section."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from answer_rows import NOW, event_id, report, row
from disclosure_consumers.core.telling.explain import Beside, explain
from disclosure_consumers.core.telling.explained_lines import sections_of
from disclosure_consumers.core.telling.explanation import (
    Explanation,
    NamedPreference,
    OtherDecision,
    Relation,
    StepResult,
    Worded,
)
from disclosure_ledger.store.rows import DecisionRow, event_of
from disclosure_schemas.events.disclosure import Disclosure, Item, Signals
from disclosure_schemas.events.vocabulary import Exemption, Kind, Mode, Outcome, PreferenceKind

OPT_OUT_ID = event_id(900)
RECEIVED = datetime(2026, 4, 6, 16, 0, tzinfo=UTC)
PASSED, DECIDED, NOT_REACHED = StepResult.PASSED, StepResult.DECIDED, StepResult.NOT_REACHED


def opt_out(**changes: Any) -> NamedPreference:
    """An opt-out by web form on a Monday morning in April, as the ledger has it."""
    fields: dict[str, Any] = {
        "event_id": str(OPT_OUT_ID),
        "made_at": RECEIVED,
        "kind": PreferenceKind.OPT_OUT,
        "of": ("sale", "share"),
        "channel": "web_form",
        "occurred_at": RECEIVED,
    }
    return NamedPreference(**(fields | changes))


SUPPRESSED = row(
    1,
    outcome="suppress",
    reason="opted_out_of_sale",
    preference_event_ids=(OPT_OUT_ID,),
    contract_id="harborlight/third_party/2022-01-01",
)


def told(decision: DecisionRow, what: Disclosure | None = None, **beside: Any) -> Explanation:
    """The story of a row; `what`: what it discloses, where the row cannot say it."""
    event = event_of(decision)
    if what is not None:
        event = event.model_copy(update={"request": event.request.model_copy(update={"disclosure": what})})
    return explain(event, Beside(**beside))


def what(**changes: Any) -> Disclosure:
    """A sale of an e-mail address to Harborlight."""
    fields: dict[str, Any] = {
        "mode": Mode.REQUEST,
        "kind": Kind.SALE,
        "recipient_id": "harborlight",
        "purpose": "marketing",
        "items": (Item.parse("identifiers.email"),),
        "emitter": "crm",
    }
    return Disclosure(**(fields | changes))


def text_of(explanation: Explanation) -> str:
    """All sections as a reader sees them."""
    return "\n".join(
        line for section in sections_of(explanation) for line in (f"# {section.title}", *section.lines)
    )


def results(explanation: Explanation) -> list[StepResult]:
    """What each step did."""
    return [step.result for step in explanation.steps]


def test_the_steps_before_the_deciding_one_passed_and_those_after_were_not_reached() -> None:
    """A suppression for an opt-out is decided at step 9, with the reason and its rule beside it."""
    explanation = told(SUPPRESSED, preferences=(opt_out(),))

    assert results(explanation) == [PASSED] * 8 + [DECIDED] + [NOT_REACHED] * 3
    (found,) = explanation.steps[8].found
    assert (found.goes, found.items, found.reason.code) == (
        False,
        ("identifiers.email",),
        "opted_out_of_sale",
    )
    assert found.reason.citation == "Civ. Code 1798.120(d)"
    assert [step.number for step in explanation.steps] == list(range(1, 13))
    assert all(step.looked_at for step in explanation.steps[:9])


def test_a_story_tells_everything_that_is_recorded() -> None:
    """Who asked what when about whom, to whom, what stopped it, and with what it was decided are all said."""
    text = text_of(told(SUPPRESSED, preferences=(opt_out(),), decided_partition=4, decided_offset=77))

    for expected in (
        "# What was asked",
        "asked at 2026-10-01 10:00:00.000-07:00",
        f"by crm, about the account {SUPPRESSED.subject_key}",
        "of identifiers.email, for marketing",
        "Harborlight Data Exchange (harborlight), of the category commercial data partners",
        "It is a third party, under harborlight/third_party/2022-01-01.",
        "declared and found to be sale",
        " 8 minors: did not stop it",
        " 9 opt-outs: STOPPED IT",
        "-> The person opted out of the sale of personal information. [Civ. Code 1798.120(d)] (opted_out_of",
        "10 limits: not reached",
        f"opt out of sale, share by web form at 2026-04-06 09:00:00.000-07:00 ({OPT_OUT_ID})",
        "an answer until 2026-10-01 10:15:01.000-07:00",
        f"rule version 1, registry {bytes(32).hex()}",
        "notice neutral, contract harborlight/third_party/2022-01-01",
        "state of preferences current: read to offsets 1, 2, 3 of privacy.preferences and offsets 0, 0, 0 of",
        "request in partition 0 at offset 1, decision in partition 4 at offset 77",
    ):
        assert expected in text
    assert "# Time to comply" not in text  # nothing has happened yet
    assert "# Item by item" not in text
    assert "# Other decisions" not in text


UNREGISTERED = row(1, outcome="reject", reason="unknown_recipient", recipient_name=None)
HEADLINES: list[tuple[DecisionRow, str]] = [
    (row(1), "PERMIT: the sale disclosure to {} may be made."),
    (SUPPRESSED, "SUPPRESS: the sale disclosure to {} must not be made."),
    (UNREGISTERED, "REJECT: the sale disclosure to harborlight was sent back."),
    (report(1), "PERMIT: the sale disclosure to {} was rightly made."),
    (report(1, outcome="violation"), "VIOLATION: the sale disclosure to {} should not have been made."),
    (
        report(1, outcome="retracted", reason="retracted"),
        "RETRACTED: the sale disclosure to {} is declared not to have happened.",
    ),
    (
        row(1, outcome="out_of_scope", reason="exempt_public"),
        "OUT OF SCOPE: the sale disclosure to {} may be made, and this law does not apply to it.",
    ),
    (row(1, outcome="unknown"), "UNKNOWN: the sale disclosure to {} was answered with unknown."),
]


@pytest.mark.parametrize(
    ("decision", "expected"), HEADLINES, ids=[text.partition(":")[0] for _, text in HEADLINES]
)
def test_a_story_begins_with_what_came_out(decision: DecisionRow, expected: str) -> None:
    """The headline says in one sentence what was decided, of a request otherwise than of a report."""
    assert told(decision).headline == expected.format("Harborlight Data Exchange")


DECIDING: list[tuple[DecisionRow, Disclosure | None, int]] = [
    (row(1, outcome="reject", reason="malformed"), None, 1),
    (report(1, outcome="retracted", reason="retracted", retracts_event_id=event_id(7)), None, 2),
    (row(1, outcome="reject", reason="unknown_recipient"), None, 3),
    (row(1, outcome="out_of_scope", reason="outside_california"), what(wholly_outside_california=True), 4),
    (
        row(1, outcome="suppress", reason="state_store_unavailable", preference_state="stale"),
        what(items=(Item.parse("commercial", Exemption.GLBA),)),
        4,
    ),
    (row(1, reason="same_business"), None, 5),
    (row(1, outcome="reject", reason="undeclared_purpose"), None, 6),
    (row(1, outcome="suppress", reason="state_store_unavailable", preference_state="stale"), None, 7),
    (row(1, reason="business_purpose", kind="business_purpose", preference_state="stale"), None, 7),
    (row(1, reason="business_purpose", kind="business_purpose"), None, 12),
    (
        report(1, reason="business_purpose", kind="business_purpose", preference_state="stale"),
        what(mode=Mode.REPORT),
        12,
    ),
    (row(1, outcome="suppress", reason="prior_decline"), None, 8),
    (row(1, outcome="suppress", reason="consent_scope"), None, 8),
    (row(1, outcome="suppress", reason="limit_sensitive"), None, 10),
    (row(1, outcome="suppress", reason="gdpr_no_basis"), None, 11),
    (row(1, outcome="reject", reason="no_third_party_contract"), None, 12),
]


@pytest.mark.parametrize(
    ("decision", "disclosure", "step"), DECIDING, ids=[f"{entry[0].reason}-{entry[2]}" for entry in DECIDING]
)
def test_each_step_can_be_the_one_that_decided(
    decision: DecisionRow, disclosure: Disclosure | None, step: int
) -> None:
    """Whatever the reason, one step decided, those before it passed and those after it were not reached."""
    assert results(told(decision, disclosure)) == [PASSED] * (step - 1) + [DECIDED] + [NOT_REACHED] * (
        12 - step
    )


def test_where_the_record_does_not_tell_the_step_this_is_said() -> None:
    """A consent that does not help, with a signal that came along, may have mattered at three steps."""
    explanation = told(
        row(1, outcome="suppress", reason="consent_expired"), what(signals=Signals(gpc=("1",)))
    )

    assert results(explanation) == [PASSED] * 7 + [StepResult.MAY_HAVE_DECIDED] * 3 + [NOT_REACHED] * 2
    assert "it was this step or another that stopped it; the record does not tell" in text_of(explanation)


def test_an_answer_that_was_ignored_has_no_step() -> None:
    """What was sent although the answer was no says so, and claims no step it does not know."""
    explanation = told(report(1, outcome="violation", reason="decision_ignored", flags=("critical",)))

    assert set(results(explanation)) == {StepResult.NOT_RECORDED}
    text = text_of(explanation)
    assert "not recorded" in text
    assert "It was sent although the gate had said that it must not be." in text


def test_items_that_differ_are_told_one_by_one() -> None:
    """In a partial answer each item has its outcome, step and reason, and the steps name the item."""
    explanation = told(
        row(
            1,
            outcome="partial",
            reason="undeclared_kind",
            items=("customer_records", "identifiers.email"),
            listed={1: (Outcome.PERMIT, Kind.SALE, "not_opted_out")},
        )
    )

    assert [(item.item, item.outcome, item.steps) for item in explanation.items] == [
        ("customer_records", "reject", (6,)),
        ("identifiers.email", "permit", (12,)),
    ]
    assert results(explanation) == [PASSED] * 5 + [DECIDED] + [PASSED] * 5 + [DECIDED]
    text = text_of(explanation)
    assert " 6 notice: stopped customer_records" in text
    assert "12 contract and permit: let identifiers.email go" in text
    assert "customer_records: reject, sale, at step 6" in text


def test_a_tag_is_told_even_where_all_items_are_alike() -> None:
    """An exemption is part of the story: which item carries it, and what became of it."""
    tagged = what(items=(Item.parse("commercial", Exemption.GLBA),))
    text = text_of(told(row(1, outcome="out_of_scope", reason="exempt_glba", items=("commercial",)), tagged))

    assert "commercial is tagged glba." in text
    assert "commercial (tagged glba): out of scope, sale, at step 4" in text


def test_why_the_kind_differs_from_the_declared_one_is_told() -> None:
    """A service without a contract is told as a sale, with the flag in words, and not twice."""
    explanation = told(
        row(1, declared_kind="business_purpose", flags=("advisory", "reclassified_no_contract"))
    )
    sections = {section.title: section.lines for section in sections_of(explanation)}

    declared, why = sections["What kind of disclosure"]
    assert declared == "declared as business purpose, found to be sale"
    assert why.startswith("It was called a service to us, but no contract in force makes the recipient a ")
    assert why.endswith("[11 CCR 7050(e), 7051(a)] (reclassified_no_contract)")
    assert len(sections["Worth knowing"]) == 1
    assert "(advisory)" in sections["Worth knowing"][0]


def test_who_counts_as_the_recipient_behind_another_is_told() -> None:
    """Of a step transaction the third party behind is named, and what its role rests on."""
    passed_on = what(
        kind=Kind.BUSINESS_PURPOSE, recipient_id="shellbridge", onward_recipient_id="harborlight"
    )
    explanation = told(
        row(1, flags=("reclassified_step_transaction",), recipient_id="shellbridge"), passed_on
    )

    assert explanation.recipient.rests_on == (
        "Behind it harborlight counts as the recipient, a third party, without a contract."
    )


NOTIFIED = report(1, outcome="notify", reason="opted_out_of_sale", preference_event_ids=(OPT_OUT_ID,))


def test_a_report_within_the_time_to_comply_says_when_it_ends() -> None:
    """The 15th business day after a Monday, Saturdays counted, ends on 24 April at midnight in California."""
    explanation = told(NOTIFIED, preferences=(opt_out(processed_at=RECEIVED + timedelta(days=20)),))

    assert explanation.timing is not None
    (window,) = explanation.timing.windows
    assert window.until == datetime(2026, 4, 24, 7, 0, tzinfo=UTC)
    text = text_of(explanation)
    assert "It was made before any time to comply had passed, so it is no violation." in text
    assert "end at 2026-04-24 00:00:00.000-07:00; taken in at 2026-04-26 09:00:00.000-07:00" in text
    assert " 9 opt-outs: WOULD HAVE STOPPED IT" in text


def test_a_violation_says_what_had_passed() -> None:
    """Flags of what had passed are told under the time to comply, and nowhere else."""
    late = report(
        1,
        outcome="violation",
        reason="opted_out_of_sale",
        preference_event_ids=(OPT_OUT_ID,),
        flags=("after_deadline", "after_compliance", "after_notice_deadline"),
    )
    explanation = told(late, preferences=(opt_out(),))

    assert explanation.timing is not None
    assert [passed.code for passed in explanation.timing.passed] == [
        "after_deadline",
        "after_compliance",
        "after_notice_deadline",
    ]
    assert text_of(explanation).count("(after_deadline)") == 1


def test_a_violation_that_no_time_excuses_says_so() -> None:
    """What no notice declares is a violation at once, and no deadline is told."""
    explanation = told(report(1, outcome="violation", reason="undeclared_kind"))

    assert explanation.timing is not None
    assert explanation.timing.windows == ()
    assert "No time to comply excuses it" in text_of(explanation)


def test_a_signal_leaves_no_time() -> None:
    """A signal is processed by machine, so its window has no end and says why."""
    explanation = told(NOTIFIED, preferences=(opt_out(kind=PreferenceKind.SIGNAL, of=(), channel="browser"),))

    assert explanation.timing is not None
    assert explanation.timing.windows[0].until is None
    assert "processed by machine at once, which leaves no time" in text_of(explanation)


def test_a_preference_the_ledger_does_not_have_is_told_by_the_moment_in_its_id() -> None:
    """The id alone says when a preference was made; that the ledger lacks it is said too."""
    (named,) = told(SUPPRESSED).preferences

    assert (named.kind, named.made_at) == (None, datetime(2023, 11, 14, 22, 13, 20, 900_000, tzinfo=UTC))
    assert "the ledger does not have it" in text_of(told(SUPPRESSED))


def test_references_and_other_circumstances_are_told() -> None:
    """Correction, transaction, collection, linked keys and the emitter's word on residency are part of it."""
    decision = row(
        1,
        corrects_event_id=event_id(7),
        collected_at=NOW,
        transaction_id="t-9",
        linked_subject_keys=(UUID(int=77),),
    )
    text = text_of(told(decision, what(residency="US-OR", program="rewards", limit_exception="resist_fraud")))

    for expected in (
        f"It corrects {event_id(7)}.",
        "collected at 2026-11-22 12:00:00.000-08:00",
        "The notice of 2026-11-22, when the data was collected, counts too.",
        "transaction: t-9",
        "program: rewards",
        "permitted purpose of sensitive information: resist_fraud",
        "the emitter's word on where the person lives: US-OR",
        str(UUID(int=77)),
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (Relation.REPEATS, "came again, the same, and changed nothing"),
        (Relation.COLLIDES, "came again with other content, and was set aside"),
        (Relation.CORRECTS, "corrects this one"),
        (Relation.RETRACTS, "retracts this one"),
        (Relation.REPORTS, "reports what was asked for here"),
        (Relation.CORRECTED, "is corrected by this one"),
        (Relation.RETRACTED, "is retracted by this one"),
        (Relation.ASKED, "asked for what is reported here"),
    ],
)
def test_other_decisions_are_told_with_what_they_are_to_this_one(relation: Relation, expected: str) -> None:
    """Each relation has words, and the outcome and reason of the other decision stand beside them."""
    reason = Worded(code="retracted", sentence="It never happened.")
    known = OtherDecision(
        relation=relation, event_id="an-id", outcome="permit", reason=reason, decided_at=RECEIVED
    )
    unknown = OtherDecision(relation=relation, event_id="other-id")
    text = text_of(told(row(1), others=(known, unknown)))

    assert f"an-id {expected}; permit at 2026-04-06 09:00:00.000-07:00: It never happened." in text
    assert f"other-id {expected}; the ledger does not have it" in text


def test_codes_of_a_newer_release_are_shown_as_they_are() -> None:
    """A reason and a flag nobody here has words for are told by their codes, and no step is claimed."""
    explanation = told(row(1, outcome="unknown", reason="brand_new", flags=("shiny",)))

    assert explanation.reason == Worded(code="brand_new", sentence="brand_new")
    assert "shiny (shiny)" in text_of(explanation)
    assert set(results(explanation)) == {StepResult.NOT_RECORDED}


def test_a_story_is_the_same_after_a_way_through_json() -> None:
    """Nothing is lost when an explanation travels as JSON."""
    explanation = told(NOTIFIED, preferences=(opt_out(),))

    assert Explanation.model_validate_json(explanation.model_dump_json()) == explanation
