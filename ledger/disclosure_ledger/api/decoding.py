"""Bodies become values exactly as the API's description says: no number for a word, no word for a number."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, get_args

from litestar._signature.types import ExtendedMsgSpecValidationError  # what its own reader raises
from litestar.exceptions import ValidationException
from litestar.plugins.pydantic import PydanticInitPlugin
from litestar.serialization import encode_json
from pydantic import AwareDatetime, BaseModel, ValidationError

_MOMENTS = frozenset({date, datetime, AwareDatetime})
_BOOLEANS = {"true": True, "false": False}
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def is_model(type_: Any) -> bool:
    """Whether a body is one of the product's values."""
    return isinstance(type_, type) and issubclass(type_, BaseModel)


def of_json(model: type[BaseModel], value: Any) -> Any:
    """A value of a body that was read as JSON; raises what the framework tells callers field by field."""
    try:
        return model.model_validate_json(encode_json(value), strict=True)
    except ValidationError as error:
        entries: list[Any] = error.errors(include_url=False, include_input=False, include_context=False)
        raise ExtendedMsgSpecValidationError(errors=entries) from None


class ExactBodies(PydanticInitPlugin):
    """Has the framework read bodies so; its own way takes 1 for true and "7" for 7."""

    @classmethod
    def decoders(cls, validate_strict: bool = False) -> list[tuple[Any, Any]]:
        """Predicates of types and what reads them, the first that fits."""
        return [(is_model, of_json), *super().decoders(validate_strict)]


def of_query(model: type[BaseModel], given: Mapping[str, str | Sequence[str]]) -> Any:
    """A value of the texts of a query; raises ValidationException, which never repeats them."""
    read = {name: _read(model.model_fields[name].annotation, text) for name, text in given.items()}
    try:
        return model.model_validate_json(encode_json(read), strict=True)
    except ValidationError as error:
        entries = error.errors(include_url=False, include_input=False, include_context=False)
        raise ValidationException(
            extra=[{"key": ".".join(map(str, entry["loc"])), "message": entry["msg"]} for entry in entries]
        ) from None


def _read(annotation: Any, text: str | Sequence[str]) -> Any:
    """The text of a parameter as JSON would have it."""
    kinds = _kinds(annotation)
    if not isinstance(text, str):
        return text
    if bool in kinds:
        return _BOOLEANS.get(text, text)
    if int in kinds and _NUMBER.fullmatch(text):
        return int(text)
    if kinds & _MOMENTS and not _DAY.match(text):
        return [text]  # pydantic would take a number for seconds since 1970
    return text


def _kinds(annotation: Any) -> frozenset[Any]:
    parts = get_args(annotation)
    return frozenset().union(*map(_kinds, parts)) if parts else frozenset({annotation})
