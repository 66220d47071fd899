"""Which parts of a person's disclosures a law covers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from disclosure_consumers.core.reasons import Reason
from disclosure_ledger.answers.parts import Fate, Part, parts_of
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.answers.rows import happened_at
from disclosure_ledger.answers.standing import standing_rows
from disclosure_ledger.store.rows import DecisionRow

NOT_CALIFORNIAN = frozenset({Reason.NON_RESIDENT, Reason.OUTSIDE_CALIFORNIA})
"""What takes a disclosure out of California's law alone."""

NO_PERSON = frozenset({Reason.EXEMPT_DEIDENTIFIED, Reason.EXEMPT_AGGREGATE})
"""What cannot be linked to a person is outside every law (GDPR recital 26)."""

UNITED_STATES = frozenset(reason for reason in Reason if reason.startswith("exempt_")) | NOT_CALIFORNIAN
"""Every reason for which the gate finds a disclosure out of California's scope."""

ELSEWHERE = UNITED_STATES - NOT_CALIFORNIAN
"""What other states exempt as California does: data of HIPAA, GLBA, FCRA and DPPA, public data (legal 4)."""


@dataclass(frozen=True, slots=True)
class Covered:
    """Parts that were disclosed, parts another law governs, and events with an outcome nobody knows here."""

    disclosed: tuple[Part, ...]
    exempt: tuple[Part, ...]
    unknown: int


def covered(rows: Iterable[DecisionRow], period: Period, exempting: frozenset[Reason] | None) -> Covered:
    """Sort the rows of one person, in any order and of any time; suppressed and rejected ones vanish.

    `exempting`: reasons that take a part out of the law's scope; None: all that California exempts. What is
    exempt in California alone is a disclosure to a person elsewhere (legal 4.19).
    """
    disclosed: list[Part] = []
    exempt: list[Part] = []
    unknown = set()
    for row in standing_rows(rows):
        if not period.contains(happened_at(row)):
            continue
        for part in parts_of(row):
            if part.fate is Fate.DISCLOSED:
                disclosed.append(part)
            elif part.fate is Fate.EXEMPT and exempting is not None and part.reason not in exempting:
                disclosed.append(replace(part, fate=Fate.DISCLOSED))
            elif part.fate is Fate.EXEMPT:
                exempt.append(part)
            elif part.fate is Fate.UNKNOWN:
                unknown.add(row.event_id)
    return Covered(tuple(disclosed), tuple(exempt), len(unknown))


def events_of(parts: Iterable[Part]) -> int:
    """Number of disclosures the parts are of."""
    return len({part.row.event_id for part in parts})
