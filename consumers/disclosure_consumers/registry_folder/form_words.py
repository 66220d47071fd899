"""What every form of a registry file is made of: words, ids, days and the closed base of the forms."""

import re
from collections.abc import Hashable
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

T = TypeVar("T", bound=Hashable)

WORD_PATTERN = "^[a-z][a-z0-9_]{0,99}$"
ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$"
DAY_PATTERN = "^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


def _day(value: object) -> date | None:
    if value is None or type(value) is date:
        return value
    try:
        if isinstance(value, str) and re.fullmatch(DAY_PATTERN, value):
            return date.fromisoformat(value)
    except ValueError:
        pass  # the 30th of February
    raise PydanticCustomError("registry_day", "expected a day of the years 1900 to 2999 as YYYY-MM-DD")


def _unique(values: list[T]) -> list[T]:
    repeated = sorted({str(value) for value in values if values.count(value) > 1})
    if repeated:
        raise PydanticCustomError(
            "registry_repeated", "expected each entry once, {words} is repeated", {"words": repeated[0]}
        )
    return values


def _scalar(value: object) -> object:
    if value is None or isinstance(value, str | int):
        return value
    raise PydanticCustomError("registry_scalar", "expected text, a whole number, true or false")


def _form_of_listing(value: object) -> str:
    return "<list>" if isinstance(value, list) else "<text>"


UNIQUE = (AfterValidator(_unique), Field(json_schema_extra={"uniqueItems": True}))

Word = Annotated[str, Field(pattern=WORD_PATTERN)]
Id = Annotated[str, Field(pattern=ID_PATTERN)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Days = Annotated[int, Field(ge=0, le=3650)]
Words = Annotated[list[Word], *UNIQUE]
Scalar = Annotated[
    Any, AfterValidator(_scalar), WithJsonSchema({"type": ["string", "integer", "boolean", "null"]})
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "pattern": DAY_PATTERN})]
Purposes = Annotated[
    Annotated[Words, Tag("<list>")] | Annotated[Literal["all"], Tag("<text>")],
    Discriminator(_form_of_listing),
]
Column = Annotated[
    Annotated[Words, Tag("<list>")] | Annotated[Word, Tag("<text>")],
    Discriminator(_form_of_listing),
    Field(description="`all`, `none`, a group of this notice, or a list of recipient categories."),
]
Texts = Annotated[
    Annotated[list[Text], Tag("<list>")] | Annotated[Text, Tag("<text>")], Discriminator(_form_of_listing)
]


class Form(BaseModel):
    """Base of the forms."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
