"""The US Privacy string: four characters, deprecated in 2024 and still sent (legal 5.3.1)."""

import re
from typing import NamedTuple

from disclosure_consumers.core.signals.bits import UnreadableSignalError

_FORM = re.compile(r"1[YN-]{3}")


class UsPrivacy(NamedTuple):
    """What a US Privacy string says; each answer is `Y`, `N` or `-` (not applicable)."""

    version: int
    notice: str
    opt_out_sale: str
    lspa_covered: str


def decode_us_privacy(text: str) -> UsPrivacy:
    """Read a US Privacy string of version 1; capitals only, as its specification and codec write it.

    Raises UnreadableSignalError for anything else, an empty string included.
    """
    if _FORM.fullmatch(text) is None:
        if len(text) != 4:
            got = f"{len(text)} characters"
        elif text[0] != "1":
            got = "another version"
        else:
            got = "another character"
        raise UnreadableSignalError(
            f"US Privacy string cannot be read: expected 1 and three of Y, N or -, as in 1YNN, got {got}"
        )
    return UsPrivacy(int(text[0]), text[1], text[2], text[3])
