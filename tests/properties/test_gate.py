"""What must hold of the gate whatever the events: folds, invariants, and the byte path against the codec."""

from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from disclosure_consumers.core.decide import decide
from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.subject.standing import NOBODY, Standing
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_consumers.core.verdict import Verdict
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome, PreferenceKind, SubjectType
from disclosure_schemas.moments import microseconds
from gate_events import DECISIONS, NOW, REQUESTS, World, disclosure, registry
from strategies import COMMON_REQUESTS, EVENTS

KEYS = [UUID(int=n) for n in range(1, 6)]
TYPE_OF = dict(zip(KEYS, [SubjectType.ACCOUNT, SubjectType.ACCOUNT, SubjectType.DEVICE, SubjectType.PROFILE,
                          SubjectType.HOUSEHOLD], strict=True))  # fmt: skip
HOURS = st.integers(0, 12).map(lambda hour: datetime(2026, 4, 1, hour, tzinfo=UTC))


def among_few(event: Any, key: UUID, other: UUID, at: datetime) -> Any:
    """Move an event to one of a few subjects and moments, so that events meet."""
    fields: dict[str, Any] = {"subject_key": key, "occurred_at": at, "subject_type": TYPE_OF[key]}
    if isinstance(event, IdentityLinked):
        fields |= {"other_subject_key": other, "other_subject_type": TYPE_OF[other]}
    elif event.account_key is not None:
        fields["account_key"] = KEYS[0]
    return event.model_copy(update=fields)


def control_events() -> SearchStrategy[list[PreferenceRecorded | IdentityLinked]]:
    """Preferences and links among five subjects within a day."""
    any_event = EVENTS[PreferenceRecorded] | EVENTS[IdentityLinked]
    keys = st.sampled_from(KEYS)
    return st.lists(st.builds(among_few, any_event, keys, keys, HOURS), max_size=12)


def fold(events: list[PreferenceRecorded | IdentityLinked]) -> Subjects:
    """Apply events in this order."""
    subjects = Subjects()
    for event in events:
        if isinstance(event, PreferenceRecorded):
            subjects.apply_preference(event)
        else:
            subjects.apply_link(event)
    return subjects


def standings(subjects: Subjects) -> list[Standing]:
    """Everybody's standing, with all there is in it."""
    return [subjects.standing(key.bytes) for key in KEYS]


@given(control_events(), st.randoms(use_true_random=False))
def test_the_fold_does_not_depend_on_order_or_repetition(
    events: list[PreferenceRecorded | IdentityLinked], random: Random
) -> None:
    """Whatever the order of arrival, and however often each arrives, everybody's standing is the same."""
    shuffled = [*events, *random.choices(events, k=3)] if events else []
    random.shuffle(shuffled)

    assert len(fold(shuffled)) == len(fold(events))
    assert standings(fold(shuffled)) == standings(fold(events))


REGISTRY = registry("massmutual_workforce_2022")
ASKED = Occurrence(at_us=microseconds(NOW), emitted_us=microseconds(NOW))


def disclosures() -> SearchStrategy[Any]:
    """Disclosures of known words, so that most reach the later steps."""
    return st.builds(
        disclosure,
        mode=st.sampled_from([Mode.REQUEST, Mode.REPORT]),
        kind=st.sampled_from([kind for kind in Kind if kind is not Kind.UNKNOWN]),
        recipient_id=st.sampled_from(sorted(REGISTRY.recipients)),
        purpose=st.sampled_from(sorted(REGISTRY.taxonomy.purposes)),
        items=st.lists(
            st.sampled_from(sorted(REGISTRY.taxonomy.elements)), min_size=1, max_size=3, unique=True
        ),
        cross_context_ads=st.booleans(),
        combines_data=st.booleans(),
    )


PROTECTIVE = [
    PreferenceKind.OPT_OUT,
    PreferenceKind.LIMIT_SENSITIVE,
    PreferenceKind.DELETE,
    PreferenceKind.DELETION_COMPLETED,
    PreferenceKind.DROP_MATCH,
    PreferenceKind.UNKNOWN,
]


def protections() -> SearchStrategy[PreferenceRecorded]:
    """A preference that protects, of any form, about one of the five subjects."""
    kinds, keys = st.sampled_from(PROTECTIVE), st.sampled_from(KEYS)
    anything = st.builds(among_few, EVENTS[PreferenceRecorded], keys, keys, HOURS)
    return st.builds(lambda event, kind: event.model_copy(update={"kind": kind}), anything, kinds)


def goes(verdict: Verdict) -> list[bool]:
    """Of each item, whether it may go; none may of what is sent back unread."""
    return [item.outcome in {Outcome.PERMIT, Outcome.OUT_OF_SCOPE} for item in verdict.item_verdicts]


@given(disclosures(), control_events(), protections(), st.sampled_from(KEYS))
def test_more_protections_never_permit_what_was_stopped(
    what: Any, events: list[PreferenceRecorded | IdentityLinked], more: PreferenceRecorded, key: UUID
) -> None:
    """One more protection, wherever it is made, lets no item go that was stopped (invariant 1)."""
    before = decide(what, ASKED, fold(events).standing(key.bytes), REGISTRY)
    after = decide(what, ASKED, fold([*events, more]).standing(key.bytes), REGISTRY)

    assert all(was or not may for was, may in zip(goes(before), goes(after), strict=True))


@given(disclosures(), control_events(), st.sampled_from(KEYS))
def test_ordinary_services_do_not_depend_on_opt_outs(
    what: Any, events: list[PreferenceRecorded | IdentityLinked], key: UUID
) -> None:
    """Data for a business purpose to a service provider goes whatever was opted out of (invariant 3)."""
    unprotected = decide(what, ASKED, NOBODY, REGISTRY)

    if unprotected.kind is Kind.BUSINESS_PURPOSE and not what.combines_data:
        protected = decide(what, ASKED, fold(events).standing(key.bytes), REGISTRY)
        assert (protected.outcome, protected.reason) == (unprotected.outcome, unprotected.reason)


def about_few(event: DisclosureRequested, what: Any, key: UUID) -> DisclosureRequested:
    """A request about one of the few subjects, with content of known words."""
    return event.model_copy(update={"disclosure": what, "subject_key": key})


MEETING_REQUESTS = st.builds(about_few, COMMON_REQUESTS, disclosures(), st.sampled_from(KEYS))


assert settings.default is not None
# A gate for each example takes its time: half as many of them do.
HALF_AS_OFTEN = settings(max_examples=max(1, settings().max_examples // 2))


@HALF_AS_OFTEN
@given(COMMON_REQUESTS | MEETING_REQUESTS, control_events())
def test_the_byte_path_decides_what_the_core_decides(
    event: DisclosureRequested, events: list[PreferenceRecorded | IdentityLinked]
) -> None:
    """An event decided without being decoded gets the core's answer for its decoded form."""
    world = World()
    for control_event in events:
        if isinstance(control_event, PreferenceRecorded):
            world.prefer(control_event)
        else:
            world.link(control_event)
    world.ask(event)
    world.ask(event)

    world.gate().step()

    at = NOW if event.disclosure.mode is Mode.REQUEST else event.occurred_at
    expected = decide(
        event.disclosure,
        Occurrence(at_us=microseconds(at), emitted_us=microseconds(event.emitted_at)),
        fold(events).standing(event.subject_key.bytes),
        registry("neutral"),
    )
    first, second = world.decisions()
    assert first.request == second.request == event
    for decision in (first, second):
        assert (decision.outcome, decision.reason, decision.kind, decision.flags) == (
            expected.outcome,
            expected.reason,
            expected.kind,
            expected.flags,
        )
        assert tuple(i.bytes for i in decision.preference_event_ids) == expected.stopped_by


@HALF_AS_OFTEN
@given(st.lists(st.tuples(st.none() | st.binary(max_size=20), st.binary(max_size=200)), max_size=5))
def test_any_bytes_become_exactly_one_record(records: list[tuple[bytes | None, bytes]]) -> None:
    """Whatever bytes arrive, each is answered by one decision or one dead letter (G3)."""
    world = World()
    for key, value in records:
        world.log.append(REQUESTS, 0, key, value)

    world.gate().step()

    letters = world.dead_letters()
    assert len(letters) + len(world.log.records(DECISIONS)) == len(records)
    assert [(letter.key, letter.value) for letter in letters] == records
