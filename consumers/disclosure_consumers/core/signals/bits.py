"""The bits behind the letters of a GPP string (legal 5.2.2), and the error of every signal."""

import re
from binascii import a2b_base64
from typing import NamedTuple

from disclosure_schemas.errors import DisclosureError

LETTER_BITS = 6

_LETTERS = re.compile(r"[A-Za-z0-9+/_-]+")
_ONE_ALPHABET = str.maketrans("-_", "+/")  # codecs write -_, the table of the specification prints +/


class UnreadableSignalError(DisclosureError):
    """A signal is not of its form. The text never repeats the signal itself: it may single out a browser."""


class Bits(NamedTuple):
    """A run of bits: as a number, the first bit the highest, and how many there are."""

    value: int
    length: int

    def head(self, length: int) -> int:
        """The first `length` bits as a number; there must be as many."""
        return self.value >> (self.length - length)

    def tail(self, length: int) -> int:
        """What follows the first `length` bits as a number; 0 means nothing but padding."""
        return self.value & ((1 << (self.length - length)) - 1)


def read_bits(text: str, what: str) -> Bits:
    """Read letters of base64, six bits each, in either alphabet and without `=`.

    Raises UnreadableSignalError, naming `what` was read, for no letters at all and for any other character.
    """
    if _LETTERS.fullmatch(text) is None:
        got = f"{len(text)} characters, not all of them such letters" if text else "nothing"
        raise UnreadableSignalError(
            f"{what} cannot be read: expected base64 letters (A-Z a-z 0-9 - _ + /) without padding, got {got}"
        )
    missing = -len(text) % 4
    octets = a2b_base64(text.translate(_ONE_ALPHABET) + "A" * missing)
    return Bits(int.from_bytes(octets) >> (LETTER_BITS * missing), LETTER_BITS * len(text))
