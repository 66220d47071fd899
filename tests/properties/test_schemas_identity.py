"""Properties of subject keys and event ids."""

import re
import string
import unicodedata
import uuid

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from disclosure_schemas.errors import InvalidIdentifierError
from disclosure_schemas.event_ids import event_id_bytes, event_id_source, new_event_id, unix_ms_of
from disclosure_schemas.subject_keys import IdentifierType, normalise, subject_key
from strategies import MS_MAX

SECRET = bytes(range(32))
KINDS = st.sampled_from(list(IdentifierType))
WORDS = st.text(string.ascii_letters + string.digits + "._+-äßİ", min_size=1, max_size=20)
EMAILS = st.builds(
    "{}@{}.{}".format, WORDS, WORDS.filter(lambda word: "." not in word), st.sampled_from(["com", "co.uk"])
)
PHONES = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)
IDENTIFIERS = st.text(max_size=300) | EMAILS | PHONES | st.uuids().map(str)


@given(kind=KINDS, text=IDENTIFIERS)
def test_normalising_twice_changes_nothing(kind: IdentifierType, text: str) -> None:
    """The normal spelling of an identifier is its own normal spelling, so a stored one gives the same key."""
    try:
        once = normalise(kind, text)
    except InvalidIdentifierError:
        return
    assert normalise(kind, once) == once


NUMBERS = re.compile(r"\d+")


def error_about(kind: IdentifierType, text: str) -> str:
    """Text of the error about an identifier; empty where it has a key."""
    try:
        subject_key(SECRET, kind, text)
    except InvalidIdentifierError as error:
        return str(error)
    return ""


@given(kind=KINDS, text=IDENTIFIERS, data=st.data())
def test_errors_never_repeat_the_identifier(kind: IdentifierType, text: str, data: st.DataObject) -> None:
    """The error about an identifier depends on its type and length alone, so it cannot repeat any of it."""
    told = error_about(kind, text)
    other = data.draw(st.text("x@ ", min_size=len(text), max_size=len(text)) | st.just("?" * len(text)))
    also_told = error_about(kind, other)
    if told and also_told:
        assert NUMBERS.sub("n", told) == NUMBERS.sub("n", also_told)
    assert set(NUMBERS.findall(told)) <= {"7", "15", "164", "1", "256", "14155550123"} | lengths_of(text)


def lengths_of(text: str) -> set[str]:
    """Every length an error may tell of a text: up to that of its longest compatibility form."""
    return {str(length) for length in range(len(unicodedata.normalize("NFKC", text)) + len(text) + 1)}


@given(kind=KINDS, text=IDENTIFIERS, other=IDENTIFIERS)
def test_a_key_stands_for_one_identifier(kind: IdentifierType, text: str, other: str) -> None:
    """Two identifiers have the same key exactly if they have the same normal spelling."""
    try:
        same = normalise(kind, text) == normalise(kind, other)
        keys = subject_key(SECRET, kind, text), subject_key(SECRET, kind, other)
    except InvalidIdentifierError:
        return
    assert (keys[0] == keys[1]) is same


@given(text=st.text(min_size=1, max_size=50).filter(lambda text: text.strip()))
def test_the_type_is_part_of_the_key(text: str) -> None:
    """The same text as account, profile and household has three keys."""
    opaque = (IdentifierType.ACCOUNT, IdentifierType.PROFILE, IdentifierType.HOUSEHOLD)
    try:
        keys = {subject_key(SECRET, kind, text) for kind in opaque}
    except InvalidIdentifierError:
        assume(False)
    assert len(keys) == 3


@given(text=EMAILS)
def test_spelling_of_an_address_does_not_matter(text: str) -> None:
    """Capitals, spaces around and compatibility forms give the same key."""
    key = subject_key(SECRET, IdentifierType.EMAIL, text)
    assert subject_key(SECRET, IdentifierType.EMAIL, f"  {text}\n") == key
    assert subject_key(SECRET, IdentifierType.EMAIL, unicodedata.normalize("NFKD", text)) == key
    assert subject_key(SECRET, IdentifierType.EMAIL, text.swapcase().casefold()) == subject_key(
        SECRET, IdentifierType.EMAIL, text.swapcase()
    )


@given(length=st.integers(0, 31))
def test_a_short_secret_is_refused(length: int) -> None:
    """A secret of fewer than 32 bytes makes no key, and is not repeated in the error."""
    secret = b"S" * length
    with pytest.raises(InvalidIdentifierError, match=f"has {length} bytes, at least 32") as caught:
        subject_key(secret, IdentifierType.ACCOUNT, "customer-1")
    assert length < 2 or secret.decode() not in str(caught.value)


@given(unix_ms=st.integers(0, MS_MAX), tail=st.binary(min_size=10, max_size=10))
def test_event_ids_are_uuids_of_version_7(unix_ms: int, tail: bytes) -> None:
    """Any time and any random bytes make a UUID with version 7, the RFC variant and the time in front."""
    event_id = uuid.UUID(bytes=event_id_bytes(unix_ms, tail))
    assert (event_id.version, event_id.variant) == (7, uuid.RFC_4122)
    assert unix_ms_of(event_id) == unix_ms


@given(unix_ms=st.integers(0, MS_MAX), tail=st.binary(min_size=10, max_size=10))
def test_event_ids_keep_all_other_random_bits(unix_ms: int, tail: bytes) -> None:
    """Of the 80 random bits exactly the 6 of version and variant are fixed (RFC 9562, section 5.7)."""
    fixed = (0xF << 76) | (0x3 << 62)
    made = int.from_bytes(event_id_bytes(unix_ms, tail)[6:])
    assert made & ~fixed == int.from_bytes(tail) & ~fixed


@given(times=st.lists(st.integers(0, MS_MAX), min_size=2, max_size=20))
def test_event_ids_are_ordered_by_their_millisecond(times: list[int]) -> None:
    """Ids of different milliseconds sort as their times do, as UUIDs and as bytes."""
    make = event_id_source()
    ids = [(moment, uuid.UUID(bytes=make(moment)), new_event_id(moment)) for moment in times]
    for earlier, pooled, single in ids:
        for later, other_pooled, other_single in ids:
            if earlier < later:
                assert pooled < other_pooled
                assert single.bytes < other_single.bytes
