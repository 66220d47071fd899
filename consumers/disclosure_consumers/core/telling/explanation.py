"""The story of one decision as values; moments are in UTC, ids texts, codes beside their words."""

from enum import StrEnum

from disclosure_consumers.core.telling.wording import Wording
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.disclosure import Disclosure
from disclosure_schemas.events.vocabulary import Kind, Outcome, PreferenceKind, PreferenceState, RecipientRole


class Worded(Value):
    """A code in plain words, with the rule behind it."""

    code: str
    sentence: str
    citation: str | None = None


def worded(wording: Wording) -> Worded:
    """Wording as a value."""
    return Worded(code=wording.code, sentence=wording.sentence, citation=wording.citation)


class Relation(StrEnum):
    """What another decision is to the one that is explained."""

    REPEATS = "repeats_it"
    COLLIDES = "has_its_id_and_other_content"
    CORRECTS = "corrects_it"
    RETRACTS = "retracts_it"
    REPORTS = "reports_what_it_asked_for"
    CORRECTED = "is_corrected_by_it"
    RETRACTED = "is_retracted_by_it"
    ASKED = "asked_for_what_it_reports"


class OtherDecision(Value):
    """Another decision that has to do with it; what the ledger does not have of it is None."""

    relation: Relation
    event_id: str
    outcome: str | None = None
    reason: Worded | None = None
    decided_at: Moment | None = None


class NamedPreference(Value):
    """A preference that the decision names; all but id and moment are None where the ledger does not have it.

    `made_at`: the moment in the id.
    """

    event_id: str
    made_at: Moment
    kind: PreferenceKind | None = None
    of: tuple[str, ...] = ()
    channel: str | None = None
    occurred_at: Moment | None = None
    processed_at: Moment | None = None


class Asked(Value):
    """What was asked or reported. `linked_subjects`: other keys the emitter says are the same person's."""

    emitter: str
    occurred_at: Moment
    emitted_at: Moment
    collected_at: Moment | None
    transaction_id: str | None
    linked_subjects: tuple[str, ...]
    disclosure: Disclosure


class RecipientStory(Value):
    """To whom. `rests_on`: what the role rests on, in words."""

    id: str
    name: str | None
    category: str | None
    role: RecipientRole
    rests_on: str


class KindStory(Value):
    """The kind as declared and as found, and why they differ."""

    declared: Kind
    found: Kind
    why: tuple[Worded, ...]


class StepResult(StrEnum):
    """What one step did."""

    PASSED = "did_not_stop_it"
    DECIDED = "decided"
    MAY_HAVE_DECIDED = "may_have_decided"
    NOT_REACHED = "not_reached"
    NOT_RECORDED = "not_recorded"


class StepFinding(Value):
    """Why a step decided some items, and whether they may go."""

    goes: bool
    items: tuple[str, ...]
    reason: Worded


class StepStory(Value):
    """One of the twelve steps: what it asks, what it looked at, what it did; `found` where it decided."""

    number: int
    name: str
    asks: str
    citation: str | None
    looked_at: str
    result: StepResult
    found: tuple[StepFinding, ...] = ()


class ItemStory(Value):
    """What was found of one item; `steps`: the step that decided, several where it cannot be told."""

    item: str
    exemption: str | None
    outcome: Outcome
    kind: Kind
    reason: Worded
    steps: tuple[int, ...]


class Window(Value):
    """The time to comply with one preference, which the law lets pass at most.

    `until`: end of the 15th business day, Monday to Saturday; None for a signal, which leaves no time.
    """

    preference_id: str
    received_at: Moment
    until: Moment | None
    complied_at: Moment | None


class Timing(Value):
    """Whether a report was within the time to comply; `passed`: what had passed by then."""

    said: str
    passed: tuple[Worded, ...]
    windows: tuple[Window, ...]


REQUEST = "request"
"""Kind of a cause that is the request a report follows."""


class Cause(Value):
    """Something that became known after a decision and made another; None where it is not known when.

    `kind`: the kind of the preference, the action of the link, or `request` for an answer that was ignored.
    """

    event_id: str
    kind: str
    occurred_at: Moment | None = None
    recorded_at: Moment | None = None


class Turn(Value):
    """One of several decisions of one report, in their order; the first has no cause."""

    decided_at: Moment
    outcome: Outcome
    reason: Worded
    registry_hash: str
    because: tuple[Cause, ...] = ()


class MadeWith(Value):
    """With what it was decided, and where it is in the log (topic disclosures.decided)."""

    decided_at: Moment
    valid_until: Moment
    rule_version: str
    registry_hash: str
    notice_id: str | None
    contract_id: str | None
    preference_state: PreferenceState
    preference_offsets: tuple[int, ...]
    identity_offsets: tuple[int, ...]
    request_partition: int
    request_offset: int
    decided_partition: int | None = None
    decided_offset: int | None = None


class Explanation(Value):
    """The whole story of one decision; `turns` where a report was decided again, the last is the one told."""

    event_id: str
    subject_key: str
    headline: str
    outcome: Outcome
    reason: Worded
    flags: tuple[Worded, ...]
    asked: Asked
    recipient: RecipientStory
    kind: KindStory
    steps: tuple[StepStory, ...]
    items: tuple[ItemStory, ...]
    preferences: tuple[NamedPreference, ...]
    timing: Timing | None
    made_with: MadeWith
    others: tuple[OtherDecision, ...]
    turns: tuple[Turn, ...] = ()
