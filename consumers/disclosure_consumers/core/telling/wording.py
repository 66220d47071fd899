"""Codes in plain words: every reason, flag and step has a sentence and the rule it rests on."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from disclosure_consumers.core.telling.wording_flags import FLAGS, STEPS
from disclosure_consumers.core.telling.wording_permits import PERMITS
from disclosure_consumers.core.telling.wording_stops import STOPS


class Wording(NamedTuple):
    """A code, a sentence that a person understands, and the rule; no rule for a code nobody has worded."""

    code: str
    sentence: str
    citation: str | None = None


def reason_wording(code: str) -> Wording:
    """Wording of a reason; a code newer than this reader explains itself."""
    return REASONS.get(code) or Wording(code, code)


def flag_wording(code: str) -> Wording:
    """Wording of a flag; a code newer than this reader explains itself."""
    return FLAGS_IN_WORDS.get(code) or Wording(code, code)


def step_wording(number: int) -> Wording:
    """What step 1 to 12 of a decision asks; its code is its name. Raises KeyError for any other number."""
    return STEPS_IN_WORDS[number]


def _worded(rows: Iterable[tuple[str, str, str]]) -> Mapping[str, Wording]:
    return MappingProxyType(
        {code: Wording(str(code), sentence, citation) for code, sentence, citation in rows}
    )


REASONS = _worded((*PERMITS, *STOPS))
"""Every reason by its code, in the order of the scenario format."""

FLAGS_IN_WORDS = _worded(FLAGS)
"""Every flag by its code."""

STEPS_IN_WORDS: Mapping[int, Wording] = MappingProxyType(
    {number: Wording(name, asks, citation) for number, name, asks, citation in STEPS}
)
"""Every step by its number."""
