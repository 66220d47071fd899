"""The content of a preference event as bytes, from one table: which verb takes which fields.

The table is the typed dictionaries below; `PreferenceProducer`'s methods take the same ones, so a type
checker and a running program refuse the same calls.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Required, TypedDict, get_args, get_origin, get_type_hints
from uuid import UUID

from disclosure_producers.checks import fitting, key_bytes, past_us, shown, validated
from disclosure_schemas.codec import PartWriter
from disclosure_schemas.errors import InvalidEventError
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import PreferenceChannel, PreferenceKind, SubjectType
from disclosure_schemas.moments import from_microseconds

Of = Literal["sale", "share", "glba", "sensitive", "collection"]
Method = Literal[
    "web_form",
    "phone",
    "signed_authorization",
    "banner_accept_only",
    "banner_closed",
    "terms_acceptance",
    "pre_ticked_box",
]


class Common(TypedDict, total=False):
    """What every verb takes."""

    occurred_at: datetime | None
    event_id: UUID | None
    subject_type: str
    channel: str


class OptOut(Common, total=False):
    """`opt_out`; `of` empty: sale and share."""

    of: Sequence[Of]
    global_option_offered: bool
    agent_permission: Literal["signed", "none"] | None
    verified: bool
    processed_at: datetime | None


class OptOutDenied(Common, total=False):
    """`opt_out_denied`: found fraudulent (11 CCR 7026(e))."""

    documented: bool
    requestor_told: bool


class OptIn(Common, total=False):
    """`opt_in_requested` and `opt_in_confirmed`; what is not named is covered."""

    of: Sequence[Of]
    purposes: Sequence[str]
    recipient_ids: Sequence[str]
    transaction_id: str | None
    method: Method
    expires_at: datetime | None
    prompted: bool
    informed_of_signal: bool


class ParentalAuthorization(Common, total=False):
    """`parental_authorization`: by the parent of a child under 13."""

    verified: bool
    of: Sequence[Of]
    purposes: Sequence[str]
    recipient_ids: Sequence[str]


class LimitSensitive(Common, total=False):
    """`limit_sensitive`; `elements` empty: all."""

    elements: Sequence[str]
    processed_at: datetime | None


class ProgramChoice(Common, total=False):
    """`program_choice`: whether a signal ends a membership."""

    program: Required[str]
    choice: Required[Literal["stays", "withdraws"]]


class Direction(Common, total=False):
    """`direction`: the subject directs us to disclose these items to this recipient."""

    to: Required[str]
    items: Sequence[str]
    action: Literal["click", "hover", "mute", "pause", "close"]


class Signal(Common, total=False):
    """`signal`: raw signals of one visit, exactly as received, and the account that was logged in.

    A visit without any signal says something too: a device's last one may end with it.
    """

    gpc: str | Sequence[str] | None
    gpp: str | None
    usp: str | None
    dnt: str | None
    account_key: UUID | None


class DropMatch(Common, total=False):
    """`drop_match`: an entry of the state deletion platform matched this subject."""

    drop_list: Required[Literal["email", "phone", "maid", "ctvid", "ndz", "name_vin"]]
    drop_id: Required[str]
    all_exempt: bool


class Age(Common, total=False):
    """`age`: what is known from now on."""

    band: Required[Literal["under_13", "13_to_15", "16_to_17", "adult", "unknown"]]
    willful_disregard: bool


class Residency(Common, total=False):
    """`residency`: an ISO 3166 code such as US-CA or FR, or unknown."""

    region: Required[str]


VERBS: Mapping[PreferenceKind, type] = {
    PreferenceKind.OPT_OUT: OptOut,
    PreferenceKind.OPT_OUT_DENIED: OptOutDenied,
    PreferenceKind.OPT_IN_REQUESTED: OptIn,
    PreferenceKind.OPT_IN_CONFIRMED: OptIn,
    PreferenceKind.OPT_IN_DECLINED: Common,
    PreferenceKind.PARENTAL_AUTHORIZATION: ParentalAuthorization,
    PreferenceKind.LIMIT_SENSITIVE: LimitSensitive,
    PreferenceKind.COMPLIED: Common,
    PreferenceKind.DELETE: Common,
    PreferenceKind.DELETION_COMPLETED: Common,
    PreferenceKind.COOKIE_REJECT: Common,
    PreferenceKind.PROGRAM_CHOICE: ProgramChoice,
    PreferenceKind.DIRECTION: Direction,
    PreferenceKind.SIGNAL: Signal,
    PreferenceKind.DROP_MATCH: DropMatch,
    PreferenceKind.AGE: Age,
    PreferenceKind.RESIDENCY: Residency,
}

_DEFAULTS: Mapping[PreferenceKind, Mapping[str, Any]] = {
    PreferenceKind.OPT_IN_REQUESTED: {"method": "web_form"},
    PreferenceKind.OPT_IN_CONFIRMED: {"method": "web_form"},
    PreferenceKind.DIRECTION: {"items": ("identifiers",), "action": "click"},
    PreferenceKind.SIGNAL: {"channel": PreferenceChannel.BROWSER, "subject_type": SubjectType.DEVICE},
    PreferenceKind.COOKIE_REJECT: {"channel": PreferenceChannel.BROWSER, "subject_type": SubjectType.DEVICE},
    PreferenceKind.DROP_MATCH: {"channel": PreferenceChannel.SYSTEM},
    PreferenceKind.COMPLIED: {"channel": PreferenceChannel.SYSTEM},
    PreferenceKind.DELETION_COMPLETED: {"channel": PreferenceChannel.SYSTEM},
}
"""Defaults that differ from the record's own: FORMAT.md, section "Preferences"."""

_RENAMED = {"items": "elements", "band": "age_band"}
_SIGNALS = ("gpc", "gpp", "usp", "dnt")
_WRITER = PartWriter(PreferenceRecorded.__name__, "kind", "all_exempt")
_MOMENTS = ("processed_at",)


def encoded_preference(kind: str, given: Mapping[str, Any]) -> bytes:
    """The bytes that follow the common fields of a preference; raises InvalidEventError, SubjectKeyError.

    `given`: the fields of the verb's typed dictionary, `occurred_at` and `event_id` aside.
    """
    verb = _verb(kind)
    _check_fields(verb, given)
    fields: dict[str, Any] = {**_DEFAULTS.get(verb, {}), **given}
    if verb is PreferenceKind.SIGNAL:
        fields["signals"] = _signals({name: fields.pop(name, None) for name in _SIGNALS})
    if verb is PreferenceKind.DIRECTION:
        fields["recipient_ids"] = (fields.pop("to"),)
    if fields.get("account_key") is not None:
        key_bytes(fields["account_key"], "account_key")
    for name in _MOMENTS:
        if fields.get(name) is not None:
            past_us(fields[name], name)
    return _encoded(verb, {_RENAMED.get(name, name): value for name, value in fields.items()})


def _verb(kind: str) -> PreferenceKind:
    if kind in VERBS:
        return PreferenceKind(kind)
    raise InvalidEventError(f"no preference is called {shown(kind)}; expected one of {', '.join(VERBS)}.")


def _check_fields(verb: PreferenceKind, given: Mapping[str, Any]) -> None:
    hints = get_type_hints(VERBS[verb])
    known = sorted(hints.keys() - {"occurred_at", "event_id"})
    extra = sorted(given.keys() - set(known))
    missing = sorted(name for name in _required(verb) if given.get(name) is None)
    if extra or missing:
        raise InvalidEventError(
            f"{verb} takes {', '.join(known)}"
            + (f"; not {', '.join(extra)}" if extra else "")
            + (f"; {', '.join(missing)} must be given" if missing else "")
            + "."
        )
    for name, value in given.items():
        words = _words(hints[name])
        parts = (value,) if isinstance(value, str) or not isinstance(value, Sequence) else value
        wrong = [part for part in parts if words and part is not None and part not in words]
        if wrong:
            raise InvalidEventError(f"{name} of {verb} is one of {', '.join(words)}; got {shown(wrong[0])}.")
        if isinstance(value, str) and name in _LISTS:
            raise InvalidEventError(
                f"{name} of {verb} takes a list of texts, got one text. Put it in a list."
            )


def _required(verb: PreferenceKind) -> frozenset[str]:
    required: frozenset[str] = VERBS[verb].__required_keys__  # type: ignore[attr-defined]
    return required


def _words(hint: Any) -> tuple[str, ...]:
    """The words a field may hold, by its Literal; none where any text will do."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    return tuple(word for inner in get_args(hint) for word in _words(inner))


def _signals(given: dict[str, Any]) -> Signals:
    gpc = given.pop("gpc")
    values = () if gpc is None else (gpc,) if isinstance(gpc, str) else tuple(gpc)
    return validated(Signals, {"gpc": values, **given})


def _encoded(verb: PreferenceKind, fields: dict[str, Any]) -> bytes:
    head = {
        "event_id": _ANY_EVENT_ID,
        "subject_key": _ANY_EVENT_ID,
        "producer_id": _ANY_EVENT_ID,
        "occurred_at": _ANY_MOMENT,
        "emitted_at": _ANY_MOMENT,
        "sequence": 0,
    }
    value = validated(PreferenceRecorded, {**head, "kind": verb, **fields})
    return fitting(_WRITER.write(value.model_dump(exclude=set(head))))


# The head is packed when the event is accepted; these only complete the record for its own checks.
_ANY_MOMENT = from_microseconds(0)
_ANY_EVENT_ID = new_event_id(0)
_LISTS = {"of", "purposes", "recipient_ids", "elements", "items"}
