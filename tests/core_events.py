"""Histories as scenarios write them, made into the events that producers send.

A subject is named by a short alias; `TYPES` says what it is. Moments are microseconds since 1970 UTC.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from disclosure_consumers.core.decide import Answered, decide
from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.registry import Policy, Registry
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_consumers.core.verdict import Verdict
from disclosure_schemas.event_ids import event_id_bytes
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested, Item, Signals
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import (
    Exemption,
    Kind,
    LinkAction,
    Mode,
    PreferenceKind,
    SubjectType,
)
from disclosure_schemas.moments import from_microseconds
from reference_registry import Said

TYPES = {
    "alice": "account",
    "bob": "account",
    "p1": "profile",
    "laptop": "device",
    "tablet": "device",
    "oak_street": "household",
}
"""What each subject is."""

KEYS = {name: UUID(int=place + 1) for place, name in enumerate(TYPES)}
PRODUCER = UUID(int=99)

Control = PreferenceRecorded | IdentityLinked


def event_id(number: int) -> UUID:
    """An event id; ids are in the order of their numbers."""
    return UUID(bytes=event_id_bytes(number, b"\0" * 10))


_RENAMED = {
    "recipients": "recipient_ids",
    "transaction": "transaction_id",
    "band": "age_band",
    "items": "elements",
    "drop": "drop_id",
}
_MOMENTS = ("processed_at", "expires_at")
_NOT_FIELDS = {"at", "id", "verb", "subject", "nodes", "mistaken", "reads", "device", "account", "to"}
_SIGNALS = ("gpc", "gpp", "usp", "dnt")


def control_event(said: Said) -> Control:
    """One preference, signal, fact or link."""
    at = from_microseconds(said["at"])
    head: dict[str, Any] = {
        "event_id": event_id(said["id"]),
        "producer_id": PRODUCER,
        "occurred_at": at,
        "emitted_at": at,
        "sequence": 0,
    }
    if said["verb"] in {"link", "unlink"}:
        one, other = said["nodes"]
        action = LinkAction.LINK if said["verb"] == "link" else LinkAction.UNLINK
        return IdentityLinked(
            subject_key=KEYS[one],
            subject_type=SubjectType(TYPES[one]),
            other_subject_key=KEYS[other],
            other_subject_type=SubjectType(TYPES[other]),
            action=LinkAction.MISTAKEN if said.get("mistaken", False) else action,
            **head,
        )
    subject = said["device"] if said["verb"] == "visit" else said["subject"]
    fields = {_RENAMED.get(key, key): value for key, value in said.items() if key not in _NOT_FIELDS}
    if said["verb"] == "visit":
        fields["signals"] = Signals(**{name: fields.pop(name) for name in _SIGNALS})
        fields["account_key"] = None if said["account"] is None else KEYS[said["account"]]
    if said["verb"] == "direction":
        fields["recipient_ids"] = (said["to"],)
    for name in _MOMENTS:
        if fields.get(name) is not None:
            fields[name] = from_microseconds(fields[name])
    return PreferenceRecorded(
        subject_key=KEYS[subject],
        subject_type=SubjectType(TYPES[subject]),
        kind=PreferenceKind.SIGNAL if said["verb"] == "visit" else PreferenceKind(said["verb"]),
        **head,
        **fields,
    )


def fold(events: Iterable[Control], policy: Policy | None = None) -> Subjects:
    """Take events in, in this order."""
    subjects = Subjects(policy or Policy())
    for event in events:
        if isinstance(event, PreferenceRecorded):
            subjects.apply_preference(event)
        else:
            subjects.apply_link(event)
    return subjects


def items_of(what: Said) -> tuple[Item, ...]:
    """Items of an ask or report."""
    return tuple(
        Item.parse(entry["item"], Exemption(entry["exempt"]) if entry.get("exempt") else None)
        for entry in what["items"]
    )


def disclosure_of(what: Said, mode: str) -> Disclosure:
    """What an ask or report discloses."""
    return Disclosure(
        mode=Mode(mode),
        kind=Kind(what["kind"]),
        recipient_id=what["to"],
        purpose=what["purpose"],
        items=items_of(what),
        emitter="tests",
        subject_type=SubjectType(TYPES[what["about"]]),
        consideration=what["consideration"],
        cross_context_ads=what["cross_context_ads"],
        combines_data=what["combines_data"],
        limit_exception=what["limit_exception"],
        channel=what["channel"],
        program=what["program"],
        control_transferred=what["control_transferred"],
        onward_recipient_id=what["onward_to"],
        acting_as=what["acting_as"],
        bought=what["bought"],
        wholly_outside_california=what["wholly_outside_california"],
    )


def request_of(
    what: Said, mode: str, at: int, number: int, follows: int | None = None
) -> DisclosureRequested:
    """The event of an ask or report."""
    collected = what["collected_at"]
    return DisclosureRequested(
        event_id=event_id(number),
        subject_key=KEYS[what["about"]],
        producer_id=PRODUCER,
        occurred_at=from_microseconds(at),
        emitted_at=from_microseconds(what["emitted_at"] if mode == "report" else at),
        sequence=0,
        collected_at=None if collected is None else from_microseconds(collected),
        decision_event_id=None if follows is None else event_id(follows),
        transaction_id=what["transaction"],
        disclosure=disclosure_of(what, mode),
    )


def judge(
    subjects: Subjects,
    registry: Registry,
    what: Said,
    t: int,
    *,
    mode: str = "request",
    state_available: bool = True,
    answered: Answered | None = None,
) -> Verdict:
    """The core's decision of an ask or report at a moment."""
    occurrence = Occurrence(
        at_us=t,
        emitted_us=what["emitted_at"] if mode == "report" else t,
        collected_us=what["collected_at"],
        transaction_id=what["transaction"],
    )
    return decide(
        disclosure_of(what, mode),
        occurrence,
        subjects.standing(KEYS[what["about"]].bytes),
        registry,
        state_available=state_available,
        answered=answered,
    )
