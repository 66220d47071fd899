"""Answers: which rows count as disclosures, on which list, and how being empty is explained."""

from datetime import UTC, date, datetime, timedelta

import pytest

from answer_rows import NOW, PERSON, YEAR, answer_of, event_id, recipients, report, row
from disclosure_consumers.core.reasons import Reason
from disclosure_ledger.answers.answer import Answer, Finding, Gap
from disclosure_ledger.answers.parts import ListName
from disclosure_ledger.answers.periods import Period, between
from disclosure_ledger.answers.to_whom import not_covered, retention_floor
from disclosure_ledger.answers.wording import explain
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome


def disclosures(answer: Answer) -> int:
    """How many disclosures are on all lists."""
    return sum(entry.disclosures for entry in answer.lists)


# Which rows count


@pytest.mark.parametrize("mode", [Mode.REQUEST, Mode.REPORT])
@pytest.mark.parametrize("outcome", [Outcome.SUPPRESS, Outcome.REJECT, Outcome.DUPLICATE, Outcome.RETRACTED])
def test_what_was_stopped_repeated_or_retracted_is_no_disclosure(mode: Mode, outcome: Outcome) -> None:
    """Suppressed, rejected, repeated and retracted events are on no list (legal 8.5.1, G7)."""
    answer = answer_of([row(1, mode=mode.value, outcome=outcome.value, reason="opted_out_of_sale")])

    assert disclosures(answer) == 0
    assert answer.finding == Finding.NONE_DISCLOSED


@pytest.mark.parametrize("outcome", [Outcome.PERMIT, Outcome.NOTIFY, Outcome.VIOLATION])
def test_a_report_is_a_disclosure_rightly_made_or_not(outcome: Outcome) -> None:
    """A violation is told to the person like any other disclosure (legal 7.3.7)."""
    answer = answer_of([report(1, outcome=outcome.value, reason="opted_out_of_sale")])

    assert recipients(answer.sold_or_shared) == ["harborlight"]
    assert outcome == answer.sold_or_shared.recipients[0].grounds[0].outcome
    assert int(outcome is Outcome.VIOLATION) == answer.sold_or_shared.recipients[0].not_allowed


def test_a_permitted_request_counts_when_no_report_follows() -> None:
    """The sender acts on a permit, so a request that was permitted is a disclosure."""
    assert recipients(answer_of([row(1)]).sold_or_shared) == ["harborlight"]


def test_a_report_replaces_its_request_and_is_counted_once() -> None:
    """A request and the report that follows it are one disclosure, made when the report says."""
    later = datetime(2026, 10, 5, 16, 0, tzinfo=UTC)
    answer = answer_of([row(1), report(2, decision_event_id=event_id(1), occurred_at=later)])

    line = answer.sold_or_shared.recipients[0]
    assert (1, later, later) == (line.count, line.first_at, line.last_at)


def test_two_reports_of_one_request_are_two_disclosures() -> None:
    """Each report tells of a disclosure of its own."""
    asked = {"decision_event_id": event_id(1)}

    assert disclosures(answer_of([row(1), report(2, **asked), report(3, **asked)])) == 2


def test_a_rejected_report_does_not_replace_its_request() -> None:
    """A report that could not be taken in says nothing about the request it names."""
    bad = report(2, decision_event_id=event_id(1), outcome=Outcome.REJECT.value, reason="malformed")

    assert disclosures(answer_of([row(1), bad])) == 1


def test_a_report_to_another_recipient_hides_no_request() -> None:
    """A report that names a request but another recipient leaves the request on the list."""
    other = report(2, decision_event_id=event_id(1), recipient_id="copperkite")

    assert {"harborlight", "copperkite"} == set(recipients(answer_of([row(1), other]).sold_or_shared))


def test_an_ignored_refusal_is_a_disclosure_and_no_blocked_attempt() -> None:
    """What was refused and sent all the same was not blocked."""
    asked = row(1, outcome=Outcome.SUPPRESS.value, reason="opted_out_of_sale")
    sent = report(
        2, decision_event_id=event_id(1), outcome=Outcome.VIOLATION.value, reason="decision_ignored"
    )
    answer = answer_of([asked, sent])

    assert disclosures(answer) == 1
    assert answer.blocked == ()


def test_only_the_permitted_items_of_a_partial_answer_are_disclosed() -> None:
    """Items that may go are listed with the decision; the others were held back for the event's reason."""
    partial = row(
        1,
        items=("identifiers.email", "sensitive.ssn", "commercial"),
        outcome=Outcome.PARTIAL.value,
        reason="undeclared_category",
        listed={
            0: (Outcome.PERMIT, Kind.SALE, "not_opted_out"),
            2: (Outcome.SUPPRESS, Kind.SALE, "opted_out_of_sale"),
        },
    )
    answer = answer_of([partial])

    assert answer.sold_or_shared.recipients[0].items == ("identifiers.email",)
    assert answer.blocked is not None
    assert {("sensitive.ssn", "undeclared_category"), ("commercial", "opted_out_of_sale")} == {
        (line.items[0], line.reason.code) for line in answer.blocked
    }


def test_all_items_of_a_report_went() -> None:
    """A report tells what was disclosed: items that should have been stopped are part of the violation."""
    violation = report(
        1,
        items=("identifiers", "sensitive.ssn"),
        outcome=Outcome.VIOLATION.value,
        reason="opted_out_of_sale",
        listed={1: (Outcome.REJECT, Kind.SALE, "undeclared_category")},
    )
    line = answer_of([violation]).sold_or_shared.recipients[0]

    assert line.pi_categories == ("identifiers", "sensitive")
    assert {Outcome.VIOLATION} == {ground.outcome for ground in line.grounds}


def test_exempt_items_are_on_no_list_but_named() -> None:
    """An item another law governs is not counted as disclosed, and its exemption is stated (legal 8.1.2)."""
    mixed = row(
        1,
        items=("identifiers", "customer_records"),
        listed={1: (Outcome.OUT_OF_SCOPE, Kind.SALE, "exempt_glba")},
    )
    answer = answer_of([mixed])

    assert answer.sold_or_shared.recipients[0].pi_categories == ("identifiers",)
    assert [(line.reason.code, line.pi_categories) for line in answer.exempt] == [
        ("exempt_glba", ("customer_records",))
    ]


def test_an_outcome_of_a_newer_version_is_never_guessed_at() -> None:
    """A row whose outcome this version does not know is on no list, and a note says so."""
    answer = answer_of([report(1, outcome=Outcome.UNKNOWN.value)])

    assert disclosures(answer) == 0
    assert any("1 records have an outcome" in note for note in answer.notes)


# Lists and pivots


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Kind.SALE, ListName.SOLD_OR_SHARED),
        (Kind.SHARE, ListName.SOLD_OR_SHARED),
        (Kind.BUSINESS_PURPOSE, ListName.BUSINESS_PURPOSE),
        (Kind.CONSUMER_DIRECTED, ListName.OTHER),
        (Kind.LEGAL_PROCESS, ListName.OTHER),
        (Kind.CORPORATE_TRANSACTION, ListName.OTHER),
        (Kind.OPT_OUT_RELAY, ListName.OTHER),
        (Kind.OTHER, ListName.OTHER),
        (Kind.UNKNOWN, ListName.OTHER),
    ],
)
def test_every_kind_has_its_list_and_the_lists_stay_apart(kind: Kind, name: ListName) -> None:
    """Sold or shared and business purpose are separate lists, everything else a third (legal 1.5.6)."""
    answer = answer_of([row(1, kind=kind.value)])

    assert {entry.name: int(entry.name is name) for entry in answer.lists} == {
        entry.name: entry.disclosures for entry in answer.lists
    }


def test_data_given_to_the_same_business_is_not_called_sold() -> None:
    """An affiliate under the same brand is the same business, whatever the sender called it (legal 1.1.9)."""
    assert answer_of([row(1, reason="same_business")]).other.disclosures == 1


def test_items_of_different_kinds_go_to_different_lists() -> None:
    """An event whose items have different kinds is on each of their lists with its own items."""
    answer = answer_of(
        [
            row(
                1,
                items=("identifiers", "commercial"),
                listed={1: (Outcome.PERMIT, Kind.BUSINESS_PURPOSE, "business_purpose")},
            )
        ]
    )

    assert answer.sold_or_shared.recipients[0].pi_categories == ("identifiers",)
    assert answer.business_purpose.recipients[0].pi_categories == ("commercial",)


def test_a_recipient_line_says_what_when_why_and_how_often() -> None:
    """One line a recipient: name, category, items, purposes, first and last moment, how many."""
    answer = answer_of(
        [report(1), report(30, items=("commercial", "identifiers.email"), purpose="research", kind="share")]
    )
    line = answer.sold_or_shared.recipients[0]

    assert line.name == "Harborlight Data Exchange"
    assert line.category == "commercial_data_partners"
    assert line.pi_categories == ("commercial", "identifiers")
    assert line.purposes == ("marketing", "research")
    assert line.kinds == (Kind.SALE, Kind.SHARE)
    assert line.count == 2
    assert timedelta(hours=29) == line.last_at - line.first_at


def test_a_recipient_has_the_name_it_had_last() -> None:
    """A recipient that was renamed is one line under its latest name."""
    answer = answer_of([report(2, recipient_name="New"), report(1, recipient_name="Old")])

    assert [line.name for line in answer.sold_or_shared.recipients] == ["New"]


def test_both_pivots_pair_categories_of_information_and_of_recipients() -> None:
    """By category of information the categories of recipients, and the inverse (legal 8.1.1 (v))."""
    answer = answer_of(
        [
            report(1, items=("identifiers", "commercial")),
            report(2, recipient_id="chirrup", recipient_category="advertising_and_social"),
        ]
    )

    assert {pair.pi_category: pair.recipient_categories for pair in answer.sold_or_shared.by_pi_category} == {
        "commercial": ("commercial_data_partners",),
        "identifiers": ("advertising_and_social", "commercial_data_partners"),
    }
    assert {
        pair.recipient_category: pair.pi_categories for pair in answer.sold_or_shared.by_recipient_category
    } == {
        "advertising_and_social": ("identifiers",),
        "commercial_data_partners": ("commercial", "identifiers"),
    }


def test_a_recipient_that_is_not_registered_is_still_named() -> None:
    """A report to an unknown recipient shows its id and an own category instead of nothing."""
    unknown = report(
        1,
        recipient_id="who",
        recipient_name=None,
        recipient_category=None,
        outcome=Outcome.VIOLATION.value,
        reason="unknown_recipient",
    )
    line = answer_of([unknown]).sold_or_shared.recipients[0]

    assert (line.recipient_id, line.name, line.category) == ("who", None, "unregistered")


def test_an_empty_list_says_outright_that_it_is_empty() -> None:
    """The law wants the explicit negative, with the period (legal 8.1.1 (vii), (ix))."""
    answer = answer_of([row(1, kind="business_purpose")])

    assert f"Nothing was sold or shared in this period ({YEAR})." == answer.sold_or_shared.statement
    assert "once to one recipient" in answer.business_purpose.statement


# Period


def test_only_what_happened_in_the_period_counts() -> None:
    """The first and last instant of the period are in it, their neighbours are not."""
    period = Period(first_day=date(2026, 10, 2), last_day=date(2026, 10, 3))
    inside = [period.start, period.end - timedelta(microseconds=1)]
    outside = [period.start - timedelta(microseconds=1), period.end]
    rows = [report(n, occurred_at=at, emitted_at=NOW) for n, at in enumerate([*inside, *outside])]

    line = answer_of(rows, period).sold_or_shared.recipients[0]
    assert (2, inside[0], inside[1]) == (line.count, line.first_at, line.last_at)


def test_a_request_happened_when_it_was_decided() -> None:
    """Data goes out on the permit, not on the question: a request that waited counts for the later day."""
    asked = row(1, decided_at=datetime(2026, 10, 9, 12, 0, tzinfo=UTC))

    assert disclosures(answer_of([asked], between("2026-10-09", "2026-10-09", NOW))) == 1


# Corrections and retractions


def test_a_correction_replaces_what_it_corrects() -> None:
    """The corrected content is shown, once."""
    answer = answer_of([report(1), report(2, corrects_event_id=event_id(1), recipient_id="copperkite")])

    assert recipients(answer.sold_or_shared) == ["copperkite"]
    assert disclosures(answer) == 1


def test_of_several_corrections_the_latest_counts() -> None:
    """The correction emitted last wins, whether it corrects the original or an earlier correction."""
    first = report(2, corrects_event_id=event_id(1), recipient_id="second")
    for target in (1, 2):
        latest = report(3, corrects_event_id=event_id(target), recipient_id="third")

        assert recipients(answer_of([latest, report(1), first]).sold_or_shared) == ["third"]


def test_a_correction_that_was_rejected_changes_nothing() -> None:
    """A refused correction cannot hide a disclosure."""
    refused = report(2, corrects_event_id=event_id(1), outcome=Outcome.REJECT.value, reason="malformed")

    assert recipients(answer_of([report(1), refused]).sold_or_shared) == ["harborlight"]


def test_a_suppressed_second_question_does_not_hide_the_permit_of_the_first() -> None:
    """A request that corrects a permitted one and is refused leaves the first on the list."""
    again = row(2, corrects_event_id=event_id(1), outcome=Outcome.SUPPRESS.value, reason="gpc_device")
    answer = answer_of([row(1), again])

    assert disclosures(answer) == 1
    assert answer.blocked is not None
    assert [line.reason.code for line in answer.blocked] == ["gpc_device"]


def test_a_correction_speaks_for_an_original_that_is_no_longer_kept() -> None:
    """Where the original's retention ended, its corrections still give one disclosure."""
    corrections = [report(n, corrects_event_id=event_id(1), recipient_id=f"recipient-{n}") for n in (2, 3)]

    assert recipients(answer_of(corrections).sold_or_shared) == ["recipient-3"]


def test_a_retraction_removes_the_report_and_its_corrections() -> None:
    """What never happened is on no list, whatever was corrected in it."""
    rows = [report(1), report(2, corrects_event_id=event_id(1)), report(3, retracts_event_id=event_id(1))]

    assert disclosures(answer_of(rows)) == 0


def test_a_retracted_report_leaves_no_disclosure_of_its_request() -> None:
    """A report that is taken back says that nothing went, also not on the permit."""
    rows = [row(1), report(2, decision_event_id=event_id(1)), report(3, retracts_event_id=event_id(2))]

    assert disclosures(answer_of(rows)) == 0


def test_a_correction_that_is_retracted_leaves_the_original() -> None:
    """Taking back a correction brings the original back, for it is the disclosure."""
    rows = [
        report(1),
        report(2, corrects_event_id=event_id(1), recipient_id="copperkite"),
        report(3, retracts_event_id=event_id(2)),
    ]

    assert recipients(answer_of(rows).sold_or_shared) == ["harborlight"]


def test_a_retraction_can_be_taken_back() -> None:
    """A retraction that is itself retracted has no effect, so a disclosure cannot be lost by mistake."""
    rows = [report(1), report(2, retracts_event_id=event_id(1)), report(3, retracts_event_id=event_id(2))]

    assert disclosures(answer_of(rows)) == 1


def test_a_rejected_retraction_changes_nothing() -> None:
    """A refused retraction cannot hide a disclosure."""
    refused = report(2, retracts_event_id=event_id(1), outcome=Outcome.REJECT.value, reason="malformed")

    assert disclosures(answer_of([report(1), refused])) == 1


def test_an_event_decided_anew_stands_as_decided_last() -> None:
    """Of several decisions of one event the latest stands; a collision refused later does not replace it."""
    first = report(1)
    anew = report(1, outcome=Outcome.VIOLATION.value, decided_at=first.decided_at + timedelta(hours=1))
    collision = report(1, outcome=Outcome.REJECT.value, decided_at=first.decided_at + timedelta(hours=2))
    line = answer_of([collision, anew, first]).sold_or_shared.recipients[0]

    assert [ground.outcome for ground in line.grounds] == [Outcome.VIOLATION]


# Blocked attempts


def test_blocked_attempts_are_listed_with_reasons_only_when_asked_for() -> None:
    """Attempts of one kind for one reason are one line, in plain words; unasked there is no list at all."""
    rows = [row(n, outcome=Outcome.SUPPRESS.value, reason="gpc_known_consumer") for n in (1, 2)]

    assert answer_of(rows, include_blocked=False).blocked is None
    blocked = answer_of(rows).blocked
    assert blocked is not None
    assert [(line.count, line.reason.code, line.reason.citation) for line in blocked] == [
        (2, "gpc_known_consumer", "11 CCR 7025(c)(1)")
    ]
    assert blocked[0].reason.sentence.startswith("The person's browser sent")


# The ways of being empty


def test_nothing_disclosed_to_a_person_who_is_known() -> None:
    """A person with rows or preferences, none of them a disclosure in the period: none disclosed."""
    assert answer_of([], is_known=True).finding == Finding.NONE_DISCLOSED
    assert answer_of([report(1)], between("2026-11-01", None, NOW)).finding == Finding.NONE_DISCLOSED


def test_nobody_with_this_key() -> None:
    """No row, no preference and no link: the subject is unknown, which is not the same as none disclosed."""
    answer = answer_of([], is_known=False)

    assert answer.finding == Finding.UNKNOWN_SUBJECT
    assert "No record" in answer.statement


def test_only_exempt_disclosures() -> None:
    """Rows that are all out of scope are answered with their exemptions, whatever was blocked."""
    exempt = report(1, outcome=Outcome.OUT_OF_SCOPE.value, reason="exempt_hipaa")
    stopped = row(2, outcome=Outcome.SUPPRESS.value, reason="gpc_device")
    answer = answer_of([exempt, stopped])

    assert answer.finding == Finding.EXEMPT
    assert [line.reason.code for line in answer.exempt] == ["exempt_hipaa"]


def test_a_period_before_everything_that_is_kept() -> None:
    """A period wholly before the floor is answered with `retention_ended`, never with `none disclosed`."""
    floor = datetime(2026, 10, 1, 7, 0, tzinfo=UTC)  # midnight in California
    answer = answer_of([], between("2026-01-01", "2026-03-31", NOW), is_known=True, retention_floor=floor)

    assert answer.finding == Finding.RETENTION_ENDED
    assert Gap(first_day=date(2026, 1, 1), last_day=date(2026, 3, 31)) == answer.not_covered


@pytest.mark.parametrize("is_known", [True, False])
def test_a_period_that_reaches_before_what_is_kept_names_the_part_not_covered(is_known: bool) -> None:
    """The days that are no longer kept are named, and so is the part that was empty."""
    floor = datetime(2026, 10, 1, 7, 0, tzinfo=UTC)
    answer = answer_of([], between("2026-01-01", "2026-10-31", NOW), is_known=is_known, retention_floor=floor)

    assert answer.finding == Finding.RETENTION_ENDED
    assert Gap(first_day=date(2026, 1, 1), last_day=date(2026, 9, 30)) == answer.not_covered
    assert "Records before 2026-10-01 are no longer kept" in answer.statement


def test_an_answer_with_disclosures_says_what_it_does_not_cover() -> None:
    """What is left is shown, with a note on the days that are no longer kept in full."""
    floor = datetime(2026, 10, 1, 7, 0, tzinfo=UTC)
    answer = answer_of([report(1)], between("2026-01-01", "2026-10-31", NOW), retention_floor=floor)

    assert answer.finding == Finding.DISCLOSED
    assert answer.not_covered is not None
    assert any("2026-01-01 to 2026-09-30" in note for note in answer.notes)


def test_a_period_within_what_is_kept_has_no_gap() -> None:
    """The floor's own day is covered if it is kept from its first instant, else only the days after it."""
    midnight = datetime(2026, 10, 1, 7, 0, tzinfo=UTC)
    period = between("2026-10-01", "2026-10-31", NOW)

    assert not_covered(period, midnight) is None
    assert not_covered(period, None) is None
    assert Gap(first_day=date(2026, 10, 1), last_day=date(2026, 10, 1)) == not_covered(
        period, midnight + timedelta(hours=1)
    )


def test_the_floor_is_so_many_calendar_months_back_or_what_was_deleted() -> None:
    """Records are kept for calendar months; what was deleted later than that raises the floor."""
    floor = retention_floor(NOW, 24)

    assert datetime(2024, 11, 22, 8, 0, tzinfo=UTC) == floor
    assert retention_floor(NOW, 24, deleted_before=NOW) == NOW
    assert floor == retention_floor(NOW, 24, deleted_before=floor - timedelta(days=1))


def test_a_period_before_the_laws_floor_is_noted_and_not_cut() -> None:
    """Before 2022-01-01 the right does not reach, but what the ledger has is told (legal 1.5.5)."""
    old = report(1, occurred_at=datetime(2021, 6, 1, tzinfo=UTC))
    answer = answer_of([old], between("2021-01-01", None, NOW))

    assert disclosures(answer) == 1
    assert any("2022-01-01" in note for note in answer.notes)
    assert not any("2022-01-01" in note for note in answer_of([report(1)]).notes)


def test_an_answer_names_what_it_was_asked() -> None:
    """Keys, period and moment of the question are part of the answer."""
    answer = answer_of([report(1)])

    assert (answer.subject_keys, answer.period, answer.asked_at) == ((PERSON,), YEAR, NOW)


def test_every_reason_of_the_core_has_words() -> None:
    """No answer shows a bare code: each reason has a sentence and a citation."""
    assert [reason for reason in Reason if explain(reason).sentence == reason] == []
