"""Preferences, signals and facts of a story as the events that producers send."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from disclosure_consumers.scenarios.aliases import PRODUCER_ID, listed_event_id, subject_of
from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import LinkAction, PreferenceChannel, PreferenceKind, SubjectType

VERBS: Mapping[str, PreferenceKind] = {
    kind.value: kind for kind in PreferenceKind if kind not in {PreferenceKind.SIGNAL, PreferenceKind.UNKNOWN}
} | {"visit": PreferenceKind.SIGNAL}
"""Verbs of a story that are preferences, signals or facts about a subject."""

LINK_VERBS = ("link", "unlink")

_RENAMED = {
    "recipients": "recipient_ids",
    "transaction": "transaction_id",
    "band": "age_band",
    "items": "elements",
    "list": "drop_list",
    "id": "drop_id",
}
_MOMENTS = ("processed_at", "expires_at")
_DEFAULTS: Mapping[PreferenceKind, Mapping[str, Any]] = {
    PreferenceKind.OPT_IN_REQUESTED: {"method": "web_form"},
    PreferenceKind.OPT_IN_CONFIRMED: {"method": "web_form"},
    PreferenceKind.DIRECTION: {"elements": ["identifiers"], "action": "click"},
    PreferenceKind.COOKIE_REJECT: {"channel": PreferenceChannel.BROWSER},
    PreferenceKind.SIGNAL: {"channel": PreferenceChannel.BROWSER},
    PreferenceKind.DROP_MATCH: {"channel": PreferenceChannel.SYSTEM},
    PreferenceKind.COMPLIED: {"channel": PreferenceChannel.SYSTEM},
    PreferenceKind.DELETION_COMPLETED: {"channel": PreferenceChannel.SYSTEM},
}
"""As the producers of the SDK fill them in."""


def preferences_of(verb: str, value: Any, at: datetime, position: int) -> tuple[PreferenceRecorded, ...]:
    """Events of one entry of the list; a platform match makes one for each subject, or none."""
    kind = VERBS[verb]
    if kind is PreferenceKind.SIGNAL:
        return (_visit(value, at, position),)
    if kind is PreferenceKind.DROP_MATCH:
        said = {key: part for key, part in value.items() if key != "subjects"}
        subjects = dict.fromkeys(subject_of(entry) for entry in value["subjects"])
        return tuple(
            _recorded(kind, said, at, listed_event_id(position, part), subject.key, subject.type)
            for part, subject in enumerate(subjects)
        )
    said = dict(value) if isinstance(value, Mapping) and "subject" in value else {"subject": value}
    subject = subject_of(said.pop("subject"))
    if kind is PreferenceKind.DIRECTION:
        said["recipients"] = [said.pop("to")]
    return (_recorded(kind, said, at, listed_event_id(position), subject.key, subject.type),)


def link_of(verb: str, value: Any, at: datetime, position: int) -> IdentityLinked:
    """A link, its end, or that it never was."""
    action = LinkAction.LINK if verb == "link" else LinkAction.UNLINK
    if isinstance(value, Mapping):
        action = LinkAction.MISTAKEN if value.get("mistaken", False) else action
        value = value["nodes"]
    one, other = (subject_of(entry) for entry in value)
    return IdentityLinked(
        event_id=listed_event_id(position),
        subject_key=one.key,
        producer_id=PRODUCER_ID,
        occurred_at=at,
        emitted_at=at,
        sequence=position,
        action=action,
        subject_type=one.type,
        other_subject_key=other.key,
        other_subject_type=other.type,
        cause="scenario",
    )


def _visit(value: Mapping[str, Any], at: datetime, position: int) -> PreferenceRecorded:
    """Raw signals of a device; where its address seems to be proves nothing and is left out."""
    gpc = value.get("gpc", ())
    signals = Signals(
        gpc=(gpc,) if isinstance(gpc, str) else tuple(gpc),
        gpp=value.get("gpp"),
        usp=value.get("usp"),
        dnt=value.get("dnt"),
    )
    account = value.get("account")
    said = {"signals": signals, "account_key": None if account is None else subject_of(account).key}
    device = subject_of({"device": value["device"]})
    event_id = listed_event_id(position)
    return _recorded(PreferenceKind.SIGNAL, said, at, event_id, device.key, device.type)


def _recorded(  # noqa: PLR0917 - the head of an event, in its order
    kind: PreferenceKind,
    said: Mapping[str, Any],
    at: datetime,
    event_id: UUID,
    subject_key: UUID,
    subject_type: SubjectType,
) -> PreferenceRecorded:
    fields = {**_DEFAULTS.get(kind, {}), **{_RENAMED.get(name, name): part for name, part in said.items()}}
    for name in _MOMENTS:
        if name in fields:
            fields[name] = datetime.fromisoformat(fields[name])
    return PreferenceRecorded(
        event_id=event_id,
        subject_key=subject_key,
        producer_id=PRODUCER_ID,
        occurred_at=at,
        emitted_at=at,
        sequence=event_id.int >> 80,
        kind=kind,
        subject_type=subject_type,
        **fields,
    )
