"""Codes in words: every reason, flag and step is said in a sentence of its own, with the rule behind it."""

import re
from collections import Counter

import pytest

from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.telling import wording
from disclosure_consumers.core.telling.wording import Wording, flag_wording, reason_wording, step_wording
from disclosure_ledger.answers.wording import explain

STEPS = range(1, 13)
WORDED = [
    *((f"reason {code}", reason_wording(code)) for code in Reason),
    *((f"flag {code}", flag_wording(code)) for code in Flag),
]
RULE = re.compile(r"\d|^policy$|^integrity of the record$")


@pytest.mark.parametrize(("name", "worded"), WORDED, ids=[name for name, _ in WORDED])
def test_every_code_has_a_sentence_and_a_rule(name: str, worded: Wording) -> None:
    """Each reason and flag is one sentence with a full stop, begins with a capital and names its rule."""
    assert name.split()[1] == worded.code
    assert re.fullmatch(r"[A-Z][^.?!]+\.", worded.sentence), worded.sentence
    assert len(worded.sentence.split()) > 3
    assert worded.citation
    assert RULE.search(worded.citation)


@pytest.mark.parametrize("number", STEPS)
def test_every_step_asks_a_question_and_has_a_rule(number: int) -> None:
    """Each of the twelve steps has a name, a question and a rule."""
    worded = step_wording(number)

    assert worded.sentence.endswith("?")
    assert worded.code.islower()
    assert worded.citation
    assert RULE.search(worded.citation)


def test_there_are_twelve_steps() -> None:
    """There is no step before the first and none after the twelfth."""
    for number in (0, 13):
        with pytest.raises(KeyError):
            step_wording(number)


def test_no_two_codes_are_worded_alike() -> None:
    """Reasons, flags and steps all read differently."""
    sentences = [worded.sentence for _, worded in WORDED] + [step_wording(n).sentence for n in STEPS]

    assert {sentence: count for sentence, count in Counter(sentences).items() if count > 1} == {}


def test_the_tables_are_complete_and_have_nothing_else() -> None:
    """The tables have the codes of the vocabulary, once each, in its order."""
    assert list(wording.REASONS) == list(Reason)
    assert list(wording.FLAGS_IN_WORDS) == list(Flag)
    assert list(wording.STEPS_IN_WORDS) == list(STEPS)


def test_words_are_for_a_person() -> None:
    """No sentence speaks of "the consumer", repeats a code, or addresses the reader."""
    unfit = re.compile(r"consumer|_|\byour?\b", re.IGNORECASE)

    assert [worded for _, worded in WORDED if unfit.search(worded.sentence)] == []


@pytest.mark.parametrize("worder", [reason_wording, flag_wording])
def test_a_code_of_another_release_explains_itself(worder: object) -> None:
    """A code nobody has worded here is shown as it is, without a rule."""
    assert worder("brand_new") == ("brand_new", "brand_new", None)  # type: ignore[operator]


def test_answers_use_the_words_of_the_core() -> None:
    """What answers say of a reason is what the core says, with the same three keys."""
    for code in Reason:
        assert explain(code).model_dump() == reason_wording(code)._asdict()
