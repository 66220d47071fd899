"""Subject keys: one spelling for each identifier, one key for each spelling."""

import hashlib
import hmac
import uuid

import pytest

from disclosure_schemas.errors import InvalidIdentifierError
from disclosure_schemas.subject_keys import IdentifierType, normalise, subject_key

SECRET = bytes.fromhex("00112233445566778899aabbccddeeff" * 2)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("alice@example.com", "alice@example.com"),
        ("Alice@Example.COM", "alice@example.com"),
        ("  alice@example.com\t\n", "alice@example.com"),
        ("\N{NO-BREAK SPACE}alice@example.com", "alice@example.com"),
        ("alice+news@example.com", "alice+news@example.com"),
        ("a.lice@example.com", "a.lice@example.com"),
        ("\N{FULLWIDTH LATIN SMALL LETTER A}lice@example.com", "alice@example.com"),
        ("jose\N{COMBINING ACUTE ACCENT}@example.com", "jos\N{LATIN SMALL LETTER E WITH ACUTE}@example.com"),
        ("STRASSE@example.com", "strasse@example.com"),
        ("stra\N{LATIN SMALL LETTER SHARP S}e@example.com", "strasse@example.com"),
        ("bob@mail.example.co.uk", "bob@mail.example.co.uk"),
    ],
)
def test_email_addresses_have_one_spelling(text: str, normal: str) -> None:
    """Capitals, spaces around and compatibility forms go; dots and tags stay, they may be other mailboxes."""
    assert normalise(IdentifierType.EMAIL, text) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "alice@",
        "@example.com",
        "alice@localhost",
        "alice@example..com",
        "alice@example.com.",
        "a@b@example.com",
        "al ice@example.com",
        "Alice <alice@example.com>",
        "mailto:alice",
    ],
)
def test_other_texts_are_no_email_address(text: str) -> None:
    """What is not name@domain.tld alone is refused, with what to do."""
    with pytest.raises(InvalidIdentifierError, match="without a display name"):
        normalise(IdentifierType.EMAIL, text)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("+14155550123", "+14155550123"),
        ("+1 415 555 0123", "+14155550123"),
        ("+1 (415) 555-0123", "+14155550123"),
        ("+1.415.555.0123", "+14155550123"),
        ("\N{FULLWIDTH PLUS SIGN}1\N{NO-BREAK SPACE}415 555 0123", "+14155550123"),
        ("+441632960961", "+441632960961"),
        ("+123456789012345", "+123456789012345"),
    ],
)
def test_phone_numbers_have_one_spelling(text: str, normal: str) -> None:
    """Spaces, brackets, dots and hyphens go; what is left is E.164."""
    assert normalise(IdentifierType.PHONE, text) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4155550123",
        "0014155550123",
        "+0415555012",
        "+1",
        "+12345",
        "+1234567890123456",
        "+1415555O123",
        "call me",
    ],
)
def test_other_texts_are_no_phone_number(text: str) -> None:
    """A number without country code, too short, too long or with letters is refused, with what to do."""
    with pytest.raises(InvalidIdentifierError, match="Add the country code"):
        normalise(IdentifierType.PHONE, text)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("38400000-8cf0-11bd-b23e-10b96e40000d", "38400000-8cf0-11bd-b23e-10b96e40000d"),
        ("38400000-8CF0-11BD-B23E-10B96E40000D", "38400000-8cf0-11bd-b23e-10b96e40000d"),
        ("384000008CF011BDB23E10B96E40000D", "38400000-8cf0-11bd-b23e-10b96e40000d"),
        ("cookie:Ab9x", "cookie:Ab9x"),
        (" cookie:Ab9x ", "cookie:Ab9x"),
    ],
)
def test_device_ids_have_one_spelling(text: str, normal: str) -> None:
    """An advertising id is a UUID whatever its letters; any other id stays as it is, capitals count."""
    assert normalise(IdentifierType.DEVICE, text) == normal


@pytest.mark.parametrize("kind", [IdentifierType.ACCOUNT, IdentifierType.PROFILE, IdentifierType.HOUSEHOLD])
def test_opaque_ids_stay_as_they_are(kind: IdentifierType) -> None:
    """Of an account, profile or household id only the space around goes."""
    assert normalise(kind, " Customer-20417 ") == "Customer-20417"


@pytest.mark.parametrize("kind", [IdentifierType.ACCOUNT, IdentifierType.DEVICE])
@pytest.mark.parametrize("text", ["", "   ", "x" * 257])
def test_opaque_ids_have_1_to_256_characters(kind: IdentifierType, text: str) -> None:
    """Nothing, or far too much, is no identifier."""
    with pytest.raises(InvalidIdentifierError, match="1 to 256 characters"):
        normalise(kind, text)


def test_a_key_is_the_documented_hmac() -> None:
    """The key is the first 16 bytes of HMAC-SHA-256 over type, NUL and normal spelling."""
    expected = hmac.new(SECRET, b"email\0alice@example.com", hashlib.sha256).digest()[:16]
    assert subject_key(SECRET, IdentifierType.EMAIL, "Alice@example.com") == uuid.UUID(bytes=expected)


def test_keys_stay_the_same_for_ever() -> None:
    """A stored key of a known secret: a change of the recipe would lose every person in the ledger."""
    key = subject_key(SECRET, IdentifierType.EMAIL, "alice@example.com")
    assert key == uuid.UUID("38b4577f-d076-1bbc-4270-b8efec18cda5")


def test_another_secret_gives_other_keys() -> None:
    """Keys of one company say nothing to another."""
    ours = subject_key(SECRET, IdentifierType.EMAIL, "alice@example.com")
    theirs = subject_key(SECRET[::-1], IdentifierType.EMAIL, "alice@example.com")
    assert ours != theirs


def test_a_short_secret_is_refused() -> None:
    """A secret below 32 bytes raises an error that says how to make one."""
    with pytest.raises(InvalidIdentifierError, match=r"has 31 bytes, at least 32 .*openssl rand -hex 32"):
        subject_key(SECRET[:31], IdentifierType.ACCOUNT, "customer-1")
    assert subject_key(SECRET[:32], IdentifierType.ACCOUNT, "customer-1").int > 0
