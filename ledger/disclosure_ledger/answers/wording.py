"""Reason codes in plain words, as answers hold them; the words themselves are the core's."""

from collections.abc import Mapping
from types import MappingProxyType

from disclosure_consumers.core.telling import wording
from disclosure_schemas.events.base import Value


class Reason(Value):
    """A reason code, a sentence a person understands, and the rule it rests on."""

    code: str
    sentence: str
    citation: str | None = None


def explain(code: str) -> Reason:
    """Return the wording of a reason code; a code without wording explains itself."""
    return REASONS.get(code, Reason(code=code, sentence=code))


REASONS: Mapping[str, Reason] = MappingProxyType(
    {code: Reason(**worded._asdict()) for code, worded in wording.REASONS.items()}
)
"""Reason code -> sentence and citation."""
