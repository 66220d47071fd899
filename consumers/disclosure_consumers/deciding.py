"""Deciding a batch: requests as bytes in, decisions as bytes out.

Events whose content is the same bytes are decided once: the cache maps (content, what stops the subject) to
the encoded answer. The decision embeds the request as the very bytes that came (see
disclosure_schemas.layout), so the usual event is never decoded, and nothing is built for it but its output.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from disclosure_consumers.control_tables import StateSeen
from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.registry import Period, Registry
from disclosure_consumers.core.subject.standing import NOBODY, Standing
from disclosure_consumers.core.subject.subjects import Standings, Subjects
from disclosure_consumers.core.verdict import RULE_VERSION, Verdict
from disclosure_consumers.decision_records import (
    NO_IDS,
    Circumstances,
    DecisionWriter,
    decision_bytes,
    encoded_ids,
    ids_of_its_own,
    judge,
    judge_event,
    standing_of_request,
)
from disclosure_consumers.gate_meter import Tallies, Tally
from disclosure_consumers.ports import Headers, Message, Outgoing
from disclosure_consumers.refusals import refusal
from disclosure_consumers.trace_links import LINKS_MAX, trace_headers
from disclosure_schemas import layout
from disclosure_schemas.codec import MAX_EVENT_BYTES, EventCodec, PartReader
from disclosure_schemas.errors import UndecodableError
from disclosure_schemas.events.dead_letter import DeadLetter
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested
from disclosure_schemas.events.vocabulary import Mode
from disclosure_schemas.framing import SINGLE_OBJECT_HEADER_BYTES, read_frame

CACHE_ENTRIES_MAX = 100_000


class Codecs(NamedTuple):
    """Codecs of what the gate reads and writes."""

    requested: EventCodec[DisclosureRequested]
    decided: EventCodec[DisclosureDecided]
    dead_letter: EventCodec[DeadLetter]


class _Turn(NamedTuple):
    """What all events of one batch share."""

    standings: Standings
    seen: StateSeen
    now_us: int
    valid_until_us: int
    prefix: bytes


class _Answer(NamedTuple):
    """An encoded verdict: the fields from outcome to contract_id.

    `preference_ids`: the encoded ids of what stops it; None where each subject has its own, by `stopped_for`.
    `tally`: counts the decisions of a batch like it.
    """

    encoded: bytes
    preference_ids: bytes | None
    stopped_for: frozenset[Hashable]
    is_request: bool
    holds: Period
    reason: str
    tally: Tally


@dataclass(slots=True)
class Batch:
    """What became of one batch."""

    records: list[Outgoing] = field(default_factory=list)
    next_offsets: dict[int, int] = field(default_factory=dict)
    first_offsets: dict[int, int] = field(default_factory=dict)
    decided: int = 0
    causes: list[str] = field(default_factory=list)
    """Why each dead letter is one."""
    traces: list[Headers] = field(default_factory=list)
    """Trace context of the records that had one, the first of them."""

    @property
    def dead_lettered(self) -> int:
        """How many could not be read."""
        return len(self.causes)


class Decider:
    """Decides batches against one registry; holds nothing of a batch but the cache of answers."""

    def __init__(
        self,
        registry: Registry,
        codecs: Codecs,
        *,
        decided_topic: str,
        dead_letter_topic: str,
        group: str,
        permit_ttl_s: float,
    ) -> None:
        self.registry = registry
        self._codecs = codecs
        self._decided_topic = decided_topic
        self._dead_letter_topic = dead_letter_topic
        self._group = group
        self._permit_ttl_us = round(permit_ttl_s * 1e6)
        self._content = PartReader("DisclosureRequested", "disclosure", Disclosure)
        self._writer = DecisionWriter()
        self._answers: dict[tuple[bytes, object], _Answer] = {}
        self._unchanged = Period(0, 0)  # in which no notice and no contract changes; none known yet
        self._newest_headers: dict[bytes, bool] = {}
        self.tallies = Tallies()

    def obey(self, registry: Registry) -> None:
        """Decide by another registry from the next batch on."""
        self.registry = registry
        self._unchanged = Period(0, 0)
        self._answers.clear()

    def decide(self, messages: Sequence[Message], subjects: Subjects, seen: StateSeen, now_us: int) -> Batch:
        """Decide a batch; every message becomes exactly one record: a decision or a dead letter (G3)."""
        if not self._unchanged.holds(now_us):
            self._unchanged = self.registry.unchanged_around(now_us, tuple(self.registry.recipients))
            self._answers.clear()
        if len(self._answers) > CACHE_ENTRIES_MAX:
            self._answers.clear()
        valid_until_us = min(now_us + self._permit_ttl_us, self._unchanged.until_us)
        prefix = self._batch_prefix(seen, now_us, valid_until_us)
        turn, batch = _Turn(subjects.standings, seen, now_us, valid_until_us, prefix), Batch()
        for message in messages:
            partition, offset = message.partition(), message.offset()
            if partition not in batch.first_offsets:
                batch.first_offsets[partition] = offset
            batch.next_offsets[partition] = offset + 1
            try:
                record = self._decide_one(message, turn)
                batch.decided += 1
            except UndecodableError as error:
                record = self._dead_letter(message, error, now_us)
                batch.causes.append(error.cause)
            headers = message.headers()
            trace = trace_headers(headers) if headers else None
            if trace is not None:
                record = record._replace(headers=trace)
                if len(batch.traces) < LINKS_MAX:
                    batch.traces.append(trace)
            batch.records.append(record)
        return batch

    def _batch_prefix(self, seen: StateSeen, now_us: int, valid_until_us: int) -> bytes:
        return self._codecs.decided.header + self._writer.prefix(
            Circumstances(
                now_us,
                valid_until_us,
                RULE_VERSION,
                self.registry.content_hash,
                seen.freshness,
                seen.preference_offsets,
                seen.identity_offsets,
            )
        )

    def _decide_one(self, message: Message, turn: _Turn) -> Outgoing:
        value, key = message.value() or b"", message.key()
        body = self._body_if_newest(value)
        start = layout.disclosure_start(body)
        if start == 0:
            return self._decide_decoded(message, turn)
        if key != body[layout.SUBJECT_KEY]:
            raise _bad_key(key, body[layout.SUBJECT_KEY])
        content = body[start:]
        standing = turn.standings[key]
        signature = standing.signature
        cache_key = (content, signature if turn.seen.is_current else (signature,))
        answer = self._answers.get(cache_key)
        if answer is None or not _holds(answer, standing, body, turn.now_us):
            if len(value) > MAX_EVENT_BYTES:
                self._codecs.requested.decode(value)  # raises, saying so
            answer = self._answers[cache_key] = self._answer(body, content, standing, turn)
        return self._outgoing(message, turn, answer, standing, body)

    def _body_if_newest(self, value: bytes) -> bytes:
        """Body of a value written with the newest schema; empty for any other value."""
        length = SINGLE_OBJECT_HEADER_BYTES if value[:1] == b"\xc3" else 5
        header = value[:length]
        newest = self._newest_headers.get(header)
        if newest is None:
            newest = self._codecs.requested.is_newest(header)
            if newest:
                self._newest_headers[header] = True
        return value[length:] if newest else b""

    def _answer(self, body: bytes, content: bytes, standing: Standing, turn: _Turn) -> _Answer:
        disclosure = self._content.read(content)
        occurred_us = layout.read_zigzag_varint(body[layout.OCCURRED_AT])
        emitted_us = layout.read_zigzag_varint(body[layout.EMITTED_AT])
        is_request = disclosure.mode is Mode.REQUEST
        at_us = turn.now_us if is_request else occurred_us
        occurrence = Occurrence(at_us=at_us, emitted_us=emitted_us)
        verdict = judge(disclosure, occurrence, standing, self.registry, is_current=turn.seen.is_current)
        return self._encoded(verdict, standing, disclosure)

    def _decide_decoded(self, message: Message, turn: _Turn) -> Outgoing:
        """Decide an event that is not of the common form, or was written with another schema."""
        value = message.value() or b""
        request = self._codecs.requested.decode(value)
        key = message.key()
        if key != request.subject_key.bytes:
            raise _bad_key(key, request.subject_key.bytes)
        standing = standing_of_request(request, turn.standings, turn.now_us)
        verdict = judge_event(request, standing, self.registry, turn.now_us, is_current=turn.seen.is_current)
        header_bytes = read_frame(value).header_bytes
        newest = self._codecs.requested.is_newest(value[:header_bytes])
        body = value[header_bytes:] if newest else self._codecs.requested.encode_body(request)
        return self._outgoing(
            message, turn, self._encoded(verdict, standing, request.disclosure), standing, body
        )

    def _encoded(self, verdict: Verdict, standing: Standing, disclosure: Disclosure) -> _Answer:
        ids = ids_of_its_own(verdict, standing, disclosure.mode)
        return _Answer(
            encoded=self._writer.suffix(verdict),
            preference_ids=None if ids is None else encoded_ids(ids),
            stopped_for=verdict.stopped_for,
            is_request=disclosure.mode is Mode.REQUEST,
            holds=verdict.holds,
            reason=verdict.reason,
            tally=self.tallies.of(verdict, disclosure.mode),
        )

    def _outgoing(
        self, message: Message, turn: _Turn, answer: _Answer, standing: Standing, body: bytes
    ) -> Outgoing:
        answer.tally.count += 1
        partition = message.partition()
        ids = answer.preference_ids
        if ids is None:
            ids = encoded_ids(standing.named(answer.stopped_for)) if answer.stopped_for else NO_IDS
        prefix = turn.prefix
        if answer.holds.until_us < turn.valid_until_us and answer.is_request:
            prefix = self._batch_prefix(turn.seen, turn.now_us, answer.holds.until_us)
        value = decision_bytes(prefix, (partition, message.offset()), ids, answer.encoded, body)
        return Outgoing(self._decided_topic, partition, message.key(), value)

    def _dead_letter(self, message: Message, error: UndecodableError, now_us: int) -> Outgoing:
        letter = refusal(message, error, consumer=self._group, now_us=now_us)
        encoded = self._codecs.dead_letter.encode(letter)
        return Outgoing(self._dead_letter_topic, message.partition(), message.key(), encoded)


def _holds(answer: _Answer, standing: Standing, body: bytes, now_us: int) -> bool:
    """Whether an answer for the same content and signature holds for this event, at its moment."""
    if answer.is_request:
        return not standing.is_timed or answer.holds.holds(now_us)
    occurred_us = layout.read_zigzag_varint(body[layout.OCCURRED_AT])
    emitted_us = layout.read_zigzag_varint(body[layout.EMITTED_AT])
    return (
        standing is NOBODY
        and occurred_us <= emitted_us
        and answer.reason != Reason.MALFORMED
        and answer.holds.holds(occurred_us)
    )


def _bad_key(key: bytes | None, subject_key: bytes) -> UndecodableError:
    got = "no key" if key is None else f"{len(key)} other bytes"
    return UndecodableError(
        f"the Kafka key must be the event's subject key ({len(subject_key)} bytes); got {got}. "
        "A subject's events keep their order only under its key: send with the SDK.",
        cause="bad_key",
    )
