"""Recording preferences and signals, and showing what holds (11 CCR 7025(c)(6), 7026(g); legal 2.3.7)."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, HeaderParameter, JSONBody

from disclosure_consumers.core.subject.standing import NOBODY, joined
from disclosure_consumers.core.telling.current import (
    HONORED,
    NOT_OPTED_OUT,
    Choice,
    CurrentPreferences,
    current_preferences,
)
from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.bodies import Person, PreferenceBody, SignalBody
from disclosure_ledger.api.conditional import conditional
from disclosure_ledger.api.emission import Accepted, Sending
from disclosure_ledger.api.look_ups import PURPOSE_HEADER, look_up
from disclosure_ledger.api.media_types import JSON, takes
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.problems import problems
from disclosure_ledger.api.requests import principal_of, services_of
from disclosure_ledger.api.routes.disclosures import digest_of
from disclosure_ledger.api.subjects import key_of, keys_of
from disclosure_producers.preference_content import encoded_preference
from disclosure_schemas.errors import InvalidEventError
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.vocabulary import PreferenceKind, PreferenceState
from disclosure_schemas.moments import from_microseconds, microseconds

GPC_HEADER = "sec-gpc"
SHOWN_TO_THE_PERSON = "status shown to the person"
"""Purpose of a look-up of a status where the caller names no other."""

_WRITERS = (Role.PREFERENCE_WRITER, Role.ANALYST)
AnyRequest = Request[Any, Any, Any]
OptionalPurpose = Annotated[
    str | None,
    HeaderParameter(
        name=PURPOSE_HEADER,
        min_length=3,
        max_length=200,
        pattern=r"^[\x20-\x7e]*$",
        description=f"Why; without it: {SHOWN_TO_THE_PERSON}.",
    ),
]


class ChoiceShown(Value):
    """Whether something is stopped, since when, on what grounds such as opt_out, gpc, string, forwarded."""

    stopped: bool
    since: Moment | None
    grounds: tuple[str, ...]


class PreferenceStatus(Value):
    """What a person has asked for and what of it holds. `display`: words to show on the site.

    `status` unknown: the preferences cannot be read at this moment; sale and sharing are stopped meanwhile.
    `limited_elements` empty with `sensitive.stopped`: all of them. `preference_state` current: everything
    acknowledged by the broker before the last tenths of a second is in it.
    """

    status: Literal["opt_out_request_honored", "not_opted_out", "unknown"]
    display: str
    gpc_honored: bool
    sale: ChoiceShown
    share: ChoiceShown
    sensitive: ChoiceShown
    limited_elements: tuple[str, ...]
    financial_opt_out: bool
    deletion: Literal["none", "in_progress", "completed"]
    opt_in_needed: bool
    preference_state: PreferenceState


class StatusBody(Value):
    """Body of `POST /v1/preferences/status`."""

    person: Person


def preference_routes() -> list[HTTPRouteHandler]:
    """Routes of preferences."""
    return [record_preference, record_signal, status_of_key, status_of_person]


@post(
    "/v1/preferences",
    status_code=202,
    opt={**allowed(*_WRITERS), **takes(JSON)},
    operation_id="recordPreference",
    tags=["preferences"],
    responses=problems(409),
)
async def record_preference(request: AnyRequest, data: JSONBody[PreferenceBody]) -> Accepted:
    """Record what a person asked for: opt-out, opt-in, limit, deletion, facts.

    202 once the broker or the outbox has it; delivered, every disclosure decided afterwards obeys it.
    """
    if data.kind is PreferenceKind.SIGNAL:
        raise InvalidEventError("signals are sent to /v1/signals, as they were received.")
    fields = data.fields()
    encoded_preference(data.kind, fields)  # raises before an event id is taken
    return await _record(request, data, data.kind, fields)


@post(
    "/v1/signals",
    status_code=202,
    opt={**allowed(Role.PREFERENCE_WRITER), **takes(JSON)},
    operation_id="recordSignal",
    tags=["preferences"],
    responses=problems(409),
)
async def record_signal(request: AnyRequest, data: JSONBody[SignalBody]) -> Accepted:
    """Record the opt-out signals of one visit, exactly as received; also a visit without any.

    A Sec-GPC header of this very request counts as one of the visit: a site may hand it through.
    """
    services = services_of(request)
    fields = data.said(["gpp", "usp", "dnt"])
    gpc = (*data.gpc, *request.headers.getall(GPC_HEADER, []))
    fields["gpc"] = gpc
    accounts: tuple[UUID, ...] = ()
    if data.account is not None:
        accounts = (key_of(services, data.account),)
        fields["account_key"] = accounts[0]
    encoded_preference(PreferenceKind.SIGNAL, fields)
    return await _record(request, data, PreferenceKind.SIGNAL, fields, *accounts)


async def _record(
    request: AnyRequest,
    data: PreferenceBody | SignalBody,
    kind: PreferenceKind,
    fields: dict[str, Any],
    *others: UUID,
) -> Accepted:
    services, who = services_of(request), principal_of(request).name
    key = key_of(services, data.subject)
    sending = Sending(
        data.event_id,
        digest_of(data, f"{who} {fields.get('gpc', ())}", key, *others),
        lambda event_id: services.emission.preferences.record_preference(
            kind, key, occurred_at=data.occurred_at, event_id=event_id, **fields
        ),
    )
    (accepted,) = await services.emission.send([sending])
    return accepted


@get(
    "/v1/preferences/status",
    opt=allowed(*_WRITERS, looks_up_person=True),
    operation_id="statusOfKey",
    tags=["preferences"],
    responses=problems(),
)
async def status_of_key(
    request: AnyRequest, subject_key: FromQuery[UUID], purpose: OptionalPurpose = None
) -> Response[PreferenceStatus]:
    """What a subject has asked for and whether it is honored. Identifiers go into the body of the POST."""
    return await _status(request, (subject_key,), purpose)


@post(
    "/v1/preferences/status",
    status_code=200,
    opt={**allowed(*_WRITERS, looks_up_person=True), **takes(JSON)},
    operation_id="statusOfPerson",
    tags=["preferences"],
    responses=problems(),
)
async def status_of_person(
    request: AnyRequest, data: JSONBody[StatusBody], purpose: OptionalPurpose = None
) -> Response[PreferenceStatus]:
    """What a person has asked for under any of these keys and identifiers."""
    return await _status(request, keys_of(services_of(request), data.person), purpose)


async def _status(
    request: AnyRequest, keys: tuple[UUID, ...], purpose: str | None
) -> Response[PreferenceStatus]:
    services = services_of(request)
    checker, now_us = services.checker, microseconds(services.clock())
    seen = checker.seen()
    first, *others = [checker.replica.standing(key.bytes) for key in keys]
    current = current_preferences(joined(first, others, now_us), now_us, checker.registry)
    is_known = any(standing is not NOBODY for standing in (first, *others))
    await look_up(request, purpose or SHOWN_TO_THE_PERSON, found=is_known, subject_keys=keys)
    return conditional(request, _shown(current, seen.state.freshness))


def _shown(current: CurrentPreferences, freshness: PreferenceState) -> PreferenceStatus:
    deletion: Literal["none", "in_progress", "completed"] = "none"
    if current.is_deleted or current.is_being_deleted:
        deletion = "completed" if current.is_deleted else "in_progress"
    status: Literal["opt_out_request_honored", "not_opted_out", "unknown"] = "not_opted_out"
    display = NOT_OPTED_OUT
    if current.is_opted_out:
        status, display = "opt_out_request_honored", HONORED
    elif freshness is not PreferenceState.CURRENT:
        status, display = (
            "unknown",
            "Your choices cannot be shown at the moment; nothing is sold or shared meanwhile",
        )
    return PreferenceStatus(
        status=status,
        display=display,
        gpc_honored=current.gpc_honored,
        sale=_choice(current.sale),
        share=_choice(current.share),
        sensitive=_choice(current.sensitive),
        limited_elements=tuple(sorted(current.limited_elements or ())),
        financial_opt_out=current.financial,
        deletion=deletion,
        opt_in_needed=current.opt_in_needed,
        preference_state=freshness,
    )


def _choice(choice: Choice) -> ChoiceShown:
    return ChoiceShown(
        stopped=choice.stopped,
        since=None if choice.since_us is None else from_microseconds(choice.since_us),
        grounds=tuple(choice.bases),
    )
