"""Answers as JSON and on the terminal, and the wording of reasons."""

import json
from io import StringIO

import pytest
from rich.console import Console

from answer_rows import answer_of, report, row
from disclosure_ledger.answers.rendering import (
    ANSWER_SCHEMA,
    UnreadableAnswerError,
    answer_from_json,
    answer_to_json,
)
from disclosure_ledger.answers.terminal import answer_view
from disclosure_ledger.answers.wording import REASONS, explain
from disclosure_schemas.events.vocabulary import Outcome

ROWS = [
    report(1, outcome=Outcome.VIOLATION.value, reason="opted_out_of_sale"),
    row(2, kind="business_purpose", recipient_id="mailmoor", recipient_name="Mail[bold red]moor[/]"),
    row(3, outcome=Outcome.SUPPRESS.value, reason="gpc_device"),
    row(4, outcome=Outcome.OUT_OF_SCOPE.value, reason="exempt_glba"),
]

ISSUE_2_REASONS = [
    "not_opted_out",
    "opted_out_of_sale",
    "opted_out_of_sharing",
    "gpc_device",
    "gpc_known_consumer",
    "signal_unparseable",
    "business_purpose",
    "same_business",
    "undeclared_category",
    "undeclared_kind",
    "undeclared_recipient",
    "undeclared_purpose",
    "element_is_sensitive",
    "unknown_recipient",
    "malformed",
    "no_third_party_contract",
    "state_store_unavailable",
    "linked_profile",
    "partial_opt_out",
    "opt_in_valid",
    "no_consideration",
    "consumer_directed",
    "legal_process",
    "merger_transfer",
    "opt_out_relay",
    "decision_ignored",
    "notice_excludes_minors",
]


def printed(rows: list[object]) -> str:
    """The answer of these rows as a terminal 200 columns wide shows it."""
    text = StringIO()
    Console(file=text, width=200, color_system=None).print(answer_view(answer_of(rows)))  # type: ignore[arg-type]
    return text.getvalue()


def test_json_reads_back_to_the_same_answer() -> None:
    """Nothing of an answer is lost on its way through JSON text."""
    answer = answer_of(ROWS)

    assert answer == answer_from_json(json.loads(json.dumps(answer_to_json(answer))))


def test_json_has_stable_keys_and_times_in_utc() -> None:
    """The form has a version, its keys are these, its moments are ISO 8601 in UTC."""
    data = answer_to_json(answer_of(ROWS))

    assert list(data) == [
        "schema",
        "asked_at",
        "subject_keys",
        "period",
        "finding",
        "statement",
        "sold_or_shared",
        "business_purpose",
        "other",
        "exempt",
        "blocked",
        "not_covered",
        "notes",
        "known_at",
    ]
    assert data["schema"] == ANSWER_SCHEMA
    assert data["asked_at"] == "2026-11-22T20:00:00Z"
    line = data["sold_or_shared"]["recipients"][0]
    assert [line["first_at"], line["grounds"][0]["outcome"]] == ["2026-10-01T17:00:00Z", "violation"]


@pytest.mark.parametrize("change", [{"schema": "disclosure-ledger/to-whom/2"}, {"schema": None}, {"more": 1}])
def test_json_of_another_form_is_refused(change: dict[str, object]) -> None:
    """A form of another version is a typed error and never half read."""
    with pytest.raises(UnreadableAnswerError):
        answer_from_json({**answer_to_json(answer_of(ROWS)), **change})


def test_the_terminal_shows_lists_judgement_exemptions_and_blocks() -> None:
    """Every part of the answer is on the screen, with reasons in words and the rule behind them."""
    text = printed(list(ROWS))

    for expected in (
        "Sold or shared",
        "Harborlight Data Exchange",
        "not allowed (1): The person opted out of the sale",
        "Disclosed for a business purpose",
        "Nothing was disclosed in any other way in this period",
        "Exempt, and on no list",
        "Gramm-Leach-Bliley",
        "Blocked: asked for and not disclosed",
        "This browser or device sent the Global Privacy Control signal. [11 CCR 7025(c)(1)]",
    ):
        assert expected in text


def test_names_are_never_read_as_markup() -> None:
    """A recipient's name is printed as it is, brackets and all."""
    assert "Mail[bold red]moor[/]" in printed(list(ROWS))


def test_the_terminal_says_that_nothing_was_blocked() -> None:
    """Asked for blocked attempts where there are none, it says so."""
    assert "No attempt was blocked in this period." in printed([report(1)])


@pytest.mark.parametrize("code", ISSUE_2_REASONS)
def test_every_reason_of_the_gate_has_a_sentence_and_a_rule(code: str) -> None:
    """A reason is a sentence a person understands, with its citation."""
    reason = explain(code)

    assert code == reason.code
    assert reason.sentence.endswith(".")
    assert " " in reason.sentence
    assert reason.citation


def test_an_unknown_reason_explains_itself() -> None:
    """A code without wording is shown as it is, without a rule."""
    reason = explain("brand_new")

    assert (reason.code, reason.sentence, reason.citation) == ("brand_new", "brand_new", None)


def test_no_two_reasons_share_a_sentence() -> None:
    """Different reasons read differently."""
    assert len(REASONS) == len({reason.sentence for reason in REASONS.values()})
