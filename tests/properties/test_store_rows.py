"""What is recorded comes back: event to row to event, hot and sealed, however often it was sent."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from decision_samples import BEGIN, record, table_of
from disclosure_ledger.store.batch import Batch
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.rows import event_of
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.topics import DECIDED
from strategies import DECISIONS

DISTINCT = st.lists(DECISIONS, max_size=8, unique_by=lambda event: event.request.event_id)


@settings(max_examples=40)
@given(DISTINCT, st.integers(0, 8))
def test_every_event_comes_back_equal(events: list[DisclosureDecided], sealed: int) -> None:
    """Any decision that was recorded, sealed or not, is made again from its row, field by field."""
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder), create=True) as ledger:
        if events[:sealed]:
            record(ledger, events[:sealed])
        ledger.seal()
        if events[sealed:]:
            record(ledger, events[sealed:])
        rows = ledger.rows_of_subject([event.request.subject_key for event in events])
        ledger.seal()
        assert ledger.rows_of_subject([event.request.subject_key for event in events]) == rows
    found = {row.event_id: event_of(row) for row in rows}
    assert len(rows) == len(found)
    assert found == {event.request.event_id: event for event in events}


@settings(max_examples=40)
@given(
    st.lists(DECISIONS, min_size=1, max_size=4, unique_by=lambda event: event.request.event_id),
    st.lists(st.lists(st.integers(0, 3), max_size=5), max_size=5),
    st.booleans(),
)
def test_each_event_is_recorded_once_however_often_it_comes(
    events: list[DisclosureDecided], batches: list[list[int]], seals: bool
) -> None:
    """In any order of batches, sealings and restarts, an event id has one row and the rest are repeats."""
    sent: list[int] = []
    offset = 0
    with tempfile.TemporaryDirectory() as folder:
        for batch in batches:
            numbers = [number % len(events) for number in batch]
            with Ledger.open(Path(folder), create=True) as ledger:
                chosen = [events[number] for number in numbers]
                result = ledger.record_batch(
                    Batch(
                        recorded_at=BEGIN,
                        next_offsets={(DECIDED.name, 0): offset + len(chosen)},
                        decisions=table_of(chosen, offset),
                    )
                )
                offset += len(chosen)
                fresh = set(numbers) - set(sent)
                assert result.recorded == len(fresh)
                assert result.already_recorded == len(numbers) - len(fresh)
                assert result.different_content == 0
                sent += numbers
                if seals:
                    ledger.seal()
        with Ledger.open(Path(folder), create=True) as ledger:
            stats = ledger.stats()
            assert stats.decisions == len(set(sent))
            assert sum(stats.repeats.values()) == len(sent) - len(set(sent))
