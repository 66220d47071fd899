"""Reports: what each law lists, whom it leaves out, by when, and why there may be none."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from answer_rows import NOW, PERSON, event_id, row
from disclosure_consumers.core.subject.facts import said_by_link, with_said
from disclosure_ledger.answers.answer import Finding
from disclosure_ledger.reports import errors
from disclosure_ledger.reports.identity import refuse_two_people
from disclosure_ledger.reports.question import ReportRegime, ReportSubject, Suspension
from disclosure_ledger.reports.regimes.table import RULES
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.vocabulary import LinkAction, SubjectType
from report_samples import ACCOUNTED, BLOCKED, days, report_of, some_rows

CA, OR, CT = ReportRegime.CALIFORNIA, ReportRegime.OREGON, ReportRegime.CONNECTICUT


def content(regime: ReportRegime, rows: Any = None, **fields: Any) -> Any:
    """Content of a report of these rows, of any form."""
    return report_of(some_rows() if rows is None else rows, regime, **fields).content


def named(regime: ReportRegime, rows: Any = None, **fields: Any) -> list[str]:
    """Ids of the third parties of a state's report."""
    return [line.recipient_id for line in content(regime, rows, **fields).third_parties]


def test_every_law_has_a_rule() -> None:
    """The table is complete."""
    assert set(RULES) == set(ReportRegime)


def test_california_keeps_two_lists_apart_with_both_pivots() -> None:
    """Sold or shared and business purpose are separate lists, each by information and by recipient."""
    made = content(CA)
    sold = [(r.pi_category, r.recipient_categories) for r in made.sold_or_shared.by_pi_category]
    assert sold == [
        ("identifiers", ("commercial_data_partners",)),
        ("network_activity", ("advertising_and_social",)),
    ]
    assert [(r.recipient_category, r.pi_categories) for r in made.business_purpose.by_recipient_category] == [
        ("transaction_vendors", ("identifiers",))
    ]
    assert [r.recipient_category for r in made.other.by_recipient_category] == ["government_and_legal"]
    assert made.sold_or_shared.by_pi_category[0].statute == "Civ. Code 1798.140(v)(1)(A)"
    assert made.sold_or_shared.not_allowed == 1


def test_california_says_outright_that_a_list_is_empty() -> None:
    """An empty list has a sentence of its own (legal 8.1.1 (vii))."""
    made = content(CA, [])
    assert made.sold_or_shared.statement == (
        "We did not sell or share any personal information about you in this period."
    )
    assert "did not disclose" in made.business_purpose.statement


def test_california_says_what_other_laws_govern() -> None:
    """GLBA and HIPAA data are on no list, but their exemptions are told."""
    assert {line.reason.code for line in content(CA).exemptions} == {"exempt_glba", "exempt_hipaa"}


def test_california_names_recipients_in_an_annex_if_asked() -> None:
    """The annex holds whoever is on a list."""
    assert content(CA).names is None
    assert {line.recipient_id for line in content(CA, names=True).names} == {
        "harborlight",
        "pixelmarsh",
        "parcelmoor",
        "alder_health",
    }


def test_shine_the_light_names_who_marketed_in_the_last_calendar_year() -> None:
    """Names and addresses of third parties with that purpose, of the year before the request."""
    then = datetime(2025, 3, 1, tzinfo=UTC)
    rows = [row(1, occurred_at=then, purpose="recipient_direct_marketing"), row(2, occurred_at=then)]
    light = content(CA, rows, shine_the_light=True).shine_the_light
    assert (light.calendar_year, light.respond_by) == (2025, date(2026, 12, 22))
    assert [(line.recipient_id, line.disclosures, line.address) for line in light.third_parties] == [
        ("harborlight", 1, "400 Wharf Street, Alder, CA 90000")
    ]


@pytest.mark.parametrize(
    ("regime", "expected"),
    [
        (OR, ["alder_health", "harborlight", "pixelmarsh"]),
        (ReportRegime.MINNESOTA, ["alder_health", "harborlight", "pixelmarsh"]),
        (CT, ["harborlight"]),
        (ReportRegime.WASHINGTON, []),
    ],
)
def test_states_name_their_third_parties(regime: ReportRegime, expected: list[str]) -> None:
    """No processor, no blocked attempt; Connecticut those alone to whom data was sold (legal 4.19)."""
    assert named(regime) == expected


def test_washington_names_affiliates_that_received_health_data() -> None:
    """Health data that was sold or shared, affiliates included."""
    rows = [
        row(1, items=("sensitive.health",), recipient_id="rivermill", recipient_category="affiliates"),
        row(2),
    ]
    assert named(ReportRegime.WASHINGTON, rows) == ["rivermill"]
    assert named(OR, rows) == ["harborlight"]


def test_a_disclosure_outside_california_counts_elsewhere() -> None:
    """What only California exempts, such as a sale about an Oregonian, is on Oregon's list."""
    rows = [row(1, outcome="out_of_scope", reason="non_resident")]
    assert named(OR, rows) == ["harborlight"]
    assert report_of(rows, CA).finding is Finding.EXEMPT


def test_the_name_shown_is_the_latest_with_those_recorded_before() -> None:
    """A recipient that was renamed is shown under its name of today."""
    (line,) = content(OR, [row(1, recipient_name="Harbor Data")]).third_parties
    assert (line.name, line.earlier_names) == ("Harborlight Data Exchange", ("Harbor Data",))


@pytest.mark.parametrize("regime", [ReportRegime.DELAWARE, ReportRegime.MARYLAND])
def test_two_states_want_categories_of_third_parties(regime: ReportRegime) -> None:
    """Delaware and Maryland list categories, without those of processors."""
    found = [row.recipient_category for row in content(regime).third_parties.by_recipient_category]
    assert found == ["advertising_and_social", "commercial_data_partners", "government_and_legal"]


def test_europe_names_processors_countries_and_safeguards_and_no_authority_in_an_inquiry() -> None:
    """Processors are recipients (Art. 4(9)); American laws exempt nothing; an inquiry is counted inside."""
    made = report_of(some_rows(), ReportRegime.EUROPE, with_internal=True)
    found = {line.recipient_id: line for line in made.content.recipients}  # type: ignore[union-attr]
    assert set(found) == {"harborlight", "pixelmarsh", "parcelmoor"}
    assert found["parcelmoor"].role == "processor"
    assert found["harborlight"].role == "controller"
    assert (found["harborlight"].third_country, found["harborlight"].safeguard) == (True, None)
    assert found["harborlight"].disclosures == 3
    assert made.internal is not None
    assert made.internal[0].code == "authority_in_inquiry"
    assert report_of(some_rows(), ReportRegime.EUROPE).internal is None


def test_hipaa_accounts_for_flagged_disclosures_alone_and_folds_a_series() -> None:
    """Equal disclosures are one series; treatment, payment and operations are counted inside alone."""
    weekly = [row(1 + number * 168, **ACCOUNTED) for number in range(3)]
    other = row(900, **(ACCOUNTED | {"flags": (), "purpose": "treatment_payment_operations"}))
    made = report_of([*weekly, other, row(901)], ReportRegime.HIPAA, with_internal=True)
    (entry,) = made.content.entries  # type: ignore[union-attr]
    assert (entry.count, entry.every_days, entry.last_on - entry.first_on) == (3, 7.0, timedelta(days=14))
    assert entry.recipient_address == "1 Civic Center, Alder, CA 90000"
    assert [(line.code, line.disclosures) for line in made.internal or ()] == [
        ("treatment_payment_operations", 1)
    ]


@pytest.mark.parametrize(
    ("stated_on", "until", "held"),
    [
        (date(2026, 11, 1), None, True),
        (date(2026, 10, 1), None, False),
        (date(2026, 1, 1), date(2027, 1, 1), True),
        (date(2026, 1, 1), date(2026, 11, 21), False),
    ],
)
def test_a_suspension_hides_an_agency_while_it_holds(stated_on: date, until: date | None, held: bool) -> None:
    """An oral statement holds for 30 days, a written one for its time; it is told inside alone."""
    suspension = Suspension(recipient_id="alder_health", stated_on=stated_on, until=until)
    made = report_of([row(1, **ACCOUNTED)], ReportRegime.HIPAA, suspensions=(suspension,), with_internal=True)
    assert bool(made.content.entries) is not held  # type: ignore[union-attr]
    assert bool(made.internal) is held
    assert made.finding is (Finding.NONE_DISCLOSED if held else Finding.DISCLOSED)


@pytest.mark.parametrize(
    ("regime", "respond", "extended"),
    [
        (CA, date(2027, 1, 6), date(2027, 2, 20)),
        (OR, date(2027, 1, 6), date(2027, 2, 20)),
        (ReportRegime.EUROPE, date(2026, 12, 22), date(2027, 2, 22)),
        (ReportRegime.HIPAA, date(2027, 1, 21), date(2027, 2, 20)),
    ],
)
def test_each_law_has_its_own_clock(regime: ReportRegime, respond: date, extended: date) -> None:
    """Days to answer, counted from receipt (legal 9.8, 9.13)."""
    made = report_of([], regime).deadlines
    assert (made.respond_by, made.extended_to) == (respond, extended)


@pytest.mark.parametrize(
    ("regime", "everything", "first_day"),
    [
        (CA, False, date(2025, 11, 22)),
        (CA, True, date(2022, 1, 1)),
        (ReportRegime.HIPAA, False, date(2020, 11, 22)),
        (OR, False, date(2026, 10, 1)),
    ],
)
def test_each_law_reaches_back_as_far_as_it_says(
    regime: ReportRegime, everything: bool, first_day: date
) -> None:
    """Twelve months, back to 2022, six years, or all that is kept."""
    assert report_of([row(1)], regime, everything=everything).period == days(first_day, date(2026, 11, 22))


def test_the_ways_of_being_empty_are_told_apart() -> None:
    """None disclosed, no match, exempt and retention ended (legal 8.5.4)."""
    floor = NOW - timedelta(days=30)
    assert report_of([row(1, **BLOCKED)], CA).finding is Finding.NONE_DISCLOSED
    assert report_of([], CA, is_known=False, accept_unknown=True).finding is Finding.UNKNOWN_SUBJECT
    assert report_of([row(1, **ACCOUNTED)], CA).finding is Finding.EXEMPT
    assert report_of([], CA, floor=floor).finding is Finding.RETENTION_ENDED


@pytest.mark.parametrize(
    ("fields", "error", "text"),
    [
        ({"is_known": False}, errors.UnknownSubjectError, "no record of any kind mentions this identifier"),
        (
            {"period": days(date(2027, 1, 1), date(2027, 2, 1))},
            errors.FutureReportError,
            "has not come yet",
        ),
        ({"received_at": NOW + timedelta(days=1)}, errors.FutureReportError, "Correct --received"),
        ({"known_at": NOW + timedelta(days=1)}, errors.FutureReportError, "nothing is known"),
        (
            {"period": days(date(2024, 1, 1), date(2024, 2, 1)), "floor": NOW},
            errors.PurgedPeriodError,
            "no records of 2024-01-01 to 2024-02-01 are kept any more",
        ),
        ({"suspensions": (Suspension(recipient_id="a", stated_on=date(2026, 1, 1)),)},
         errors.OptionOfOtherRegimeError, "--suspend belongs to a report of hipaa"),
    ],
)  # fmt: skip
def test_why_there_is_no_report(fields: dict[str, Any], error: type[Exception], text: str) -> None:
    """Each refusal has a message of its own."""
    with pytest.raises(error, match=text):
        report_of([], CA, **fields)


def test_an_option_of_another_law_is_refused() -> None:
    """Shine the Light is California's alone."""
    with pytest.raises(errors.OptionOfOtherRegimeError, match="--shine-the-light belongs to"):
        report_of([], OR, shine_the_light=True)


def _linked(one: uuid.UUID, other: uuid.UUID, action: LinkAction, at: datetime) -> IdentityLinked:
    return IdentityLinked(
        event_id=event_id(int(at.timestamp()) % 1000),
        subject_key=one,
        producer_id=uuid.UUID(int=1),
        occurred_at=at,
        emitted_at=at,
        sequence=0,
        action=action,
        subject_type=SubjectType.ACCOUNT,
        other_subject_key=other,
        other_subject_type=SubjectType.ACCOUNT,
    )


@pytest.mark.parametrize(
    ("actions", "refused"),
    [
        ([], True),
        ([LinkAction.LINK], False),
        ([LinkAction.LINK, LinkAction.UNLINK], True),
        ([LinkAction.LINK, LinkAction.MISTAKEN], True),
    ],
)
def test_two_accounts_need_a_link_to_be_one_person(actions: list[LinkAction], refused: bool) -> None:
    """A link that ended or never was makes them two people."""
    other = uuid.UUID(int=0xB0B)
    subjects = [ReportSubject(key=PERSON), ReportSubject(key=other)]
    states: dict[bytes, Any] = {}
    for place, action in enumerate(actions):
        for said in said_by_link(_linked(PERSON, other, action, NOW + timedelta(hours=place))):
            states[said.subject] = with_said(states.get(said.subject), said)
    if refused:
        with pytest.raises(errors.TwoSubjectsError, match="names 2 accounts"):
            refuse_two_people(subjects, states)
    else:
        refuse_two_people(subjects, states)
