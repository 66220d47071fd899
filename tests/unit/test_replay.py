"""Replay and what-if over a log in memory: what is compared, what is told apart, and how it is said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from disclosure_consumers.core.telling.findings import Finding
from disclosure_consumers.core.verdict import RULE_VERSION
from disclosure_consumers.registry_files import example_registry, load_registry
from disclosure_consumers.replay.changes import Effect, effect_of
from disclosure_consumers.replay.comparing import BYTES, Comparison
from disclosure_consumers.replay.run import LISTED_MAX, ReplayResult, listed_lines
from disclosure_consumers.replay.session import Window
from disclosure_schemas.events.vocabulary import Kind, Outcome, PreferenceKind
from disclosure_schemas.moments import microseconds
from gate_events import (
    DECIDED_CODEC,
    DECISIONS,
    NOW,
    PREFERENCES,
    World,
    disclosure,
    preference,
    registry,
    request,
)
from replay_doubles import replay, session_of, tried

ALICE, BOB = UUID(int=11), UUID(int=12)
NEUTRAL = registry("neutral")
SERVICE = disclosure(kind=Kind.BUSINESS_PURPOSE, recipient_id="parcelmoor", purpose="provide_services")


def decided_world() -> World:
    """Alice's sale is decided, she opts out; an hour later her sale, her service and Bob's sale are."""
    world = World()
    gate = world.gate()
    world.ask(request(ALICE))
    gate.step()
    world.prefer(preference(ALICE, PreferenceKind.OPT_OUT))
    for event in (request(ALICE), request(ALICE, SERVICE), request(BOB)):
        world.ask(event)
    world.now = NOW + timedelta(hours=1)
    gate.step()
    return world


def tamper(world: World, number: int, **changes: Any) -> None:
    """Make one decision of the log read otherwise."""
    records = world.log.partitions[DECISIONS, 0]
    decided = DECIDED_CODEC.decode(records[number].value() or b"").model_copy(update=changes)
    records[number] = replace(records[number], value_bytes=DECIDED_CODEC.encode(decided))


def counts(result: ReplayResult) -> dict[str, int]:
    """How many of each, those of which there are none left out."""
    return {comparison.value: count for comparison, count in result.counts.items() if count}


def test_every_decision_is_made_again_with_the_state_of_its_moment() -> None:
    """Decisions before and after an opt-out are identical: each is replayed with what was known then."""
    world = decided_world()

    result = replay(world.log, NEUTRAL)

    assert [d.outcome for d in world.decisions()] == ["permit", "suppress", "permit", "permit"]
    assert (counts(result), result.is_reproduced) == ({"identical": 4}, True)
    assert list(result.lines()) == ["4 decisions replayed, 4 identical, 0 different"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"reason": "opted_out_of_sharing"}, {"reason": ("opted_out_of_sharing", "opted_out_of_sale")}),
        ({"flags": ("advisory",)}, {"flags": (["advisory"], [])}),
        ({"recipient_name": None}, {"recipient_name": (None, "Harborlight Data Exchange")}),
        (
            {"outcome": Outcome.PERMIT, "notice_id": "other"},
            {"outcome": ("permit", "suppress"), "notice_id": ("other", "neutral")},
        ),
        ({"preference_event_ids": ()}, {"preference_event_ids": ([], ["her opt-out"])}),
    ],
    ids=[",".join(c) for c in (["reason"], ["flags"], ["name"], ["outcome", "notice"], ["ids"])],
)
def test_what_comes_out_otherwise_is_told_field_by_field(
    changes: dict[str, Any], expected: dict[str, tuple[Any, Any]]
) -> None:
    """One decision that was altered is found, with the fields that differ and both of their values."""
    world = decided_world()
    (opt_out,) = world.decisions()[1].preference_event_ids
    tamper(world, 1, **changes)
    result = replay(world.log, NEUTRAL)

    assert (counts(result), result.is_reproduced) == ({"identical": 3, "different": 1}, False)
    (compared,) = result.listed
    got = {found.field: (found.stored, found.replayed) for found in compared.differences}
    assert str(got).replace(str(opt_out), "her opt-out") == str(expected)
    assert compared.event_id == str(world.decisions()[1].request.event_id)
    assert (compared.partition, compared.offset) == (0, 1)
    lines = list(listed_lines(compared))
    assert lines[0] == f"DIFFERENT {compared.event_id} (partition 0, offset 1)"
    assert len(lines) == 1 + len(expected)
    assert list(result.lines()) == ["4 decisions replayed, 3 identical, 1 different"]


def test_a_decision_about_linked_keys_is_made_again_as_of_its_moment() -> None:
    """An opt-out of a key that the emitter links arrives with the event, later than the own opt-in."""
    world = World()
    world.prefer(preference(BOB, PreferenceKind.OPT_OUT))
    for kind, minutes in ((PreferenceKind.OPT_IN_REQUESTED, 30), (PreferenceKind.OPT_IN_CONFIRMED, 20)):
        world.prefer(preference(ALICE, kind, occurred_at=NOW - timedelta(minutes=minutes)))
    world.ask(request(ALICE, linked_subject_keys=(BOB,)))
    world.gate().step()

    assert [d.reason for d in world.decisions()] == ["linked_profile"]
    assert counts(replay(world.log, NEUTRAL)) == {"identical": 1}


def test_bytes_that_mean_the_same_and_are_others_differ() -> None:
    """A record whose fields are alike, but not written as the gate writes them, is not identical."""
    world = decided_world()
    records = world.log.partitions[DECISIONS, 0]
    value = records[0].value() or b""
    # An Avro array may come in blocks with their size: one negative count, the bytes, then the elements.
    offsets = b"\x02\x00\x00"  # the first decision's preference_offsets: one element, 0
    at = value.index(offsets)
    longer = value[:at] + b"\x01\x02\x00\x00" + value[at + len(offsets) :]
    assert DECIDED_CODEC.decode(longer) == DECIDED_CODEC.decode(value)
    records[0] = replace(records[0], value_bytes=longer)

    (compared,) = replay(world.log, NEUTRAL).listed

    assert [difference.field for difference in compared.differences] == [BYTES]


def test_decisions_of_another_registry_or_other_rules_are_counted_apart() -> None:
    """What was made by another registry or rule version is neither compared nor passed over in silence."""
    world = decided_world()
    tamper(world, 0, rule_version="1")
    other = registry("massmutual_workforce_2022")

    own, result = replay(world.log, NEUTRAL), replay(world.log, other)

    assert (counts(own), own.is_reproduced) == ({"identical": 3, "other_rules": 1}, True)
    assert (counts(result), result.is_reproduced) == ({"other_rules": 1, "other_registry": 3}, True)
    ours, theirs = NEUTRAL.content_hash.hex()[:12], other.content_hash.hex()[:12]
    of_registry, of_rules, last = result.lines()
    assert of_registry.startswith(
        f"3 decisions were made by the registry {ours}, not by this one ({theirs}), and not compared: "
    )
    assert of_rules.startswith(
        f"1 decision was made by rule version 1, not by {RULE_VERSION}, and not compared: "
    )
    assert last == "0 decisions replayed, 0 identical, 0 different"
    assert result.as_json()["obstacles"]["other_registry"] == {NEUTRAL.content_hash.hex(): 3}


def test_what_was_said_and_deleted_is_in_the_way() -> None:
    """Where the first preferences are gone, decisions made with them are not replayed, others are."""
    world = decided_world()

    result = replay(world.log, NEUTRAL, gone={(PREFERENCES, 0): 1})

    assert (counts(result), result.is_reproduced) == ({"identical": 1, "no_history": 3}, False)
    assert next(result.lines()) == (
        f"3 decisions were not replayed, for {PREFERENCES}, partition 0, begins at offset 1: what was said "
        "before it has been deleted"
    )


@pytest.mark.parametrize(
    ("offsets", "expected"),
    [
        ({"preference_offsets": (900,)}, "ends at offset 1, before the offset of the decision"),
        ({"identity_offsets": (0, 3)}, "made anew with fewer partitions"),
    ],
)
def test_a_topic_that_was_made_anew_is_in_the_way(offsets: dict[str, Any], expected: str) -> None:
    """A decision made further on than the control topic reaches cannot be gone back to, and that is said."""
    world = decided_world()
    tamper(world, 1, **offsets)

    result = replay(world.log, NEUTRAL)

    assert counts(result) == {"identical": 3, "no_history": 1}
    assert expected in next(result.lines())


def test_a_record_that_is_no_decision_is_listed() -> None:
    """Garbage on disclosures.decided is told with its place, and the replay has failed."""
    world = decided_world()
    world.log.append(DECISIONS, 1, ALICE.bytes, b"garbage")

    result = replay(world.log, NEUTRAL)

    assert (counts(result), result.is_reproduced) == ({"identical": 4, "unreadable": 1}, False)
    assert next(listed_lines(result.listed[0])).startswith("UNREADABLE partition 1, offset 0: ")


def test_only_so_many_are_listed_and_all_are_counted() -> None:
    """A log in which much differs does not fill the memory: the list ends, the count does not."""
    world = World()
    for _ in range(LISTED_MAX + 5):
        world.log.append(DECISIONS, 0, ALICE.bytes, b"garbage")

    result = replay(world.log, NEUTRAL)

    assert len(result.listed) == LISTED_MAX
    assert next(result.lines()) == "and 5 more that are not listed"
    assert result.as_json()["unreadable"] == LISTED_MAX + 5


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window(), 4),
        (Window(limit=3), 3),
        (Window(since_us=microseconds(NOW)), 4),
        (Window(since_us=microseconds(NOW) + 1), 3),
        (Window(until_us=microseconds(NOW) + 1), 1),
        (Window(until_us=microseconds(NOW)), 0),
        (Window(since_us=microseconds(NOW) + 1, limit=1), 1),
    ],
)
def test_a_window_chooses_decisions_by_their_moments(window: Window, expected: int) -> None:
    """From the first moment on, before the last, and no more than the limit."""
    assert counts(replay(decided_world().log, NEUTRAL, window)) == (
        {"identical": expected} if expected else {}
    )


ENDS = datetime(2026, 4, 1, 7, 0, tzinfo=UTC)
"""Midnight in California after the last day of Summerfade's contract."""


def world_before_the_end() -> World:
    """One decision a minute before a contract ends, and one a day before."""
    world = World()
    gate = world.gate()
    share = disclosure(kind=Kind.SHARE, recipient_id="summerfade", items=("network_activity",))
    for moment in (ENDS - timedelta(days=1), ENDS - timedelta(minutes=1)):
        world.now = moment
        world.ask(request(ALICE, share))
        gate.step()
    return world


def test_an_answer_that_outlives_a_contract_differs() -> None:
    """However the gate was set, no decision stands as an answer when the contract it rests on has ended."""
    world = world_before_the_end()
    assert [d.valid_until for d in world.decisions()] == [ENDS - timedelta(days=1, minutes=-5), ENDS]

    assert counts(replay(world.log, NEUTRAL)) == {"identical": 2}
    tamper(world, 1, valid_until=ENDS + timedelta(minutes=1))
    (compared,) = replay(world.log, NEUTRAL).listed
    assert [(found.field, found.replayed) for found in compared.differences] == [
        ("valid_until", ENDS.isoformat())
    ]


@pytest.mark.parametrize(
    ("permit_ttl_s", "expected"), [(300, {"identical": 2}), (301, {"identical": 1, "different": 1})]
)
def test_a_validity_that_is_given_is_held_against_each_decision(
    permit_ttl_s: int, expected: dict[str, int]
) -> None:
    """Told how long answers stood, replay wants just that, less what the end of a contract takes away."""
    log = world_before_the_end().log

    assert counts(replay(log, NEUTRAL, permit_ttl_us=permit_ttl_s * 1_000_000)) == expected


def test_the_log_says_where_it_begins() -> None:
    """Decisions that the broker has deleted are no error; where the log begins is known."""
    world = decided_world()
    gone = {(DECISIONS, 0): 2}

    assert counts(replay(world.log, NEUTRAL, gone=gone)) == {"identical": 2}
    assert session_of(world.log, gone).open(NEUTRAL.policy).first_offsets == {0: 2}


def test_what_if_counts_what_changes_by_recipient_category_and_reason() -> None:
    """Under a notice that sells no customer records, only the item of that category changes."""
    world = World()
    both = disclosure(items=("customer_records", "identifiers.email"))
    events = [request(subject, both) for subject in (ALICE, BOB)] + [request(BOB)]
    for event in events:
        world.ask(event)
    world.gate().step()

    result = tried(world.log, registry("massmutual_workforce_2022"))

    assert dict(result.effects) == {Effect.STOPPED: 2, Effect.UNCHANGED: 1}
    assert list(result.rows()) == [
        (
            *("harborlight", "customer_records"),
            *("permit", "sale", "not_opted_out"),
            *("reject", "sale", "undeclared_kind"),
            2,
            f"{events[0].event_id} {events[1].event_id}",
        )
    ]
    assert list(result.lines())[1:] == [
        "2 would have been stopped",
        "0 would have been permitted",
        "0 would have come out the same way, but as another kind or for another reason",
        "1 unchanged",
    ]


def test_what_if_tells_what_it_cannot_tell() -> None:
    """Decisions of other rules are decided again and named; what cannot be read or gone back to is apart."""
    world = decided_world()
    tamper(world, 0, rule_version="1")
    tamper(world, 1, preference_offsets=(900,))
    world.log.append(DECISIONS, 1, ALICE.bytes, b"garbage")

    result = tried(world.log, NEUTRAL)

    assert (result.decisions, dict(result.other_rules)) == (3, {"1": 1})
    assert {comparison: sum(why.values()) for comparison, why in result.apart.items()} == {
        Comparison.NO_HISTORY: 1,
        Comparison.UNREADABLE: 1,
    }
    text = "\n".join(result.lines())
    assert "1 of the decisions were made by rule version 1" in text
    assert "not decided again (unreadable)" in text
    assert "not decided again (no history)" in text


def test_examples_of_a_change_are_few() -> None:
    """A change names three events at most, however often it is met."""
    world = World()
    for _ in range(7):
        world.ask(request(ALICE, disclosure(items=("customer_records",))))
    world.gate().step()

    (row,) = tried(world.log, registry("massmutual_workforce_2022")).rows()

    assert (row[-2], len(row[-1].split())) == (7, 3)


PERMIT = Finding(Outcome.PERMIT, Kind.SALE, "not_opted_out")
EXEMPT = Finding(Outcome.OUT_OF_SCOPE, Kind.SALE, "exempt_public")
STOPPED = Finding(Outcome.SUPPRESS, Kind.SALE, "opted_out_of_sale")
NOTIFIED = Finding(Outcome.NOTIFY, Kind.SALE, "opted_out_of_sale")
VIOLATED = Finding(Outcome.VIOLATION, Kind.SALE, "opted_out_of_sale")


@pytest.mark.parametrize(
    ("was", "would_be", "expected"),
    [
        ([PERMIT, STOPPED], [PERMIT, STOPPED], Effect.UNCHANGED),
        ([PERMIT, PERMIT], [PERMIT, STOPPED], Effect.STOPPED),
        ([STOPPED, PERMIT], [EXEMPT, PERMIT], Effect.PERMITTED),
        ([STOPPED, PERMIT], [PERMIT, STOPPED], Effect.BOTH),
        ([PERMIT], [EXEMPT], Effect.OTHERWISE),
        ([NOTIFIED], [VIOLATED], Effect.OTHERWISE),
        ([PERMIT], [PERMIT._replace(kind=Kind.SHARE)], Effect.OTHERWISE),
        ([PERMIT], [VIOLATED], Effect.STOPPED),
    ],
)
def test_the_effect_of_a_change_is_what_becomes_of_the_items(
    was: list[Finding], would_be: list[Finding], expected: Effect
) -> None:
    """Whether items stop going, begin to, do both, or only change their reason, kind or judgement."""
    assert effect_of(was, would_be) is expected


def test_another_setting_changes_what_it_is_about() -> None:
    """What-if obeys the settings of the registry tried, also those that decide how far an opt-out travels."""
    world = World()
    world.prefer(preference(ALICE, PreferenceKind.COOKIE_REJECT))
    world.ask(request(ALICE, disclosure(channel="cookie")))
    world.gate().step()
    lenient = load_registry(example_registry(), ["neutral"], {"treat_cookie_reject_as_opt_out": False})

    result = tried(world.log, lenient)

    assert dict(result.effects) == {Effect.PERMITTED: 1}
    assert [(change.was.reason, change.would_be.reason) for change in result.changes] == [
        ("cookie_reject", "not_opted_out")
    ]
