"""The casebook: whole scenarios against the reference engine, and what must hold however they arrive."""

from random import Random
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from core_events import KEYS, TYPES
from core_stories import arrival_of, tellings
from core_strategies import PUBLISHED, SETTINGS
from core_world import core_registry, reference_book
from disclosure_consumers.core.casebook.casebook import Case, Casebook, Ruling
from disclosure_consumers.core.registry import Registry
from reference_casebook import Story
from reference_engine import Found
from reference_registry import Said

DISCLOSED = {"permit", "notify", "violation"}


def told(registry: Registry, story: list[Said]) -> tuple[Casebook, list[tuple[Said, Case]]]:
    """A casebook after a story, and its cases as they were told."""
    casebook, cases = Casebook(registry), []
    for said in story:
        case = casebook.receive(arrival_of(said))
        if case is not None:
            cases.append((said, case))
    return casebook, cases


def by_core(ruling: Ruling | None) -> dict[str, Any] | None:
    """What is compared of a ruling."""
    if ruling is None:
        return None
    return {
        "outcome": str(ruling.outcome),
        "reason": str(ruling.reason),
        "kind": str(ruling.kind),
        "flags": set(map(str, ruling.flags)),
        "permit": sorted(map(str, ruling.permitted)),
    }


def by_reference(found: Found | None, items: list[Said]) -> dict[str, Any] | None:
    """The same of the reference engine's."""
    if found is None:
        return None
    return {
        "outcome": found.outcome,
        "reason": found.reason,
        "kind": found.kind,
        "flags": found.flags,
        "permit": sorted(items[place]["item"] for place in found.permit),
    }


def ending(casebook: Casebook) -> dict[str, Any]:
    """What a story ends with besides its decisions."""
    return {
        "notify": casebook.to_be_told(),
        "disclosed_to": {name: casebook.disclosed_to(key.bytes) for name, key in KEYS.items()},
        "drop_status": casebook.drop_status("m1").value,
    }


@given(tellings(), PUBLISHED, SETTINGS)
def test_a_story_ends_as_the_text_says(story: list[Said], published: tuple[str, ...], toggles: Said) -> None:
    """First and last decisions, who must be told, who has the data, the platform's answer: all alike."""
    casebook, cases = told(core_registry(published, toggles), story)
    reference = Story(reference_book(published, toggles), TYPES).tell(story)

    assert len(cases) == len(reference.known.cases)
    for (_, case), expected in zip(cases, reference.known.cases, strict=True):
        last = reference.last(expected)
        event("waiting" if last is None else last.outcome)
        assert by_core(case.first) == by_reference(expected.first, _items(case.first, expected.first))
        assert by_core(casebook.final(case)) == by_reference(last, _items(casebook.final(case), last))
    assert ending(casebook) == {
        "notify": reference.notify(),
        "disclosed_to": {name: reference.disclosed_to(name) for name in KEYS},
        "drop_status": reference.drop_status("m1"),
    }


def _items(ruling: Ruling | None, found: Found | None) -> list[Said]:
    """Items that were decided, for their names; of another content where a correction counts."""
    if ruling is None or found is None or ruling.decided is None:
        return []
    return [{"item": str(item)} for item in ruling.decided.disclosure.items]


@given(
    tellings(asks=False, outages=False, collisions=False),
    PUBLISHED,
    SETTINGS,
    st.randoms(use_true_random=False),
)
def test_order_and_repetition_of_arrival_do_not_matter(
    story: list[Said], published: tuple[str, ...], toggles: Said, random: Random
) -> None:
    """All arrived, reports stand alike in whatever order and however often each came (invariant 2).

    Asks are answered by what had arrived by then, and of two events with one id the first is recorded: these
    two depend on the order. A report that follows an ask depends on that answer.
    """
    again = [*story, *random.choices(story, k=len(story))]
    random.shuffle(again)
    registry = core_registry(published, toggles)

    one, cases = told(registry, story)
    other, repeated = told(registry, again)

    recorded: dict[str, Any] = {}
    for said, case in repeated:
        if case.first is None or case.first.outcome != "duplicate":
            recorded.setdefault(said["name"], by_core(other.final(case)))
    assert recorded == {said["name"]: by_core(one.final(case)) for said, case in cases}
    assert ending(one) == ending(other)


@given(tellings(), PUBLISHED, SETTINGS)
def test_delivered_twice_each_event_counts_once(
    story: list[Said], published: tuple[str, ...], toggles: Said
) -> None:
    """Each event twice in a row changes no decision, and the repeat is a duplicate (legal 7.3.3)."""
    registry = core_registry(published, toggles)

    once, cases = told(registry, story)
    twice, all_cases = told(registry, [said for said in story for _ in range(2)])
    firsts, repeats = all_cases[::2], all_cases[1::2]

    for (_, case), (_, same), (_, repeat) in zip(cases, firsts, repeats, strict=True):
        assert by_core(case.first) == by_core(same.first)
        assert by_core(once.final(case)) == by_core(twice.final(same))
        assert repeat.first is not None
        assert repeat.first.reason in {"already_recorded", "malformed", "id_collision"}
    assert ending(once) == ending(twice)


@given(tellings(), PUBLISHED, SETTINGS)
def test_what_was_disclosed_is_told_and_nothing_else(
    story: list[Said], published: tuple[str, ...], toggles: Said
) -> None:
    """Recipients of reports that stand as permit, notify or violation are named, no others (7.3.7, 7.3.8)."""
    casebook, cases = told(core_registry(published, toggles), story)
    shredded = {said["subject"] for said in story if said["verb"] == "shred"}
    expected: dict[str, set[str]] = {name: set() for name in KEYS}
    name_of = {key: name for name, key in KEYS.items()}
    for said, case in cases:
        last = casebook.final(case)
        if said["verb"] == "ask" or last is None or last.outcome not in DISCLOSED or last.decided is None:
            continue
        name = name_of[last.decided.subject_key]
        if name not in shredded:
            expected[name].add(last.decided.disclosure.recipient_id)
            if "reclassified_step_transaction" in last.flags:
                expected[name].add(str(last.decided.disclosure.onward_recipient_id))

    for name, key in KEYS.items():
        assert casebook.disclosed_to(key.bytes) == expected[name]


@given(tellings(asks=False), PUBLISHED, SETTINGS)
def test_all_who_are_told_have_had_data(story: list[Said], published: tuple[str, ...], toggles: Said) -> None:
    """Nobody is told of an opt-out, a limit or a deletion but recipients of reports that stand."""
    story = [said for said in story if said["verb"] != "shred"]
    casebook, _ = told(core_registry(published, toggles), story)
    named = {recipient for key in KEYS.values() for recipient in casebook.disclosed_to(key.bytes)}

    assert casebook.to_be_told() <= named
