"""What a decision is and how it is put together byte by byte, for those who make one and who make it again.

    prefix | request_partition | request_offset | preference_event_ids | suffix | request

The prefix is what a batch shares, the suffix what the verdict says; the request stays the bytes that came.
"""

from typing import NamedTuple, Protocol

from disclosure_consumers.core.decide import Answered, decide
from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.core.steps.amendments import corrected, retraction
from disclosure_consumers.core.subject.standing import Standing, joined
from disclosure_consumers.core.verdict import Verdict
from disclosure_schemas import layout
from disclosure_schemas.codec import PartWriter
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested
from disclosure_schemas.events.vocabulary import Mode, Outcome, PreferenceState
from disclosure_schemas.moments import from_microseconds, microseconds

NO_IDS = layout.zigzag_varint(0)
"""An Avro array without elements."""


class StandingsByKey(Protocol):
    """Standings by subject key, for any key."""

    def __getitem__(self, key: bytes, /) -> Standing:
        """Standing of one subject."""
        ...


class Circumstances(NamedTuple):
    """With what a decision is made, and until when it is an answer; the fields of a prefix, in order."""

    decided_us: int
    valid_until_us: int
    rule_version: str
    registry_hash: bytes
    preference_state: PreferenceState
    preference_offsets: tuple[int, ...]
    identity_offsets: tuple[int, ...]


class DecisionWriter:
    """Writes the parts of a DisclosureDecided."""

    def __init__(self) -> None:
        self._prefix = PartWriter("DisclosureDecided", "decided_at", "identity_offsets")
        self._suffix = PartWriter("DisclosureDecided", "outcome", "contract_id")

    def prefix(self, circumstances: Circumstances) -> bytes:
        """Encode decided_at to identity_offsets."""
        return self._prefix.write(
            {
                "decided_at": from_microseconds(circumstances.decided_us),
                "valid_until": from_microseconds(circumstances.valid_until_us),
                "rule_version": circumstances.rule_version,
                "registry_hash": circumstances.registry_hash,
                "preference_state": circumstances.preference_state,
                "preference_offsets": circumstances.preference_offsets,
                "identity_offsets": circumstances.identity_offsets,
            }
        )

    def suffix(self, verdict: Verdict) -> bytes:
        """Encode outcome to contract_id."""
        return self._suffix.write(
            {
                "outcome": verdict.outcome,
                "kind": verdict.kind,
                "reason": verdict.reason,
                "flags": verdict.flags,
                "items": [
                    {"item": index, "outcome": item.outcome, "kind": item.kind, "reason": item.reason}
                    for index, item in verdict.items
                ],
                "recipient_name": verdict.recipient_name,
                "recipient_category": verdict.recipient_category,
                "recipient_role": verdict.recipient_role,
                "notice_id": verdict.notice_id,
                "contract_id": verdict.contract_id,
            }
        )


def decision_bytes(prefix: bytes, where: tuple[int, int], ids: bytes, suffix: bytes, request: bytes) -> bytes:
    """Join the parts; `where`: partition and offset of the request."""
    partition, offset = where
    coordinates = layout.zigzag_varint(partition) + layout.zigzag_varint(offset)
    return b"".join((prefix, coordinates, ids, suffix, request))


def encoded_ids(event_ids: tuple[bytes, ...]) -> bytes:
    """Avro array of fixed(16)."""
    if not event_ids:
        return NO_IDS
    return b"".join((layout.zigzag_varint(len(event_ids)), *event_ids, NO_IDS))


def ids_of_its_own(verdict: Verdict, standing: Standing, mode: Mode) -> tuple[bytes, ...] | None:
    """Ids of the preferences that stop it; None where what was said counts alone, not when.

    Then all who said the same share the answer, and each names its own: `Standing.named`.
    """
    return verdict.stopped_by if standing.is_timed or mode is not Mode.REQUEST else None


def named_ids(verdict: Verdict, standing: Standing, mode: Mode) -> tuple[bytes, ...]:
    """Ids of the preferences that a decision names."""
    own = ids_of_its_own(verdict, standing, mode)
    return standing.named(verdict.stopped_for) if own is None else own


def occurrence_of(request: DisclosureRequested, now_us: int) -> Occurrence:
    """When: a request is answered as of now, a report judged as of when it happened."""
    collected = request.collected_at
    is_request = request.disclosure.mode is Mode.REQUEST
    return Occurrence(
        at_us=now_us if is_request else microseconds(request.occurred_at),
        emitted_us=microseconds(request.emitted_at),
        collected_us=None if collected is None else microseconds(collected),
        transaction_id=request.transaction_id,
    )


def standing_of_request(request: DisclosureRequested, standings: StandingsByKey, now_us: int) -> Standing:
    """Standing of its subject, with the protections of those the emitter says are the same person."""
    others = [standings[other.bytes] for other in request.linked_subject_keys]
    return joined(standings[request.subject_key.bytes], others, occurrence_of(request, now_us).at_us)


def judge(
    disclosure: Disclosure,
    occurrence: Occurrence,
    standing: Standing,
    registry: Registry,
    *,
    is_current: bool,
    answered: Answered | None = None,
) -> Verdict:
    """Decide what is disclosed; `is_current`: the preferences are known as of the batch.

    `answered`: how the request was answered that a report follows, where that is known.
    """
    # A report has happened already: it is judged by what is known, and can be judged again (S019).
    available = is_current or disclosure.mode is Mode.REPORT
    return decide(disclosure, occurrence, standing, registry, state_available=available, answered=answered)


def judge_event(
    request: DisclosureRequested,
    standing: Standing,
    registry: Registry,
    now_us: int,
    *,
    is_current: bool,
    answered: Answered | None = None,
) -> Verdict:
    """Decide an event with its references: amended where it corrects or retracts another (step 2)."""
    occurrence = occurrence_of(request, now_us)
    verdict = judge(
        request.disclosure, occurrence, standing, registry, is_current=is_current, answered=answered
    )
    if verdict.outcome is Outcome.REJECT or request.disclosure.mode is Mode.REQUEST:
        return verdict  # what cannot be read, or only asks, amends nothing
    if request.retracts_event_id is not None:
        return retraction(verdict)
    return verdict if request.corrects_event_id is None else corrected(verdict)
