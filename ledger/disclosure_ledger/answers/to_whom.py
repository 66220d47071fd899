"""To whom was one person's data disclosed: from rows to answer, without I/O and without a clock."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from disclosure_ledger.answers.answer import Answer, Finding, Gap
from disclosure_ledger.answers.known_at import known_note
from disclosure_ledger.answers.lists import blocked_lines, disclosure_list, exempt_lines
from disclosure_ledger.answers.parts import Fate, ListName, Part, parts_of
from disclosure_ledger.answers.periods import LAW_FLOOR, Period, day_of, minus_months, start_of_day
from disclosure_ledger.answers.rows import happened_at
from disclosure_ledger.answers.standing import standing_rows
from disclosure_ledger.store.rows import DecisionRow

DEFAULT_RETENTION_MONTHS = 24
"""Records are kept at least this long (legal 8.5.1)."""


class SubjectRows(Protocol):
    """Where the rows of one person come from."""

    def rows_of_subject(
        self, subject_keys: Sequence[uuid.UUID], known_at: datetime | None = None
    ) -> Sequence[DecisionRow]:
        """All decisions about these keys as known at a moment, or now, in any order."""
        ...

    def is_known(self, subject_keys: Sequence[uuid.UUID], known_at: datetime | None = None) -> bool:
        """Whether any preference or identity link that was known then names one of these keys."""
        ...


def to_whom(
    ledger: SubjectRows,
    subject_keys: Sequence[uuid.UUID],
    period: Period,
    now: datetime,
    *,
    include_blocked: bool = False,
    retention_floor: datetime | None = None,
    known_at: datetime | None = None,
) -> Answer:
    """Answer for the keys of ONE person, such as an e-mail key and an account key.

    Rows count whose own `subject_key` is among the keys. Identity links are not followed, and rows that
    merely name a key among their `linked_subject_keys` are not taken: a shared device would bring in others.
    `retention_floor`: earliest moment of which records are kept; None where none was ever deleted.
    `known_at`: answer what we would have said then; None for all that is known.
    """
    rows = ledger.rows_of_subject(subject_keys, known_at)
    known = bool(rows) or ledger.is_known(subject_keys, known_at)
    return answer(
        rows,
        subject_keys,
        period,
        now,
        is_known=known,
        include_blocked=include_blocked,
        retention_floor=retention_floor,
        known_at=known_at,
    )


def answer(
    rows: Iterable[DecisionRow],
    subject_keys: Sequence[uuid.UUID],
    period: Period,
    now: datetime,
    *,
    is_known: bool,
    include_blocked: bool = False,
    retention_floor: datetime | None = None,
    known_at: datetime | None = None,
) -> Answer:
    """Make the answer of one person's rows, in any order and of any time (rules: legal 8.5.1, 7.3.7)."""
    standing = [row for row in standing_rows(rows) if period.contains(happened_at(row))]
    by_fate: dict[Fate, list[Part]] = {fate: [] for fate in Fate}
    for row in standing:
        for part in parts_of(row):
            by_fate[part.fate].append(part)
    disclosed, exempt = by_fate[Fate.DISCLOSED], by_fate[Fate.EXEMPT]
    gap = not_covered(period, retention_floor)
    finding = _finding(disclosed=disclosed, exempt=exempt, is_known=is_known, gap=gap)
    return Answer(
        asked_at=now,
        subject_keys=tuple(subject_keys),
        period=period,
        finding=finding,
        statement=_statement(finding, period, gap, is_known=is_known),
        sold_or_shared=disclosure_list(ListName.SOLD_OR_SHARED, disclosed, period),
        business_purpose=disclosure_list(ListName.BUSINESS_PURPOSE, disclosed, period),
        other=disclosure_list(ListName.OTHER, disclosed, period),
        exempt=exempt_lines(exempt),
        blocked=blocked_lines(by_fate[Fate.BLOCKED]) if include_blocked else None,
        not_covered=gap,
        notes=(
            *(() if known_at is None else (known_note(known_at),)),
            *_notes(period, gap, finding, unknown=len({part.row.event_id for part in by_fate[Fate.UNKNOWN]})),
        ),
        known_at=known_at,
    )


def retention_floor(now: datetime, retention_months: int, deleted_before: datetime | None = None) -> datetime:
    """Earliest moment of which all records are kept: so many calendar months, less what was deleted since."""
    floor = start_of_day(minus_months(day_of(now), retention_months))
    return floor if deleted_before is None else max(floor, deleted_before)


def not_covered(period: Period, floor: datetime | None) -> Gap | None:
    """Days of the period that are not wholly kept; None where all are."""
    if floor is None:
        return None
    kept_from = _first_whole_day(floor)
    if period.first_day >= kept_from:
        return None
    return Gap(first_day=period.first_day, last_day=min(period.last_day, kept_from - timedelta(days=1)))


def _first_whole_day(moment: datetime) -> date:
    day = day_of(moment)
    return day if start_of_day(day) == moment else day + timedelta(days=1)


def _finding(*, disclosed: list[Part], exempt: list[Part], is_known: bool, gap: Gap | None) -> Finding:
    if disclosed:
        return Finding.DISCLOSED
    if exempt:
        return Finding.EXEMPT
    if gap is not None:
        return Finding.RETENTION_ENDED
    return Finding.NONE_DISCLOSED if is_known else Finding.UNKNOWN_SUBJECT


def _statement(finding: Finding, period: Period, gap: Gap | None, *, is_known: bool) -> str:
    match finding:
        case Finding.DISCLOSED:
            return f"Personal information was disclosed in this period ({period})."
        case Finding.EXEMPT:
            return (
                f"Nothing that this law covers was disclosed in this period ({period}); what was disclosed "
                "falls under the exemptions named."
            )
        case Finding.NONE_DISCLOSED:
            return f"Nothing was disclosed about this person in this period ({period})."
        case Finding.UNKNOWN_SUBJECT:
            return "No record of any kind mentions this person."
        case Finding.RETENTION_ENDED:
            return _retention_statement(period, gap, is_known=is_known)


def _retention_statement(period: Period, gap: Gap | None, *, is_known: bool) -> str:
    if gap is None or gap.last_day == period.last_day:
        return f"Records of this period ({period}) are no longer kept."
    rest = Period(first_day=gap.last_day + timedelta(days=1), last_day=period.last_day)
    if is_known:
        return f"Nothing was disclosed from {rest}. Records before {rest.first_day} are no longer kept."
    return f"No record that is kept mentions this person. Records before {rest.first_day} are no longer kept."


def _notes(period: Period, gap: Gap | None, finding: Finding, *, unknown: int) -> tuple[str, ...]:
    notes = []
    if gap is not None and finding is not Finding.RETENTION_ENDED:
        notes.append(
            f"Records from {gap.first_day} to {gap.last_day} are no longer kept in full; the answer covers "
            "that part only as far as records are left."
        )
    if period.first_day < LAW_FLOOR:
        notes.append(
            f"The period begins before {LAW_FLOOR}, to which the extended right to know reaches back "
            "(Civ. Code 1798.130(a)(2)(B)); it was not shortened."
        )
    if unknown:
        notes.append(
            f"{unknown:,} records have an outcome that this version does not know and are on no list. "
            "Upgrade disclosure-ledger and ask again."
        )
    return tuple(notes)
