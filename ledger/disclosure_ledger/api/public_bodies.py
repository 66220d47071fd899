"""What callers send for an operation of the table, and what the operation gets of it.

A person is named by keys or identifiers, a period by its days or its length. Ids stand in the path, and `by`
is whoever asks.
"""

from collections.abc import Mapping
from datetime import date
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from disclosure_ledger.access.roles import Principal
from disclosure_ledger.answers.periods import Period, chosen
from disclosure_ledger.api.exposed import Exposed
from disclosure_ledger.api.services import Services
from disclosure_schemas.events.base import Value

JSON_FORM = "json"
"""The form of every answer that is not asked for in another one."""

_BY, _PERIOD, _FORMAT = "by", "period", "format"
_DAYS: Mapping[str, Any] = {
    "last": (Annotated[str, Field(max_length=16, description="such as 12m, 90d, 6w, 2y")] | None, None),
    "first_day": (date | None, None),
    "last_day": (date | None, None),
}
_LITERAL: Any = Literal


def public_body(entry: Exposed) -> type[Value]:
    """The body that callers send, as a type of its own where it differs from the operation's."""
    body = entry.operation.body
    hidden = {*entry.path_fields, _BY, *entry.without, *([entry.person.field] if entry.person else ())}
    kept: dict[str, Any] = {
        name: (field.annotation, field) for name, field in body.model_fields.items() if name not in hidden
    }
    if entry.person is not None:
        kept = {entry.person.name: (entry.person.annotation, ...), **kept}
    if _is_period(kept.get(_PERIOD)):
        del kept[_PERIOD]
        kept |= _DAYS
    if entry.forms:
        kept[_FORMAT] = (_LITERAL[(JSON_FORM, *entry.forms)], JSON_FORM)
    if kept.keys() == body.model_fields.keys():
        return body
    name = f"{body.__name__}Of{entry.operation_id[0].upper()}{entry.operation_id[1:]}"
    return create_model(name, __base__=Value, __doc__=body.__doc__, **kept)


def operation_body(
    entry: Exposed, services: Services, who: Principal, sent: BaseModel, path: Mapping[str, Any]
) -> tuple[Any, tuple[UUID, ...]]:
    """What the operation is asked, and the keys of the person that was named.

    Raises InvalidIdentifierError, InvalidPeriodError, SettingsError.
    """
    body = entry.operation.body
    given = {name: getattr(sent, name) for name in sent.model_fields_set if name in body.model_fields}
    given |= path
    keys: tuple[UUID, ...] = ()
    if entry.person is not None:
        named, keys = entry.person.named(services, sent)  # type: ignore[arg-type]
        given |= named
    if _BY in body.model_fields:
        given[_BY] = who.name
    if _PERIOD in body.model_fields:
        period = _period(sent, services, is_required=body.model_fields[_PERIOD].is_required())
        given |= {} if period is None else {_PERIOD: period}
    return body.model_validate(given), keys


def _period(sent: Any, services: Services, *, is_required: bool) -> Period | None:
    days = [None if day is None else day.isoformat() for day in (sent.first_day, sent.last_day)]
    if not is_required and (sent.last, *days) == (None, None, None):
        return None
    return chosen(sent.last, days[0], days[1], services.clock())


def _is_period(field: Any) -> bool:
    annotation = None if field is None else field[0]
    if get_origin(annotation) in {Union, UnionType}:
        return Period in get_args(annotation)
    return annotation is Period
