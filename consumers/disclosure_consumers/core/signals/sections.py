"""The US sections of a GPP string: which fields they have, and in what order.

Orders are facts of the reference codec (npm @iabgpp/cmpapi 3.2.0) and, for usnat and usca, of legal 5.2.5 and
5.2.7. In every section the first field is six bits wide and all others are answers of two bits each.
"""

from collections.abc import Mapping
from typing import NamedTuple

from disclosure_consumers.core.signals.bits import LETTER_BITS, Bits, UnreadableSignalError, read_bits

USPV1, USNAT, USCA = 6, 7, 8
"""Section ids (legal 5.2.4)."""

FieldValue = int | str | tuple[int, ...]

_ANSWER_BITS, _ANSWER = 2, 3
_GPC_TYPE = 1


class _Layout(NamedTuple):
    """Field names with how far their answers lie from the end, in bits; one number, or one of each answer."""

    first: str
    fields: tuple[tuple[str, int | tuple[int, ...]], ...]
    bits: int

    def read(self, bits: Bits) -> dict[str, FieldValue]:
        """Fields by name from the first `self.bits` bits."""
        value = bits.head(self.bits)
        read: dict[str, FieldValue] = {self.first: value >> (self.bits - LETTER_BITS)} if self.first else {}
        for name, place in self.fields:
            if isinstance(place, int):
                read[name] = value >> place & _ANSWER
            else:
                read[name] = tuple([value >> shift & _ANSWER for shift in place])
        return read


def _layout(words: str, *, first: str = "Version") -> _Layout:
    """Make a layout of field names in order; `Name:9` is a field of nine answers."""
    counts = [(name, int(count or 0)) for name, _, count in (word.partition(":") for word in words.split())]
    left = _ANSWER_BITS * sum(count or 1 for _, count in counts)
    bits = left + (LETTER_BITS if first else 0)
    fields: list[tuple[str, int | tuple[int, ...]]] = []
    for name, count in counts:
        shifts = tuple(left - _ANSWER_BITS * (index + 1) for index in range(count or 1))
        fields.append((name, shifts if count else shifts[0]))
        left -= _ANSWER_BITS * len(shifts)
    return _Layout(first, tuple(fields), bits)


_MSPA = "MspaCoveredTransaction MspaOptOutOptionMode MspaServiceProviderMode"
_OPT_OUTS = "SaleOptOut TargetedAdvertisingOptOut"
_NOTICES = "SaleOptOutNotice TargetedAdvertisingOptOutNotice"


def _usnat(sensitive: int, child: int) -> _Layout:
    """The national section; its version 2 has more answers in two of the fields (legal 5.2.7)."""
    return _layout(
        "SharingNotice SaleOptOutNotice SharingOptOutNotice TargetedAdvertisingOptOutNotice "
        "SensitiveDataProcessingOptOutNotice SensitiveDataLimitUseNotice "
        "SaleOptOut SharingOptOut TargetedAdvertisingOptOut "
        f"SensitiveDataProcessing:{sensitive} KnownChildSensitiveDataConsents:{child} "
        f"PersonalDataConsents {_MSPA}"
    )


def _state(notices: str, sensitive: int, child: str = "", *, additional: bool = True) -> _Layout:
    """A state's section. `child` is `:3` for a field of three answers, empty for a single one."""
    consent = "AdditionalDataProcessingConsent" if additional else ""
    return _layout(
        f"{notices} {_OPT_OUTS} SensitiveDataProcessing:{sensitive} KnownChildSensitiveDataConsents{child} "
        f"{consent} {_MSPA}"
    )


def _without_version(*, child: bool = True) -> _Layout:
    """A section without a version of its own; its sensitive data, if any, is in a sub-section.

    Drafts of October 2025 put a header into these sections. The codec writes none, and none is read.
    """
    consents = "KnownChildSensitiveDataConsents" if child else ""
    return _layout(
        f"MspaCoveredTransaction MspaMode ProcessingNotice {_NOTICES} {_OPT_OUTS} "
        f"{consents} AdditionalDataProcessingConsent",
        first="MspaVersion",
    )


_SHARING = f"SharingNotice {_NOTICES}"
_PROCESSING = f"ProcessingNotice {_NOTICES}"
_USNAT_V1, _USNAT_V2 = _usnat(12, 2), _usnat(16, 3)
_USCA = _layout(
    "SaleOptOutNotice SharingOptOutNotice SensitiveDataLimitUseNotice SaleOptOut SharingOptOut "
    f"SensitiveDataProcessing:9 KnownChildSensitiveDataConsents:2 PersonalDataConsents {_MSPA}"
)
_SENSITIVE = _layout("SensitiveDataProcessing:8", first="")

_SECTIONS: dict[int, tuple[str, dict[int, _Layout]]] = {
    USNAT: ("usnat", {1: _USNAT_V1, 2: _USNAT_V2}),
    USCA: ("usca", {1: _USCA}),
    9: ("usva", {1: _state(_SHARING, 8, additional=False)}),
    10: ("usco", {1: _state(_SHARING, 7, additional=False)}),
    11: ("usut", {1: _state(f"{_SHARING} SensitiveDataProcessingOptOutNotice", 8, additional=False)}),
    12: ("usct", {1: _state(_SHARING, 8, ":3", additional=False)}),
    13: ("usfl", {1: _state(_PROCESSING, 8, ":3")}),
    14: ("usmt", {1: _state(_SHARING, 8, ":3")}),
    15: ("usor", {1: _state(_PROCESSING, 11, ":3")}),
    16: ("ustx", {1: _state(_PROCESSING, 8)}),
    17: ("usde", {1: _state(_PROCESSING, 9, ":5")}),
    18: ("usia", {1: _state(f"{_PROCESSING} SensitiveDataOptOutNotice", 8, additional=False)}),
    19: ("usne", {1: _state(_PROCESSING, 8)}),
    20: ("usnh", {1: _state(_PROCESSING, 8, ":3")}),
    21: ("usnj", {1: _state(_PROCESSING, 10, ":5")}),
    22: ("ustn", {1: _state(_PROCESSING, 8)}),
    23: ("usmn", {1: _state(_PROCESSING, 8)}),
}
_WITHOUT_VERSION: dict[int, tuple[str, _Layout]] = {
    24: ("usmd", _without_version(child=False)),
    25: ("usin", _without_version()),
    26: ("usky", _without_version()),
    27: ("usri", _without_version()),
}
_WITH_SENSITIVE_SUBSECTION = frozenset({25, 26, 27})

SECTION_NAMES: Mapping[int, str] = {
    USPV1: "uspv1",
    **{section_id: name for section_id, (name, _) in _SECTIONS.items()},
    **{section_id: name for section_id, (name, _) in _WITHOUT_VERSION.items()},
}
"""Names of the sections that can be read, by id (legal 5.2.4)."""


def read_core(section_id: int, payload: str) -> dict[str, FieldValue]:
    """Fields by name of the first part of a section other than uspv1, version included.

    An answer is 0 to 3 as sent; what it means differs from section to section (legal 5.2.8). Zeros may
    follow. Raises UnreadableSignalError for another version, for too few bits and for more that are not 0.
    """
    name = SECTION_NAMES[section_id]
    bits = read_bits(payload, f"GPP section {name}")
    layout = _layout_for(section_id, name, bits)
    _check_length(bits, layout.bits, f"GPP section {name}")
    return layout.read(bits)


def _layout_for(section_id: int, name: str, bits: Bits) -> _Layout:
    if section_id in _WITHOUT_VERSION:
        return _WITHOUT_VERSION[section_id][1]
    layouts = _SECTIONS[section_id][1]
    version = bits.head(LETTER_BITS)
    if version not in layouts:
        known = " or ".join(map(str, layouts))
        raise UnreadableSignalError(
            f"GPP section {name} cannot be read: expected version {known}, got {version}"
        )
    if section_id == USNAT and version == 1 and bits.length >= _USNAT_V2.bits and bits.tail(_USNAT_V1.bits):
        # Releases 3.1.3 to 3.1.5 of the codec wrote the longer lists and still said version 1. Their
        # MspaCoveredTransaction is never 0, so what follows the shorter lists cannot be mere padding.
        return _USNAT_V2
    return layouts[version]


def read_gpc(section_id: int, payload: str) -> bool:
    """The bit of a GPC sub-section: two bits of type, which is 1, then the bit (legal 5.2.3, 5.2.10).

    Raises UnreadableSignalError for any other sub-section: what it asks for is not known.
    """
    what = f"GPC sub-section of GPP section {SECTION_NAMES[section_id]}"
    bits = read_bits(payload, what)
    kind = bits.head(_ANSWER_BITS)
    if kind != _GPC_TYPE:
        raise UnreadableSignalError(f"{what} cannot be read: expected type {_GPC_TYPE}, got {kind}")
    _check_length(bits, _ANSWER_BITS + 1, what)
    return bool(bits.head(_ANSWER_BITS + 1) & 1)


def has_sensitive_subsection(section_id: int) -> bool:
    """Whether the sub-section of a section is sensitive data, as of usin, usky and usri; else it is GPC."""
    return section_id in _WITH_SENSITIVE_SUBSECTION


def read_sensitive(section_id: int, payload: str) -> dict[str, FieldValue]:
    """Fields of the sub-section of sensitive data. Raises UnreadableSignalError as `read_core`."""
    what = f"sub-section of GPP section {SECTION_NAMES[section_id]}"
    bits = read_bits(payload, what)
    _check_length(bits, _SENSITIVE.bits, what)
    return _SENSITIVE.read(bits)


def _check_length(bits: Bits, expected: int, what: str) -> None:
    if bits.length < expected:
        raise UnreadableSignalError(
            f"{what} cannot be read: expected at least {expected} bits, got {bits.length}: it was cut short"
        )
    if bits.tail(expected):
        raise UnreadableSignalError(
            f"{what} cannot be read: expected {expected} bits and padding of zeros, got more: "
            "its version or its length is wrong"
        )
