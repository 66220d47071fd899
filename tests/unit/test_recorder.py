"""The recorder over the in-memory log: what it records, what it survives, when it seals and stops."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from decision_samples import CODEC, decision
from disclosure_ledger.recorder import Recorder, RecorderStep
from disclosure_ledger.recorder_source import PositionGoneError
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.topics import DEAD_LETTER, DECIDED, IDENTITIES, PREFERENCES
from memory_log import MemoryLog, MemorySource, Record
from recorder_samples import CODECS, dead_letter_value, identity_value, preference_value


def decided(numbers: range) -> list[Record]:
    """Records of decisions."""
    events = [decision(number) for number in numbers]
    return [(event.request.subject_key.bytes, CODEC.encode(event)) for event in events]


def recorder(ledger: Ledger, log: MemoryLog, **settings: Any) -> Recorder:
    """A recorder of a log, opened where the ledger says."""
    source = MemorySource(log)
    source.open(ledger.next_offsets(), 0)
    return Recorder(ledger, source, CODECS, LedgerSettings(**settings), lambda: datetime.now(UTC))


def drain(made: Recorder) -> list[RecorderStep]:
    """Steps until nothing is new."""
    steps = []
    while (step := made.step()) is not None and (step.received or step.merged):
        steps.append(step)
    return steps


@pytest.fixture
def log() -> MemoryLog:
    """A log with two partitions a topic."""
    return MemoryLog(partitions=2)


def test_every_topic_is_recorded(tmp_path: Path, log: MemoryLog) -> None:
    """Decisions, preferences, identity links and dead letters become rows with their coordinates."""
    log.transaction(DECIDED.name, 1, decided(range(3)), commit=True)
    log.append(PREFERENCES.name, 0, [(b"k", preference_value(1))])
    log.append(IDENTITIES.name, 1, [(b"k", identity_value(1))])
    log.transaction(DEAD_LETTER.name, 0, [(None, dead_letter_value(77))], commit=True)
    with Ledger.open(tmp_path, create=True) as ledger:
        drain(recorder(ledger, log))
        stats = ledger.stats()
        with ledger.cursor() as cursor:
            letters = "SELECT original_topic, original_offset, cause, topic_offset FROM dead_letter"
            assert cursor.execute(letters).fetchall() == [("disclosures.requested", 77, "malformed", 0)]
            links = "SELECT status, action, topic_partition, topic_offset FROM identity_link"
            assert cursor.execute(links).fetchall() == [("recorded", "link", 1, 0)]
            wishes = 'SELECT kind, "of", topic_partition FROM preference'
            assert cursor.execute(wishes).fetchall() == [("opt_out", ["sale"], 0)]
    assert (stats.decisions, stats.preferences, stats.identities, stats.dead_letters) == (3, 1, 1, 1)
    assert stats.next_offsets[DECIDED.name, 1] == 4  # behind the marker of the transaction


def test_a_record_nobody_can_read_is_kept_and_stops_nothing(tmp_path: Path, log: MemoryLog) -> None:
    """Garbage on any topic becomes a row of `unreadable` with its bytes, and its neighbours are recorded."""
    good = decided(range(2))
    log.append(DECIDED.name, 0, [good[0], (b"k", b"garbage"), (b"k", None), good[1]])
    log.append(PREFERENCES.name, 0, [(b"k", preference_value(1)[:-1]), (b"k", preference_value(2))])
    log.append(IDENTITIES.name, 0, [(None, preference_value(1))])
    log.append(DEAD_LETTER.name, 0, [(b"k", dead_letter_value(1) + b"!")])
    with Ledger.open(tmp_path, create=True) as ledger:
        steps = drain(recorder(ledger, log))
        stats = ledger.stats()
        with ledger.cursor() as cursor:
            sql = "SELECT topic, topic_offset, cause, value FROM unreadable ORDER BY topic, topic_offset"
            rows = cursor.execute(sql).fetchall()
    assert (stats.decisions, stats.preferences, stats.unreadable) == (2, 1, 5)
    assert sum(step.result.unreadable for step in steps) == 5
    assert rows == [
        (DEAD_LETTER.name, 0, "trailing_bytes", dead_letter_value(1) + b"!"),
        (DECIDED.name, 1, "malformed", b"garbage"),
        (DECIDED.name, 2, "malformed", None),
        (IDENTITIES.name, 0, "unknown_schema", preference_value(1)),
        (PREFERENCES.name, 0, "malformed", preference_value(1)[:-1]),
    ]


def test_aborted_records_are_passed_over(tmp_path: Path, log: MemoryLog) -> None:
    """An aborted transaction leaves no row, and the position goes on behind it."""
    log.transaction(DECIDED.name, 0, decided(range(5)), commit=False)
    with Ledger.open(tmp_path, create=True) as ledger:
        made = recorder(ledger, log)
        made.step()
        assert ledger.stats().decisions == 0
        assert ledger.next_offsets()[DECIDED.name, 0] == 6
        assert made.step() is None


def test_a_restart_goes_on_where_the_ledger_is(tmp_path: Path, log: MemoryLog) -> None:
    """However often the recorder restarts with small batches, each decision is recorded once."""
    log.append(DECIDED.name, 0, decided(range(50)))
    for _ in range(20):
        with Ledger.open(tmp_path, create=True) as ledger:
            recorder(ledger, log, batch_rows=3).step()
    with Ledger.open(tmp_path) as ledger:
        assert ledger.stats().decisions == 50
        assert ledger.stats().repeats == {}


def test_full_hot_rows_are_sealed_and_segments_merged(tmp_path: Path, log: MemoryLog) -> None:
    """Between batches the recorder seals what exceeds the setting and merges what is due."""
    log.append(DECIDED.name, 0, decided(range(200)))
    with Ledger.open(tmp_path, create=True) as ledger:
        steps = drain(recorder(ledger, log, batch_rows=10, seal_rows=20, merge_segments=3))
        stats = ledger.stats()
    assert stats.decisions == 200
    assert sum(len(step.sealed) for step in steps) == 10
    assert any(step.merged for step in steps)
    assert len(stats.segments) < 6


def test_a_broker_that_is_away_is_waited_for(tmp_path: Path, log: MemoryLog) -> None:
    """The recorder starts before the broker answers, goes through an outage, and records what comes after."""
    log.is_away = True
    stop = threading.Event()
    waited: list[float] = []

    class Patience:
        """Stops after everything is there; brings the broker back at the first wait."""

        def is_set(self) -> bool:
            return stop.is_set()

        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0)
            log.append(DECIDED.name, 0, decided(range(4)))
            log.is_away = False
            return False

    with Ledger.open(tmp_path, create=True) as ledger:
        made = Recorder(ledger, MemorySource(log), CODECS, LedgerSettings())
        made.run(Patience(), lambda step: stop.set() if step.received else None)
        assert ledger.stats().decisions == 4
    assert len(waited) == 1


def test_stopping_records_the_batch_in_hand(tmp_path: Path, log: MemoryLog) -> None:
    """A stop that comes while a batch is taken lets that batch be recorded, and no further one be taken."""
    log.append(DECIDED.name, 0, decided(range(10)))
    stop = threading.Event()

    class StoppingSource(MemorySource):
        def read(self, records_max: int, wait_s: float):  # type: ignore[no-untyped-def]
            stop.set()
            return super().read(records_max, wait_s)

    with Ledger.open(tmp_path, create=True) as ledger:
        Recorder(ledger, StoppingSource(log), CODECS, LedgerSettings(batch_rows=4)).run(stop)
        assert ledger.stats().decisions == 4
        assert ledger.next_offsets()[DECIDED.name, 0] == 4


def test_a_position_the_broker_lost_is_an_error(tmp_path: Path, log: MemoryLog) -> None:
    """When retention deleted what the ledger still needs, the recorder says so instead of going on."""
    log.append(DECIDED.name, 0, decided(range(4)))
    with Ledger.open(tmp_path, create=True) as ledger:
        drain(recorder(ledger, log))
        log.append(DECIDED.name, 0, decided(range(4, 9)))
        log.delete_before(DECIDED.name, 0, 7)
        made = recorder(ledger, log)
        with pytest.raises(PositionGoneError):
            made.step()
        assert ledger.stats().decisions == 4
