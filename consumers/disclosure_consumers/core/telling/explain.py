"""The whole story of one decision, told from its record and from what the ledger knows beside it."""

from typing import NamedTuple

from disclosure_consumers.core.days.deadlines import OPT_OUT_BUSINESS_DAYS, end_of_business_days_us
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.telling.deciding_step import Clues, steps_of
from disclosure_consumers.core.telling.explanation import (
    Asked,
    Explanation,
    ItemStory,
    KindStory,
    MadeWith,
    NamedPreference,
    OtherDecision,
    RecipientStory,
    Timing,
    Turn,
    Window,
    Worded,
    worded,
)
from disclosure_consumers.core.telling.findings import findings_of
from disclosure_consumers.core.telling.step_stories import step_stories
from disclosure_consumers.core.telling.wording import flag_wording, reason_wording
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.vocabulary import (
    Mode,
    Outcome,
    PreferenceKind,
    PreferenceState,
    RecipientRole,
)
from disclosure_schemas.moments import from_microseconds, microseconds

_PASSED = (Flag.AFTER_COMPLIANCE, Flag.AFTER_NOTICE_DEADLINE, Flag.AFTER_DEADLINE)
_RECLASSIFYING = frozenset(
    {flag for flag in Flag if flag.startswith("reclassified_")}
    | {Flag.NO_INTENTIONAL_INTERACTION, Flag.NO_CONTROL_YET, Flag.NOT_FOR_RELAY}
)
_BY_MACHINE = frozenset({PreferenceKind.SIGNAL, PreferenceKind.COOKIE_REJECT})


class Beside(NamedTuple):
    """What the ledger knows beside the record: where it is, the preferences it names, other decisions.

    `turns`: all decisions of a report that was decided again.
    """

    decided_partition: int | None = None
    decided_offset: int | None = None
    preferences: tuple[NamedPreference, ...] = ()
    others: tuple[OtherDecision, ...] = ()
    turns: tuple[Turn, ...] = ()


NOTHING_BESIDE = Beside()


def explain(decided: DisclosureDecided, beside: Beside = NOTHING_BESIDE) -> Explanation:
    """Tell the story of a decision; of preferences the ledger does not have the moment in the id is told."""
    request = decided.request
    preferences = _preferences(decided, beside)
    items = _items(decided, preferences)
    return Explanation(
        event_id=str(request.event_id),
        subject_key=str(request.subject_key),
        headline=_headline(decided),
        outcome=decided.outcome,
        reason=worded(reason_wording(decided.reason)),
        flags=tuple(worded(flag_wording(flag)) for flag in decided.flags),
        asked=Asked(
            emitter=request.disclosure.emitter,
            occurred_at=request.occurred_at,
            emitted_at=request.emitted_at,
            collected_at=request.collected_at,
            transaction_id=request.transaction_id,
            linked_subjects=tuple(str(key) for key in request.linked_subject_keys),
            disclosure=request.disclosure,
        ),
        recipient=RecipientStory(
            id=request.disclosure.recipient_id,
            name=decided.recipient_name,
            category=decided.recipient_category,
            role=decided.recipient_role,
            rests_on=_rests_on(decided),
        ),
        kind=KindStory(
            declared=request.disclosure.kind, found=decided.kind, why=_worded_flags(decided, _RECLASSIFYING)
        ),
        steps=step_stories(decided, items),
        items=items,
        preferences=preferences,
        timing=_timing(decided, preferences),
        made_with=_made_with(decided, beside),
        others=beside.others,
        turns=beside.turns,
    )


_OF_REQUEST = {
    Outcome.PERMIT: "may be made",
    Outcome.PARTIAL: "may be made in part",
    Outcome.SUPPRESS: "must not be made",
    Outcome.REJECT: "was sent back",
    Outcome.OUT_OF_SCOPE: "may be made, and this law does not apply to it",
    Outcome.DUPLICATE: "had been decided before",
}
_OF_REPORT = {
    Outcome.PERMIT: "was rightly made",
    Outcome.NOTIFY: "was made within the time to comply: the recipient must be told",
    Outcome.VIOLATION: "should not have been made",
    Outcome.REJECT: "could not be recorded",
    Outcome.OUT_OF_SCOPE: "was made, and this law does not apply to it",
    Outcome.DUPLICATE: "had been reported before",
    Outcome.RETRACTED: "is declared not to have happened",
}


def _headline(decided: DisclosureDecided) -> str:
    disclosure = decided.request.disclosure
    words = _OF_REQUEST if disclosure.mode is Mode.REQUEST else _OF_REPORT
    kind = decided.kind.replace("_", " ")
    recipient = decided.recipient_name or disclosure.recipient_id
    said = words.get(decided.outcome, f"was answered with {decided.outcome}")
    return f"{decided.outcome.replace('_', ' ').upper()}: the {kind} disclosure to {recipient} {said}."


def _preferences(decided: DisclosureDecided, beside: Beside) -> tuple[NamedPreference, ...]:
    known = {preference.event_id: preference for preference in beside.preferences}
    return tuple(
        known.get(str(event_id))
        or NamedPreference(event_id=str(event_id), made_at=from_microseconds((event_id.int >> 80) * 1000))
        for event_id in decided.preference_event_ids
    )


def _items(decided: DisclosureDecided, preferences: tuple[NamedPreference, ...]) -> tuple[ItemStory, ...]:
    disclosure = decided.request.disclosure
    findings = findings_of(decided)
    # The opt-out of financial information is named too, and belongs to another step.
    mixed = any(finding.reason == Reason.GLBA_OPT_OUT for finding in findings)
    named = frozenset(preference.kind or PreferenceKind.UNKNOWN for preference in preferences)
    state_known = decided.preference_state is PreferenceState.CURRENT or disclosure.mode is not Mode.REQUEST
    return tuple(
        ItemStory(
            item=str(item),
            exemption=item.exemption,
            outcome=finding.outcome,
            kind=finding.kind,
            reason=worded(reason_wording(finding.reason)),
            steps=steps_of(
                finding.reason,
                Clues(
                    kind=finding.kind,
                    tag=item.exemption,
                    state_known=state_known,
                    named=None if mixed else named,
                    with_signals=disclosure.signals != Signals(),
                ),
            ),
        )
        for item, finding in zip(disclosure.items, findings, strict=True)
    )


_ROLES = {
    RecipientRole.SAME_BUSINESS: "It counts as the same business, being an affiliate under the same brand.",
    RecipientRole.THIRD_PARTY: "It is a third party",
    RecipientRole.SERVICE_PROVIDER: "It is a service provider",
    RecipientRole.CONTRACTOR: "It is a contractor",
}


def _rests_on(decided: DisclosureDecided) -> str:
    role = decided.recipient_role
    if role not in _ROLES:
        return "Its role was not determined."
    if role is RecipientRole.SAME_BUSINESS:
        return _ROLES[role]
    contract = "without a contract" if decided.contract_id is None else f"under {decided.contract_id}"
    behind = decided.request.disclosure.onward_recipient_id
    if Flag.RECLASSIFIED_STEP_TRANSACTION in decided.flags and behind is not None:
        return f"Behind it {behind} counts as the recipient, a third party, {contract}."
    return f"{_ROLES[role]}, {contract}."


def _worded_flags(
    decided: DisclosureDecided, among: frozenset[Flag] | tuple[Flag, ...]
) -> tuple[Worded, ...]:
    return tuple(worded(flag_wording(flag)) for flag in decided.flags if flag in among)


def _timing(decided: DisclosureDecided, preferences: tuple[NamedPreference, ...]) -> Timing | None:
    """The time to comply of a report that should not have been made (legal 2.4.3)."""
    if decided.outcome not in {Outcome.NOTIFY, Outcome.VIOLATION}:
        return None
    passed = _worded_flags(decided, _PASSED)
    windows = tuple(_window(preference) for preference in preferences if preference.occurred_at is not None)
    if decided.outcome is Outcome.NOTIFY:
        said = "It was made before any time to comply had passed, so it is no violation."
    elif passed:
        said = "The time to comply had passed."
    else:
        said = "No time to comply excuses it: it was not an opt-out or a limit alone that stood against it."
    return Timing(said=said, passed=passed, windows=windows)


def _window(preference: NamedPreference) -> Window:
    assert preference.occurred_at is not None, "only preferences the ledger has are asked for"
    by_machine = preference.kind in _BY_MACHINE
    received_us = microseconds(preference.occurred_at)
    until_us = end_of_business_days_us(received_us, OPT_OUT_BUSINESS_DAYS, "mon_sat")
    return Window(
        preference_id=preference.event_id,
        received_at=preference.occurred_at,
        until=None if by_machine else from_microseconds(until_us),
        complied_at=preference.occurred_at if by_machine else preference.processed_at,
    )


def _made_with(decided: DisclosureDecided, beside: Beside) -> MadeWith:
    return MadeWith(
        decided_at=decided.decided_at,
        valid_until=decided.valid_until,
        rule_version=decided.rule_version,
        registry_hash=decided.registry_hash.hex(),
        notice_id=decided.notice_id,
        contract_id=decided.contract_id,
        preference_state=decided.preference_state,
        preference_offsets=decided.preference_offsets,
        identity_offsets=decided.identity_offsets,
        request_partition=decided.request_partition,
        request_offset=decided.request_offset,
        decided_partition=beside.decided_partition,
        decided_offset=beside.decided_offset,
    )
