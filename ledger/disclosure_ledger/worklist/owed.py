"""Who is owed which notification: one pure function of one subject's rows (legal 1.9.1, 2.4.3, 2.5.1).

After an opt-out or limit: whoever got data by a report that stands as notify or violation and that it stops;
of a step transaction the third party behind. After a completed deletion: whoever ever got data of the
subject by sale, sharing or for a business purpose. The result does not depend on the order of the rows.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from disclosure_consumers.core.days.calendars import (
    LIMIT_BUSINESS_DAYS,
    OPT_OUT_BUSINESS_DAYS,
    Regime,
    business_day_after,
    calendar_day_after,
    response_dates,
)
from disclosure_consumers.core.days.deadlines import california_day
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.registry import Registry
from disclosure_ledger.answers.parts import Fate, parts_of
from disclosure_ledger.answers.rows import happened_at
from disclosure_ledger.answers.standing import standing_rows
from disclosure_ledger.store.rows import DecisionRow
from disclosure_ledger.worklist.vocabulary import Cause
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome, PreferenceKind
from disclosure_schemas.moments import microseconds

_STOPPED = frozenset({Outcome.NOTIFY, Outcome.VIOLATION})
_TOLD_OF_DELETION = frozenset({Kind.SALE, Kind.SHARE, Kind.BUSINESS_PURPOSE})
_CAUSES = {
    PreferenceKind.OPT_OUT: Cause.OPT_OUT,
    PreferenceKind.PROGRAM_CHOICE: Cause.OPT_OUT,
    PreferenceKind.COOKIE_REJECT: Cause.OPT_OUT,
    PreferenceKind.SIGNAL: Cause.OPT_OUT,
    PreferenceKind.UNKNOWN: Cause.OPT_OUT,
    PreferenceKind.LIMIT_SENSITIVE: Cause.LIMIT,
}
_AT_OTHER_STEPS = frozenset(
    {Reason.GLBA_OPT_OUT, Reason.DELETION_PENDING, Reason.DELETION_KEY, Reason.DROP_MATCH}
)
"""Reasons whose evidence is a preference too, but no opt-out or limit of steps 9 and 10."""

_OF_SIGNALS = frozenset(
    {
        Reason.GPC_DEVICE,
        Reason.GPC_KNOWN_CONSUMER,
        Reason.SIGNAL_UNPARSEABLE,
        Reason.COOKIE_REJECT,
        Reason.OPTED_OUT_OF_SALE,
        Reason.OPTED_OUT_OF_SHARING,
        Reason.LIMIT_SENSITIVE,
        Reason.LINKED_PROFILE,
        Reason.HOUSEHOLD,
    }
)
"""Reasons of steps 9 and 10 that a signal without an event of its own can give."""

_LATE = frozenset({Flag.AFTER_COMPLIANCE, Flag.AFTER_DEADLINE, Flag.AFTER_NOTICE_DEADLINE, Flag.FORWARD})
"""Flags that only steps 9 and 10 set."""

_NAMESPACE = uuid.UUID("6f0f2c1e-7f0b-5d0e-9a55-0d3a6b3f8f11")


class Deleted(NamedTuple):
    """A completed deletion that has reached a subject; `requested_at`: when it was asked for, if known."""

    event_id: uuid.UUID
    reached_at: datetime
    requested_at: datetime


class Told(Value):
    """One disclosure a recipient is told of; `items` as category or category.element, never values."""

    event_id: uuid.UUID
    occurred_at: Moment
    kind: Kind
    items: tuple[str, ...]
    transaction_id: str | None = None


class Owed(Value):
    """One notification: a subject, a recipient, and what it must be told of.

    `cause_event_id`: the preference; of a signal that came with the disclosure, the disclosure. `forward`:
    the recipient must pass it on.
    """

    subject_key: uuid.UUID
    recipient_id: str
    cause: Cause
    cause_event_id: uuid.UUID
    cause_at: Moment
    due_on: date
    forward: bool
    disclosures: tuple[Told, ...]

    @property
    def item_id(self) -> uuid.UUID:
        """The same for the same subject, recipient and cause, however often it is worked out."""
        name = f"{self.subject_key}/{self.recipient_id}/{self.cause_event_id}"
        return uuid.uuid5(_NAMESPACE, name)


class _Reason(NamedTuple):
    cause: Cause
    event_id: uuid.UUID
    at: datetime


def owed_for(
    rows: Iterable[DecisionRow],
    preferences: Mapping[uuid.UUID, PreferenceRecorded],
    deletions: Sequence[Deleted],
    registry: Registry,
) -> list[Owed]:
    """Every notification owed for the rows of one subject.

    `preferences`: those that the rows name as what stopped them. `deletions`: those that have reached the
    subject. `registry`: settings and notices, for the day by which.
    """
    found: dict[tuple[uuid.UUID, str, uuid.UUID], list[tuple[DecisionRow, _Reason]]] = {}
    for row in standing_rows(rows):
        for reason in (*_stopped_by(row, preferences), *_deleted_by(row, deletions)):
            key = (row.subject_key, party_of(row), reason.event_id)
            found.setdefault(key, []).append((row, reason))
    return [
        Owed(
            subject_key=subject_key,
            recipient_id=recipient_id,
            cause=group[0][1].cause,
            cause_event_id=event_id,
            cause_at=group[0][1].at,
            due_on=_due_on(group[0][1], registry),
            forward=any(Flag.FORWARD in row.flags for row, _ in group),
            disclosures=tuple(_told(row) for row, _ in group),
        )
        for (subject_key, recipient_id, event_id), group in found.items()
    ]


def party_of(row: DecisionRow) -> str:
    """Who counts as the recipient: of a step transaction, the third party behind (legal 1.3.6)."""
    if Flag.RECLASSIFIED_STEP_TRANSACTION not in row.flags:
        return row.recipient_id
    return row.what().onward_recipient_id or row.recipient_id


def _stopped_by(row: DecisionRow, preferences: Mapping[uuid.UUID, PreferenceRecorded]) -> Iterator[_Reason]:
    """The opt-outs and limits that stop a report, as steps 9 and 10 found them."""
    if row.mode != Mode.REPORT or row.outcome not in _STOPPED:
        return
    reasons = {row.reason, *(f.reason for f in row.item_decisions if f.outcome != Outcome.PERMIT)}
    if reasons <= _AT_OTHER_STEPS:
        return
    named = False
    for event_id in row.preference_event_ids:
        preference = preferences.get(event_id)
        if preference is not None and preference.kind in _CAUSES and not _is_financial(preference):
            named = True
            yield _Reason(_cause_of(preference, reasons), event_id, preference.occurred_at)
    if not named and (reasons & _OF_SIGNALS or _LATE.intersection(row.flags)):
        cause = Cause.LIMIT if row.reason == Reason.LIMIT_SENSITIVE else Cause.OPT_OUT
        yield _Reason(cause, row.event_id, row.occurred_at)


def _cause_of(preference: PreferenceRecorded, reasons: Iterable[str]) -> Cause:
    """A signal limits where nothing but the limit stops the report."""
    if preference.kind is PreferenceKind.SIGNAL and set(reasons) == {Reason.LIMIT_SENSITIVE}:
        return Cause.LIMIT
    return _CAUSES[preference.kind]


def _is_financial(preference: PreferenceRecorded) -> bool:
    """The opt-out of financial information is another law's (legal 4.17)."""
    return set(preference.of) == {"glba"}


def _deleted_by(row: DecisionRow, deletions: Sequence[Deleted]) -> Iterator[_Reason]:
    """The first completed deletion that a disclosure lies before."""
    kinds = {part.kind for part in parts_of(row) if part.fate is Fate.DISCLOSED or _is_of_others(part.reason)}
    if not _went(row) or _TOLD_OF_DELETION.isdisjoint(kinds):
        return
    later = [deletion for deletion in deletions if happened_at(row) <= deletion.reached_at]
    if later:
        first = min(later, key=lambda deletion: (deletion.reached_at, deletion.event_id))
        yield _Reason(Cause.DELETION, first.event_id, first.requested_at)


def _went(row: DecisionRow) -> bool:
    """Whether data has gone, rightly or not; a permitted request without a report counts as acted upon."""
    if row.mode == Mode.REQUEST:
        return row.outcome in {Outcome.PERMIT, Outcome.PARTIAL}
    return row.outcome in {Outcome.PERMIT, Outcome.NOTIFY, Outcome.VIOLATION}


def _is_of_others(reason: str) -> bool:
    """Out of scope only because the subject is no Californian: a deletion is told all the same."""
    return reason == Reason.NON_RESIDENT


def _due_on(reason: _Reason, registry: Registry) -> date:
    """Last day in California: that of the duty itself, for the recipients are told by then (legal 2.4.3)."""
    received = california_day(microseconds(reason.at))
    if reason.cause is Cause.DELETION:
        return response_dates(received, Regime.CCPA).respond
    count = LIMIT_BUSINESS_DAYS if reason.cause is Cause.LIMIT else OPT_OUT_BUSINESS_DAYS
    last_day = business_day_after(received, count, registry.policy.business_days)
    notice = registry.notice_at(microseconds(reason.at)) if registry.policy.notice_sla_override else None
    if notice is None:
        return last_day
    promised = notice.limit_days if reason.cause is Cause.LIMIT else notice.opt_out_days
    return last_day if promised is None else min(last_day, calendar_day_after(received, promised))


def _told(row: DecisionRow) -> Told:
    return Told(
        event_id=row.event_id,
        occurred_at=happened_at(row),
        kind=Kind(row.kind),
        items=row.items,
        transaction_id=row.transaction_id,
    )
