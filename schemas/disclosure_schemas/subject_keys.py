"""Subject keys: 16 bytes that stand for a person, made so that identifiers never enter an event.

key = first 16 bytes of HMAC-SHA-256(secret, type + NUL + normalised identifier)
"""

import hashlib
import hmac
import re
import unicodedata
import uuid
from enum import StrEnum

from disclosure_schemas.errors import InvalidIdentifierError

SECRET_BYTES_MIN = 32
"""Shortest secret: as long as the digest, so that keys cannot be found by trying secrets."""

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_OPAQUE_LENGTH_MAX = 256


class IdentifierType(StrEnum):
    """What kind of identifier a key is made of; the kind is part of the key."""

    EMAIL = "email"
    PHONE = "phone"
    ACCOUNT = "account"
    DEVICE = "device"
    PROFILE = "profile"
    HOUSEHOLD = "household"


def normalise(kind: IdentifierType, text: str) -> str:
    """Return the one spelling of an identifier; raise InvalidIdentifierError where there is none.

    Messages name what is wrong and never repeat the identifier: they may end up in a log.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if kind is IdentifierType.EMAIL:
        return _normalise_email(text)
    if kind is IdentifierType.PHONE:
        return _normalise_phone(text)
    return _normalise_opaque(kind, text)


def _normalise_email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise InvalidIdentifierError(
            "an e-mail address was expected, name@domain with a dot in the domain; got something else "
            f"({len(text)} characters). Pass the address alone, without a display name."
        )
    return text.casefold()


def _normalise_phone(text: str) -> str:
    digits = re.sub(r"[\s().\-]", "", text)
    if not _E164.fullmatch(digits):
        raise InvalidIdentifierError(
            "a phone number in E.164 form was expected, such as +14155550123: a plus sign, the country "
            f"code, 7 to 15 digits in all; got {len(digits)} characters that do not fit. "
            "Add the country code."
        )
    return digits


def _normalise_opaque(kind: IdentifierType, text: str) -> str:
    if not 1 <= len(text) <= _OPAQUE_LENGTH_MAX:
        raise InvalidIdentifierError(
            f"an identifier of type {kind} has 1 to {_OPAQUE_LENGTH_MAX} characters, got {len(text)}."
        )
    if kind is not IdentifierType.DEVICE:
        return text
    try:
        return str(uuid.UUID(text))  # advertising ids come in capitals from one system, small from another
    except ValueError:
        return text


def subject_key(secret: bytes, kind: IdentifierType, text: str) -> uuid.UUID:
    """Make the key of an identifier; raises InvalidIdentifierError for a bad identifier or secret."""
    if len(secret) < SECRET_BYTES_MIN:
        raise InvalidIdentifierError(
            f"the subject secret has {len(secret)} bytes, at least {SECRET_BYTES_MIN} are needed. "
            "Make one with `openssl rand -hex 32` and keep it: another secret gives other keys."
        )
    message = f"{kind.value}\0{normalise(kind, text)}".encode()
    return uuid.UUID(bytes=hmac.new(secret, message, hashlib.sha256).digest()[:16])
