"""Properties of reports: whoever received data is in them, whoever did not is not (legal 7.3.7, 7.3.8)."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from answer_rows import event_id, row
from disclosure_ledger.answers.parts import Fate, parts_of
from disclosure_ledger.answers.standing import standing_rows
from disclosure_ledger.reports.question import ReportRegime
from disclosure_ledger.reports.rendering.sections import document_of
from disclosure_ledger.reports.report import CaliforniaContent
from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.events.vocabulary import Kind, Outcome
from report_samples import report_of


def histories() -> SearchStrategy[list[DecisionRow]]:
    """Rows of one person with every outcome, kind and reference."""
    reference = st.none() | st.integers(0, 6).map(event_id)
    changes = st.fixed_dictionaries(
        {
            "mode": st.sampled_from(["request", "report"]),
            "outcome": st.sampled_from([outcome.value for outcome in Outcome]),
            "kind": st.sampled_from([kind.value for kind in Kind]),
            "reason": st.sampled_from(
                ["not_opted_out", "exempt_glba", "non_resident", "exempt_deidentified"]
            ),
            "recipient_id": st.sampled_from(["harborlight", "copperkite", "rivermill", "nobody"]),
            "recipient_role": st.sampled_from(["third_party", "service_provider", "same_business"]),
            "corrects_event_id": reference,
            "retracts_event_id": reference,
        }
    )
    return st.lists(changes, max_size=6).map(
        lambda entries: [row(number, **entry) for number, entry in enumerate(entries)]
    )


def received(rows: list[DecisionRow]) -> set[str]:
    """Recipients of what stands and was disclosed."""
    parts = [part for entry in standing_rows(rows) for part in parts_of(entry)]
    return {part.row.recipient_id for part in parts if part.fate is Fate.DISCLOSED}


@given(histories())
def test_recipients_of_the_lists_are_those_of_what_stands(rows: list[DecisionRow]) -> None:
    """California's annex names exactly the recipients of disclosures that stand, violations included."""
    names = report_of(rows, ReportRegime.CALIFORNIA, names=True).content
    assert isinstance(names, CaliforniaContent)
    assert names.names is not None
    assert {line.recipient_id for line in names.names} == received(rows)


@given(histories(), st.sampled_from(ReportRegime), st.randoms())
def test_the_order_of_rows_changes_nothing_and_every_report_can_be_told(
    rows: list[DecisionRow], regime: ReportRegime, random: object
) -> None:
    """The same rows in another order give the same report and the same document."""
    shuffled = [*rows, *rows]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = report_of(rows, regime), report_of(shuffled, regime)
    assert one == other
    assert document_of(one) == document_of(other)
