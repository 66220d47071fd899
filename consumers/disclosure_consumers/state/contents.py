"""What facts say, by number: five million subjects say a few dozen different things.

A content with a text of one subject in it (a transaction) has no number; neither has one more than
CONTENTS_MAX. Such a content is written out wherever it is said.
"""

import json
from collections.abc import Iterable
from typing import Any

from disclosure_consumers.core.subject.facts import Content, interned
from disclosure_schemas.events.vocabulary import PreferenceChannel, PreferenceKind

CONTENTS_MAX = 65_536

_DEFAULTS = Content._field_defaults
_ENUMS: dict[str, type[PreferenceKind] | type[PreferenceChannel]] = {
    "kind": PreferenceKind,
    "channel": PreferenceChannel,
}


def content_to_bytes(content: Content) -> bytes:
    """Encode as a JSON object of all that differs from the defaults, keys and sets in order."""
    told = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in content._asdict().items()
        if name not in _DEFAULTS or value != _DEFAULTS[name]
    }
    return json.dumps(told, separators=(",", ":"), sort_keys=True).encode("ascii")


def content_from_bytes(data: bytes) -> Content:
    """Decode; raises ValueError or TypeError for what is no content."""
    told: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in json.loads(data).items()
    }
    for name, vocabulary in _ENUMS.items():
        if name in told:
            told[name] = vocabulary(told[name])
    return interned(Content(**told))


class ContentTable:
    """Contents by number; numbers are given in the order of first use and stay."""

    def __init__(self) -> None:
        self.by_number: list[Content] = []
        self._numbers: dict[Content, int] = {}

    def load(self, encoded: Iterable[bytes]) -> None:
        """Replace all by these, in the order of their numbers."""
        self.by_number = [content_from_bytes(data) for data in encoded]
        self._numbers = {content: number for number, content in enumerate(self.by_number)}

    def number_of(self, content: Content) -> int | None:
        """Number of a content, a new one if need be; None for one that is written out."""
        number = self._numbers.get(content)
        if number is None and content.transaction is None and len(self.by_number) < CONTENTS_MAX:
            number = self._numbers[content] = len(self.by_number)
            self.by_number.append(content)
        return number

    def encoded(self) -> list[bytes]:
        """All contents, in the order of their numbers."""
        return [content_to_bytes(content) for content in self.by_number]
