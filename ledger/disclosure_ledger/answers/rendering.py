"""An answer as JSON: stable keys, a version of the form, moments in ISO 8601 UTC."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from disclosure_ledger.answers.answer import Answer
from disclosure_schemas.errors import DisclosureError

ANSWER_SCHEMA = "disclosure-ledger/to-whom/1"
"""Version of the form; a key that is renamed or removed raises the number."""


class UnreadableAnswerError(DisclosureError):
    """A JSON answer is of another form than this version reads."""


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """Return the answer as JSON-able values, `schema` first."""
    return {"schema": ANSWER_SCHEMA, **answer.model_dump(mode="json")}


def answer_from_json(data: Mapping[str, Any]) -> Answer:
    """Read what `answer_to_json` made; raises UnreadableAnswerError."""
    fields = dict(data)
    schema = fields.pop("schema", None)
    if schema != ANSWER_SCHEMA:
        raise UnreadableAnswerError(
            f"the answer has the form {schema!r}, this version reads {ANSWER_SCHEMA!r}. "
            "Run the same version of disclosure-ledger on both sides."
        )
    try:
        return Answer.model_validate(fields)
    except ValidationError as error:
        raise UnreadableAnswerError(
            f"the answer says it has the form {ANSWER_SCHEMA}, but {error.error_count()} fields do not fit. "
            "Run the same version of disclosure-ledger on both sides."
        ) from error
