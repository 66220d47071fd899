"""Strings of the IAB Global Privacy Platform: the header and the US sections (legal 5.2)."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from disclosure_consumers.core.signals.bits import LETTER_BITS, Bits, UnreadableSignalError, read_bits
from disclosure_consumers.core.signals.sections import (
    SECTION_NAMES,
    USPV1,
    FieldValue,
    has_sensitive_subsection,
    read_core,
    read_gpc,
    read_sensitive,
)
from disclosure_consumers.core.signals.us_privacy import decode_us_privacy

US_SECTIONS = frozenset(SECTION_NAMES)
"""Ids of all sections that can be read."""

_TYPE, _VERSION = 3, 1
_COUNT_BITS = 12
_HEADER_BITS = 2 * LETTER_BITS + _COUNT_BITS
_END = "11"

_FIBONACCI = [1, 2]
while len(_FIBONACCI) < 24:  # enough for ids of more than 100,000; there are 27
    _FIBONACCI.append(_FIBONACCI[-1] + _FIBONACCI[-2])


class Section(NamedTuple):
    """One section that was read.

    `fields` are its answers by their names in the specification, empty where they are damaged. `gpc` is the
    bit of its GPC sub-section; None without one, which is not the same as no (legal 5.2.12).
    """

    section_id: int
    name: str
    fields: Mapping[str, FieldValue]
    gpc: bool | None


class Gpp(NamedTuple):
    """What a GPP string says.

    `section_ids` are the sections its header names, `sections` by name those that were read: the others are
    passed over unread. `damage` says of each part that cannot be read what is wrong with it; a string with
    any counts as unreadable, and what was read of it counts none the less.
    """

    section_ids: tuple[int, ...]
    sections: Mapping[str, Section]
    damage: tuple[str, ...]


def decode_gpp(text: str, *, only: AbstractSet[int] = US_SECTIONS) -> Gpp:
    """Read a GPP string, of its sections those named by `only`.

    Raises UnreadableSignalError if the header cannot be read, as that of an empty string or of a bare TCF
    string; sections cannot be told apart then. All other damage is in the value.
    """
    header, *payloads = text.split("~")
    section_ids = _section_ids(header, len(payloads))
    damage: list[str] = []
    if len(section_ids) != len(payloads):
        named = "more" if len(section_ids) > len(payloads) else str(len(section_ids))
        damage.append(
            f"GPP string cannot be read whole: expected the sections its header names, got {len(payloads)} "
            f"where it names {named}"
        )
    sections: dict[str, Section] = {}
    for section_id, payload in zip(section_ids, payloads, strict=False):
        if section_id in only and section_id in US_SECTIONS:
            section = _section(section_id, payload, damage)
            sections[section.name] = section
    return Gpp(section_ids, sections, tuple(damage))


def _section(section_id: int, payload: str, damage: list[str]) -> Section:
    """Read a section part by part, so that damage of one leaves the others."""
    fields: dict[str, FieldValue] = {}
    gpc: bool | None = None
    # A US Privacy string has no sub-sections; a dot in one is as wrong as any other character.
    core, *subsections = [payload] if section_id == USPV1 else payload.split(".")
    try:
        fields = _us_privacy_fields(core) if section_id == USPV1 else read_core(section_id, core)
    except UnreadableSignalError as error:
        damage.append(str(error))
    for subsection in subsections:
        try:
            if has_sensitive_subsection(section_id):
                fields |= read_sensitive(section_id, subsection)
            else:
                gpc = read_gpc(section_id, subsection) or bool(gpc)
        except UnreadableSignalError as error:
            damage.append(str(error))
    return Section(section_id, SECTION_NAMES[section_id], fields, gpc)


def _us_privacy_fields(payload: str) -> dict[str, FieldValue]:
    read = decode_us_privacy(payload)
    return {
        "Version": read.version,
        "Notice": read.notice,
        "OptOutSale": read.opt_out_sale,
        "LspaCovered": read.lspa_covered,
    }


def _section_ids(header: str, payloads: int) -> tuple[int, ...]:
    """Ids a header names, in order; of more than there are payloads only the first that is too many."""
    bits = read_bits(header, "GPP header")
    if bits.length < _HEADER_BITS:
        raise UnreadableSignalError(
            f"GPP header cannot be read: expected at least {_HEADER_BITS} bits, got {bits.length}"
        )
    kind, version = bits.head(LETTER_BITS), bits.head(2 * LETTER_BITS) & 63
    if (kind, version) != (_TYPE, _VERSION):
        raise UnreadableSignalError(
            f"GPP header cannot be read: expected type {_TYPE} and version {_VERSION} (it begins with DB), "
            f"got type {kind} and version {version}"
        )
    return _read_range(bits, payloads)


def _read_range(bits: Bits, most: int) -> tuple[int, ...]:
    """Read a range in Fibonacci coding: groups of one id or of first and last, each told by its distance.

    Stops behind `most` ids, so that a few letters cannot name a million sections.
    """
    text = format(bits.value, f"0{bits.length}b")
    count = bits.head(_HEADER_BITS) & ((1 << _COUNT_BITS) - 1)
    position, last = _HEADER_BITS, 0
    ids: list[int] = []
    for _ in range(count):
        is_range = text[position : position + 1] == "1"
        distance, position = _fibonacci(text, position + 1)
        first = last = last + distance
        if is_range:
            distance, position = _fibonacci(text, position)
            last += distance
        ids.extend(range(first, last + 1)[: most + 1])
        if len(ids) > most:
            return tuple(ids[: most + 1])
    if bits.tail(position):
        raise UnreadableSignalError(
            "GPP header cannot be read: expected padding of zeros behind its last section id, got more"
        )
    return tuple(ids)


def _fibonacci(text: str, position: int) -> tuple[int, int]:
    """The number whose code begins at a position of a text of bits, and the position behind it."""
    end = text.find(_END, position, position + len(_FIBONACCI) + 1)
    if end < 0:
        raise UnreadableSignalError(
            "GPP header cannot be read: expected section ids in Fibonacci coding, got a number without an "
            "end or far too large"
        )
    code = text[position : end + 1]
    number = sum(value for value, bit in zip(_FIBONACCI, code, strict=False) if bit == "1")
    return number, end + len(_END)
