"""Preferences that are requests: opt-outs, limits, deletions and signals, as what happened to a request.

A preference that asks for something is a request whose id is that of its event. Marks of compliance, denials
and completed deletions are the responses, as in the rules (legal 2.4.3; 11 CCR 7026(e)). Of the signals of
one device the first that asks for something is the request (legal 2.9.2): how often a browser repeats itself
says nothing. A cookie banner is no method of opting out (11 CCR 7026(a)(4)) and matches of the state's
deletion platform are counted under its own law, so neither is a request here.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from disclosure_consumers.core.signals.reading import read_signals
from disclosure_ledger.requests.request import RequestEvent
from disclosure_ledger.requests.vocabulary import (
    MANNER_OF_CHANNEL,
    AgentPermission,
    Basis,
    Change,
    Manner,
    Nature,
)
from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import PreferenceChannel, PreferenceKind, SubjectType

RECORDER = "preference event"
"""Who acted, where a preference says it."""

UNNAMED_AGENT = "agent"
"""Agent of a preference: the event does not name one."""

_Events = dict[uuid.UUID, list[RequestEvent]]


def nature_of_signals(signals: Signals) -> Nature | None:
    """What a signal asks for; None for one that says nothing. One that does both is an opt-out."""
    reading = read_signals(signals)
    if reading.gpc or reading.opted_out or reading.unreadable:
        return Nature.OPT_OUT
    return Nature.LIMIT if reading.limited_elements else None


def nature_of(preference: PreferenceRecorded) -> Nature | None:
    """What a preference asks for; None for one that is no request."""
    match preference.kind:
        case PreferenceKind.OPT_OUT:
            return Nature.OPT_OUT if _is_of_sale_or_sharing(preference.of) else None
        case PreferenceKind.PROGRAM_CHOICE if preference.choice == "withdraws":
            return Nature.OPT_OUT
        case PreferenceKind.LIMIT_SENSITIVE:
            return Nature.LIMIT
        case PreferenceKind.DELETE:
            return Nature.DELETE
        case PreferenceKind.SIGNAL:
            return nature_of_signals(preference.signals)
        case _:
            return None


def requests_in(preferences: Iterable[PreferenceRecorded]) -> _Events:
    """What the preferences of one subject say of its requests, by request, each in order."""
    said = sorted(preferences, key=lambda preference: (preference.occurred_at, preference.event_id))
    found: _Events = {}
    natures: dict[uuid.UUID, Nature] = {}
    signal_seen = False
    for preference in said:
        nature = nature_of(preference)
        is_signal = preference.kind is PreferenceKind.SIGNAL
        if nature is None or (is_signal and signal_seen):
            continue
        signal_seen = signal_seen or is_signal
        natures[preference.event_id] = nature
        found[preference.event_id] = [_receipt(preference, nature)]
    for request_id, nature in natures.items():
        received = found[request_id][0].at
        preference = next(entry for entry in said if entry.event_id == request_id)
        response = _response(preference, nature, received, said)
        if response is not None:
            found[request_id].append(response)
    return found


def _is_of_sale_or_sharing(of: Iterable[str]) -> bool:
    """Whether an opt-out is one of 11 CCR 7026: that of financial information alone is another law's."""
    named = set(of)
    return not named or bool(named - {"glba", "sensitive", "collection"})


def _receipt(preference: PreferenceRecorded, nature: Nature) -> RequestEvent:
    by_agent = preference.channel is PreferenceChannel.AGENT
    is_signal = preference.kind is PreferenceKind.SIGNAL
    permission = preference.agent_permission
    return RequestEvent(
        request_id=preference.event_id,
        event_id=preference.event_id,
        at=preference.occurred_at,
        change=Change.RECEIVED,
        by=RECORDER,
        subject_key=preference.subject_key,
        subject_type=SubjectType(preference.subject_type),
        nature=nature,
        manner=Manner.SIGNAL if is_signal else MANNER_OF_CHANNEL.get(preference.channel, Manner.OTHER),
        agent=UNNAMED_AGENT if by_agent else None,
        agent_permission=_PERMISSIONS.get(permission or "none") if by_agent else None,
        preference_event_id=preference.event_id,
    )


_PERMISSIONS: Mapping[str, AgentPermission] = {"signed": AgentPermission.SIGNED, "none": AgentPermission.NONE}


def _response(
    preference: PreferenceRecorded, nature: Nature, received: datetime, said: Iterable[PreferenceRecorded]
) -> RequestEvent | None:
    """The response that was recorded, if one was: the earliest of those that can be."""
    if preference.kind is PreferenceKind.SIGNAL:
        return _answer(preference, received)  # processed by machine, so at once (legal 9.14)
    later = [entry for entry in said if entry.occurred_at >= received]
    if nature is Nature.DELETE:
        done = _first(later, PreferenceKind.DELETION_COMPLETED)
        return None if done is None else _answer(done, done.occurred_at, preference)
    mark = _first(later, PreferenceKind.COMPLIED)
    at = preference.processed_at if mark is None else mark.occurred_at
    denial = _denial(preference, later) if nature is Nature.OPT_OUT else None
    if denial is not None and (at is None or denial.occurred_at <= at):
        return RequestEvent(
            request_id=preference.event_id,
            event_id=denial.event_id,
            at=denial.occurred_at,
            change=Change.DENIED,
            by=RECORDER,
            basis=Basis.FRAUDULENT,
        )
    return None if at is None else _answer(mark or preference, max(at, received), preference)


def _denial(preference: PreferenceRecorded, later: Iterable[PreferenceRecorded]) -> PreferenceRecorded | None:
    return next(
        (
            entry
            for entry in later
            if entry.kind is PreferenceKind.OPT_OUT_DENIED
            and entry.documented
            and entry.requestor_told
            and entry.occurred_at > preference.occurred_at
        ),
        None,
    )


def _first(later: Iterable[PreferenceRecorded], kind: PreferenceKind) -> PreferenceRecorded | None:
    return next((entry for entry in later if entry.kind is kind), None)


def _answer(by: PreferenceRecorded, at: datetime, request: PreferenceRecorded | None = None) -> RequestEvent:
    return RequestEvent(
        request_id=(request or by).event_id,
        event_id=by.event_id,
        at=at,
        change=Change.ANSWERED,
        by=RECORDER,
    )
