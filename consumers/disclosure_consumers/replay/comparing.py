"""A decision of the log beside the same one made again."""

from enum import StrEnum
from typing import Any, NamedTuple

from disclosure_consumers.core.verdict import RULE_VERSION
from disclosure_consumers.replay.history import History
from disclosure_consumers.replay.stored_decisions import SecondDecider, StoredDecision
from disclosure_consumers.replay.topic_log import Coverage
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import DisclosureRequested

BYTES = "(bytes)"
"""Stands for a field where all fields are alike and their bytes are not."""

_DECIDED = EventCodec(DisclosureDecided)
_REQUESTED = EventCodec(DisclosureRequested)


class Comparison(StrEnum):
    """What became of one decision of the log."""

    IDENTICAL = "identical"
    DIFFERENT = "different"
    OTHER_REGISTRY = "other_registry"
    OTHER_RULES = "other_rules"
    NO_HISTORY = "no_history"
    UNREADABLE = "unreadable"


class FieldDifference(NamedTuple):
    """One field that came out otherwise; values as JSON has them."""

    field: str
    stored: Any
    replayed: Any


class Compared(NamedTuple):
    """One decision of the log, by its place in disclosures.decided.

    `obstacle`: why it was not made again; the registry or rule version it was made by, where that is another.
    """

    comparison: Comparison
    partition: int
    offset: int
    event_id: str | None = None
    differences: tuple[FieldDifference, ...] = ()
    obstacle: str | None = None


def compare(stored: StoredDecision, decider: SecondDecider, history: History, coverage: Coverage) -> Compared:
    """Make a decision again and compare it byte for byte; one that cannot be compared is told apart."""
    decided = stored.decided
    place = (stored.partition, stored.offset, str(decided.request.event_id))
    if decided.rule_version != RULE_VERSION:
        return Compared(Comparison.OTHER_RULES, *place, obstacle=decided.rule_version)
    if decided.registry_hash != decider.registry.content_hash:
        return Compared(Comparison.OTHER_REGISTRY, *place, obstacle=decided.registry_hash.hex())
    obstacle = coverage.obstacle(stored.vector)
    if obstacle is not None:
        return Compared(Comparison.NO_HISTORY, *place, obstacle=obstacle)
    head = decider.make_again(stored, history)
    # Equal bytes are read alike, so what lies behind an equal head is the same request.
    if stored.body.startswith(head):
        return Compared(Comparison.IDENTICAL, *place)
    replayed = _DECIDED.decode_body(head + _REQUESTED.encode_body(decided.request))
    return Compared(Comparison.DIFFERENT, *place, differences(decided, replayed))


def differences(stored: DisclosureDecided, replayed: DisclosureDecided) -> tuple[FieldDifference, ...]:
    """Fields of two decisions of one request that are not alike."""
    found = [
        FieldDifference(name, _plain(getattr(stored, name)), _plain(getattr(replayed, name)))
        for name in DisclosureDecided.model_fields
        if name != "request" and getattr(stored, name) != getattr(replayed, name)
    ]
    return tuple(found) or (FieldDifference(BYTES, "not as this program writes them", "as it writes them"),)


def _plain(value: Any) -> Any:
    """A field as JSON has it: ids, moments and hashes as text."""
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, bytes):
        return value.hex()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if value is None or isinstance(value, int | bool) else str(value)
