"""What a person has asked for, what of it holds, and what would be decided now: as values for pages."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from disclosure_consumers.core.subject.standing import NOBODY, joined
from disclosure_consumers.core.telling.current import HONORED, Choice, CurrentPreferences, current_preferences
from disclosure_ledger.answers.wording import Reason, explain
from disclosure_ledger.api.emission import Accepted, Sending
from disclosure_ledger.api.services import Services
from disclosure_ledger.console.forms import FormError
from disclosure_ledger.console.opened import ChoiceRecorded, PersonFile
from disclosure_ledger.console.words import items_listed
from disclosure_ledger.overview.operations import IS_RECORDED, RecordedQuestion
from disclosure_ledger.overview.timeline import Habit
from disclosure_schemas.events.vocabulary import Kind, Outcome, PreferenceChannel, PreferenceKind
from disclosure_schemas.moments import from_microseconds, microseconds

OFFERED = (
    ("opt_out", "Opt out of sale and sharing"),
    ("opt_out_sale", "Opt out of sale alone"),
    ("opt_out_share", "Opt out of sharing alone"),
    ("limit", "Limit the use of sensitive data"),
)
"""Choices that can be recorded for a person."""

_KINDS: dict[str, tuple[PreferenceKind, dict[str, tuple[str, ...]]]] = {
    "opt_out": (PreferenceKind.OPT_OUT, {"of": ("sale", "share")}),
    "opt_out_sale": (PreferenceKind.OPT_OUT, {"of": ("sale",)}),
    "opt_out_share": (PreferenceKind.OPT_OUT, {"of": ("share",)}),
    "limit": (PreferenceKind.LIMIT_SENSITIVE, {}),
}

CHANNELS = (
    (PreferenceChannel.WEB_FORM.value, "Web form"),
    (PreferenceChannel.PHONE.value, "Phone"),
    (PreferenceChannel.EMAIL.value, "E-mail"),
    (PreferenceChannel.SYSTEM.value, "Other"),
)
"""How the person told us."""

_OBEYED_WAIT_S = 2.0
_POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class ChoiceShown:
    """One thing a person can stop, and whether it is stopped; `grounds`: codes, `note`: what else to say."""

    title: str
    is_stopped: bool
    since: datetime | None
    grounds: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would be decided now of a disclosure that was made before."""

    recipient: str
    kind: Kind
    items: str
    purpose: str
    times: int
    outcome: Outcome
    reason: Reason


@dataclass(frozen=True, slots=True)
class Now:
    """What holds at a moment. `is_current`: everything acknowledged before the last moments is in it."""

    looked_at: datetime
    is_current: bool
    state_age_s: float | None
    is_known: bool
    headline: str
    choices: tuple[ChoiceShown, ...]
    verdicts: tuple[Verdict, ...]
    opt_in_needed: bool


def what_holds(services: Services, file: PersonFile) -> Now:
    """Look at the preference state that decisions are made with."""
    checker, now = services.checker, services.clock()
    seen = checker.seen()
    first, *others = [checker.replica.standing(key.bytes) for key in file.subject_keys]
    current = current_preferences(
        joined(first, others, microseconds(now)), microseconds(now), checker.registry
    )
    return Now(
        looked_at=now,
        is_current=seen.state.is_current,
        state_age_s=seen.age_s,
        is_known=any(standing is not NOBODY for standing in (first, *others)),
        headline=HONORED if current.is_opted_out else _headline(current),
        choices=_choices(current),
        verdicts=tuple(_verdict(services, file.subject_keys, habit) for habit in file.habits),
        opt_in_needed=current.opt_in_needed,
    )


def _headline(current: CurrentPreferences) -> str:
    if current.sale.stopped or current.share.stopped:
        return "Opted out in part"
    return "Not opted out of sale or sharing"


def _choices(current: CurrentPreferences) -> tuple[ChoiceShown, ...]:
    limited = "all of it" if current.limited_elements is None else ", ".join(sorted(current.limited_elements))
    shown = [
        _shown("Sale", current.sale),
        _shown("Sharing for ads", current.share),
        _shown("Sensitive data", current.sensitive, limited if current.sensitive.stopped else ""),
    ]
    if current.financial:
        shown.append(ChoiceShown("Financial sharing", True, None, ("glba",)))
    if current.is_being_deleted or current.is_deleted:
        note = "completed" if current.is_deleted else "in progress"
        shown.append(ChoiceShown("Deletion", True, None, (), note))
    return tuple(shown)


def _shown(title: str, choice: Choice, note: str = "") -> ChoiceShown:
    since = None if choice.since_us is None else from_microseconds(choice.since_us)
    return ChoiceShown(title, choice.stopped, since, tuple(map(str, choice.bases)), note)


def _verdict(services: Services, keys: tuple[UUID, ...], habit: Habit) -> Verdict:
    disclosure = habit.disclosure
    verdict = services.checker.check(disclosure, keys[0], linked_subject_keys=keys[1:]).verdict
    return Verdict(
        recipient=verdict.recipient_name or habit.recipient_name or disclosure.recipient_id,
        kind=verdict.kind,
        items=items_listed(str(item) for item in disclosure.items),
        purpose=disclosure.purpose,
        times=habit.times,
        outcome=verdict.outcome,
        reason=explain(verdict.reason),
    )


async def record_choice(services: Services, file: PersonFile, choice: str, channel: str) -> ChoiceRecorded:
    """Record a choice for every key of the person, and wait a moment until decisions obey it.

    Raises FormError, and what sending raises: NotAcknowledgedError, BackpressureError, EventRefusedError.
    """
    if choice not in _KINDS or channel not in dict(CHANNELS):
        raise FormError("choose what the person asks for, and how the person told you.")
    kind, fields = _KINDS[choice]
    given = {**fields, "channel": PreferenceChannel(channel)}
    sendings = [
        Sending(
            None,
            b"",
            lambda event_id, subject=subject: services.emission.preferences.record_preference(  # type: ignore[misc]
                kind, subject.key, event_id=event_id, subject_type=subject.type, **given
            ),
        )
        for subject in file.subjects
    ]
    accepted = tuple(await services.emission.send(sendings))
    recorded = ChoiceRecorded(accepted, dict(OFFERED)[choice], services.clock())
    began_s = time.monotonic()
    while time.monotonic() - began_s < _OBEYED_WAIT_S and recorded.obeyed_s is None:
        if is_obeyed(services, accepted):
            recorded.obeyed_s = time.monotonic() - began_s
        else:
            await asyncio.sleep(_POLL_S)
    file.recorded.append(recorded)
    return recorded


def is_obeyed(services: Services, accepted: tuple[Accepted, ...]) -> bool:
    """Whether the preference state of decisions has these events; never while they wait in the outbox."""
    offsets = services.checker.seen().state.preference_offsets
    return all(
        entry.partition is not None
        and entry.offset is not None
        and entry.partition < len(offsets)
        and offsets[entry.partition] > entry.offset
        for entry in accepted
    )


def look_again(services: Services, recorded: ChoiceRecorded, now: datetime) -> None:
    """Note how far a recorded choice has come since."""
    if recorded.obeyed_s is None and is_obeyed(services, recorded.accepted):
        recorded.obeyed_s = (now - recorded.at).total_seconds()
    if not recorded.is_recorded:
        recorded.is_recorded = all(
            services.reader.ask(IS_RECORDED, RecordedQuestion(event_id=entry.event_id)).is_recorded
            for entry in recorded.accepted
        )
