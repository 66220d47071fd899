"""Writes GPP strings for tests, from the tables of legal 5.2 alone: it shares nothing with the decoder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

# Field names with the count of their two-bit answers (legal 5.2.5, 5.2.7); a count of 0 is a single number.
USCA_FIELDS = {
    "SaleOptOutNotice": 0,
    "SharingOptOutNotice": 0,
    "SensitiveDataLimitUseNotice": 0,
    "SaleOptOut": 0,
    "SharingOptOut": 0,
    "SensitiveDataProcessing": 9,
    "KnownChildSensitiveDataConsents": 2,
    "PersonalDataConsents": 0,
    "MspaCoveredTransaction": 0,
    "MspaOptOutOptionMode": 0,
    "MspaServiceProviderMode": 0,
}
USNAT_V1_FIELDS = {
    "SharingNotice": 0,
    "SaleOptOutNotice": 0,
    "SharingOptOutNotice": 0,
    "TargetedAdvertisingOptOutNotice": 0,
    "SensitiveDataProcessingOptOutNotice": 0,
    "SensitiveDataLimitUseNotice": 0,
    "SaleOptOut": 0,
    "SharingOptOut": 0,
    "TargetedAdvertisingOptOut": 0,
    "SensitiveDataProcessing": 12,
    "KnownChildSensitiveDataConsents": 2,
    "PersonalDataConsents": 0,
    "MspaCoveredTransaction": 0,
    "MspaOptOutOptionMode": 0,
    "MspaServiceProviderMode": 0,
}
USNAT_V2_FIELDS = USNAT_V1_FIELDS | {"SensitiveDataProcessing": 16, "KnownChildSensitiveDataConsents": 3}

Answers = Mapping[str, int | Sequence[int]]


def letters(bits: str, *, octets: bool = True) -> str:
    """Letters of a text of 0 and 1, padded with zeros to six, and before that to eight as the codec does."""
    if octets:
        bits += "0" * (-len(bits) % 8)
    bits += "0" * (-len(bits) % 6)
    return "".join(LETTERS[int(bits[place : place + 6], 2)] for place in range(0, len(bits), 6))


def fibonacci(number: int) -> str:
    """Fibonacci code of a number of 1 or more: the greedy sum, least first, and a closing 1."""
    values = [1, 2]
    while values[-1] <= number:
        values.append(values[-1] + values[-2])
    code = ""
    for value in reversed(values):
        fits = value <= number
        number -= value if fits else 0
        code = ("1" if fits else "0") + code
    return code.rstrip("0") + "1"


def header(section_ids: Iterable[int], *, octets: bool = True) -> str:
    """Header that names some sections, neighbours as a range."""
    groups: list[list[int]] = []
    for section_id in sorted(section_ids):
        if groups and groups[-1][1] == section_id - 1:
            groups[-1][1] = section_id
        else:
            groups.append([section_id, section_id])
    bits, last = f"{3:06b}{1:06b}{len(groups):012b}", 0
    for first, end in groups:
        bits += "1" if end > first else "0"
        bits += fibonacci(first - last)
        bits += fibonacci(end - first) if end > first else ""
        last = end
    return letters(bits, octets=octets)


def core(version: int, fields: Mapping[str, int], answers: Answers, *, octets: bool = True) -> str:
    """Core of a section: version, then the answers in the order of its fields; 0 for those not given."""
    bits = f"{version:06b}"
    for name, count in fields.items():
        answer = answers.get(name, 0)
        several = [answer] if isinstance(answer, int) else list(answer)
        several += [0] * (max(count, 1) - len(several))
        bits += "".join(f"{one:02b}" for one in several)
    return letters(bits, octets=octets)


def usca(answers: Answers, *, gpc: bool | None = None, octets: bool = True) -> str:
    """A usca section of version 1."""
    return core(1, USCA_FIELDS, answers, octets=octets) + gpc_part(gpc, octets=octets)


def usnat(answers: Answers, *, version: int = 2, gpc: bool | None = None, octets: bool = True) -> str:
    """A usnat section of version 1 or 2."""
    fields = USNAT_V1_FIELDS if version == 1 else USNAT_V2_FIELDS
    return core(version, fields, answers, octets=octets) + gpc_part(gpc, octets=octets)


def gpc_part(gpc: bool | None, *, octets: bool = True) -> str:
    """The GPC sub-section with its dot; nothing for None."""
    return "" if gpc is None else "." + letters(f"{1:02b}{gpc:01b}", octets=octets)


def gpp(sections: Mapping[int, str], *, octets: bool = True) -> str:
    """A whole string of sections by id."""
    return "~".join([header(sections, octets=octets), *(sections[key] for key in sorted(sections))])
