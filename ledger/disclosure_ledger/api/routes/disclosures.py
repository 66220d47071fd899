"""Sending disclosures, and checking one in process."""

import asyncio
import hashlib
import json
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.exceptions import ClientException
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from pydantic import BaseModel, Field, ValidationError

from disclosure_consumers.checking.checker import Checked
from disclosure_consumers.core.telling.wording import reason_wording
from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.bodies import CheckBody, DisclosureBody
from disclosure_ledger.api.described import TakesLinesToo
from disclosure_ledger.api.emission import Accepted, Sending
from disclosure_ledger.api.media_types import JSON, NDJSON, media_type_of, takes
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.problems import FieldError, problem, problems
from disclosure_ledger.api.requests import principal_of, services_of
from disclosure_ledger.api.services import Services
from disclosure_ledger.api.subjects import key_of, keys_of
from disclosure_producers.client import DisclosureProducer
from disclosure_producers.receipts import Receipt
from disclosure_schemas.errors import DisclosureError
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome, PreferenceState, RecipientRole
from disclosure_schemas.moments import from_microseconds

BATCH_EVENTS_MAX = 10_000
"""Most lines of one batch."""

_LINES_SHOWN = 50
AnyRequest = Request[Any, Any, Any]


class AcceptedBatch(Value):
    """What became of a batch, line by line."""

    accepted: tuple[Accepted, ...]


class CheckedItem(Value):
    """An item decided otherwise than the whole; `item` counts from 0."""

    item: int
    outcome: Outcome
    kind: Kind
    reason: str


class CheckAnswer(Value):
    """May it be disclosed? `outcome` permit: yes, until `valid_until`.

    Everything acknowledged more than `state_age_ms` before `decided_at` was obeyed; None: the state is
    unknown, and the check has failed closed.
    """

    outcome: Outcome
    kind: Kind
    reason: str
    explanation: str
    flags: tuple[str, ...]
    items: tuple[CheckedItem, ...]
    recipient_name: str | None
    recipient_category: str | None
    recipient_role: RecipientRole
    notice_id: str | None
    contract_id: str | None
    decided_at: Moment
    valid_until: Moment
    rule_version: str
    registry_hash: str
    preference_state: PreferenceState
    state_age_ms: Annotated[int, Field(ge=0)] | None


def disclosure_routes(batch_max_bytes: int) -> list[HTTPRouteHandler]:
    """Routes of emission; `batch_max_bytes`: largest body of a batch."""
    return [
        post(
            "/v1/disclosures",
            status_code=202,
            opt={**allowed(Role.EMITTER), **takes(JSON, NDJSON)},
            before_request=batch_of_lines,
            request_max_body_size=batch_max_bytes,
            operation_class=TakesLinesToo,
            operation_id="sendDisclosures",
            tags=["emission"],
            responses=problems(409),
            raises=None,
        )(send_disclosure),
        check,
    ]


async def send_disclosure(request: AnyRequest, data: JSONBody[DisclosureBody]) -> Accepted | AcceptedBatch:
    """Send a disclosure, or, as NDJSON, many: asked before it is made, or reported after.

    202 once the broker or the outbox has it; `status` says which. The emitter is the name of the key.
    """
    services, emitter = services_of(request), principal_of(request).name
    data.require_sendable(emitter)
    (accepted,) = await services.emission.send([_sending(services, emitter, data)])
    return accepted


async def batch_of_lines(request: AnyRequest) -> Response[Any] | None:
    """Take a batch, all lines or none: nothing is sent if one line does not fit."""
    if media_type_of(request) != NDJSON:
        return None
    services, emitter = services_of(request), principal_of(request).name
    bodies, errors = await asyncio.to_thread(_read_lines, await request.body(), emitter)
    if errors:
        return problem(
            request,
            type_="batch_does_not_fit",
            title="Lines of the batch do not fit.",
            status=422,
            detail=f"{len(errors)} lines do not fit; nothing was sent. Correct them and send all again.",
            errors=tuple(errors[:_LINES_SHOWN]),
        )
    sendings = [_sending(services, emitter, body) for body in bodies]
    accepted = await services.emission.send(sendings)
    return Response(AcceptedBatch(accepted=tuple(accepted)), status_code=202)


def _read_lines(content: bytes, emitter: str) -> tuple[list[DisclosureBody], list[FieldError]]:
    lines = [(number, line) for number, line in enumerate(content.splitlines(), 1) if line.strip()]
    if not 1 <= len(lines) <= BATCH_EVENTS_MAX:
        raise ClientException(
            detail=f"a batch has 1 to {BATCH_EVENTS_MAX} lines, each a JSON object; got {len(lines)}."
        )
    bodies, errors = [], []
    for number, line in lines:
        try:
            body = DisclosureBody.model_validate_json(line, strict=True)
            body.require_sendable(emitter)
            bodies.append(body)
        except ValidationError as error:
            errors.append(FieldError(field=f"line {number}", message=_told(error)))
        except DisclosureError as error:
            errors.append(FieldError(field=f"line {number}", message=str(error)))
    return bodies, errors


def _told(error: ValidationError) -> str:
    entries = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(
        f"{'.'.join(str(p) for p in entry['loc']) or 'line'}: {entry['msg']}" for entry in entries[:5]
    )


def _sending(services: Services, emitter: str, body: DisclosureBody) -> Sending:
    producer = services.emission.disclosures(emitter)
    key, linked = key_of(services, body.subject), keys_of(services, body.linked)

    def send(event_id: UUID | None) -> Receipt:
        return _send(producer, key, linked, body, event_id)

    return Sending(body.event_id, digest_of(body, emitter, key, *linked), send)


def digest_of(body: BaseModel, who: str, *keys: UUID) -> bytes:
    """Digest of all that an event says, with the keys in place of identifiers."""
    said = body.model_dump(mode="json", exclude={"subject", "linked", "account", "event_id"})
    text = json.dumps([who, [str(key) for key in keys], said], sort_keys=True)
    return hashlib.sha256(text.encode()).digest()


def _send(
    producer: DisclosureProducer,
    key: UUID,
    linked: tuple[UUID, ...],
    body: DisclosureBody,
    event_id: UUID | None,
) -> Receipt:
    said: Any = {
        "to": body.to,
        "kind": body.kind,
        "items": body.items,
        "event_id": event_id,
        "collected_at": body.collected_at,
        "transaction_id": body.transaction_id,
        "linked_subject_keys": linked,
        **body.details(),
    }
    if body.mode == "request":
        return producer.disclose(key, occurred_at=body.occurred_at, **said)
    assert body.occurred_at is not None, "checked when it was made"
    return producer.report(
        key,
        occurred_at=body.occurred_at,
        decision_event_id=body.decision_event_id,
        corrects_event_id=body.corrects_event_id,
        retracts_event_id=body.retracts_event_id,
        **said,
    )


@post(
    "/v1/check",
    status_code=200,
    opt={**allowed(Role.EMITTER), **takes(JSON)},
    operation_id="check",
    tags=["emission"],
    responses=problems(),
)
async def check(request: AnyRequest, data: JSONBody[CheckBody]) -> CheckAnswer:
    """May this be disclosed now? Decided in process; no event is written, so nothing is recorded.

    Fails closed when the preference state is older than its bound. `fresh` asks the broker first.
    """
    services = services_of(request)
    disclosure = data.disclosure(Mode.REQUEST, principal_of(request).name)
    key, linked = key_of(services, data.subject), keys_of(services, data.linked)

    def ask() -> Checked:
        return services.checker.check(
            disclosure,
            key,
            linked_subject_keys=linked,
            collected_at=data.collected_at,
            transaction_id=data.transaction_id,
            fresh=data.fresh,
        )

    return _answer(await asyncio.to_thread(ask) if data.fresh else ask())


def _answer(checked: Checked) -> CheckAnswer:
    verdict, age_s = checked.verdict, checked.seen.age_s
    return CheckAnswer(
        outcome=verdict.outcome,
        kind=verdict.kind,
        reason=verdict.reason,
        explanation=reason_wording(verdict.reason).sentence,
        flags=tuple(verdict.flags),
        items=tuple(
            CheckedItem(item=index, outcome=item.outcome, kind=item.kind, reason=item.reason)
            for index, item in verdict.items
        ),
        recipient_name=verdict.recipient_name,
        recipient_category=verdict.recipient_category,
        recipient_role=verdict.recipient_role,
        notice_id=verdict.notice_id,
        contract_id=verdict.contract_id,
        decided_at=from_microseconds(checked.decided_us),
        valid_until=from_microseconds(checked.valid_until_us),
        rule_version=checked.rule_version,
        registry_hash=checked.registry_hash.hex(),
        preference_state=checked.seen.state.freshness,
        state_age_ms=None if age_s is None else round(age_s * 1_000),
    )
