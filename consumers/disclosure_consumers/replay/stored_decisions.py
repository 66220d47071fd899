"""Decisions as the log holds them, and the same ones made again."""

from typing import NamedTuple

from disclosure_consumers.core.registry import Period, Registry
from disclosure_consumers.core.verdict import RULE_VERSION, Verdict
from disclosure_consumers.decision_records import (
    Circumstances,
    DecisionWriter,
    decision_bytes,
    encoded_ids,
    judge_event,
    named_ids,
    standing_of_request,
)
from disclosure_consumers.ports import Message
from disclosure_consumers.replay.history import History, Vector
from disclosure_schemas import layout
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.errors import UndecodableError
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.vocabulary import Mode, PreferenceState
from disclosure_schemas.framing import read_frame
from disclosure_schemas.moments import microseconds


class StoredDecision(NamedTuple):
    """One decision of the log.

    `body`: its bytes without the header, as the newest schema has them. `vector`: how far the control topics
    had been read when it was made.
    """

    partition: int
    offset: int
    decided: DisclosureDecided
    body: bytes

    @property
    def vector(self) -> Vector:
        """How far the control topics had been read."""
        return Vector(self.decided.preference_offsets, self.decided.identity_offsets)

    @property
    def decided_us(self) -> int:
        """Moment of the decision."""
        return microseconds(self.decided.decided_at)


def stored_decision(message: Message, codec: EventCodec[DisclosureDecided]) -> StoredDecision:
    """Read one record of disclosures.decided; raises UndecodableError."""
    value = message.value() or b""
    decided = codec.decode(value)
    header_bytes = read_frame(value).header_bytes
    newest = codec.is_newest(value[:header_bytes])
    body = value[header_bytes:] if newest else codec.encode_body(decided)
    return StoredDecision(message.partition(), message.offset(), decided, body)


def decided_us_of(value: bytes, codec: EventCodec[DisclosureDecided]) -> int | None:
    """Moment of a decision, without decoding the rest; None where only the codec can tell."""
    try:
        header_bytes = read_frame(value).header_bytes
    except UndecodableError:
        return None
    if not codec.is_newest(value[:header_bytes]):
        return None
    end = header_bytes
    while end < len(value) and value[end] > 0x7F:
        end += 1
    return layout.read_zigzag_varint(value[header_bytes : end + 1])


class SecondDecider:
    """Makes stored decisions again by one registry, each on its own: no answer is shared between two.

    `permit_ttl_us`: how long a decision was an answer; a setting of the gate that no decision holds. Without
    it each decision's own `valid_until` is taken for it, as long as it is not later than the law allows.
    """

    def __init__(self, registry: Registry, *, permit_ttl_us: int | None = None) -> None:
        self.registry = registry
        self._permit_ttl_us = permit_ttl_us
        self._writer = DecisionWriter()
        self._prefix: tuple[Circumstances, bytes] | None = None  # the last one: a batch of a gate shares it
        self._unchanged = Period(0, 0)  # in which no notice and no contract changes; none known yet

    def verdict(self, stored: StoredDecision, history: History) -> Verdict:
        """Decide again, with the state that was known then."""
        return self._judge(stored, history)[0]

    def make_again(self, stored: StoredDecision, history: History) -> bytes:
        """Decide again and put the record together as the gate does: its bytes up to the request."""
        decided = stored.decided
        verdict, ids = self._judge(stored, history)
        circumstances = Circumstances(
            stored.decided_us,
            self._valid_until_us(stored, verdict),
            RULE_VERSION,
            self.registry.content_hash,
            decided.preference_state,
            decided.preference_offsets,
            decided.identity_offsets,
        )
        return decision_bytes(
            self._prefix_of(circumstances),
            (decided.request_partition, decided.request_offset),
            encoded_ids(ids),
            self._writer.suffix(verdict),
            b"",
        )

    def _prefix_of(self, circumstances: Circumstances) -> bytes:
        if self._prefix is None or self._prefix[0] != circumstances:
            self._prefix = circumstances, self._writer.prefix(circumstances)
        return self._prefix[1]

    def _judge(self, stored: StoredDecision, history: History) -> tuple[Verdict, tuple[bytes, ...]]:
        request = stored.decided.request
        standing = standing_of_request(request, history.at(stored.vector), stored.decided_us)
        is_current = stored.decided.preference_state is PreferenceState.CURRENT
        verdict = judge_event(request, standing, self.registry, stored.decided_us, is_current=is_current)
        return verdict, named_ids(verdict, standing, request.disclosure.mode)

    def _valid_until_us(self, stored: StoredDecision, verdict: Verdict) -> int:
        now_us = stored.decided_us
        if not self._unchanged.holds(now_us):
            self._unchanged = self.registry.unchanged_around(now_us, tuple(self.registry.recipients))
        latest_us = self._unchanged.until_us
        if stored.decided.request.disclosure.mode is Mode.REQUEST:
            latest_us = min(latest_us, verdict.holds.until_us)
        if self._permit_ttl_us is None:
            return min(microseconds(stored.decided.valid_until), latest_us)
        return min(now_us + self._permit_ttl_us, latest_us)
