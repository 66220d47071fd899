"""All that has arrived, and what is decided of it: repeats, amendments, first and last decisions.

Steps 1 and 2 of the scenario format and its sections "Time" and "The time to comply" live here; what one
disclosure is worth at one moment is `decide`. A request is answered once, by all that has arrived until then.
A report is decided when it arrives and again with all that arrives later; the last decision stands. Apart
from first decisions and requests nothing depends on the order of arrival, nor on how often an event arrives.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from disclosure_consumers.core.casebook.arrivals import (
    Arrival,
    Correction,
    Retraction,
    Shredded,
    StateStore,
    Unplaceable,
    moment_us,
)
from disclosure_consumers.core.casebook.contracts import ContractEnded, ContractFact, ContractSigned, amended
from disclosure_consumers.core.decide import Answered, decide
from disclosure_consumers.core.drop.matching import DropStatus, drop_status
from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.core.steps.exemptions import EXEMPT
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_consumers.core.verdict import Verdict
from disclosure_schemas.events.disclosure import DisclosureRequested, Item
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome, PreferenceKind
from disclosure_schemas.moments import microseconds


class Ruling(NamedTuple):
    """How a disclosure stands; `verdict` and `decided`, what it was decided on, are None where none was."""

    outcome: Outcome
    kind: Kind
    reason: str
    flags: frozenset[str] = frozenset()
    verdict: Verdict | None = None
    decided: DisclosureRequested | None = None

    @property
    def permitted(self) -> tuple[Item, ...]:
        """Items that may go, or might have gone."""
        if self.verdict is None or self.decided is None:
            return ()
        items = zip(self.decided.disclosure.items, self.verdict.item_verdicts, strict=False)
        return tuple(item for item, verdict in items if verdict.outcome in _GOES)

    @property
    def disclosed(self) -> bool:
        """Whether data has gone, rightly or not, under rules of this engine."""
        return self.outcome in _DISCLOSED


@dataclass(slots=True, eq=False)
class Case:
    """One disclosure as it arrived.

    `first` is its first decision, None for a report that waits for the store. `is_settled`: it is never
    decided again. `before_outage`: how it stood when the store went down.
    """

    event: DisclosureRequested | Unplaceable
    first: Ruling | None = None
    is_settled: bool = False
    before_outage: Ruling | None = None


_GOES = frozenset({Outcome.PERMIT, Outcome.OUT_OF_SCOPE})
_DISCLOSED = frozenset({Outcome.PERMIT, Outcome.NOTIFY, Outcome.VIOLATION})
_TOLD_OF_DELETION = frozenset({Kind.SALE, Kind.SHARE, Kind.BUSINESS_PURPOSE})
"""1798.105(c)(1): buyers, those shared with, service providers and contractors (legal 2.8)."""


class Casebook:
    """Takes in events in the order of arrival and says how every disclosure stands."""

    def __init__(self, registry: Registry) -> None:
        self._registry = self._amended = registry
        self._contracts: list[ContractFact] = []
        self._subjects = Subjects(registry.policy)
        self._now_us: int | None = None
        self._is_readable = True
        self._seen: dict[bytes, DisclosureRequested] = {}
        self._answers: dict[bytes, Ruling] = {}
        self._reports: list[Case] = []
        self._corrections: dict[bytes, dict[bytes, Correction]] = {}
        self._retracted: set[bytes] = set()
        self._shredded: set[bytes] = set()
        self._matched: dict[str, dict[bytes, bool]] = {}

    def receive(self, event: Arrival) -> Case | None:
        """Take in one event; a disclosure gets a case."""
        at_us = moment_us(event)
        if at_us is not None:
            self._now_us = at_us if self._now_us is None else max(self._now_us, at_us)
        if isinstance(event, DisclosureRequested | Unplaceable):
            return self._open(event)
        self._learn(event)
        return None

    def final(self, case: Case) -> Ruling | None:
        """How a case stands now; None for a report that still waits for its first decision."""
        if case.is_settled or isinstance(case.event, Unplaceable):
            return case.first
        if not self._is_readable and case.event.event_id.bytes not in self._retracted:
            return case.before_outage
        return self._rule(case.event)

    def to_be_told(self) -> frozenset[str]:
        """Recipients that must be told of an opt-out, a limit or a deletion."""
        told = set()
        for case, ruling in self._standing():
            if ruling.verdict is None or ruling.decided is None:
                continue
            stopped = ruling.verdict.must_tell and ruling.outcome in {Outcome.NOTIFY, Outcome.VIOLATION}
            if stopped or self._is_deleted(case, ruling):
                told.add(_party(ruling.decided, ruling.verdict))
        return frozenset(told)

    def disclosed_to(self, subject_key: bytes) -> frozenset[str]:
        """Recipients of this subject's data; both of a step transaction; nobody once the key is destroyed."""
        if subject_key in self._shredded:
            return frozenset()
        return frozenset(
            recipient_id
            for _, ruling in self._standing()
            if ruling.decided is not None
            and ruling.disclosed
            and ruling.decided.subject_key.bytes == subject_key
            for recipient_id in _recipients(ruling)
        )

    def drop_status(self, drop_id: str) -> DropStatus:
        """What to answer the state deletion platform about one of its entries (legal 3)."""
        matched = self._matched.get(drop_id, {})
        return drop_status(len(matched), all_exempt=all(matched.values()))

    def _learn(self, event: Arrival) -> None:
        match event:
            case PreferenceRecorded():
                self._subjects.apply_preference(event)
                if event.kind is PreferenceKind.DROP_MATCH and event.drop_id is not None:
                    self._matched.setdefault(event.drop_id, {})[event.subject_key.bytes] = event.all_exempt
            case IdentityLinked():
                self._subjects.apply_link(event)
            case Correction():
                self._corrections.setdefault(event.corrects, {})[event.event_id] = event
            case Retraction():
                self._retracted.add(event.retracts)
            case ContractSigned() | ContractEnded():
                self._contracts.append(event)
                self._amended = amended(self._registry, self._contracts)
            case Shredded():
                self._shredded.add(event.subject_key)
            case StateStore():
                self._switch(readable=event.readable)

    def _switch(self, *, readable: bool) -> None:
        if self._is_readable and not readable:
            for case in self._reports:
                case.before_outage = self.final(case)
        self._is_readable = readable
        for case in self._reports:
            if readable and case.first is None:
                case.first = self.final(case)

    def _open(self, event: DisclosureRequested | Unplaceable) -> Case:
        if isinstance(event, Unplaceable):
            return Case(event, Ruling(Outcome.REJECT, event.kind, Reason.MALFORMED), is_settled=True)
        event_id, kind = event.event_id.bytes, event.disclosure.kind
        decided = self._decide(event, event)
        known = self._seen.get(event_id)
        if decided.reason == Reason.MALFORMED:
            # It was not recorded, so its id is still free for the event as it should have been.
            self._answers.setdefault(event_id, decided)
            return Case(event, decided, is_settled=True)
        if known is not None:
            again = (Outcome.DUPLICATE, kind, Reason.ALREADY_RECORDED)
            other = (Outcome.REJECT, kind, Reason.ID_COLLISION)
            return Case(event, Ruling(*(again if known == event else other)), is_settled=True)
        self._seen[event_id] = event
        if event.disclosure.mode is Mode.REPORT:
            case = Case(event)
            self._reports.append(case)
            case.first = self.final(case)
            return case
        self._answers[event_id] = decided
        return Case(event, decided, is_settled=True)

    def _rule(self, event: DisclosureRequested) -> Ruling:
        """Decide a report with all that has arrived: step 2, then the rest."""
        event_id = event.event_id.bytes
        if event_id in self._retracted:
            return Ruling(Outcome.RETRACTED, event.disclosure.kind, Reason.RETRACTED)
        corrections = self._corrections.get(event_id, {}).values()
        for correction in sorted(corrections, key=lambda c: (c.at_us, c.event_id), reverse=True):
            ruling = self._decide(event, correction.replacement)
            if ruling.reason != Reason.MALFORMED:  # a correction that cannot be read changes nothing
                return ruling._replace(flags=ruling.flags | {Flag.CORRECTED})
        return self._decide(event, event)

    def _decide(self, event: DisclosureRequested, content: DisclosureRequested) -> Ruling:
        """Decide what `content` says as happened when `event` says."""
        at_us = microseconds(event.occurred_at)
        collected = content.collected_at
        is_report = event.disclosure.mode is Mode.REPORT
        answer = None if event.decision_event_id is None else self._answers.get(event.decision_event_id.bytes)
        verdict = decide(
            content.disclosure,
            Occurrence(
                at_us=at_us if is_report or self._now_us is None else self._now_us,
                emitted_us=microseconds(event.emitted_at),
                collected_us=None if collected is None else microseconds(collected),
                transaction_id=content.transaction_id,
            ),
            self._subjects.standing(content.subject_key.bytes),
            self._amended,
            state_available=is_report or self._is_readable,
            answered=None if answer is None else Answered(answer.outcome, frozenset(answer.permitted)),
        )
        flags = frozenset(verdict.flags)
        return Ruling(verdict.outcome, verdict.kind, verdict.reason, flags, verdict, content)

    def _standing(self) -> Iterator[tuple[Case, Ruling]]:
        for case in self._reports:
            ruling = self.final(case)
            if ruling is not None:
                yield case, ruling

    def _is_deleted(self, case: Case, ruling: Ruling) -> bool:
        """Whether a deletion of the subject was completed since this sale, sharing or business purpose."""
        if ruling.decided is None or isinstance(case.event, Unplaceable) or not ruling.disclosed:
            return False
        at_us = microseconds(case.event.occurred_at)
        deletions = self._subjects.standing(ruling.decided.subject_key.bytes).deletions
        return not _TOLD_OF_DELETION.isdisjoint(_kinds(ruling)) and any(
            deletion.completed and at_us <= deletion.reached_us for deletion in deletions
        )


def _kinds(ruling: Ruling) -> frozenset[Kind]:
    """Kinds a report was found to be, item by item; what another law governs is none of ours."""
    items = () if ruling.verdict is None else ruling.verdict.item_verdicts
    found = frozenset(item.kind for item in items if item.step != EXEMPT)
    return found if items else frozenset({ruling.kind})


def _recipients(ruling: Ruling) -> Iterator[str]:
    if ruling.decided is not None and ruling.verdict is not None:
        yield ruling.decided.disclosure.recipient_id
        yield _party(ruling.decided, ruling.verdict)


def _party(decided: DisclosureRequested, verdict: Verdict) -> str:
    """Who counts as the recipient: of a step transaction, the third party behind (1798.190, legal 1.3.6)."""
    recipient_id = decided.disclosure.recipient_id
    if Flag.RECLASSIFIED_STEP_TRANSACTION not in verdict.flags:
        return recipient_id  # whoever it is passed on to did not matter, for instance in the same business
    return verdict.party_id or recipient_id
