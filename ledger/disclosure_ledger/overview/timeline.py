"""One person's time line: what was disclosed, stopped, chosen and linked, in the order it happened. Pure."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from disclosure_ledger.answers.parts import Fate, parts_of
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.answers.rows import happened_at
from disclosure_ledger.answers.standing import standing_rows
from disclosure_ledger.answers.wording import Reason, explain
from disclosure_ledger.store.rows import DecisionRow, disclosure_of
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.disclosure import Disclosure
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome, PreferenceKind


class What(StrEnum):
    """What an entry tells. `wrongly`: it was done and should not have been; `partly`: some items were."""

    DISCLOSED = "disclosed"
    PARTLY = "partly"
    STOPPED = "stopped"
    WRONGLY = "wrongly"
    EXEMPT = "exempt"
    CHOICE = "choice"
    LINK = "link"
    OTHER = "other"


class PartEntry(Value):
    """Items of one disclosure that share a fate, and why."""

    fate: Fate
    kind: Kind
    outcome: Outcome
    reason: Reason
    items: tuple[str, ...]


class Said(Value):
    """What a preference says; `gpc`: a Global Privacy Control signal came with it."""

    kind: PreferenceKind
    of: tuple[str, ...] = ()
    channel: str
    gpc: bool = False


class Entry(Value):
    """One thing that happened. Fields that do not belong to what it tells are empty."""

    at: Moment
    what: What
    event_id: uuid.UUID
    recipient_id: str | None = None
    recipient_name: str | None = None
    recipient_category: str | None = None
    purpose: str | None = None
    mode: Mode | None = None
    emitter: str | None = None
    parts: tuple[PartEntry, ...] = ()
    said: Said | None = None
    link: str | None = None
    link_types: tuple[str, ...] = ()


class Habit(Value):
    """A disclosure that was made, as it would be asked for again, and how often it was made."""

    disclosure: Disclosure
    recipient_name: str | None
    times: int


class Timeline(Value):
    """A person's entries in a period, the latest first. `habits`: what was disclosed, most often first."""

    as_of: Moment
    entries: tuple[Entry, ...]
    habits: tuple[Habit, ...]


HABITS_MAX = 12


def timeline(
    rows: Iterable[DecisionRow],
    preferences: Iterable[Mapping[str, Any]],
    links: Iterable[Mapping[str, Any]],
    period: Period,
    as_of: datetime,
) -> Timeline:
    """Put rows of decisions, preferences and links of one person into order; only those of the period."""
    standing = [row for row in standing_rows(rows) if period.contains(happened_at(row))]
    told = [
        *(entry for row in standing if (entry := _of_decision(row)) is not None),
        *(entry for row in preferences if period.contains((entry := _of_preference(row)).at)),
        *(entry for row in links if period.contains((entry := _of_link(row)).at)),
    ]
    entries = sorted(told, key=lambda entry: (entry.at, str(entry.event_id)), reverse=True)
    return Timeline(as_of=as_of, entries=tuple(entries), habits=_habits(standing))


def _of_decision(row: DecisionRow) -> Entry | None:
    parts = parts_of(row)
    if not parts:
        return None
    return Entry(
        at=happened_at(row),
        what=_what(row, {part.fate for part in parts}),
        event_id=row.event_id,
        recipient_id=row.recipient_id,
        recipient_name=row.recipient_name,
        recipient_category=row.recipient_category,
        purpose=row.purpose,
        mode=Mode(row.mode),
        emitter=row.emitter,
        parts=tuple(
            PartEntry(
                fate=part.fate,
                kind=part.kind,
                outcome=part.outcome,
                reason=explain(part.reason),
                items=part.items,
            )
            for part in parts
        ),
    )


def _what(row: DecisionRow, fates: set[Fate]) -> What:
    if row.outcome in {Outcome.VIOLATION, Outcome.NOTIFY}:
        return What.WRONGLY
    if Fate.DISCLOSED in fates:
        return What.PARTLY if Fate.BLOCKED in fates else What.DISCLOSED
    if Fate.BLOCKED in fates:
        return What.STOPPED
    return What.EXEMPT if Fate.EXEMPT in fates else What.OTHER


def _of_preference(row: Mapping[str, Any]) -> Entry:
    gpc = (row["signals"] or {}).get("gpc") or ()
    return Entry(
        at=row["occurred_at"].replace(tzinfo=UTC),
        what=What.CHOICE,
        event_id=row["event_id"],
        said=Said(
            kind=PreferenceKind(row["kind"]), of=tuple(row["of"]), channel=row["channel"], gpc="1" in gpc
        ),
    )


def _of_link(row: Mapping[str, Any]) -> Entry:
    return Entry(
        at=row["occurred_at"].replace(tzinfo=UTC),
        what=What.LINK,
        event_id=row["event_id"],
        link=row["action"],
        link_types=(row["subject_type"], row["other_subject_type"]),
    )


def _habits(standing: Sequence[DecisionRow]) -> tuple[Habit, ...]:
    """Different disclosures that were made, asked for again: the same content, as a request."""
    made = [row for row in standing if any(part.fate is Fate.DISCLOSED for part in parts_of(row))]
    times = Counter(row.disclosure for row in made)
    names = {row.recipient_id: row.recipient_name for row in made}
    again: Counter[Disclosure] = Counter()
    for content, count in times.items():
        again[disclosure_of(content).model_copy(update={"mode": Mode.REQUEST})] += count
    return tuple(
        Habit(disclosure=disclosure, recipient_name=names.get(disclosure.recipient_id), times=count)
        for disclosure, count in again.most_common(HABITS_MAX)
    )
