"""Notice against reality: what a notice declares of what was seen, and what is published of it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from answer_rows import NOW, YEAR, event_id, report, row
from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.registry import FOREVER_US, Notice, Period
from disclosure_consumers.registry_files import example_registry
from disclosure_ledger.answers.answer import Gap
from disclosure_ledger.published_registry import read_published
from disclosure_ledger.reality.asked import asked
from disclosure_ledger.reality.building import matrix
from disclosure_ledger.reality.declared import Column
from disclosure_ledger.reality.matrix import Cell, Matrix, Status
from disclosure_ledger.reality.policy_building import policy_tables
from disclosure_ledger.reality.policy_tables import PolicyTables, TableName
from disclosure_ledger.reality.publishing import to_csv, to_html, to_markdown
from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.events.vocabulary import Kind, Outcome
from reality_samples import microseconds, notice, observed_one_by_one, question


def made(rows: Sequence[DecisionRow], *notices: Notice) -> Matrix:
    """The matrix of these rows under these notices, or the usual one."""
    at = question(*(notices or (notice(),)))
    return matrix(observed_one_by_one(rows, at), at, NOW)


def cell(found: Matrix, pi_category: str, recipient_category: str, column: Column) -> Cell:
    """The only cell of a place."""
    cells = [cell for stretch in found.stretches for cell in stretch.cells]
    (one,) = (
        cell
        for cell in cells
        if (cell.pi_category, cell.recipient_category, cell.column)
        == (pi_category, recipient_category, column)
    )
    return one


def why(one: Cell) -> list[str]:
    """Codes of what the notice does not declare."""
    return [entry.reason.code for entry in one.why_undeclared]


# Cells


def test_what_is_declared_and_went_is_declared_and_seen() -> None:
    """Each disclosure of a declared pair is counted, with its first and last moment."""
    rows = [row(1), row(2), row(3)]
    found = cell(made(rows), "identifiers", "commercial_data_partners", Column.SALE_OR_SHARE)

    assert (found.status, found.count, found.undeclared) == (Status.DECLARED_AND_SEEN, 3, 0)
    assert (found.first_at, found.last_at) == (rows[0].decided_at, rows[2].decided_at)


def test_what_is_declared_and_did_not_go_is_declared_and_unseen() -> None:
    """A pair of the notice that nothing was disclosed to is shown as such."""
    found = cell(made([]), "identifiers", "service_providers", Column.BUSINESS_PURPOSE)

    assert (found.status, found.count, found.first_at) == (Status.DECLARED_AND_UNSEEN, 0, None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"items": ("commercial",)}, Reason.UNDECLARED_CATEGORY),
        ({"recipient_category": "data_brokers"}, Reason.UNDECLARED_RECIPIENT),
        ({"recipient_category": None}, Reason.UNDECLARED_RECIPIENT),
        ({"purpose": "train_models"}, Reason.UNDECLARED_PURPOSE),
        ({"kind": Kind.BUSINESS_PURPOSE.value}, Reason.UNDECLARED_RECIPIENT),
    ],
)
def test_what_went_and_is_not_declared_is_named_with_the_reason(
    changes: dict[str, object], reason: Reason
) -> None:
    """Category, recipient, column and purpose: whatever the notice lacks is said (legal 0.8)."""
    found = made([report(1, outcome=Outcome.VIOLATION.value, **changes)])
    ((_, one),) = found.cells(Status.SEEN_AND_UNDECLARED)

    assert (why(one), one.undeclared, found.undeclared) == ([reason], 1, 1)


def test_an_empty_column_declares_no_kind() -> None:
    """A category that is in the notice and not sold by it has no kind to be sold by."""
    kept = notice(rows={"identifiers": (["service_providers"], [])})

    ((_, one),) = made([row(1)], kept).cells(Status.SEEN_AND_UNDECLARED)
    assert why(one) == [Reason.UNDECLARED_KIND]


def test_a_sensitive_element_also_needs_the_row_of_sensitive_information() -> None:
    """An SSN is sensitive wherever it stands, and counted there too (legal 1.2.1, 6.5.10)."""
    rows = {"identifiers": ([], ["commercial_data_partners"]), "sensitive": (["service_providers"], [])}
    found = made([row(1, items=("identifiers.ssn",))], notice(rows=rows))

    sold = cell(found, "identifiers", "commercial_data_partners", Column.SALE_OR_SHARE)
    sensitive = cell(found, "sensitive", "commercial_data_partners", Column.SALE_OR_SHARE)
    assert (sold.status, sensitive.status) == (Status.DECLARED_AND_SEEN, Status.SEEN_AND_UNDECLARED)
    assert why(sensitive) == [Reason.ELEMENT_IS_SENSITIVE]


def test_a_notice_without_that_row_tells_no_sensitive_information_apart() -> None:
    """A notice from before 2023 declares an SSN with its category."""
    found = made([row(1, items=("identifiers.ssn",))])

    assert found.undeclared == 0
    assert {one.pi_category for stretch in found.stretches for one in stretch.cells} == {"identifiers"}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Kind.LEGAL_PROCESS, "legal_process"),
        (Kind.CORPORATE_TRANSACTION, "merger_transfer"),
        (Kind.CONSUMER_DIRECTED, "consumer_directed"),
        (Kind.OPT_OUT_RELAY, "opt_out_relay"),
        (Kind.SALE, "same_business"),
    ],
)
def test_what_the_law_allows_whatever_the_notice_says_needs_no_declaration(kind: Kind, reason: str) -> None:
    """Legal process, transfers, directions, relays and the same business are shown and never undeclared."""
    found = made([row(1, kind=kind.value, reason=reason, recipient_category="government_and_legal")])

    ((_, one),) = found.cells(Status.SEEN_NO_NOTICE_NEEDED)
    assert (one.count, found.undeclared) == (1, 0)


def test_a_consent_may_have_named_the_recipient_where_the_notice_says_so() -> None:
    """With `consented_entities` in the column a permit rests on a consent; a violation does not."""
    consented = notice(rows={"identifiers": ([], ["consented_entities"])})

    assert made([row(1)], consented).undeclared == 0
    assert made([report(1, outcome=Outcome.VIOLATION.value)], consented).undeclared == 1


def test_a_row_for_all_and_a_column_for_all_declare_everything() -> None:
    """`all` stands for any category, and is unseen only where nothing was seen."""
    rows = [row(1, items=("commercial",), recipient_category="data_brokers")]
    found = made(rows, notice(rows={"all": ("all", "all")}))

    assert [one.pi_category for _, one in found.cells(Status.DECLARED_AND_SEEN)] == ["commercial"]
    assert [one.column for _, one in found.cells(Status.DECLARED_AND_UNSEEN)] == [Column.BUSINESS_PURPOSE]


def test_each_stretch_goes_by_the_notice_then_in_force() -> None:
    """The same disclosure is declared under one notice and not under the one before it."""
    change = datetime(2026, 10, 1, 18, tzinfo=UTC)
    before = notice(
        "before",
        rows={"commercial": ([], ["commercial_data_partners"])},
        period=Period(-FOREVER_US, microseconds(change)),
    )
    after = notice("after", period=Period(microseconds(change), FOREVER_US))
    found = made([row(1), row(3)], before, after)

    assert [(entry.notice_id, entry.until_at) for entry in found.stretches] == [
        ("before", change),
        ("after", YEAR.end),
    ]
    assert [entry.notice_id for entry, _ in found.cells(Status.SEEN_AND_UNDECLARED)] == ["before"]
    assert [entry.notice_id for entry, _ in found.cells(Status.DECLARED_AND_SEEN)] == ["after"]


def test_without_a_notice_nothing_is_declared() -> None:
    """Days before the first notice have a stretch of their own."""
    later = notice(period=Period(microseconds(NOW), FOREVER_US))
    found = made([row(1)], later)

    assert found.stretches[0].notice_id is None
    assert found.undeclared == 1


# What was stopped, contracts, exemptions


def test_what_was_stopped_is_told_apart_and_is_no_disclosure() -> None:
    """A rejected attempt is listed by recipient and reason, and its cell has seen nothing (G7)."""
    stopped = row(1, outcome="reject", reason="undeclared_recipient", recipient_category="data_brokers")
    found = made([stopped])

    assert (found.disclosures, found.undeclared) == (0, 0)
    assert [(line.recipient_id, line.reason.code, line.count) for line in found.stopped] == [
        ("harborlight", "undeclared_recipient", 1)
    ]
    ((_, one),) = found.cells(Status.STOPPED_AND_UNDECLARED)
    assert (one.count, one.blocked) == (0, 1)


def test_an_opt_out_is_not_stopped_for_the_notice() -> None:
    """What a person's own opt-out stopped says nothing about the notice."""
    found = made([row(1, outcome="suppress", reason="opted_out_of_sale")])

    assert (found.stopped, found.cells(Status.STOPPED_AND_UNDECLARED)) == ((), [])


def test_recipients_without_a_contract_are_named_with_their_counts() -> None:
    """Only what needs a contract counts: neither the same business nor legal process (legal 1.4.3)."""
    bound = {"contract_id": "copperkite/third_party/2024-01-01"}
    found = made(
        [
            row(1),
            report(2),
            row(3, recipient_id="copperkite", **bound),
            row(4, recipient_id="court", kind=Kind.LEGAL_PROCESS.value, reason="legal_process"),
            row(5, recipient_id="sister", recipient_role="same_business", reason="same_business"),
        ]
    )

    assert [(line.recipient_id, line.count) for line in found.without_contract] == [("harborlight", 2)]


def test_a_report_counts_once_and_in_place_of_its_request() -> None:
    """Rows stand or fall as in the answers: a request with its report is one disclosure."""
    found = made([row(1), report(2, decision_event_id=event_id(1)), row(3, outcome="duplicate")])

    assert found.disclosures == 1


def test_a_disclosure_of_several_items_is_counted_once_in_each_cell() -> None:
    """Two elements of one category are one disclosure of it."""
    found = made([row(1, items=("identifiers.email", "identifiers.phone"))])

    assert cell(found, "identifiers", "commercial_data_partners", Column.SALE_OR_SHARE).count == 1


def test_exempt_disclosures_are_counted_apart() -> None:
    """What another law governs is in no cell (legal 8.5.1)."""
    found = made([row(1, outcome="out_of_scope", reason="exempt_glba")])

    assert (found.exempt, found.disclosures, found.cells(Status.DECLARED_AND_SEEN)) == (1, 0, [])


# Privacy-policy tables


def tables(rows: Sequence[DecisionRow], gap: Gap | None = None) -> PolicyTables:
    """The tables of these rows under the example registry."""
    published = read_published(example_registry())
    at = asked(YEAR, None, published.registry)
    return policy_tables(observed_one_by_one(rows, at), at, published.contents, NOW, gap)


def rows_of(found: PolicyTables, name: TableName) -> dict[str, list[str]]:
    """Categories of recipients by category of information."""
    (table,) = (table for table in found.tables if table.name is name)
    return {entry.pi_category: [word.code for word in entry.recipients] for entry in table.rows}


def test_sold_or_shared_and_business_purpose_are_separate_tables() -> None:
    """Each category with the recipients it went to, sale and sharing in one table (legal 2.2.1)."""
    vendor = {"recipient_category": "transaction_vendors", "kind": Kind.BUSINESS_PURPOSE.value}
    found = tables([row(1), row(2, kind=Kind.SHARE.value), row(3, items=("professional",), **vendor)])

    assert rows_of(found, TableName.SOLD_OR_SHARED) == {"identifiers": ["commercial_data_partners"]}
    assert rows_of(found, TableName.BUSINESS_PURPOSE) == {"professional": ["transaction_vendors"]}


def test_that_nothing_was_sold_is_said_prominently() -> None:
    """Civ. Code 1798.130(a)(5)(C): an empty table is a sentence in bold, not an absence."""
    found = tables([row(1, kind=Kind.BUSINESS_PURPOSE.value, recipient_category="affiliates")])

    said = "no personal information was sold or shared"
    assert said in found.tables[0].statement
    assert said in to_markdown(found).split("**")[1]
    assert f"{said}.</strong>" in to_html(found)
    assert said in to_csv(found)


def test_the_notice_gives_sources_purposes_and_categories_collected() -> None:
    """What the notice says is collected is listed in the order of the statute, with its place there."""
    found = tables([])

    assert found.collected[0].model_dump() == {"pi_category": "identifiers", "statute": "(v)(1)(A)"}
    assert "employer" in found.sources
    assert "advertising and promotion by or for the business" in [word.text for word in found.purposes]
    assert found.last_updated == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("not_opted_out", "has no actual knowledge"),
        ("minor_opt_in", "only where the consumer, or a parent or guardian"),
        ("minor_13_to_15_without_opt_in", "without the authorization the law requires"),
    ],
)
def test_what_is_known_of_those_under_16_is_said(reason: str, expected: str) -> None:
    """7011(e)(1)(G): actual knowledge of selling data of minors follows from why it was decided."""
    outcome = Outcome.VIOLATION if "without" in reason else Outcome.PERMIT

    assert expected in tables([report(1, outcome=outcome.value, reason=reason)]).under_16


def test_sensitive_information_that_was_sold_is_beyond_what_is_always_allowed() -> None:
    """7011(e)(1)(K): the purposes beyond 7027(m) are named; without any, that is said."""
    ordinary, sold = tables([row(1)]), tables([row(1, items=("identifiers.ssn",))])

    assert "does not disclose sensitive personal information" in ordinary.sensitive
    assert "marketing" in sold.sensitive
    assert "right to limit" in sold.sensitive


def test_what_must_be_settled_first_is_a_warning_and_not_published() -> None:
    """Undeclared disclosures and missing records are told to the maker of the tables alone."""
    gap = Gap(first_day=date(2025, 11, 22), last_day=date(2025, 12, 1))
    found = tables([row(1, recipient_category="data_brokers")], gap)

    assert [text.split()[0] for text in found.warnings] == ["One", "Records"]
    assert "disclosures matrix" not in to_markdown(found) + to_html(found)


def test_words_of_a_registry_are_text_and_never_markup() -> None:
    """A category with signs of Markdown or HTML in it is shown as it is."""
    found = tables([row(1, items=("<b>|x",))])

    assert "<b>" not in to_html(found)
    assert "&lt;b&gt;|x" in to_html(found)
