"""What the signals of one visit ask for (legal 5.6; paragraph Signals of the scenario format)."""

from collections.abc import Sequence
from typing import NamedTuple

from disclosure_consumers.core.signals.bits import UnreadableSignalError
from disclosure_consumers.core.signals.gpp import Section, decode_gpp
from disclosure_consumers.core.signals.sections import USCA, USNAT, USPV1
from disclosure_consumers.core.signals.us_privacy import decode_us_privacy
from disclosure_schemas.events.disclosure import Signals

DECIDING_SECTIONS = frozenset({USPV1, USNAT, USCA})
"""Sections that decide; all others are passed over, be they whole or damaged."""

OPT_OUT_FIELDS = ("SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut")
"""Each of them opts out of both sale and sharing: no string tells whether a choice of all was offered."""

LIMITED_BY_USCA: tuple[frozenset[str], ...] = (
    frozenset({"ssn", "drivers_license", "passport"}),
    frozenset({"account_login", "card_with_code"}),
    frozenset({"precise_geolocation"}),
    frozenset({"race_or_ethnicity", "religion_or_belief", "union_membership"}),
    frozenset({"message_contents"}),
    frozenset({"genetic"}),
    frozenset({"faceprint", "voiceprint", "fingerprint"}),
    frozenset({"health"}),
    frozenset({"sex_life_or_orientation"}),
)
"""Sensitive elements that the answers of usca SensitiveDataProcessing limit, in their order (legal 5.2.6).

No answer limits citizenship_or_immigration or neural. usnat limits nothing: there 1 means that consent was
not given, not that use was limited (legal 5.2.8).
"""

_YES = 1


class Reading(NamedTuple):
    """What signals ask for.

    `gpc`: the Global Privacy Control. `opted_out`: of sale and of sharing, by a string. `limited_elements`:
    sensitive elements a string limits. `unreadable`: some string could not be read whole; what was read of it
    counts beside that. `readable`: a string came, and all that came could be read.
    """

    gpc: bool
    opted_out: bool
    limited_elements: frozenset[str]
    readable: bool
    unreadable: bool


NO_ELEMENTS: frozenset[str] = frozenset()


def is_gpc(values: Sequence[str]) -> bool:
    """Whether any value of the header Sec-GPC is exactly `1`; every other value is ignored (legal 5.1.1)."""
    return "1" in values


def read_signals(signals: Signals, *, dnt_counts: bool = False) -> Reading:
    """Read the signals of one visit. Nothing they say clears an earlier opt-out, and nothing is an error.

    An empty string, a section of the wrong length or of an unknown version, and a number of sections other
    than the header's are unreadable: a signal was sent, and not knowing it is not consent.
    """
    gpc = is_gpc(signals.gpc) or (dnt_counts and signals.dnt == "1")
    opted_out = unreadable = False
    limited = NO_ELEMENTS
    if signals.gpp is not None:
        sections, unreadable = _deciding_sections(signals.gpp)
        for section in sections:
            gpc = gpc or section.gpc is True
            opted_out = opted_out or _opts_out(section)
            limited |= _limited(section)
    if signals.usp is not None:
        opted_out = opted_out or signals.usp[2:3] == "Y"  # whatever else of the string is damaged
        try:
            decode_us_privacy(signals.usp)
        except UnreadableSignalError:
            unreadable = True
    came = signals.gpp is not None or signals.usp is not None
    return Reading(gpc, opted_out, limited, came and not unreadable, unreadable)


def _deciding_sections(text: str) -> tuple[list[Section], bool]:
    """The sections that decide, and whether any of the string they stand in is damaged."""
    try:
        gpp = decode_gpp(text, only=DECIDING_SECTIONS)
    except UnreadableSignalError:
        return [], True
    return list(gpp.sections.values()), bool(gpp.damage)


def _opts_out(section: Section) -> bool:
    fields = section.fields
    return fields.get("OptOutSale") == "Y" or any(fields.get(name) == _YES for name in OPT_OUT_FIELDS)


def _limited(section: Section) -> frozenset[str]:
    answers = section.fields.get("SensitiveDataProcessing")
    if section.section_id != USCA or not isinstance(answers, tuple) or _YES not in answers:
        return NO_ELEMENTS
    limits = zip(LIMITED_BY_USCA, answers, strict=True)
    return NO_ELEMENTS.union(*(elements for elements, answer in limits if answer == _YES))
