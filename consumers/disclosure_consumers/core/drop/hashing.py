"""How the state's deletion platform (DROP) hides an identifier: standardise it, then hash it (legal 3.6).

Both sides must do it alike to the letter. One rule taken otherwise raises no error anywhere: every person
is then "not found".

What is fact, from the platform's technical documentation, version 1.2.0 of 2026-07-02 (privacy.ca.gov,
"Working with the data", read in published copies); its worked examples are the tests:

- SHA-256 of the standardised text in UTF-8, as Base64: 44 characters;
- e-mail: without white space, lower case; dots and plus signs stay;
- phone: digits only, the last ten, or all where there are fewer;
- date of birth: YYYYMMDD;
- ZIP: letters and digits only, lower case, without +4 and leading zeros, the first five;
- names: normalised, lower case, Greek, Cyrillic and accented Latin letters as plain ones, then letters and
  digits only;
- advertising id (MAID): 32 hexadecimal digits, lower case; vehicle number (VIN): 17 letters and digits, lower
  case; television id (CTVID): 8 to 32 letters and digits, lower case;
- lists of several identifiers: the Base64 hashes of the fields, one after the other, hashed again. NDZ is
  first name, last name, date of birth, ZIP; NameVIN is first name, last name, VIN.

What is our reading, because the documentation leaves it open or that part was not seen: NFKC as the normal
form; which letters are written as which (`_LETTERS`, as others who match against the platform write them);
nine digits without a hyphen are a ZIP+4; "digits" and "letters" of phone, ZIP and ids are ASCII; other
scripts stay as they are; dates come as YYYY-MM-DD or YYYYMMDD, for other forms are ambiguous.
"""

import hashlib
import re
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

from disclosure_schemas.errors import DisclosureError


class DropList(StrEnum):
    """The six deletion lists (legal 3.4); the words are those of a `drop_match`."""

    EMAIL = "email"
    PHONE = "phone"
    MAID = "maid"
    CTVID = "ctvid"
    NDZ = "ndz"
    NAME_VIN = "name_vin"


class Field(StrEnum):
    """The identifiers that lists are made of."""

    EMAIL = "email"
    PHONE = "phone"
    MAID = "maid"
    CTVID = "ctvid"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    BIRTH_DATE = "birth_date"
    ZIP = "zip"
    VIN = "vin"


FIELDS: Mapping[DropList, tuple[Field, ...]] = {
    DropList.EMAIL: (Field.EMAIL,),
    DropList.PHONE: (Field.PHONE,),
    DropList.MAID: (Field.MAID,),
    DropList.CTVID: (Field.CTVID,),
    DropList.NDZ: (Field.FIRST_NAME, Field.LAST_NAME, Field.BIRTH_DATE, Field.ZIP),
    DropList.NAME_VIN: (Field.FIRST_NAME, Field.LAST_NAME, Field.VIN),
}
"""Identifiers of each list, in the order in which their hashes are put together."""


class UnusableIdentifierError(DisclosureError):
    """An identifier is there and cannot be on any list. The text of the error never repeats it."""

    def __init__(self, field: Field, length: int) -> None:
        self.field = field
        self.expected = f"a {field.value.replace('_', ' ')} {_FORMS[field]}"
        self.got = f"{length} characters that are none"
        super().__init__(
            f"expected {self.expected}, got {self.got} (not shown). Correct it, or leave it empty."
        )


_LETTERS: Mapping[str, str] = {
    plain: written
    for pairs in (
        # Greek; accents are taken off first
        "α:a β:v γ:g δ:d ε:e ζ:z η:i θ:th ι:i κ:k λ:l μ:m ν:n ξ:x ο:o π:p ρ:r σ:s ς:s τ:t υ:y φ:f χ:ch ψ:ps",
        "ω:o",
        # Cyrillic: Russian, then Ukrainian and Belarusian; hard and soft sign are not written
        "а:a б:b в:v г:g д:d е:e ё:yo ж:zh з:z и:i й:y к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:kh ц:ts",
        "ч:ch ш:sh щ:shch ъ: ы:y ь: э:e ю:yu я:ya є:e і:i ї:i ґ:g ў:u",
        # Latin letters that are no plain letter with an accent
        "ß:ss æ:ae œ:oe ø:o ð:d þ:th ł:l đ:d ħ:h ŋ:n ı:i",
    )
    for plain, written in (pair.split(":") for pair in pairs.split())
}

_WHITE_SPACE = re.compile(r"\s+")
_NO_DIGIT = re.compile(r"[^0-9]+")
_NO_HEX_DIGIT = re.compile(r"[^0-9a-f]+")
_NO_LETTER_OR_DIGIT = re.compile(r"[^0-9a-z]+")
_ZIP_PLUS_4 = re.compile(r"\s*([0-9]{5})[-\s]?[0-9]{4}\s*")
_DATE = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})")

_PHONE_DIGITS = 10
_ZIP_LENGTH = 5


def standardise(field: Field, text: str) -> str:
    """The one spelling of an identifier that is hashed; raises UnusableIdentifierError where it has none."""
    standard = _RULES[field](text)
    if not standard:
        raise UnusableIdentifierError(field, len(text))
    return standard


def drop_hash(drop_list: DropList, texts: tuple[str, ...]) -> str:
    """Hash of a person's identifiers for a list, 44 characters; `texts` in the order of FIELDS.

    Raises UnusableIdentifierError for the first that cannot be on the list.
    """
    hashes = [_hash(standardise(field, text)) for field, text in zip(FIELDS[drop_list], texts, strict=True)]
    return hashes[0] if len(hashes) == 1 else _hash("".join(hashes))


def _hash(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _email(text: str) -> str:
    return _WHITE_SPACE.sub("", text).lower()


def _phone(text: str) -> str:
    return _NO_DIGIT.sub("", text)[-_PHONE_DIGITS:]


def _birth_date(text: str) -> str:
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return ""
    year, _, month, day = found.groups()
    try:
        date(int(year), int(month), int(day))
    except ValueError:  # such as 30 February
        return ""
    return year + month + day


def _zip(text: str) -> str:
    plus_4 = _ZIP_PLUS_4.fullmatch(text)
    kept = _NO_LETTER_OR_DIGIT.sub("", (plus_4[1] if plus_4 else text).lower())
    return kept.lstrip("0")[:_ZIP_LENGTH]


def _name(text: str) -> str:
    letters = map(_plain_letter, unicodedata.normalize("NFKC", text).lower())
    kept = "".join(letter for letter in "".join(letters) if letter.isalnum())
    return unicodedata.normalize("NFKC", kept)


def _plain_letter(letter: str) -> str:
    if letter in _LETTERS:
        return _LETTERS[letter]
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else _LETTERS.get(base, letter)


def _maid(text: str) -> str:
    return _of_length(_NO_HEX_DIGIT.sub("", text.lower()), 32, 32)


def _vin(text: str) -> str:
    return _of_length(_NO_LETTER_OR_DIGIT.sub("", text.lower()), 17, 17)


def _ctvid(text: str) -> str:
    return _of_length(_NO_LETTER_OR_DIGIT.sub("", text.lower()), 8, 32)


def _of_length(text: str, shortest: int, longest: int) -> str:
    return text if shortest <= len(text) <= longest else ""


_RULES: Mapping[Field, Callable[[str], str]] = {
    Field.EMAIL: _email,
    Field.PHONE: _phone,
    Field.MAID: _maid,
    Field.CTVID: _ctvid,
    Field.FIRST_NAME: _name,
    Field.LAST_NAME: _name,
    Field.BIRTH_DATE: _birth_date,
    Field.ZIP: _zip,
    Field.VIN: _vin,
}
_FORMS = {
    Field.EMAIL: "of any text",
    Field.PHONE: "with digits",
    Field.MAID: "of 32 hexadecimal digits",
    Field.CTVID: "of 8 to 32 letters and digits",
    Field.FIRST_NAME: "with letters or digits",
    Field.LAST_NAME: "with letters or digits",
    Field.BIRTH_DATE: "as YYYY-MM-DD or YYYYMMDD",
    Field.ZIP: "with letters or digits, not zeros alone",
    Field.VIN: "of 17 letters and digits",
}
