"""Properties of deletion lists: one spelling, one form of hash, and answers that add up."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure_consumers.core.drop.hashing import (
    FIELDS,
    DropList,
    Field,
    UnusableIdentifierError,
    drop_hash,
    standardise,
)
from disclosure_consumers.core.drop.matching import DropStatus, Entry, drop_status, holders_of, matches

HASH_FORM = re.compile(r"[A-Za-z0-9+/]{43}=")
DIGITS = "0123456789"
HEX = DIGITS + "abcdef"
LETTERS_AND_DIGITS = DIGITS + "abcdefghijklmnopqrstuvwxyz"

USABLE: Mapping[Field, st.SearchStrategy[str]] = {
    Field.EMAIL: st.emails(),
    Field.PHONE: st.text(DIGITS, min_size=1, max_size=15),
    Field.MAID: st.text(HEX, min_size=32, max_size=32),
    Field.CTVID: st.text(LETTERS_AND_DIGITS, min_size=8, max_size=32),
    Field.FIRST_NAME: st.text(min_size=1).filter(lambda text: text[0].isalpha()),
    Field.LAST_NAME: st.text(min_size=1).filter(lambda text: text[0].isalpha()),
    Field.BIRTH_DATE: st.dates().map(str),
    Field.ZIP: st.text("123456789", min_size=5, max_size=5),
    Field.VIN: st.text(LETTERS_AND_DIGITS, min_size=17, max_size=17),
}
NAMES = [Field.FIRST_NAME, Field.LAST_NAME]
KEYS = st.integers(0, 5).map(lambda number: bytes([number]) * 16)
HASHES = st.sampled_from(["h1", "h2", "h3", "h4"])


def standard(field: Field, text: str) -> str | None:
    """The one spelling of an identifier; None where it has none."""
    try:
        return standardise(field, text)
    except UnusableIdentifierError:
        return None


@given(field=st.sampled_from(list(Field)), data=st.data())
def test_standardising_twice_changes_nothing(field: Field, data: st.DataObject) -> None:
    """What is hashed is its own spelling, whatever text it was made of."""
    once = standard(field, data.draw(USABLE[field] | st.text(max_size=60)))
    assert once is None or standardise(field, once) == once


@given(drop_list=st.sampled_from(list(DropList)), data=st.data())
def test_every_hash_has_the_form_of_the_platform(drop_list: DropList, data: st.DataObject) -> None:
    """The hash for each list is 44 characters of Base64, the last of them an equals sign."""
    texts = tuple(data.draw(USABLE[field]) for field in FIELDS[drop_list])
    assert HASH_FORM.fullmatch(drop_hash(drop_list, texts))


@given(drop_list=st.sampled_from(list(DropList)), data=st.data())
def test_spelling_does_not_change_the_hash(drop_list: DropList, data: st.DataObject) -> None:
    """Identifiers as they came and as they are standardised are the same person."""
    texts = tuple(data.draw(USABLE[field]) for field in FIELDS[drop_list])
    standardised = tuple(
        standardise(field, text) for field, text in zip(FIELDS[drop_list], texts, strict=True)
    )
    assert drop_hash(drop_list, texts) == drop_hash(drop_list, standardised)


@given(text=st.emails(), before=st.text(" \t\n"), after=st.text(" \t\n"))
def test_case_and_white_space_of_an_address_do_not_matter(text: str, before: str, after: str) -> None:
    """An address in capitals or between spaces is the same address."""
    assert standardise(Field.EMAIL, before + text.upper() + after) == standardise(Field.EMAIL, text)


@given(text=st.text(DIGITS, min_size=10, max_size=10), prefix=st.text("+1() -", max_size=6))
def test_a_country_code_does_not_matter(text: str, prefix: str) -> None:
    """Whatever stands before the last ten digits of a number, and between them, is not hashed."""
    spread = f"{prefix}({text[:3]}) {text[3:6]}-{text[6:]}"
    assert standardise(Field.PHONE, spread) == text


@pytest.mark.parametrize("field", NAMES)
@given(text=st.text())
def test_names_keep_letters_and_digits_alone(field: Field, text: str) -> None:
    """A standardised name has no capitals of the Latin alphabet, spaces or signs."""
    once = standard(field, text)
    assert once is None or (once.isalnum() and not re.search(r"[A-Z\s]", once))


@given(
    held=st.lists(st.tuples(HASHES, KEYS), max_size=20),
    hashes=st.lists(HASHES, max_size=12),
    exempt=st.frozensets(KEYS),
)
def test_every_entry_is_answered_by_what_holds_its_hash(
    held: list[tuple[str, bytes]], hashes: list[str], exempt: frozenset[bytes]
) -> None:
    """Each entry has one answer: exactly the subjects that have its hash, and the status they call for."""
    entries = [Entry(f"e{place}", hashed) for place, hashed in enumerate(hashes)]
    answers = list(matches(entries, holders_of(held), exempt))
    assert [answer.id for answer in answers] == [entry.id for entry in entries]
    for entry, answer in zip(entries, answers, strict=True):
        keys = {key for hashed, key in held if hashed == entry.hash}
        assert answer.subject_keys == tuple(sorted(keys))
        assert answer.status is drop_status(len(keys), all_exempt=bool(keys) and keys <= exempt)
        assert answer.all_exempt == (answer.status is DropStatus.EXEMPTED)


@given(held=st.lists(st.tuples(HASHES, KEYS), max_size=20), data=st.data())
def test_the_order_of_records_does_not_matter(held: list[tuple[str, bytes]], data: st.DataObject) -> None:
    """Records read in another order give the same answers, so that a second run repeats the first."""
    entries = [Entry(hashed, hashed) for hashed in ("h1", "h2", "h3", "h4")]
    shuffled = data.draw(st.permutations(held))
    assert list(matches(entries, holders_of(held), frozenset())) == list(
        matches(entries, holders_of(shuffled), frozenset())
    )


@given(subjects=st.integers(1, 1000))
def test_one_more_subject_never_undoes_an_answer(subjects: int) -> None:
    """An entry that was found is never "not found" because more subjects share it."""
    assert drop_status(subjects, all_exempt=False) is not DropStatus.NOT_FOUND
    assert drop_status(subjects + 1, all_exempt=False) is DropStatus.OPTED_OUT
