"""The balance: G3 holds, or the coordinates that break it are named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit_doubles import Coordinates, HandMadeLedger, ToldBroker, broker_of
from disclosure_ledger.audit import ledger_facts
from disclosure_ledger.audit.facts import Extent, FactsQuestion
from disclosure_ledger.audit.result import AuditResult, audit_from_json, audit_to_json
from disclosure_ledger.audit.run import audit
from disclosure_ledger.audit.spans import Span, spans_of
from disclosure_schemas.topics import DEAD_LETTER, DECIDED, REQUESTED


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[HandMadeLedger]:
    """An empty ledger."""
    with HandMadeLedger(tmp_path) as made:
        yield made


def coordinates(partition: int, *offsets: int) -> list[Coordinates]:
    """Offsets of one partition."""
    return [(partition, offset) for offset in offsets]


def audited(ledger: HandMadeLedger, broker: ToldBroker, **options: object) -> AuditResult:
    """Audit without waiting."""
    return audit(ledger.reader, broker, wait_s=0, **options)  # type: ignore[arg-type]


def test_an_empty_pipeline_is_balanced(ledger: HandMadeLedger) -> None:
    """Nothing requested, nothing decided: zero equals zero."""
    result = audited(ledger, broker_of(ledger, {0: 0, 1: 0}))

    assert result.is_balanced
    assert (
        result.equation()
        == "requested 0 = decided 0 + dead-lettered 0; ledger rows 0 = decisions 0; balanced"
    )


def test_every_request_decided_or_set_aside_is_balanced(ledger: HandMadeLedger) -> None:
    """Decisions, dead letters and repeats together cover every offset, and the equation has their numbers."""
    ledger.decide([*coordinates(0, 0, 1, 3), *coordinates(1, 0)])
    ledger.decide(coordinates(1, 1), repeat_of=0)
    ledger.set_aside(coordinates(0, 2))
    result = audited(ledger, broker_of(ledger, {0: 4, 1: 2}))

    assert result.is_balanced
    assert result.repeats == 1
    assert result.lines()[-1] == (
        "requested 6 = decided 5 + dead-lettered 1; ledger rows 5 = decisions 5; balanced"
    )


def test_a_request_nobody_decided_is_named(ledger: HandMadeLedger) -> None:
    """An offset between decided ones that no row tells of is missing, by partition and offset."""
    ledger.decide([*coordinates(0, 0, 1), *coordinates(1, 0, 2, 3)])
    result = audited(ledger, broker_of(ledger, {0: 2, 1: 4}))

    assert not result.is_balanced
    assert result.missing == {1: spans_of([1])}
    assert "partition 1: 1 (1 in all)" in result.lines()[0]
    assert result.equation().endswith(
        "requested 6 ≠ decided 5 + dead-lettered 0; ledger rows 5 = decisions 5; NOT balanced"
    )


def test_a_request_told_of_twice_is_named(ledger: HandMadeLedger) -> None:
    """Two decisions of one request, or a decision and a dead letter, are named with what they are."""
    ledger.decide(coordinates(0, 0, 1, 1, 2))
    ledger.set_aside(coordinates(0, 2))
    result = audited(ledger, broker_of(ledger, {0: 3}))

    assert not result.is_balanced
    assert [(t.offset, t.decisions, t.dead_letters) for t in result.twice] == [(1, 2, 0), (2, 1, 1)]
    assert "partition 0 offset 2 (1 decisions, 1 dead letters)" in result.lines()[0]


def test_one_missing_and_one_twice_do_not_cancel_out(ledger: HandMadeLedger) -> None:
    """Totals that agree by accident are no balance."""
    ledger.decide(coordinates(0, 0, 0, 2))
    result = audited(ledger, broker_of(ledger, {0: 3}))

    assert result.requests_add_up
    assert not result.is_balanced
    assert result.missing == {0: spans_of([1])}
    assert [t.offset for t in result.twice] == [0]


def test_a_decision_recorded_twice_is_found(ledger: HandMadeLedger) -> None:
    """Two rows of one record of disclosures.decided: ledger rows and decisions differ."""
    ledger.decide(coordinates(0, 0))
    ledger.positions.clear()  # the next row claims the same record
    with pytest.raises(Exception, match="has recorded all"):
        ledger.decide(coordinates(0, 1))
    # The recorder refuses that; only a damaged ledger has it.
    ledger.positions[DECIDED.name, 0] = 1
    with ledger.ledger.cursor() as cursor:
        cursor.execute(
            "INSERT INTO hot_decision_row SELECT * REPLACE (1 AS request_offset) FROM hot_decision_row"
        )
    result = audited(ledger, broker_of(ledger, {0: 2}))

    assert not result.is_balanced
    assert "ledger rows 2 ≠ decisions 1" in result.equation()


def test_offsets_without_a_record_are_no_requests(ledger: HandMadeLedger) -> None:
    """Markers of a transactional emitter are looked up, found empty and not counted as requested."""
    ledger.decide(coordinates(0, 0, 1, 3))
    broker = broker_of(ledger, {0: 5})
    broker.holes = {REQUESTED.name: {0: {2, 4}}}
    result = audited(ledger, broker)

    assert result.is_balanced
    assert (result.requested, result.not_on_broker) == (3, 2)
    assert any("2 offsets hold no record" in line for line in result.lines())


def test_the_last_requests_of_a_partition_are_waiting_not_missing(ledger: HandMadeLedger) -> None:
    """What follows the last decided request may still come; it keeps the audit from balancing."""
    ledger.decide(coordinates(0, 0, 2))
    result = audited(ledger, broker_of(ledger, {0: 5}))

    assert not result.is_balanced
    assert (result.missing, result.waiting) == ({0: spans_of([1])}, {0: spans_of([3, 4])})
    assert "the gate is behind" in result.lines()[1]


def test_everything_waits_while_the_recorder_is_behind(ledger: HandMadeLedger) -> None:
    """With decisions on the broker that the recorder has not read, a gap may be among them."""
    ledger.decide(coordinates(0, 0, 2))
    broker = broker_of(ledger, {0: 3})
    broker.topics[DECIDED.name][0] = Extent(low=0, high=9)
    result = audited(ledger, broker)

    assert (result.missing, result.waiting) == ({}, {0: spans_of([1])})
    assert "the recorder is behind" in result.lines()[0]


def test_markers_at_the_end_do_not_make_the_recorder_late(ledger: HandMadeLedger) -> None:
    """A topic that ends in transaction markers ends where its last record does."""
    ledger.decide(coordinates(0, 0, 2))
    broker = broker_of(ledger, {0: 3})
    broker.topics[DECIDED.name][0] = Extent(low=0, high=3)
    broker.holes = {DECIDED.name: {0: {2}}}
    result = audited(ledger, broker)

    assert not result.recorder_is_behind
    assert result.missing == {0: spans_of([1])}


def test_requests_after_the_audit_began_do_not_count(ledger: HandMadeLedger) -> None:
    """The ledger may know of later requests than those the audit counts, if the broker does too."""
    ledger.decide(coordinates(0, 0, 1, 2, 3))

    class GrowingBroker(ToldBroker):
        """Requests arrive while the audit runs."""

        def extents(self, topic: object) -> dict[int, Extent]:
            now = dict(self.topics[topic.name])  # type: ignore[attr-defined]
            self.topics[REQUESTED.name] = {0: Extent(low=0, high=4)}
            return now

    result = audited(ledger, GrowingBroker(broker_of(ledger, {0: 2}).topics))

    assert result.is_balanced
    assert (result.requested, result.decided, result.decisions) == (2, 2, 2)


def test_a_ledger_of_another_broker_is_found_out(ledger: HandMadeLedger) -> None:
    """Offsets and partitions that the broker does not have are named."""
    ledger.decide([*coordinates(0, 0, 1, 2), *coordinates(5, 0)])
    result = audited(ledger, broker_of(ledger, {0: 2}))

    assert not result.is_balanced
    assert [(b.partition, b.end, b.highest) for b in result.beyond] == [(0, 2, 2), (5, 0, 0)]
    assert "partition 5 ends at offset 0 on the broker" in " ".join(result.lines())


def test_what_the_broker_no_longer_keeps_is_counted_from_the_ledger(ledger: HandMadeLedger) -> None:
    """Offsets below the log start count by their rows; those without a row are said and accuse nobody."""
    ledger.decide(coordinates(0, 0, 2, 3, 4))
    broker = broker_of(ledger, {0: 5})
    broker.topics[REQUESTED.name][0] = Extent(low=3, high=5)
    result = audited(ledger, broker)

    assert result.is_balanced
    assert (result.requested, result.requested_from_ledger, result.gone) == (4, 2, 1)
    assert any("2 requests are older" in line for line in result.lines())
    assert any("nobody can say which" in line for line in result.lines())


def test_dead_letters_of_other_topics_do_not_count(ledger: HandMadeLedger) -> None:
    """A preference that was set aside is no request, at whatever offset it was."""
    ledger.decide(coordinates(0, 0))
    ledger.set_aside(coordinates(0, 0, 1), topic="privacy.preferences")
    result = audited(ledger, broker_of(ledger, {0: 1}))

    assert result.is_balanced
    assert result.dead_lettered == 0


@pytest.mark.parametrize("topic", [DECIDED, DEAD_LETTER])
def test_an_unreadable_record_breaks_the_balance(ledger: HandMadeLedger, topic: object) -> None:
    """A decision or dead letter the recorder could not read is counted and named."""
    ledger.decide(coordinates(0, 0))
    ledger.fail_to_read(topic)  # type: ignore[arg-type]
    result = audited(ledger, broker_of(ledger, {0: 1}))

    assert not result.is_balanced
    assert result.unreadable == 1
    assert any("1 decisions or dead letters could not be read" in line for line in result.lines())


def test_offsets_beyond_the_limit_are_not_looked_up_and_said_to_be_so(ledger: HandMadeLedger) -> None:
    """The number of look-ups is bounded; what was not looked at is never taken for empty."""
    ledger.decide(coordinates(0, 0, 9))
    broker = broker_of(ledger, {0: 10})
    broker.holes = {REQUESTED.name: {0: set(range(1, 9))}}

    few = audited(ledger, broker, verify_limit=3)
    assert not few.is_balanced
    assert (few.not_on_broker, few.not_looked_up) == (3, 5)
    assert "raise --verify-limit" in " ".join(few.lines())
    assert audited(ledger, broker, verify_limit=8).is_balanced


def test_a_long_list_of_runs_is_cut_and_the_rest_counted(
    ledger: HandMadeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many runs are missing, memory stays bounded and nothing is taken for balanced."""
    monkeypatch.setattr(ledger_facts, "MOST_RUNS", 2)
    ledger.decide(coordinates(0, *range(1, 12, 2)))
    result = audited(ledger, broker_of(ledger, {0: 12}))

    assert result.missing == {0: (Span(first=0, last=0), Span(first=2, last=2))}
    assert result.not_looked_up == 4
    assert not result.is_balanced


def test_many_windows_give_the_same_facts_as_one(
    ledger: HandMadeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Topics longer than one bitmap are read in several, with the same result."""
    ledger.decide([*coordinates(0, *range(3, 40, 3)), *coordinates(1, 50, 51, 90)])
    ledger.set_aside(coordinates(0, 5))
    question = FactsQuestion(topic=REQUESTED.name, ends={0: 38, 1: 100, 2: 7})

    whole = ledger.reader.audit_facts(question)
    monkeypatch.setattr(ledger_facts, "WINDOW_OFFSETS", 8)

    assert ledger.reader.audit_facts(question) == whole
    assert [entry.distinct for entry in whole.coverage] == [13, 3, 0]


def test_a_deep_audit_compares_every_decision_on_the_broker(ledger: HandMadeLedger) -> None:
    """With `deep` the records of disclosures.decided are counted on the broker and in the ledger."""
    ledger.decide(coordinates(0, 0, 1, 2))
    broker = broker_of(ledger, {0: 3})

    assert audited(ledger, broker, deep=True).is_balanced

    broker.topics[DECIDED.name][0] = Extent(low=0, high=4)
    result = audited(ledger, broker, deep=True)
    assert not result.is_balanced
    assert any("the broker has 4 decisions, 3 of them" in line for line in result.lines())


def test_a_deep_audit_names_event_ids_recorded_twice_and_counts_number_gaps(ledger: HandMadeLedger) -> None:
    """An event id twice in `decision` breaks the balance; numbers no row has are information."""
    ledger.decide(coordinates(0, 0, 1, 2))
    with ledger.ledger.cursor() as cursor:
        cursor.execute(
            "UPDATE hot_decision_row SET event_id = (SELECT min(event_id) FROM hot_decision), sequence = 5 "
            "WHERE request_offset = 2"
        )
    result = audited(ledger, broker_of(ledger, {0: 3}), deep=True)

    assert result.deep is not None
    assert len(result.deep.event_ids_twice) == 1
    assert result.deep.sequence_gaps == 3
    assert not result.is_balanced
    assert not audited(ledger, broker_of(ledger, {0: 3})).deep


def test_sealed_rows_count_like_others(ledger: HandMadeLedger) -> None:
    """Rows in segment files and rows in the hot file together make the balance."""
    ledger.decide(coordinates(0, 0, 1, 2))
    ledger.ledger.seal()
    ledger.decide(coordinates(0, 3))

    assert audited(ledger, broker_of(ledger, {0: 4}), deep=True).is_balanced


def test_json_reads_back_to_the_same_result(ledger: HandMadeLedger) -> None:
    """Nothing of a result is lost on its way through JSON, and readers need not compute the verdict."""
    ledger.decide(coordinates(0, 0, 0, 3))
    result = audited(ledger, broker_of(ledger, {0: 6}), deep=True)
    data = audit_to_json(result)

    assert audit_from_json(data) == result
    assert (data["schema"], data["is_balanced"]) == ("disclosure-ledger/audit/1", False)
    assert data["missing"] == {"0": [{"first": 1, "last": 2}]}


@st.composite
def pipelines(draw: st.DrawFn) -> tuple[dict[int, int], set[Coordinates], set[Coordinates]]:
    """Ends of some partitions, which of their requests were set aside (others: decided), and markers."""
    ends = draw(st.dictionaries(st.integers(0, 3), st.integers(1, 12), min_size=1, max_size=3))
    every = [(partition, offset) for partition, end in ends.items() for offset in range(end)]
    set_aside = draw(st.sets(st.sampled_from(every)))
    markers = draw(st.sets(st.sampled_from(every))) - set_aside
    return ends, set_aside, markers


@settings(max_examples=25)
@given(pipelines(), st.data())
def test_dropping_or_doubling_any_one_coordinate_names_it(
    tmp_path_factory: pytest.TempPathFactory,
    pipeline: tuple[dict[int, int], set[Coordinates], set[Coordinates]],
    data: st.DataObject,
) -> None:
    """Whatever the pipeline: whole it balances; one request dropped or one told of twice is named."""
    ends, set_aside, markers = pipeline
    every = {(partition, offset) for partition, end in ends.items() for offset in range(end)} - markers
    decided = every - set_aside
    change = data.draw(st.sampled_from(["none", "drop", "double"]) if every else st.just("none"))
    changed = data.draw(st.sampled_from(sorted(every))) if change != "none" else None
    if change == "drop":
        decided, set_aside = decided - {changed}, set_aside - {changed}
    with HandMadeLedger(tmp_path_factory.mktemp("ledger")) as ledger:
        ledger.decide(sorted(decided))
        ledger.set_aside(sorted(set_aside))
        if change == "double":
            ledger.decide([changed])  # type: ignore[list-item]
        broker = broker_of(ledger, ends)
        broker.holes = {REQUESTED.name: {p: {o for q, o in markers if q == p} for p in ends}}
        result = audited(ledger, broker)

    lacking = {
        (p, o)
        for spans in (result.missing, result.waiting)
        for p, runs in spans.items()
        for run in runs
        for o in range(run.first, run.last + 1)
    }
    assert lacking == ({changed} if change == "drop" else set())
    assert [(t.partition, t.offset) for t in result.twice] == ([changed] if change == "double" else [])
    assert result.is_balanced == (change == "none")
    assert result.requested == len(every)
