"""The gate's loop on the in-memory double."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from disclosure_consumers.control_tables import ControlTables, StateSeen
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.memory import MemoryControlLog
from disclosure_consumers.ports import Message, StateUnreadableError
from disclosure_consumers.registry_files import example_registry, load_registry
from disclosure_schemas.codec import MAX_EVENT_BYTES
from disclosure_schemas.events.vocabulary import Kind, Mode, PreferenceKind, PreferenceState, SubjectType
from gate_events import (
    DECISIONS,
    IDENTITIES,
    NOW,
    PREFERENCES,
    REQUESTED_CODEC,
    REQUESTS,
    World,
    disclosure,
    link,
    preference,
    registry,
    request,
)

ALICE, BOB = UUID(int=11), UUID(int=12)


def test_every_request_becomes_one_decision_that_embeds_it() -> None:
    """Requests of all partitions are decided once, with coordinates and content intact (G3)."""
    world = World()
    asked = [request(uuid4(), sequence=n) for n in range(5)]
    for number, event in enumerate(asked):
        world.ask(event, partition=number % 2)

    world.gate().step()

    decisions = world.decisions()
    assert sorted(asked, key=lambda r: r.event_id) == sorted(
        (d.request for d in decisions), key=lambda r: r.event_id
    )
    assert {(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)} == {
        (d.request_partition, d.request_offset) for d in decisions
    }
    assert {"permit"} == {d.outcome for d in decisions}


def test_a_preference_acknowledged_before_the_batch_is_obeyed() -> None:
    """What the broker acknowledged before the gate took the request decides it (G1)."""
    world = World()
    gate = world.gate()
    gate.step()
    world.ask(request(ALICE))
    world.prefer(preference(ALICE, PreferenceKind.OPT_OUT))

    gate.step()

    assert [d.outcome for d in world.decisions()] == ["suppress"]


class WithoutBarrier(ControlTables):
    """Control tables that decide with what they happen to have read."""

    def barrier(self, timeout_s: float) -> StateSeen:
        """Skip the barrier."""
        return self._seen(PreferenceState.CURRENT)


def test_without_the_barrier_an_opt_out_leaks() -> None:
    """The test of G1 above can fail: with the barrier taken out the same history permits the sale."""
    world = World()
    control = world.control()
    control.__class__ = WithoutBarrier
    gate = world.gate(control)
    gate.step()
    world.ask(request(ALICE))
    world.prefer(preference(ALICE, PreferenceKind.OPT_OUT))

    gate.step()

    assert [d.outcome for d in world.decisions()] == ["permit"]


def test_a_link_and_an_opt_out_elsewhere_are_obeyed() -> None:
    """An opt-out of the account stops a sale about its device in another partition."""
    world = World()
    laptop = UUID(int=13)
    world.link(link(laptop, ALICE))
    world.prefer(preference(ALICE, PreferenceKind.OPT_OUT))
    world.ask(request(laptop), partition=1)

    world.gate().step()

    (decision,) = world.decisions()
    assert (decision.outcome, decision.reason) == ("suppress", "linked_profile")
    assert len(decision.preference_event_ids) == 1


def test_equal_content_is_decided_for_each_subject_by_its_own_standing() -> None:
    """The cache of answers never lets one subject's standing decide about another."""
    world = World()
    world.prefer(preference(ALICE, PreferenceKind.OPT_OUT))
    for subject in (ALICE, BOB, ALICE, BOB):
        world.ask(request(subject))

    world.gate().step()

    assert [(d.request.subject_key, d.outcome) for d in world.decisions()] == [
        (ALICE, "suppress"),
        (BOB, "permit"),
    ] * 2


def test_an_aborted_transaction_is_taken_again_and_seen_once() -> None:
    """A batch whose transaction is aborted is decided again; its decisions appear once (G2)."""
    world = World()
    world.ask(request(ALICE))
    world.sink.failures = 2
    gate = world.gate()

    reports = [gate.step() for _ in range(4)]

    assert [r.aborted for r in reports if r is not None] == [True, True, False]
    assert len(world.decisions()) == 1


def test_a_restarted_gate_goes_on_where_the_last_one_committed() -> None:
    """Offsets are committed with the decisions, so a successor neither repeats nor skips."""
    world = World()
    for _ in range(3):
        world.ask(request(ALICE))
    world.gate(batch_events=2).step()

    successor = world.gate()
    successor.step()

    assert [d.request_offset for d in world.decisions()] == [0, 1, 2]


POISON = {
    "no bytes": (b"", "malformed"),
    "other bytes": (b"hello, this is no event at all", "malformed"),
    "unknown fingerprint": (b"\xc3\x01" + bytes(8) + bytes(100), "unknown_schema"),
    "registry id without a registry": (b"\x00\x00\x00\x00\x07" + bytes(100), "unknown_schema"),
    "oversized": (REQUESTED_CODEC.header + b"x" * MAX_EVENT_BYTES, "oversized"),
}


@pytest.mark.parametrize(("value", "cause"), POISON.values(), ids=POISON.keys())
def test_what_cannot_be_read_becomes_a_dead_letter(value: bytes, cause: str) -> None:
    """A poison record is set aside with its bytes, coordinates and cause; its neighbours are decided."""
    world = World()
    world.ask(request(ALICE))
    world.log.append(REQUESTS, 0, ALICE.bytes, value)
    world.ask(request(BOB))

    world.gate().step()

    (letter,) = world.dead_letters()
    assert (cause, value, ALICE.bytes, 0, 1) == (
        letter.cause,
        letter.value,
        letter.key,
        letter.partition,
        letter.offset,
    )
    assert [d.request.subject_key for d in world.decisions()] == [ALICE, BOB]


@pytest.mark.parametrize("cut", [-1, -20, 60, 11])
def test_a_truncated_event_becomes_a_dead_letter(cut: int) -> None:
    """Truncation anywhere is found, never decided."""
    world = World()
    world.log.append(REQUESTS, 0, ALICE.bytes, REQUESTED_CODEC.encode(request(ALICE))[:cut])

    world.gate().step()

    assert [letter.cause for letter in world.dead_letters()] == ["malformed"]
    assert not world.decisions()


def test_trailing_bytes_become_a_dead_letter() -> None:
    """Bytes left over after the event mean that its header lies."""
    world = World()
    world.log.append(REQUESTS, 0, ALICE.bytes, REQUESTED_CODEC.encode(request(ALICE)) + b"!")

    world.gate().step()

    assert [letter.cause for letter in world.dead_letters()] == ["trailing_bytes"]


@pytest.mark.parametrize("key", [None, b"", b"alice@example.com", BOB.bytes])
def test_an_event_under_another_key_becomes_a_dead_letter(key: bytes | None) -> None:
    """Order and partition of a subject's events hang on the key, so a wrong one is not decided."""
    world = World()
    world.log.append(REQUESTS, 0, key, REQUESTED_CODEC.encode(request(ALICE)))

    world.gate().step()

    assert [letter.cause for letter in world.dead_letters()] == ["bad_key"]


def test_an_event_with_references_is_decided_like_one_without() -> None:
    """An event that is not of the common byte form takes the codec's path to the same answer."""
    world = World()
    world.ask(request(ALICE, transaction_id="t-1", linked_subject_keys=(BOB,), collected_at=NOW))
    world.ask(request(ALICE))

    world.gate().step()

    first, second = world.decisions()
    assert (first.outcome, first.reason) == (second.outcome, second.reason)
    assert first.request.transaction_id == "t-1"


def test_a_report_is_judged_as_of_when_it_happened() -> None:
    """A report from before the opt-out is permitted, one from after it is not; requests go by now."""
    world = World()
    world.prefer(preference(ALICE, PreferenceKind.OPT_OUT))
    report = disclosure(mode=Mode.REPORT)
    before, after = NOW.replace(hour=12), NOW.replace(hour=15, minute=30)
    for occurred_at in (before, after, before):
        world.ask(request(ALICE, report, occurred_at=occurred_at))

    world.gate().step()

    assert [d.outcome for d in world.decisions()] == ["permit", "notify", "permit"]


def test_a_report_emitted_before_it_happened_is_malformed() -> None:
    """A cached answer for the same content does not hide a report from the future."""
    world = World()
    report = disclosure(mode=Mode.REPORT)
    world.ask(request(ALICE, report))
    world.ask(request(ALICE, report, occurred_at=NOW.replace(hour=20)))
    world.ask(request(ALICE, report))

    world.gate().step()

    assert [d.outcome for d in world.decisions()] == ["permit", "reject", "permit"]


class Unreachable(MemoryControlLog):
    """A broker that does not tell where the control topics end."""

    def end_offsets(self) -> Mapping[tuple[str, int], int]:
        """Fail."""
        raise StateUnreadableError("asked for by the test")


class Stuck(MemoryControlLog):
    """Control topics that end beyond what can be read, as behind an open transaction."""

    def end_offsets(self) -> Mapping[tuple[str, int], int]:
        """Ends one further than can be read."""
        return {where: end + 1 for where, end in super().end_offsets().items()}

    def read(self, wait_s: float) -> Sequence[Message]:
        """Nothing to read."""
        return []


@pytest.mark.parametrize(
    ("broken", "state"), [(Unreachable, PreferenceState.UNAVAILABLE), (Stuck, PreferenceState.STALE)]
)
def test_without_a_current_state_the_gate_fails_closed(
    broken: type[MemoryControlLog], state: PreferenceState
) -> None:
    """A sale is suppressed and a service goes on when the state cannot be brought up to date (G4)."""
    world = World()
    world.control_log = broken(world.log, ["preferences", "identities"])
    service = disclosure(kind=Kind.BUSINESS_PURPOSE, recipient_id="parcelmoor", purpose="provide_services")
    world.ask(request(ALICE))
    world.ask(request(ALICE, service))

    world.gate().step()

    assert [("suppress", state), ("permit", state)] == [
        (d.outcome, d.preference_state) for d in world.decisions()
    ]


def test_an_unreadable_preference_protects_its_subject() -> None:
    """A control record nobody can read counts as an opt-out of the subject in its key (G4)."""
    world = World()
    world.log.append("preferences", 0, ALICE.bytes, b"garbage")
    world.ask(request(ALICE))
    world.ask(request(BOB))

    world.gate().step()

    assert [d.reason for d in world.decisions()] == ["signal_unparseable", "not_opted_out"]


def test_a_decision_says_what_it_was_made_with() -> None:
    """Rule version, registry, notice, contract and the offsets of the state are part of the decision (G5)."""
    world = World(published=("massmutual_workforce_2022",))
    world.prefer(preference(BOB, PreferenceKind.OPT_OUT))
    world.ask(request(ALICE))

    world.gate().step()

    (decision,) = world.decisions()
    assert (
        decision.notice_id,
        decision.contract_id,
    ) == ("massmutual_workforce_2022", "harborlight/third_party/2022-01-01")
    assert (decision.preference_offsets, decision.identity_offsets) == ((1,), (0,))
    assert world.decider().registry.content_hash == decision.registry_hash
    assert NOW == decision.decided_at < decision.valid_until


def test_decisions_keep_partition_and_key_of_their_requests() -> None:
    """A decision lies in the partition of its request, under the same key."""
    world = World()
    world.ask(request(ALICE), partition=1)

    world.gate().step()

    (record,) = world.log.records(DECISIONS)
    assert (1, ALICE.bytes) == (record.partition(), record.key())


def test_an_answer_ends_with_the_contract_it_rests_on() -> None:
    """No permit is valid past a contract, and no remembered answer is used on its other side."""
    ends = datetime(2026, 4, 1, 7, 0, tzinfo=UTC)  # midnight in California after the contract's last day
    share = disclosure(kind=Kind.SHARE, recipient_id="summerfade", items=("network_activity",))
    world = World()
    gate = world.gate()
    for moment in (ends - timedelta(minutes=1), ends, ends - timedelta(minutes=1)):
        world.now = moment
        world.ask(request(ALICE, share))
        gate.step()

    decided = world.decisions()

    assert [d.outcome for d in decided] == ["permit", "reject", "permit"]
    assert decided[0].valid_until == ends


def test_a_registry_is_changed_between_two_batches() -> None:
    """Each batch is decided whole by one registry: the one before the change, then the one after (G5)."""
    world = World()
    before, after = registry("neutral"), registry("massmutual_workforce_2022")
    waiting: list[Registry | None] = [None, after]
    gate = world.gate(batch_events=3, new_registry=lambda: waiting.pop(0) if waiting else None)
    for _ in range(6):
        world.ask(request(ALICE, disclosure(items=("customer_records",))))

    gate.step()
    gate.step()

    told = [(d.registry_hash, d.outcome) for d in world.decisions()]
    assert told == [(before.content_hash, "permit")] * 3 + [(after.content_hash, "reject")] * 3


def test_a_changed_setting_is_obeyed_for_subjects_known_before() -> None:
    """Settings that decide what reaches a subject count from the reload on."""
    world = World()
    lenient = load_registry(example_registry(), ("neutral",), {"household_strictest": False})
    waiting: list[Registry | None] = [None, lenient]
    gate = world.gate(new_registry=lambda: waiting.pop(0) if waiting else None)
    world.link(link(BOB, ALICE, other_subject_type=SubjectType.HOUSEHOLD, subject_type=SubjectType.ACCOUNT))
    world.prefer(preference(BOB, PreferenceKind.OPT_OUT))
    for _ in range(2):
        world.ask(request(ALICE))
        gate.step()

    assert [d.reason for d in world.decisions()] == ["household", "not_opted_out"]


def consented(world: World, expires_at: datetime) -> None:
    """An opt-out of Alice's, and a later opt-in in two steps that lapses."""
    world.prefer(preference(ALICE, PreferenceKind.OPT_OUT))
    for minutes, kind in ((50, PreferenceKind.OPT_IN_REQUESTED), (40, PreferenceKind.OPT_IN_CONFIRMED)):
        at = NOW - timedelta(minutes=minutes)
        world.prefer(preference(ALICE, kind, occurred_at=at, expires_at=expires_at))


def test_a_permit_by_consent_expires_with_the_consent() -> None:
    """A permit is an answer no longer than the consent it rests on lasts (G6)."""
    world = World()
    expires_at = NOW + timedelta(seconds=10)
    consented(world, expires_at)
    world.ask(request(ALICE))

    world.gate().step()

    (decision,) = world.decisions()
    assert (decision.reason, decision.valid_until) == ("opt_in_valid", expires_at)


def test_a_remembered_answer_is_not_given_past_its_time() -> None:
    """The same content about the same subject is decided anew once the consent has lapsed."""
    world = World()
    consented(world, NOW + timedelta(seconds=10))
    gate = world.gate()
    for seconds in (0, 20):
        world.now = NOW + timedelta(seconds=seconds)
        world.ask(request(ALICE))
        gate.step()

    assert [d.reason for d in world.decisions()] == ["opt_in_valid", "consent_expired"]


def test_keys_the_sender_names_bring_their_protections_and_no_permissions() -> None:
    """An opt-out of a linked key stops the disclosure; an opt-in of a linked key permits nothing."""
    world = World()
    world.prefer(preference(BOB, PreferenceKind.OPT_OUT))
    consented(world, NOW + timedelta(days=1))
    world.ask(request(ALICE, linked_subject_keys=(BOB,)))
    world.ask(request(BOB, linked_subject_keys=(ALICE,)))

    world.gate().step()

    assert [(d.outcome, d.reason) for d in world.decisions()] == [
        ("suppress", "linked_profile"),
        ("suppress", "opted_out_of_sale"),
    ]


def test_an_event_that_retracts_or_corrects_says_so() -> None:
    """A retraction is decided as retracted, a correction on its own content with a flag (step 2)."""
    world = World()
    happened = request(ALICE, disclosure(mode=Mode.REPORT))
    world.ask(happened)
    corrected = disclosure(mode=Mode.REPORT, recipient_id="copperkite")
    world.ask(request(ALICE, corrected, corrects_event_id=happened.event_id))
    world.ask(request(ALICE, disclosure(mode=Mode.REPORT), retracts_event_id=happened.event_id))

    world.gate().step()

    assert [(d.outcome, d.flags) for d in world.decisions()] == [
        ("permit", ()),
        ("permit", ("corrected",)),
        ("retracted", ()),
    ]


def test_a_report_is_judged_by_what_is_known_even_if_that_is_old() -> None:
    """A report happened already: without a current state it is no violation for that alone (S019)."""
    world = World()
    world.control_log = Unreachable(world.log, [PREFERENCES, IDENTITIES])
    world.ask(request(ALICE, disclosure(mode=Mode.REPORT)))

    world.gate().step()

    (decision,) = world.decisions()
    assert (decision.outcome, decision.preference_state) == ("permit", PreferenceState.UNAVAILABLE)


class Leaderless(MemoryControlLog):
    """A control log whose partitions have no leader at first."""

    turns = 2

    def end_offsets(self) -> Mapping[tuple[str, int], int]:
        if self.turns:
            self.turns -= 1
            raise StateUnreadableError("no leader")
        return super().end_offsets()


def test_a_gate_waits_for_topics_that_were_just_made() -> None:
    """At the start the end of the control topics is asked for again until there is an answer."""
    world = World()
    world.prefer(preference(ALICE, PreferenceKind.OPT_OUT))
    world.control_log = Leaderless(world.log, [PREFERENCES, IDENTITIES])

    assert world.control().restore() == 1
