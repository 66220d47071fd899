"""Properties of answers: order and repetition change nothing, and nothing disclosed is ever lost."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from answer_rows import answer_of, event_id, row
from disclosure_ledger.answers.answer import Answer, Finding
from disclosure_ledger.answers.rendering import answer_from_json, answer_to_json
from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome

_STOPPED = (Outcome.SUPPRESS, Outcome.REJECT, Outcome.DUPLICATE, Outcome.RETRACTED)
_WENT = (Outcome.PERMIT, Outcome.NOTIFY, Outcome.VIOLATION)
_EVENTS = 8


def references() -> SearchStrategy[object]:
    """The id of an event of the history, or of none, or no reference."""
    return st.none() | st.integers(0, _EVENTS).map(event_id)


def histories(
    outcomes: Sequence[Outcome], *, references: SearchStrategy[object]
) -> SearchStrategy[list[DecisionRow]]:
    """Rows of one person that refer to each other in every way, sensible or not."""
    changes = st.fixed_dictionaries(
        {
            "mode": st.sampled_from([Mode.REQUEST.value, Mode.REPORT.value]),
            "outcome": st.sampled_from([outcome.value for outcome in outcomes]),
            "kind": st.sampled_from([kind.value for kind in Kind]),
            "recipient_id": st.sampled_from(["harborlight", "copperkite"]),
            "items": st.sampled_from([("identifiers",), ("identifiers.email", "commercial")]),
            "decision_event_id": references,
            "corrects_event_id": references,
            "retracts_event_id": references,
        }
    )
    return st.lists(changes, max_size=_EVENTS).map(
        lambda entries: [row(number, **entry) for number, entry in enumerate(entries)]
    )


def named(answer: Answer) -> set[str]:
    """Recipients on any list."""
    return {line.recipient_id for entry in answer.lists for line in entry.recipients}


@given(histories(list(Outcome), references=references()), st.randoms())
def test_the_order_in_which_rows_arrive_changes_nothing(history: list[DecisionRow], random: object) -> None:
    """The same rows in any order, and each of them twice, give the same answer (legal 7.3.2, 7.3.3)."""
    shuffled = [*history, *history]
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert answer_of(shuffled) == answer_of(history)


@given(histories(_STOPPED, references=references()))
def test_what_was_stopped_is_never_in_an_answer(history: list[DecisionRow]) -> None:
    """Rows that were all stopped, repeated or retracted disclose nothing, whatever they refer to."""
    answer = answer_of(history)

    assert named(answer) == set()
    assert answer.finding in {Finding.NONE_DISCLOSED, Finding.UNKNOWN_SUBJECT}


@given(histories(_WENT, references=st.none()), histories(_STOPPED, references=references()))
def test_a_refused_event_hides_nothing(went: list[DecisionRow], stopped: list[DecisionRow]) -> None:
    """Whatever was disclosed stays disclosed when refused events about it arrive."""
    later = [
        row(100 + number, **{name: getattr(entry, name) for name in _REFERRING})
        for number, entry in enumerate(stopped)
        if entry.outcome != Outcome.RETRACTED  # that one is a retraction which was taken in
    ]

    assert sum(entry.disclosures for entry in answer_of([*went, *later]).lists) == len(went)


_REFERRING = (
    "mode",
    "outcome",
    "recipient_id",
    "corrects_event_id",
    "retracts_event_id",
    "decision_event_id",
)


@given(histories(_WENT, references=st.none()))
def test_every_disclosure_is_counted_once(history: list[DecisionRow]) -> None:
    """Without references among them, disclosures and rows are one to one (legal 7.3.7)."""
    assert sum(entry.disclosures for entry in answer_of(history).lists) == len(history)


@given(histories(list(Outcome), references=references()))
def test_the_pivots_agree_with_the_lines(history: list[DecisionRow]) -> None:
    """By category of information, by category of recipient and by recipient: the same pairs each way."""
    for entry in answer_of(history).lists:
        one = {(p.pi_category, r) for p in entry.by_pi_category for r in p.recipient_categories}
        other = {(p, r.recipient_category) for r in entry.by_recipient_category for p in r.pi_categories}
        lines = {(p, line.category) for line in entry.recipients for p in line.pi_categories}

        assert one == other == lines


@given(histories(list(Outcome), references=references()))
def test_every_answer_survives_json(history: list[DecisionRow]) -> None:
    """Any answer reads back from JSON as it was."""
    answer = answer_of(history)

    assert answer_from_json(answer_to_json(answer)) == answer
