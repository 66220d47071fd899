"""What callers send, as values: subjects, disclosures, checks, preferences, signals."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, SecretStr, model_validator

from disclosure_producers.checks import past_us
from disclosure_producers.disclosure_content import Details, disclosure_of
from disclosure_schemas.events.base import Code, Moment, Value
from disclosure_schemas.events.disclosure import MAX_ITEMS, Disclosure, Item, Signals
from disclosure_schemas.events.vocabulary import (
    ActingAs,
    Bought,
    Consideration,
    DisclosureChannel,
    Kind,
    Mode,
    PreferenceChannel,
    PreferenceKind,
    SubjectType,
)
from disclosure_schemas.subject_keys import IdentifierType

MAX_SUBJECTS = 64
"""Most keys and identifiers of one person."""

EventUuid = Annotated[UUID, Field(description="UUID of version 7; sent twice it is one event")]
"""An event id that the caller has chosen; the SDK checks its version."""


class Subject(Value):
    """One subject: its key, or an identifier that is made into one at once and never kept or logged."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["key"]}, {"required": ["type", "value"]}]}
    )

    key: UUID | None = None
    type: IdentifierType | None = None
    value: SecretStr | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.key is None) == (self.value is None) or (self.value is None) != (self.type is None):
            raise ValueError("a subject is either {key} or {type, value}")
        return self

    @property
    def subject_type(self) -> SubjectType:
        """What a subject is that has such an identifier; an account unless it says otherwise."""
        return _SUBJECT_TYPES.get(self.type, SubjectType.ACCOUNT) if self.type else SubjectType.ACCOUNT


_SUBJECT_TYPES = {
    IdentifierType.DEVICE: SubjectType.DEVICE,
    IdentifierType.PROFILE: SubjectType.PROFILE,
    IdentifierType.HOUSEHOLD: SubjectType.HOUSEHOLD,
}

Person = Annotated[tuple[Subject, ...], Field(min_length=1, max_length=MAX_SUBJECTS)]
"""Every key and identifier of one person that is known."""


class Described(Value):
    """What is to be disclosed, to whom and why; fields and defaults are those of the SDK's `disclose`."""

    subject: Subject
    to: Code
    kind: Kind
    items: Annotated[tuple[Code | Item, ...], Field(min_length=1, max_length=MAX_ITEMS)]
    collected_at: Moment | None = None
    transaction_id: Code | None = None
    linked: Annotated[tuple[Subject, ...], Field(max_length=MAX_SUBJECTS)] = ()
    purpose: Code | None = None
    consideration: Consideration | None = None
    cross_context_ads: bool | None = None
    subject_type: SubjectType | None = None
    combines_data: bool = False
    limit_exception: Code | None = None
    channel: DisclosureChannel | None = None
    program: Code | None = None
    control_transferred: bool = False
    onward_to: Code | None = None
    acting_as: ActingAs | None = None
    bought: Bought | None = None
    wholly_outside_california: bool = False
    residency: Code | None = None
    signals: Signals | None = None

    def details(self) -> dict[str, Any]:
        """The SDK's details; what was left out is the SDK's to fill in."""
        given = {name: getattr(self, name) for name in Details.__annotations__}
        given["subject_type"] = self.subject_type or self.subject.subject_type
        return {name: value for name, value in given.items() if value is not None}

    def disclosure(self, mode: Mode, emitter: str) -> Disclosure:
        """The disclosure as an event has it; raises InvalidEventError."""
        return disclosure_of(
            mode, emitter, to=self.to, kind=self.kind, items=self.items, details=self.details()
        )


class CheckBody(Described):
    """Body of `POST /v1/check`. `fresh`: ask the broker first, so that everything acknowledged counts."""

    fresh: bool = False


class DisclosureBody(Described):
    """Body of `POST /v1/disclosures`: a question before disclosing, or a report of what was disclosed."""

    mode: Literal["request", "report"] = "request"
    event_id: EventUuid | None = None
    occurred_at: Moment | None = None
    decision_event_id: UUID | None = None
    corrects_event_id: UUID | None = None
    retracts_event_id: UUID | None = None

    @model_validator(mode="after")
    def _report_says_when(self) -> Self:
        only_reports = (self.decision_event_id, self.corrects_event_id, self.retracts_event_id)
        if self.mode == "report" and self.occurred_at is None:
            raise ValueError("a report says when it happened: occurred_at is missing")
        if self.mode == "request" and any(event_id is not None for event_id in only_reports):
            raise ValueError("only a report follows, corrects or retracts another event; mode is request")
        return self

    def require_sendable(self, emitter: str) -> None:
        """Raise InvalidEventError for what the SDK would refuse."""
        self.disclosure(Mode(self.mode), emitter)
        for name in ("occurred_at", "collected_at"):
            moment = getattr(self, name)
            if moment is not None:
                past_us(moment, name)


class Said(Value):
    """What every preference and signal says: of whom, when, how it came."""

    subject: Subject
    event_id: EventUuid | None = None
    occurred_at: Moment | None = None
    subject_type: SubjectType | None = None
    channel: PreferenceChannel | None = None

    def said(self, names: Sequence[str]) -> dict[str, Any]:
        """The given fields of these names and the common ones, as the SDK takes them."""
        fields = {name: getattr(self, name) for name in names if name in self.model_fields_set}
        if self.subject_type is not None or self.subject.type is not None:
            fields["subject_type"] = self.subject_type or self.subject.subject_type
        if self.channel is not None:
            fields["channel"] = self.channel
        return fields


class PreferenceBody(Said):
    """Body of `POST /v1/preferences`; which fields a kind takes is that of the SDK's method of its name."""

    kind: PreferenceKind
    of: tuple[Code, ...] = ()
    global_option_offered: bool = True
    agent_permission: Code | None = None
    verified: bool = True
    processed_at: Moment | None = None
    documented: bool = False
    requestor_told: bool = False
    purposes: tuple[Code, ...] = ()
    recipient_ids: tuple[Code, ...] = ()
    transaction_id: Code | None = None
    method: Code | None = None
    expires_at: Moment | None = None
    prompted: bool = False
    informed_of_signal: bool = False
    elements: tuple[Code, ...] = ()
    program: Code | None = None
    choice: Code | None = None
    to: Code | None = None
    items: tuple[Code, ...] = ()
    action: Code | None = None
    drop_list: Code | None = None
    drop_id: Code | None = None
    all_exempt: bool = False
    band: Code | None = None
    willful_disregard: bool = False
    region: Code | None = None

    def fields(self) -> dict[str, Any]:
        """What was given, for the SDK's verb."""
        own = [name for name in PreferenceBody.model_fields if name not in Said.model_fields]
        return self.said([name for name in own if name != "kind"])


RawSignal = Annotated[str, Field(max_length=16_384)]
"""A signal exactly as it came."""


class SignalBody(Said):
    """Body of `POST /v1/signals`: the signals of one visit, as received, also where there were none.

    `subject`: the device or browser. `account`: who was logged in. `gpc`: values of Sec-GPC.
    """

    account: Subject | None = None
    gpc: Annotated[tuple[RawSignal, ...], Field(max_length=16)] = ()
    gpp: RawSignal | None = None
    usp: RawSignal | None = None
    dnt: RawSignal | None = None
